/**
 * One channel of a sum, number by number: window × kernel = products. The window's numbers open in turn, the
 * kernel's can be changed.
 */

import { digitsOf } from "../../core/cell-combination.js";
import { formatFixed } from "../../core/format.js";
import { INPUT } from "../../core/network-graph.js";
import { relationOfProduct, relationOfProducts } from "../../core/sums.js";
import { t } from "../../i18n/i18n.js";
import { CellLegend } from "../../views/cell-legend.js";
import { element, emit, setAttributes, setText } from "../../views/dom.js";
import { NumberGrid } from "../../views/number-grid.js";
import { fit, productFormula, shareFormula } from "./cell-formula.js";
import { largestTerm, windowColors } from "./cell-layout.js";
import { nodeName } from "./cell-place.js";

/** @typedef {import("./cell.js").CellProps} CellProps */
/** @typedef {import("./cell-layout.js").TermLayout} TermLayout */
/** @typedef {import("../../core/cell-ranking.js").Share} Share */

/** Columns of a kernel that have room for digits; of larger ones the cell that is pointed at is told. */
const MOST_DIGITS = { wide: 5, large: 7, projector: 3, phone: 5 };
const LARGE = 1800;
/** Products written out in the formula. */
const WRITTEN = { wide: 3, projector: 2, phone: 2 };
const NAMES = /** @type {const} */ (["window", "kernel", "products"]);

export class CellChannel {
  #title = element("h2");
  #grids = element("div", { class: "channel-grids" });
  #formula = element("div", { class: "channel-formula" });
  #readout = element("p", { class: "readout" });
  #note = element("p", { class: "note" });
  element = element(
    "section",
    { class: "cell-side" },
    this.#title,
    this.#grids,
    this.#readout,
    this.#formula,
    this.#note,
  );
  #built = "";
  /** @type {{ window: NumberGrid, kernel: NumberGrid, products: NumberGrid } | null} */
  #parts = null;
  #legends = { window: new CellLegend(), kernel: new CellLegend(), products: new CellLegend() };
  #captions = { window: element("span"), kernel: element("span"), products: element("span") };
  #equals = element("span", { class: "operator equals" });
  #lit = /** @type {number | null} */ (null);
  /** @type {{ props: CellProps, layout: TermLayout, share: Share } | null} */
  #shown = null;

