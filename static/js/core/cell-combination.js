/**
 * Numbers that make another without weights: added, subtracted, multiplied, or one of them passed on. What
 * each adds, which sign stands before it, and whether the line is true in the digits shown.
 */

import { compareDecimals, multiplyDecimals, parseDecimal } from "./decimal.js";
import { formatFixed } from "./format.js";
import { relation, relationOfProduct, relationOfQuotient } from "./sums.js";

/** @typedef {import("./arithmetic.js").Step} Step */
/** @typedef {import("./sums.js").Relation} Relation */

/** Signs between the terms of what is no sum. */
const OPERATORS = /** @type {Readonly<Record<string, string>>} */ ({
  product: "×",
  divide: "÷",
  power: "^",
});

/**
 * @typedef {object} Combination
 * @property {readonly number[]} parts what each term counts, in the order of the terms; of what is subtracted, less than nothing
 * @property {boolean} adds the parts add up: each can be a bar of a waterfall
 * @property {string} operator between the terms of what does not add, else ""
 * @property {number | null} selected the one term that passes
 */

/**
 * @param {Step} step
 * @returns {Combination}
 */
export function combinationOf({ combine, values, selected }) {
  const parts = values.map((value, i) => (combine === "subtract" && i > 0 ? -(value ?? 0) : (value ?? 0)));
  const adds = combine === "add" || combine === "subtract" || combine === "copy";
  return { parts, adds, operator: OPERATORS[combine] ?? "", selected };
}

/**
 * The sign between the shown terms and the shown result.
 * @param {Step} step
 * @param {readonly string[]} terms as shown; with those that are folded in one, where they add
 * @param {string} result
 * @returns {Relation}
 */
export function relationOfCombination({ combine, selected }, terms, result) {
  switch (combine) {
    case "add":
    case "subtract":
    case "copy":
      return relation(terms, result);
    case "product":
      return relationOfFactors(terms, result);
    case "divide":
      return relationOfQuotient(terms[0], terms[1], result);
    default:
      return selected !== null && terms[selected] !== undefined ? relation([terms[selected]], result) : "≈";
  }
}

/**
 * @param {readonly string[]} factors
 * @param {string} result
 * @returns {Relation}
 */
function relationOfFactors(factors, result) {
  if (factors.length === 2) return relationOfProduct(factors[0], factors[1], result);
  const decimals = factors.map(parseDecimal);
  const product = decimals.reduce(
    (whole, factor) => whole && factor && multiplyDecimals(whole, factor),
    parseDecimal("1"),
  );
  const shown = parseDecimal(result);
  return product && shown && compareDecimals(product, shown) === 0 ? "=" : "≈";
}

/**
 * A number with its sign, as an addend.
 * @param {number} value
 * @param {number} digits
 * @returns {string}
 */
export function signed(value, digits) {
  const text = formatFixed(value, digits);
  return text.startsWith("\u2212") || Number.isNaN(value) ? text : `+${text}`;
}

/**
 * Decimals of the drill-down: those that are asked for of a single number, and one more of what several make.
 * @param {{ digits: number }} view
 */
export function digitsOf({ digits }) {
  return { term: digits, sum: digits + 1 };
}

/**
 * Where a number of a map stands in the vector that the map is laid out in.
 * @param {readonly number[]} cell channel, row, column
 * @param {readonly number[]} shape of the map
 */
export function flatIndex([channel, row, column], [, rows, columns]) {
  return (channel * rows + row) * columns + column;
}
