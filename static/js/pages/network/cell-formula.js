/**
 * The formula of the drill-down with its numbers in: the largest products, and what they all make.
 */

import { formatFixed } from "../../core/format.js";
import { relation } from "../../core/sums.js";
import { math } from "../../views/dom.js";

const i = (/** @type {string} */ name) => math("mi", {}, name);
const n = (/** @type {string} */ text) => math("mn", {}, text);
const o = (/** @type {string} */ name) => math("mo", {}, name);
const row = (/** @type {(Element | null)[]} */ ...parts) => math("mrow", {}, ...parts);

/**
 * Σ x w = 0.390 + 0.233 + ⋯ = 1.840
 * @param {readonly (number | null)[]} products of one share
 * @param {number} sum
 * @param {object} options
 * @param {number} options.digits
 * @param {number} options.written products that are written out, the largest first
 * @param {number | null} options.input channel that is read
 * @param {number | null} options.output channel that is made
 */
export function shareFormula(products, sum, { digits, written, input, output }) {
  const texts = products
    .map((x) => x ?? 0)
    .sort((a, b) => Math.abs(b) - Math.abs(a))
    .slice(0, written)
    .map((x) => formatFixed(x, digits));
  const total = formatFixed(sum, digits);
  const all = products.length <= written;
  const terms = texts.flatMap((text, k) => (k === 0 ? [n(text)] : addend(text)));
  const tap = () => [i("i"), o(","), i("j")];
  const index = (/** @type {(number | null)[]} */ ...channels) =>
    row(...channels.flatMap((c) => (c === null ? [] : [n(String(c)), o(",")])), ...tap());
  return math(
    "math",
    { display: "block", class: "formula" },
    row(
      math("munder", {}, o("∑"), row(...tap())),
      math("msub", {}, i("x"), index(input)),
      math("msub", {}, i("w"), index(output, input)),
      o("="),
      ...terms,
      ...(all ? [] : [o("+"), o("⋯")]),
      // With ⋯ in it the line claims nothing of its digits; written in full it does.
      o(all ? relation(texts, total) : "="),
      n(total),
    ),
  );
}

/**
 * The one product: x · w = 0.304
 * @param {string} value
 * @param {string} weight
 * @param {string} product
 * @param {string} sign
 */
export function productFormula(value, weight, product, sign) {
  const bracket = (/** @type {string} */ sign) => math("mo", { lspace: "0", rspace: "0" }, sign);
  const isNegative = weight.startsWith("\u2212");
  const factor = isNegative ? row(bracket("("), n(weight), bracket(")")) : n(weight);
  return math(
    "math",
    { display: "block", class: "formula" },
    row(i("x"), i("w"), o("="), n(value), o("×"), factor, o(sign), n(product)),
  );
}

/** @param {string} text with its sign */
function addend(text) {
  const isNegative = text.startsWith("\u2212");
  return [o(isNegative ? "−" : "+"), n(isNegative ? text.slice(1) : text)];
}

/** A formula is never smaller than this share of its size. */
const LEAST = 0.65;

/**
 * Where there is no room for a formula it is written smaller: it cannot be broken into lines.
 * @param {HTMLElement} place whose only child it is
 */
export function fit(place) {
  place.style.fontSize = "";
  const share = place.clientWidth / place.scrollWidth;
  if (share < 1) place.style.fontSize = `calc(var(--size-formula) * ${Math.max(LEAST, share)})`;
}
