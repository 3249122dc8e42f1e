/**
 * Window × kernel = products, added up with the bias: the middle of the sentence. All input channels where
 * there is room, else one that is opened, with the sums of all.
 */

import { shownSum } from "../../core/arithmetic.js";
import { relationOfProduct } from "../../core/sums.js";
import { t } from "../../i18n/i18n.js";
import { element, emit, setAttributes, setText } from "../dom.js";
import { NumberGrid } from "../number-grid.js";

/** @typedef {import("../../core/arithmetic.js").Step} Step */
/** @typedef {import("../../core/arithmetic.js").Digits} Digits */
/** @typedef {import("../../core/arithmetic.js").ShownSum} ShownSum */
/** @typedef {import("../../core/scales.js").Extent} Extent */

/**
 * @typedef {object} ArithmeticProps
 * @property {Step} step
 * @property {Digits} digits
 * @property {import("../../core/scales.js").Theme} theme
 * @property {import("../../core/scales.js").ScaleName} inputScale
 * @property {Extent} inputExtent
 * @property {Extent} weightExtent
 * @property {Extent} productExtent
 * @property {"all" | "one"} layout
 * @property {"digits" | "swatches"} cells
 * @property {number} opened channel, where one is open
 * @property {number | null} lit term under the pointer
 * @property {readonly string[]} channelNames of the input channels in this window
 * @property {boolean} editable
 * @property {Node | null} kernelTool stands beside the kernel's head
 */

export class WeightedSum extends HTMLElement {
  /** Of what is built: another shape, layout or language is built anew. */
  #built = "";
  /** @type {{ channel: number, window: NumberGrid, kernel: NumberGrid, products: NumberGrid, equals: Element, times: Element }[]} */
  #rows = [];
  /** @type {{ sum: Element, sign: Element }[]} */
  #sums = [];
  #bias = element("span", { class: "number" });
  #biasRow = element("div", { class: "addend" });
  #total = element("output", { class: "result" });
  #totalSign = element("span", { class: "sign" });
  #readout = element("p", { class: "readout" });

  /** The boxes that the cone and the link lead to. */
  get windowBox() {
    const first = this.#rows[0]?.window.element;
    const last = this.#rows.at(-1)?.window.element;
    if (!first || !last) return null;
    const [a, b] = [first.getBoundingClientRect(), last.getBoundingClientRect()];
    return new DOMRect(a.left, a.top, a.width, b.bottom - a.top);
  }

  get resultBox() {
    const [sign, total] = [this.#totalSign.getBoundingClientRect(), this.#total.getBoundingClientRect()];
    // The link leaves on the left where the output stands there, and must not cross the sign.
    if (this.dataset.layout === "all") return total;
    return new DOMRect(sign.left - 8, total.top, total.right - sign.left + 8, total.height);
  }

  /** @param {ArithmeticProps} props */
  update(props) {
    const { step, layout, opened, cells, editable } = props;
    const channels = layout === "all" ? step.grid[0] : 1;
    const first = layout === "all" ? 0 : Math.min(opened, step.grid[0] - 1);
    const key = JSON.stringify([
      step.grid,
      layout,
      cells,
      editable,
      first,
      props.kernelTool !== null,
      t("panel.window"),
      props.channelNames,
    ]);
    if (key !== this.#built) this.#build({ ...props, opened: first }, channels);
    this.#built = key;
    const sum = shownSum(step, props.digits);
    this.#rows.forEach((row, i) => {
      this.#updateRow(row, first + i, sum, props);
    });
    this.#updateSums(sum, first, props);
    this.#updateReadout(sum, props);
  }