  /** @param {import("../../actions/network.js").Actions} actions */
  constructor(actions) {
    this.actions = actions;
    this.element.addEventListener("cs-term", (event) => {
      this.#light(/** @type {CustomEvent} */ (event).detail.index);
    });
    this.element.addEventListener("focusin", ({ target }) => {
      const cell = target instanceof HTMLTableCellElement ? target.dataset.index : undefined;
      if (cell !== undefined) this.#light(Number(cell));
    });
    this.element.addEventListener("focusout", ({ target }) => {
      if (target instanceof HTMLTableCellElement) this.#light(null);
    });
    this.element.addEventListener("cs-weight", (event) => {
      const { index, value } = /** @type {CustomEvent} */ (event).detail;
      if (value !== null) this.#edit(index, value);
    });
    this.element.addEventListener("click", (event) => this.#open(event));
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target instanceof HTMLTableCellElement) {
        event.stopPropagation();
        this.#open(event);
      }
    });
  }

  get windowBox() {
    return this.#parts?.window.element.getBoundingClientRect() ?? null;
  }

  /**
   * @param {CellProps} props
   * @param {TermLayout} layout
   * @param {Share} share
   */
  update(props, layout, share) {
    if (this.#shown?.share !== share) this.#lit = null;
    this.#shown = { props, layout, share };
    const { explained, state, composition } = props;
    const [rows, columns] = layout.size;
    const room = composition === "wide" && window.innerWidth >= LARGE ? "large" : composition;
    const cells = Math.max(rows, columns) <= MOST_DIGITS[room] ? "digits" : "swatches";
    const editable = isEditable(props) && Math.max(rows, columns) <= MOST_DIGITS.large;
    const key = JSON.stringify([rows, columns, editable, t("panel.window")]);
    if (key !== this.#built) this.#build(rows, columns, editable);
    this.#built = key;
    setAttributes(this.#grids, { "data-cells": cells, "data-columns": columns });
    this.#grids.style.setProperty("--columns", String(columns));
    const name = layout.nameOf(share);
    const isLargest = share === layout.shares[0] && layout.shares.length > 1;
    setText(this.#title, isLargest ? t("cell.largest", { name }) : name);
    const shown = this.#updateGrids(props, layout, share, cells === "digits");
    this.#updateCaptions(props, layout);
    this.#updateReadout(cells === "swatches");
    const digits = digitsOf(state.view).sum;
    const [product] = shown.products;
    if (share.to - share.from === 1) {
      const sign = relationOfProduct(shown.values[0], shown.weights[0], product);
      this.#formula.replaceChildren(productFormula(shown.values[0], shown.weights[0], product, sign));
    } else {
      const { from, to, sum } = share;
      const brief = composition === "phone";
      this.#formula.replaceChildren(
        shareFormula(explained.products?.slice(from, to) ?? [], sum, {
          digits,
          written: WRITTEN[composition],
          input: brief || layout.isFlat ? null : layout.channelOf(share),
          output: brief ? null : explained.cell[0],
        }),
      );
    }
    fit(this.#formula);
    const note = editable ? "cell.noteEditable" : "cell.note";
    setText(this.#note, t(note, { name, sum: formatFixed(share.sum, digits) }));
  }

  /**
   * @param {CellProps} props
   * @param {TermLayout} layout
   * @param {Share} share
   * @param {boolean} inDigits
   */
  #updateGrids({ explained, node, run, scales, theme, state }, layout, { from, to }, inDigits) {
    const { term } = digitsOf(state.view);
    const part = (/** @type {readonly (number | null)[] | null} */ all) => all?.slice(from, to) ?? [];
    const [values, weights, products] = [explained.values, explained.weights, explained.products].map(part);
    const padding = explained.padding.slice(from, to);
    const text = (/** @type {number | null} */ x) => (x === null ? "" : formatFixed(x, term));
    const texts = { values: values.map(text), weights: weights.map(text), products: products.map(text) };
    const both = (/** @type {number} */ most) => ({
      min: -most,
      max: most,
      clippedLow: false,
      clippedHigh: false,
    });
    const colors = windowColors(node, run, scales);
    const looks = {
      window: { texts: texts.values, numbers: values, scale: colors.scale, range: colors.range, padding },
      kernel: {
        texts: texts.weights,
        numbers: weights,
        scale: /** @type {const} */ ("weight"),
        range: both(layout.weightReach),
      },
      products: {
        texts: texts.products,
        numbers: products,
        scale: /** @type {const} */ ("signed"),
        range: both(layout.productReach),
        faint: products.map((_, i) => weights[i] === 0 || values[i] === 0),
      },
    };
    for (const name of NAMES) {
      const { range, scale, ...look } = looks[name];
      const grid = this.#parts?.[name];
      grid?.update({ ...look, scale, extent: range, theme, lit: this.#lit });
      const longest = Math.max(...look.texts.map(({ length }) => length));
      grid?.element.style.setProperty("--chars", String(longest));
      this.#legends[name].update(scale, range, theme);
    }
    this.#markOpenable(explained, from, padding);
    const relations = relationOfProducts(texts.values, texts.weights, texts.products);
    setText(this.#equals, inDigits ? relations.whole : "=");
    return texts;
  }

  /**
   * @param {number} rows
   * @param {number} columns
   * @param {boolean} editable
   */
  #build(rows, columns, editable) {
    const grid = (/** @type {string} */ name) =>
      new NumberGrid({ name, rows, columns, caption: "", editable: editable && name === "kernel" });
    const parts = { window: grid("window"), kernel: grid("kernel"), products: grid("products") };
    const figure = (/** @type {"window" | "kernel" | "products"} */ name) =>
      element(
        "figure",
        { class: `of-${name}` },
        element("figcaption", {}, this.#captions[name]),
        parts[name].element,
        this.#legends[name].element,
      );
    const times = element("span", { class: "operator times" }, "×");
    this.#grids.replaceChildren(figure("window"), times, figure("kernel"), this.#equals, figure("products"));
    parts.kernel.label((i) => t("cell.weight", { row: Math.floor(i / columns), column: i % columns }));
    this.#parts = parts;
  }

  /**
   * @param {CellProps} props
   * @param {TermLayout} layout
   */
  #updateCaptions({ node, run }, layout) {
    const source = layout.source ?? run.graph.byName.get(node.inputs[0]);
    const name = source ? nodeName(source) : "";
    const whole = layout.isFlat || layout.size[0] * layout.size[1] === 1;
    const window =
      source?.name === INPUT
        ? t("cell.windowOfPicture")
        : whole
          ? name
          : t("cell.windowOf", { source: name });
    const second = node.op === "matmul" ? run.graph.byName.get(node.inputs[1]) : undefined;
    const weights = node.op === "linear" ? t("cell.weights") : t("panel.kernel");
    const kernel = second ? nodeName(second) : weights;
    const texts = { window, kernel, products: t("panel.products") };
    for (const part of NAMES) {
      setText(this.#captions[part], texts[part]);
      const caption = this.#parts?.[part].caption;
      if (caption) setText(caption, part === "window" ? `${window}. ${t("cell.opens")}` : texts[part]);
    }
  }

  /**
   * @param {import("../../actions/load-net.js").Explained} explained
   * @param {number} from
   * @param {readonly number[]} padding
   */
  #markOpenable({ positions }, from, padding) {
    this.#parts?.window.cells.forEach((cell, i) => {
      const opens = !padding[i] && positions[from + i] !== undefined;
      setAttributes(cell, { tabindex: opens ? 0 : null, "data-opens": opens });
    });
  }

  /** The cells that are too small for digits are told one by one. @param {boolean} isNeeded */
  #updateReadout(isNeeded) {
    this.#readout.hidden = !isNeeded;
    if (!isNeeded || !this.#shown) return;
    const { props, share } = this.#shown;
    const { explained, state } = props;
    const digits = digitsOf(state.view).sum;
    const at = this.#lit === null ? largestTerm(explained, share.from, share.to) : share.from + this.#lit;
    const text = (/** @type {number | null | undefined} */ x) => formatFixed(x ?? 0, digits);
    const texts = {
      value: text(explained.values[at]),
      weight: text(explained.weights?.[at]),
      product: text(explained.products?.[at]),
    };
    const sign = relationOfProduct(texts.value, texts.weight, texts.product);
    const factor = texts.weight.startsWith("\u2212") ? `(${texts.weight})` : texts.weight;
    const key = this.#lit === null ? "cell.largestProduct" : "cell.product";
    setText(this.#readout, t(key, { ...texts, weight: factor, sign }));
  }

  /** A term is lit in all three grids, and its field on the trail. @param {number | null} index */
  #light(index) {
    if (index === this.#lit || !this.#shown) return;
    this.#lit = index;
    const { props, layout, share } = this.#shown;
    this.update(props, layout, share);
    emit(this.element, "cs-pointed", { term: index === null ? null : share.from + index });
  }

  /**
   * @param {number} index of the kernel's cell
   * @param {number} value
   */
  #edit(index, value) {
    if (!this.#shown) return;
    const { props, share, layout } = this.#shown;
    const { explained, node } = props;
    const shape = node.description?.weights.weight ?? [];
    const position = explained.positions[share.from + index];
    if (!position) return;
    const output = explained.cell[0];
    if (shape.length === 2) {
      this.actions.edit({ node: node.name, index: [output, position[0]], value });
      return;
    }
    const groups = Number(node.description?.attributes.groups ?? 1);
    const first = Math.floor((output * groups) / node.shape[0]) * shape[1];
    const columns = layout.size[1];
    const tap = [Math.floor(index / columns), index % columns];
    this.actions.edit({ node: node.name, index: [output, layout.channelOf(share) - first, ...tap], value });
  }

  /** @param {Event} event */
  #open(event) {
    const cell = event.target instanceof Element ? event.target.closest("td[data-opens]") : null;
    if (!cell || !this.#shown || !this.#parts?.window.element.contains(cell)) return;
    const { props, share } = this.#shown;
    const { explained, node } = props;
    const index = share.from + Number(/** @type {HTMLElement} */ (cell).dataset.index);
    const source = node.inputs[explained.inputs?.[index] ?? 0];
    const position = explained.positions[index];
    if (source && position) this.actions.openCell(source, position);
  }
}

/** Weights that are stored as they are used. @param {CellProps} props */
function isEditable({ node: { op, description } }) {
  const isStored = op === "conv2d" || op === "linear";
  return isStored && description?.weights.weight !== undefined && description.attributes.flip !== true;
}
