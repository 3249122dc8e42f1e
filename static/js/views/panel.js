/**
 * A picture with its head (what it is, its shape) and its legend: the input or the output of the operation.
 */

import { formatSize } from "../core/format.js";
import { niceLegend } from "../core/range.js";
import { gradient } from "../render/paint.js";
import { element, setAttributes, setText } from "./dom.js";
import { placeTicks } from "./legend-ticks.js";
import "./map.js";

/** @typedef {import("../core/range.js").Range} Range */

/**
 * @typedef {object} PanelProps
 * @property {string} title
 * @property {readonly number[]} shape
 * @property {import("./map.js").MapProps | null} map null while it is not told
 * @property {{ scale: import("../core/scales.js").ScaleName, range: Range } | null} legend
 * @property {string} note under the legend, may be empty
 */

export class PanelView extends HTMLElement {
  map = /** @type {import("./map.js").MapView} */ (document.createElement("cs-map"));
  /** Room beside the title for a tool of the page. */
  tool = element("span", { class: "tool" });
  /** Room between head and picture. */
  above = element("div", { class: "above" });
  #title = element("h2");
  #shape = element("span", { class: "shape" });
  #bar = element("div", { class: "legend-bar" });
  #ticks = element("div", { class: "legend-ticks" });
  #legend = element("div", { class: "legend" }, this.#bar, this.#ticks);
  #note = element("p", { class: "note" });
  #untold = element("div", { class: "untold", hidden: true }, "?");

  connectedCallback() {
    if (this.map.isConnected) return;
    this.append(
      element("div", { class: "head" }, this.#title, this.tool, this.#shape),
      this.above,
      this.map,
      this.#untold,
      this.#legend,
      this.#note,
    );
  }

  /** @param {PanelProps} props */
  update({ title, shape, map, legend, note }) {
    setText(this.#title, title);
    this.#untold.hidden = map !== null;
    this.map.hidden = map === null;
    setText(this.#shape, map ? formatSize(shape) : "");
    if (map) this.map.update(map);
    else setAttributes(this.map, { "aria-label": null });
    this.#legend.hidden = legend === null || map === null;
    if (legend && map) this.#updateLegend(legend, map.paint.theme);
    setText(this.#note, note);
    this.#note.hidden = note === "";
  }

  /**
   * @param {NonNullable<PanelProps["legend"]>} legend
   * @param {import("../core/scales.js").Theme} theme
   */
  #updateLegend({ scale, range }, theme) {
    this.#bar.style.background = gradient(scale, theme, range);
    // The bar spans the very columns that it rules.
    this.#legend.style.width = this.map.querySelector("canvas")?.style.width ?? "";
    placeTicks(this.#ticks, niceLegend(range));
  }
}

customElements.define("cs-panel", PanelView);