  /**
   * @param {ArithmeticProps} props
   * @param {number} channels drawn as grids
   */
  #build({ step, layout, opened, cells, editable, channelNames, kernelTool }, channels) {
    const [, rows, columns] = step.grid;
    const head = (/** @type {string} */ key, /** @type {Node | null} */ tool = null) =>
      element("div", { class: `head ${key}` }, element("h2", {}, t(`panel.${key}`)), tool);
    this.#rows = Array.from({ length: channels }, (_, i) => {
      const size = { rows, columns };
      const channel = channelNames[layout === "all" ? i : opened] ?? "";
      const row = {
        channel: i,
        window: new NumberGrid({ ...size, name: "window", caption: `${t("panel.window")} ${channel}` }),
        kernel: new NumberGrid({
          ...size,
          name: "kernel",
          caption: `${t("panel.kernel")} ${channel}`,
          editable,
        }),
        products: new NumberGrid({ ...size, name: "products", caption: `${t("panel.products")} ${channel}` }),
        times: element("span", { class: "operator times" }, "×"),
        equals: element("span", { class: "operator equals" }),
      };
      row.kernel.label((index) =>
        t("kernel.cell", { row: Math.floor(index / columns), column: index % columns, channel }),
      );
      return row;
    });
    this.#sums = channelNames.map(() => ({
      sum: element("span", { class: "number" }),
      sign: element("span", { class: "sign" }),
    }));
    setAttributes(this, { "data-layout": layout, "data-cells": cells });
    this.style.setProperty("--rows", String(rows));
    this.style.setProperty("--columns", String(columns));
    const grids = element(
      "div",
      { class: "grids" },
      element("span"),
      head("window"),
      element("span"),
      head("kernel", kernelTool),
      element("span"),
      head("products"),
      element("div", { class: "attention-box" }),
    );
    for (const [i, row] of this.#rows.entries()) {
      for (const grid of [row.window, row.kernel, row.products]) {
        grid.element.dataset.channel = String(layout === "all" ? i : opened);
      }
      const name = layout === "all" && channelNames.length > 1 ? channelNames[i] : "";
      grids.append(element("span", { class: "channel" }, name));
      grids.append(row.window.element, row.times, row.kernel.element, row.equals, row.products.element);
    }
    this.replaceChildren(grids, this.#readout, this.#newSums(layout, channelNames));
  }

  /**
   * @param {"all" | "one"} layout
   * @param {readonly string[]} channelNames
   */
  #newSums(layout, channelNames) {
    const sums = element(
      "div",
      { class: "sums" },
      element("div", { class: "head" }, element("h2", {}, t("panel.sum"))),
    );
    this.#sums.forEach(({ sum, sign }, c) => {
      const several = layout === "one" && channelNames.length > 1;
      const name = several ? element("span", { class: "name" }, channelNames[c]) : null;
      const addend = element(several ? "button" : "div", { class: "addend" }, name, sign, sum);
      if (several) addend.addEventListener("click", () => emit(this, "cs-open-channel", { channel: c }));
      sums.append(addend);
    });
    this.#biasRow.replaceChildren(element("span", { class: "name" }, t("panel.bias")), this.#bias);
    sums.append(this.#biasRow, element("div", { class: "total" }, this.#totalSign, this.#total));
    return sums;
  }

  /**
   * @param {{ window: NumberGrid, kernel: NumberGrid, products: NumberGrid, equals: Element }} row
   * @param {number} channel
   * @param {ShownSum} sum
   * @param {ArithmeticProps} props
   */
  #updateRow(row, channel, sum, props) {
    const { step, theme } = props;
    const area = step.grid[1] * step.grid[2];
    const part = (/** @type {readonly any[]} */ list) => list.slice(channel * area, (channel + 1) * area);
    const own = sum.channels[channel];
    const lit = props.lit !== null && Math.floor(props.lit / area) === channel ? props.lit % area : null;
    const weights = part(step.weights ?? []);
    const shared = { theme, lit };
    row.window.update({
      ...shared,
      texts: own.values,
      numbers: part(step.values),
      scale: props.inputScale,
      extent: props.inputExtent,
      padding: part(step.padding),
    });
    row.kernel.update({
      ...shared,
      texts: own.weights,
      numbers: weights,
      scale: "weight",
      extent: props.weightExtent,
    });
    row.products.update({
      ...shared,
      texts: own.products,
      numbers: part(step.products ?? []),
      scale: "signed",
      extent: props.productExtent,
      faint: part(step.products ?? []).map((product) => product === 0),
    });
    setText(row.equals, own.productRelation);
  }

  /**
   * @param {ShownSum} sum
   * @param {number} first channel that is drawn
   * @param {ArithmeticProps} props
   */
  #updateSums(sum, first, { layout }) {
    this.#sums.forEach((shown, c) => {
      setText(shown.sum, sum.channels[c].sum);
      setText(shown.sign, sum.channels[c].sumRelation);
      const { parentElement } = shown.sum;
      if (parentElement)
        setAttributes(parentElement, { "aria-pressed": layout === "one" ? String(c === first) : null });
    });
    this.#biasRow.hidden = sum.bias === null;
    setText(this.#bias, sum.bias ?? "");
    setText(this.#total, sum.total);
    setText(this.#totalSign, sum.totalRelation);
  }

  /**
   * Under swatches, the cell under the pointer in digits; room is kept, so that nothing jumps.
   * @param {ShownSum} sum
   * @param {ArithmeticProps} props
   */
  #updateReadout(sum, { step, lit, cells }) {
    this.#readout.hidden = cells !== "swatches";
    if (this.#readout.hidden) return;
    const area = step.grid[1] * step.grid[2];
    const index = lit ?? largest(step.products ?? []);
    const { values, weights, products } = sum.channels[Math.floor(index / area)];
    const at = index % area;
    const sign = relationOfProduct(values[at], weights[at], products[at]);
    const place = lit === null ? t("arithmetic.largest") : t("arithmetic.pointed");
    setText(this.#readout, `${place} ${values[at]} × ${bracketed(weights[at])} ${sign} ${products[at]}`);
  }
}

/**
 * @param {readonly (number | null)[]} products
 * @returns {number} index of the largest magnitude
 */
function largest(products) {
  let best = 0;
  products.forEach((product, i) => {
    if (Math.abs(product ?? 0) > Math.abs(products[best] ?? 0)) best = i;
  });
  return best;
}

/** A negative factor stands in brackets. @param {string} text */
function bracketed(text) {
  return text.startsWith("−") ? `(${text})` : text;
}

customElements.define("cs-weighted-sum", WeightedSum);
