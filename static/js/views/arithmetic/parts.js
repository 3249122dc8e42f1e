/**
 * What the views of the operations without a kernel have in common.
 */

import { formatHex, inkOn } from "../../core/color.js";
import { cellFill } from "../../core/scales.js";
import { hasText, t } from "../../i18n/i18n.js";
import { element, math, setText } from "../dom.js";

/** @typedef {import("../../core/arithmetic.js").Step} Step */
/** @typedef {import("../../core/arithmetic.js").Digits} Digits */
/** @typedef {import("../../core/scales.js").Extent} Extent */

/**
 * @typedef {object} StepProps
 * @property {string} op
 * @property {Step} step
 * @property {Digits} digits
 * @property {import("../../core/scales.js").Theme} theme
 * @property {import("../../core/scales.js").ScaleName} inputScale
 * @property {Extent} inputExtent
 * @property {Extent} powerExtent of |x|^p
 * @property {import("../../core/scales.js").ScaleName} outputScale
 * @property {Extent} outputExtent
 * @property {"digits" | "swatches"} cells
 * @property {import("../../core/composition.js").Composition["name"]} composition
 * @property {number | null} lit term under the pointer
 * @property {readonly string[]} termNames of the channels of `grid`
 * @property {string} channelName of the cell's own channel
 * @property {readonly [number, number]} plane rows and columns of the input
 * @property {readonly [number, number]} dilation
 * @property {import("../../core/curve.js").Curve | null} curve
 */

/**
 * The head of a column.
 * @param {string} text
 * @param {string} [name] class
 * @returns {HTMLElement}
 */
export function head(text, name = "") {
  return element("div", { class: `head ${name}` }, element("h2", {}, text));
}

/**
 * A few signs as a formula: letters become variables, a list is a base with its exponent.
 * @param {...(string | readonly [string, string])} parts
 * @returns {Element}
 */
export function signs(...parts) {
  const one = (/** @type {string} */ text) =>
    /^\p{L}+$/u.test(text)
      ? math("mi", {}, text)
      : // Also at the start an operator stands apart from what it acts on.
        math("mo", { form: /^[−+×÷]$/.test(text) ? "infix" : null }, text);
  const children = parts.map((part) =>
    typeof part === "string" ? one(part) : math("msup", {}, one(part[0]), one(part[1])),
  );
  return math("math", {}, math("mrow", {}, ...children));
}

/**
 * @param {string} op
 * @returns {string} its name in the reader's language; of an operation without one, that of the API
 */
export function nameOf(op) {
  const key = `op.${op}`;
  return hasText(key) ? t(key) : op;
}

/**
 * @param {string} text
 * @returns {string} in brackets if negative, as after an operator
 */
export function bracketed(text) {
  return text.startsWith("−") ? `(${text})` : text;
}

/**
 * A number in a cell of its own, filled by its value.
 * @param {HTMLElement} cell
 * @param {string} text
 * @param {number | null} number
 * @param {{ theme: import("../../core/scales.js").Theme, scale: import("../../core/scales.js").ScaleName, extent: Extent }} look
 */
export function fillCell(cell, text, number, { theme, scale, extent }) {
  setText(cell, text);
  const fill = number === null || Number.isNaN(number) ? null : cellFill(scale, theme, extent, number);
  cell.style.backgroundColor = fill ? formatHex(fill) : "";
  cell.style.color = fill ? inkOn(fill) : "";
}

/**
 * The result, framed, with the sign before it.
 * @returns {{ sign: HTMLElement, result: HTMLOutputElement, box: () => DOMRect }}
 */
export function newResult() {
  const sign = element("span", { class: "sign" });
  const result = element("output", { class: "result" });
  return { sign, result, box: () => joined([sign, result]) };
}

/**
 * The smallest box around some elements that are shown.
 * @param {readonly { getBoundingClientRect(): DOMRect }[]} elements
 * @returns {DOMRect}
 */
export function joined(elements) {
  const boxes = elements.map((one) => one.getBoundingClientRect()).filter(({ width }) => width > 0);
  if (boxes.length === 0) return new DOMRect();
  const left = Math.min(...boxes.map((box) => box.left));
  const top = Math.min(...boxes.map((box) => box.top));
  const right = Math.max(...boxes.map((box) => box.right));
  const bottom = Math.max(...boxes.map((box) => box.bottom));
  return new DOMRect(left, top, right - left, bottom - top);
}

/**
 * Where a term of the window lies on the input, in words.
 * @param {StepProps} props
 * @param {number} index
 * @returns {string}
 */
export function placeOf({ step, dilation }, index) {
  const columns = step.grid[2];
  const [row, column] = step.start ?? [0, 0];
  return t("place", {
    row: row + Math.floor(index / columns) * dilation[0],
    column: column + (index % columns) * dilation[1],
  });
}

/** The link leaves the result on the side of the output. @param {StepProps["composition"]} composition */
export function leavesRight(composition) {
  return composition === "wide";
}
