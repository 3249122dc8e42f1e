/**
 * What a number is made of, row by row, added like at school: a thumbnail and a name, a bar that begins where the
 * one before it ended, the number; a rule, and under it the result.
 */

import { element, setAttributes, setText } from "../../views/dom.js";
import { drawThumb } from "./cell-thumb.js";

/** @typedef {import("../../core/cell-ranking.js").Fall} Fall */

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {string} number as shown
 * @property {"part" | "own" | "rest"} kind a part of its own; what the layer adds itself; the others taken together
 * @property {boolean} negative
 * @property {Fall | null} fall
 * @property {{ node: import("../../core/network-graph.js").GraphNode, channel: number,
 *   cells: import("../../core/cell-trail.js").Cells } | null} map
 * @property {string} text in the place of swatches
 * @property {((canvas: HTMLCanvasElement) => void) | null} swatches
 * @property {boolean | null} open null where nothing can be opened beside it
 * @property {boolean} [chosen]
 * @property {string} [hint]
 * @property {(() => void) | null} act
 */

/**
 * @typedef {object} Total
 * @property {string} place
 * @property {string} sign
 * @property {string} number
 */

export class Rows {
  #list = element("ol", { class: "shares" });
  #place = element("span", { class: "place" });
  #sign = element("span", { class: "sign" });
  #number = element("output", { class: "result" });
  #total = element("div", { class: "shares-total" }, this.#place, this.#sign, this.#number);
  element = element("div", { class: "cell-rows" }, this.#list, this.#total);

  /**
   * @param {readonly Row[]} rows
   * @param {Total} total
   * @param {import("./cell-thumb.js").ThumbSource} source
   */
  update(rows, total, source) {
    const falls = rows.flatMap(({ fall }) => (fall ? [fall] : []));
    const range = extentOf(falls);
    this.#list.toggleAttribute("data-bars", falls.length > 0);
    this.#list.toggleAttribute(
      "data-swatches",
      rows.some(({ swatches, text }) => swatches !== null || text !== ""),
    );
    this.#list.toggleAttribute(
      "data-maps",
      rows.some(({ map }) => map !== null),
    );
    const longest = Math.max(0, ...rows.map(({ number }) => number.length));
    this.#list.style.setProperty("--chars", String(longest));
    while (this.#list.childElementCount > rows.length) this.#list.lastElementChild?.remove();
    rows.forEach((row, i) => {
      const item = this.#list.children[i] ?? this.#list.appendChild(newRow());
      updateRow(/** @type {HTMLElement} */ (item), row, range, source);
    });
    setText(this.#place, total.place);
    setText(this.#sign, total.sign);
    setText(this.#number, total.number);
  }

  /** The box of the row that is open beside. */
  get openBox() {
    return this.#list.querySelector("[data-open]")?.getBoundingClientRect() ?? null;
  }

  /** Rows of this height fit above the foot of the window. */
  get rowHeight() {
    return Number.parseFloat(getComputedStyle(this.element).getPropertyValue("--row")) || 39;
  }
}

function newRow() {
  return element(
    "li",
    {},
    element(
      "button",
      { type: "button" },
      element("span", { class: "thumb" }, element("canvas", { "aria-hidden": "true" })),
      element("span", { class: "name" }),
      element("canvas", { class: "swatches", "aria-hidden": "true" }),
      element("span", { class: "terms" }),
    ),
    element("div", { class: "fall", "aria-hidden": "true" }, element("i")),
    element("span", { class: "number" }),
  );
}

/**
 * @param {HTMLElement} item
 * @param {Row} row
 * @param {{ min: number, max: number }} range
 * @param {import("./cell-thumb.js").ThumbSource} source
 */
function updateRow(item, row, range, source) {
  const [button, track, number] = /** @type {HTMLElement[]} */ ([...item.children]);
  const [thumb, name, swatches, terms] = /** @type {HTMLElement[]} */ ([...button.children]);
  setAttributes(item, { "data-open": row.open === true, "data-chosen": row.chosen === true });
  item.dataset.kind = row.kind;
  setText(name, row.name);
  setText(number, row.number);
  setText(terms, row.text);
  /** @type {HTMLButtonElement} */ (button).disabled = row.act === null;
  button.onclick = row.act;
  setAttributes(button, {
    "aria-pressed": row.open === null ? null : String(row.open),
    title: row.hint || null,
  });
  updateFall(track, row, range);
  thumb.hidden = row.map === null;
  swatches.hidden = row.swatches === null;
  if (row.map) {
    const canvas = /** @type {HTMLCanvasElement} */ (thumb.firstElementChild);
    const side = Number.parseFloat(getComputedStyle(thumb).getPropertyValue("--small")) || 34;
    drawThumb(canvas, row.map, { attention: row.open ? row.map.cells : null }, side, source);
  }
  row.swatches?.(/** @type {HTMLCanvasElement} */ (swatches));
}

/**
 * @param {HTMLElement} track
 * @param {Row} row
 * @param {{ min: number, max: number }} range
 */
function updateFall(track, { fall, kind, negative }, range) {
  track.hidden = fall === null;
  if (!fall) return;
  const at = (/** @type {number} */ value) => (100 * (value - range.min)) / (range.max - range.min || 1);
  const [low, high] = [Math.min(fall.start, fall.end), Math.max(fall.start, fall.end)];
  track.style.setProperty("--zero", `${at(0)}%`);
  track.style.setProperty("--low", `${at(low)}%`);
  track.style.setProperty("--size", `${at(high) - at(low)}%`);
  track.style.setProperty("--end", `${at(fall.end)}%`);
  track.dataset.sign = kind !== "part" ? "none" : negative ? "minus" : "plus";
}

/** @param {readonly Fall[]} falls */
function extentOf(falls) {
  const ends = falls.flatMap(({ start, end }) => [start, end]);
  return { min: Math.min(0, ...ends), max: Math.max(0, ...ends) };
}
