/**
 * Numbers that make another without weights and without a picture of their own: branches that are added, a number
 * that only moves, and whatever else an operation says of itself. Listed as they are, each of them opens.
 */

import {
  combinationOf,
  digitsOf,
  flatIndex,
  relationOfCombination,
  signed,
} from "../../core/cell-combination.js";
import { waterfall } from "../../core/cell-ranking.js";
import { formatFixed } from "../../core/format.js";
import { hasText, t } from "../../i18n/i18n.js";
import { element, setText } from "../../views/dom.js";
import { placeText } from "./cell-place.js";
import { Rows } from "./cell-rows.js";
import { opName } from "./layer-view.js";

/** @typedef {import("./cell.js").CellProps} CellProps */
/** @typedef {import("./cell-rows.js").Row} Row */
/** @typedef {import("../../core/network-graph.js").GraphNode} GraphNode */

const FIRST = 8;
const PAGE = 16;

export class CellPlain {
  #title = element("h2", { tabindex: "-1" });
  #rows = new Rows();
  #words = element("p", { class: "made-words" });
  #origin = element("p", { class: "origin" });
  #from = element("section", { class: "cell-from" }, this.#title, this.#rows.element);
  side = element("div", { class: "cell-side" }, this.#words, this.#origin);
  element = element("div", { class: "cell-sum", "data-kind": "plain" }, this.#from, this.side);
  #extra = 0;
  #key = "";
  /** @type {CellProps | null} */
  #props = null;

  /** @param {import("../../actions/network.js").Actions} actions */
  constructor(actions) {
    this.actions = actions;
  }

  get title() {
    return this.#title;
  }

  /** @param {CellProps} props */
  update(props) {
    this.#props = props;
    const { explained, node, state } = props;
    const key = `${node.name} ${explained.cell}`;
    if (key !== this.#key) this.#extra = 0;
    this.#key = key;
    const digits = digitsOf(state.view).sum;
    const value = formatFixed(explained.value, digits);
    setText(this.#title, t("cell.whereFrom", { value }));
    const rows = this.#rowsOf(props, digits);
    const terms = rows.map(({ number }) => number.replace(/^[+×÷^] ?|[()]/g, ""));
    const sign = relationOfCombination(explained, terms, value);
    this.#rows.update(rows, { place: placeText(node, explained.cell), sign, number: value }, props);
    // One layer's numbers are no branches.
    const isOne = explained.combine === "add" && node.inputs.length === 1;
    const known = isOne ? "cell.kind.sum" : `cell.kind.${explained.combine}`;
    const text = hasText(known) ? known : "cell.kind.plain";
    setText(this.#words, t(text, { value, op: opName(node.op), count: explained.values.length }));
    setText(this.#origin, originOf(props));
  }

  /**
   * @param {CellProps} props
   * @param {number} digits
   * @returns {Row[]}
   */
  #rowsOf(props, digits) {
    const { explained } = props;
    const { parts, adds, operator, selected } = combinationOf(explained);
    const order = this.#order(props, adds);
    const most = FIRST + this.#extra;
    const shown = order.length <= most ? order : order.slice(0, most - 1);
    const rest = order.slice(shown.length);
    const left = rest.reduce((sum, i) => sum + parts[i], 0);
    const several = adds && parts.length > 1;
    const falls = several
      ? waterfall(0, [...shown.map((i) => parts[i]), ...(rest.length > 0 ? [left] : [])])
      : [];
    const number = (/** @type {number} */ value, /** @type {boolean} */ first) => {
      if (several) return signed(value, digits);
      const text = formatFixed(value, digits);
      if (!operator || first) return text;
      return `${operator} ${value < 0 ? `(${text})` : text}`;
    };
    const plain = { text: "", swatches: null, open: null };
    const rows = shown.map((i, at) => {
      const source = sourceOf(props, i);
      const [channel, row, column] = explained.positions[i] ?? [0, 0, 0];
      const isThere = source !== null && explained.padding[i] !== 1;
      return {
        ...plain,
        name: isThere ? placeText(source, [channel, row, column]) : t(source ? "digits.padding" : "cell.own"),
        number: number(parts[i], at === 0),
        kind: /** @type {const} */ ("part"),
        negative: parts[i] < 0,
        fall: falls[at + 1] ?? null,
        map: isThere ? { node: source, channel, cells: { row, column, rows: 1, columns: 1 } } : null,
        chosen: i === selected && parts.length > 1,
        act: isThere ? () => this.actions.openCell(source.name, [channel, row, column]) : null,
      };
    });
    if (rest.length === 0) return rows;
    const others = {
      ...plain,
      name: t("cell.others", { count: rest.length }),
      number: several ? number(left, false) : "⋯",
      kind: /** @type {const} */ ("rest"),
      negative: false,
      fall: falls.at(-1) ?? null,
      map: null,
      hint: t("cell.moreShares"),
      act: () => this.#showMore(),
    };
    return [...rows, others];
  }

  /**
   * Two or three in their order, many by their size.
   * @param {CellProps} props
   * @param {boolean} adds
   */
  #order({ explained: { values, selected } }, adds) {
    const all = values.map((_, i) => i).filter((i) => values[i] !== null);
    if (all.length <= FIRST) return all;
    const weight = (/** @type {number} */ i) => (adds ? Math.abs(values[i] ?? 0) : Number(i === selected));
    return all.sort((a, b) => weight(b) - weight(a) || a - b);
  }

  #showMore() {
    this.#extra += PAGE;
    if (this.#props) this.update(this.#props);
  }
}

/**
 * The layer that a term was read from; null for a number of the operation's own.
 * @param {CellProps} props
 * @param {number} index
 * @returns {GraphNode | null}
 */
function sourceOf({ explained, node, run }, index) {
  return run.graph.byName.get(node.inputs[explained.inputs?.[index] ?? 0]) ?? null;
}

/**
 * For a number that only moved: how its new place follows from the old one.
 * @param {CellProps} props
 */
function originOf(props) {
  const { explained, node, run } = props;
  const source = sourceOf(props, 0);
  const position = explained.positions[0];
  if (!source || !position || explained.combine !== "copy") return "";
  const [channel, row, column] = position;
  const [, rows, columns] = source.shape;
  if (node.op === "flatten" && !source.isVector) {
    const index = flatIndex(position, source.shape);
    return `(${channel} × ${rows} + ${row}) × ${columns} + ${column} = ${index}`;
  }
  if (node.op !== "concat") return "";
  const before = node.inputs
    .slice(0, explained.inputs?.[0] ?? 0)
    .reduce((sum, name) => sum + (run.graph.byName.get(name)?.shape[0] ?? 0), 0);
  return t("cell.concat", { node: source.name, from: before, to: before + source.shape[0] - 1 });
}
