/**
 * A weighted sum: on the left where it comes from, the bias first, then every channel's share as a bar that
 * begins where the last one ended; on the right one channel, number by number.
 */

import { digitsOf, signed } from "../../core/cell-combination.js";
import { folded, waterfall } from "../../core/cell-ranking.js";
import { cellsRead } from "../../core/cell-trail.js";
import { formatFixed } from "../../core/format.js";
import { CELL_SHARE, SCALES } from "../../core/scales.js";
import { relation } from "../../core/sums.js";
import { t } from "../../i18n/i18n.js";
import { cleared, drawTiles } from "../../render/map-stack.js";
import { element, setText } from "../../views/dom.js";
import { CellChannel } from "./cell-channel.js";
import { openedShare, windowColors } from "./cell-layout.js";
import { placeText } from "./cell-place.js";
import { Rows } from "./cell-rows.js";

/** @typedef {import("./cell.js").CellProps} CellProps */
/** @typedef {import("./cell-rows.js").Row} Row */
/** @typedef {import("./cell-layout.js").TermLayout} TermLayout */
/** @typedef {import("./cell-layout.js").Colors} Colors */
/** @typedef {import("../../core/cell-ranking.js").Share} Share */

/** Rows that are always there, however low the window; more would be too many for a hall. */
const ROWS = { wide: { least: 5, most: 24 }, projector: { least: 5, most: 5 }, phone: { least: 7, most: 7 } };
/** Rows that come when more are asked for. */
const PAGE = 16;
const SWATCH = 32;
const OPERATOR = 18;

export class CellSum {
  #title = element("h2", { tabindex: "-1" });
  #rows = new Rows();
  #fewer = element("button", { type: "button", class: "word" });
  #from = element("section", { class: "cell-from" }, this.#title, this.#rows.element, this.#fewer);
  #cone = element("div", { class: "cone", "aria-hidden": "true" });
  #channel;
  /** Rows asked for beyond the first ones. */
  #extra = 0;
  #key = "";
  /** @type {CellProps | null} */
  #props = null;
  element;
  side;

