/**
 * What the colours of cells mean, also of cells too small for digits: a bar, and numbers under it.
 */

import { formatHex } from "../core/color.js";
import { niceLegend } from "../core/range.js";
import { cellFill } from "../core/scales.js";
import { element } from "./dom.js";
import { placeTicks } from "./legend-ticks.js";

const STOPS = 16;

export class CellLegend {
  #bar = element("div", { class: "legend-bar" });
  #ticks = element("div", { class: "legend-ticks" });
  element = element("div", { class: "legend", "aria-hidden": "true" }, this.#bar, this.#ticks);
  #shown = "";

  /**
   * @param {import("../core/scales.js").ScaleName} scale
   * @param {import("../core/range.js").Range} range
   * @param {import("../core/scales.js").Theme} theme
   */
  update(scale, range, theme) {
    const key = JSON.stringify([scale, range, theme]);
    if (key === this.#shown) return;
    this.#shown = key;
    const { min, max } = range;
    const stops = Array.from({ length: STOPS + 1 }, (_, i) =>
      formatHex(cellFill(scale, theme, range, min + (i / STOPS) * (max - min))),
    );
    this.#bar.style.background = `linear-gradient(to right, ${stops.join(",")})`;
    placeTicks(this.#ticks, niceLegend(range));
  }
}
