/**
 * What the colours of weights mean: a bar and its numbers, where cells carry none.
 */

import { formatTick } from "../core/format.js";
import { niceLegend } from "../core/range.js";
import { t } from "../i18n/i18n.js";
import { gradient } from "../render/paint.js";
import { element, setAttributes } from "./dom.js";

export class WeightLegend {
  #bar = element("div", { class: "legend-bar" });
  #ticks = element("div", { class: "legend-ticks" });
  element = element("div", { class: "legend", role: "img" }, this.#bar, this.#ticks);

  /**
   * @param {import("../core/scales.js").Extent} extent
   * @param {import("../core/scales.js").Theme} theme
   */
  update(extent, theme) {
    this.#bar.style.background = gradient("weight", theme, extent);
    const ticks = niceLegend({ ...extent, clippedLow: false, clippedHigh: false });
    this.#ticks.replaceChildren(
      ...ticks.map(({ value, position }) => {
        const name = position === 0 ? "at-start" : position === 1 ? "at-end" : null;
        const tick = element("span", { class: name }, formatTick(Number(value.toPrecision(2))));
        tick.style.left = `${position * 100}%`;
        return tick;
      }),
    );
    setAttributes(this.element, { "aria-label": t("columns.weightLegend") });
  }
}