  /** @param {import("../../actions/network.js").Actions} actions */
  constructor(actions) {
    this.actions = actions;
    this.#channel = new CellChannel(actions);
    this.side = this.#channel.element;
    this.element = element("div", { class: "cell-sum" }, this.#cone, this.#from, this.side);
    this.#fewer.addEventListener("click", () => this.#showMore(-this.#extra));
  }

  get title() {
    return this.#title;
  }

  /** @param {number} by */
  #showMore(by) {
    this.#extra += by;
    if (this.#props) this.update(this.#props);
  }

  /** @param {CellProps} props */
  update(props) {
    this.#props = props;
    const { state, explained, node, layout } = props;
    if (!layout) return;
    const key = `${node.name} ${explained.cell}`;
    if (key !== this.#key) this.#extra = 0;
    this.#key = key;
    const digits = digitsOf(state.view).sum;
    const total = formatFixed(explained.value, digits);
    setText(this.#title, t("cell.whereFrom", { value: total }));
    const opened = openedShare(layout, state.view.opened);
    const rows = this.#rowsOf(props, layout, opened, digits);
    const numbers = rows.map(({ number }) => number.replace("+", ""));
    this.#rows.update(
      rows,
      { place: placeText(node, explained.cell), sign: relation(numbers, total), number: total },
      props,
    );
    setText(this.#fewer, t("cell.fewer"));
    this.#fewer.hidden = this.#extra === 0;
    if (opened) this.#channel.update(props, layout, opened);
    this.#drawCone();
  }

  /**
   * @param {CellProps} props
   * @param {TermLayout} layout
   * @param {Share | null} opened
   * @param {number} digits
   * @returns {Row[]}
   */
  #rowsOf(props, layout, opened, digits) {
    const { explained, node, run, scales } = props;
    const hasBias = explained.bias !== null;
    const most = this.#mostRows(props.composition) - Number(hasBias) + this.#extra;
    const { shown, others } = folded(layout.shares, most);
    const falls = waterfall(explained.bias ?? 0, [
      ...shown.map(({ sum }) => sum),
      ...(others ? [others.sum] : []),
    ]);
    const colors = windowColors(node, run, scales);
    const row = (/** @type {string} */ name, /** @type {number} */ value, /** @type {number} */ at) => ({
      name,
      number: signed(value, digits),
      kind: /** @type {Row["kind"]} */ ("own"),
      negative: value < 0,
      fall: Number.isNaN(value) || Number.isNaN(explained.value) ? null : falls[at],
      map: null,
      text: "",
      swatches: null,
      open: /** @type {boolean | null} */ (null),
      act: null,
    });
    const parts = shown.map((share, i) => ({
      ...row(layout.nameOf(share), share.sum, i + 1),
      ...this.#look(share, props, layout, colors),
      kind: /** @type {const} */ ("part"),
      open: share === opened,
      hint: t(share.to - share.from === 1 ? "cell.oneTerm" : "cell.terms", { count: share.to - share.from }),
      act: () => this.actions.setView({ opened: share.group }),
    }));
    const rest = others && {
      ...row(t("cell.others", { count: others.count }), others.sum, falls.length - 1),
      kind: /** @type {const} */ ("rest"),
      hint: t("cell.moreShares"),
      act: () => this.#showMore(PAGE),
    };
    return [
      ...(hasBias ? [row(t("panel.bias"), explained.bias ?? 0, 0)] : []),
      ...parts,
      ...(rest ? [rest] : []),
    ];
  }

  /**
   * A share as pictures: where it was read, and window × kernel = products; a lone product in digits.
   * @param {Share} share
   * @param {CellProps} props
   * @param {TermLayout} layout
   * @param {Colors} colors
   */
  #look(share, props, layout, colors) {
    const { explained, state } = props;
    const map = layout.source && {
      node: layout.source,
      channel: layout.channelOf(share),
      cells: cellsOf(share, props, layout),
    };
    if (share.to - share.from > 1) {
      return {
        map,
        swatches: (/** @type {HTMLCanvasElement} */ canvas) =>
          drawSwatches(canvas, share, props, layout, colors),
      };
    }
    const { term } = digitsOf(state.view);
    const [value, weight] = [explained.values[share.from] ?? 0, explained.weights?.[share.from] ?? 0];
    return { map, text: `${formatFixed(value, term)} × ${formatFixed(weight, term)}` };
  }

  /**
   * So many rows that the result is in sight without scrolling.
   * @param {CellProps["composition"]} composition
   */
  #mostRows(composition) {
    const { least, most } = ROWS[composition];
    const style = getComputedStyle(this.element);
    const around = Number.parseFloat(style.getPropertyValue("--around")) || 340;
    const rows = Math.floor((window.innerHeight - around) / this.#rows.rowHeight);
    return Math.max(least, Math.min(most, rows)) + (composition === "wide" ? 0 : 1);
  }

  /** The wash that leads from the open row to its numbers. */
  #drawCone() {
    const [row, grid] = [this.#rows.openBox, this.#channel.windowBox];
    const own = this.element.getBoundingClientRect();
    this.#cone.hidden = !row || !grid || grid.left <= row.right;
    if (!row || !grid || this.#cone.hidden) return;
    const point = (/** @type {number} */ x, /** @type {number} */ y) => `${x - own.left}px ${y - own.top}px`;
    this.#cone.style.clipPath = `polygon(${[
      point(row.right, row.top),
      point(grid.left, grid.top),
      point(grid.left, grid.bottom),
      point(row.right, row.bottom),
    ].join(", ")})`;
  }
}

/**
 * Where a share's window lies on the map that it was read from.
 * @param {Share} share
 * @param {CellProps} props
 * @param {TermLayout} layout
 */
function cellsOf({ from, to }, { explained, node }, { source, isFlat }) {
  const [, rows, columns] = source?.shape ?? [1, 1, 1];
  if (isFlat) return { row: 0, column: 0, rows, columns };
  return cellsRead(
    explained,
    Array.from({ length: to - from }, (_, i) => from + i),
    node.op,
  );
}

/**
 * What is drawn on a row's canvas, to be drawn again only when it changes.
 * @type {WeakMap<HTMLCanvasElement, readonly unknown[]>}
 */
const drawn = new WeakMap();

/**
 * Window × kernel = products as three small pictures, in the colours that they have in digits.
 * @param {HTMLCanvasElement} canvas
 * @param {Share} share
 * @param {CellProps} props
 * @param {TermLayout} layout
 * @param {Colors} window
 */
function drawSwatches(canvas, share, { explained, theme }, { size, weightReach, productReach }, window) {
  const state = [explained, share, theme, window.scale, window.range.max];
  if (drawn.get(canvas)?.every((part, i) => part === state[i])) return;
  drawn.set(canvas, state);
  const context = cleared(canvas, 3 * SWATCH + 2 * OPERATOR, SWATCH);
  const [rows, columns] = size;
  const cell = SWATCH / Math.max(rows, columns);
  const both = (/** @type {number} */ reach) => ({ min: -reach, max: reach });
  const parts = [
    { values: explained.values, scale: window.scale, range: window.range },
    { values: explained.weights ?? [], scale: /** @type {const} */ ("weight"), range: both(weightReach) },
    { values: explained.products ?? [], scale: /** @type {const} */ ("signed"), range: both(productReach) },
  ];
  const style = getComputedStyle(canvas);
  context.fillStyle = style.color;
  context.font = `14px ${style.fontFamily}`;
  context.textBaseline = "middle";
  context.textAlign = "center";
  parts.forEach(({ values, scale, range }, i) => {
    const x = i * (SWATCH + OPERATOR);
    const data = Float32Array.from(values.slice(share.from, share.to), (value) => value ?? 0);
    const tensor = { shape: [1, rows, columns], data, dtype: /** @type {const} */ ("float32") };
    const [width, height] = [columns * cell, rows * cell];
    const tile = { index: 0, x, y: (SWATCH - height) / 2, width, height };
    drawTiles(
      context,
      tensor,
      [tile],
      () => /** @type {any} */ ({ scale, range: trimmed(scale, range) }),
      theme,
    );
    if (i < 2) context.fillText(i === 0 ? "×" : "=", x + SWATCH + OPERATOR / 2, SWATCH / 2);
  });
}

/**
 * A range so wide that values get the colours of cells with digits, which leave out the strong ends.
 * @param {import("../../core/scales.js").ScaleName} scale
 * @param {{ min: number, max: number }} range
 */
export function trimmed(scale, { min, max }) {
  return SCALES[scale].zero === null ? { min, max } : { min: min / CELL_SHARE, max: max / CELL_SHARE };
}
