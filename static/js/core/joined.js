/**
 * Numbers joined by one sign, as the page shows them: a + b = c, a ÷ b = c, min(a, b) = c. Between the terms
 * and the result stands an equals sign only where it is true of what is shown.
 */

import { shownNumber } from "./arithmetic.js";
import { formatDecimal, MINUS, multiplyDecimals, negated, parseDecimal } from "./decimal.js";
import { relation, relationOfPower, relationOfProduct, relationOfQuotient } from "./sums.js";

/** @typedef {import("./arithmetic.js").Step} Step */
/** @typedef {import("./arithmetic.js").Digits} Digits */
/** @typedef {import("./sums.js").Relation} Relation */

/** @type {Readonly<Record<string, string>>} */
const SIGNS = { add: "+", subtract: "−", product: "×", divide: "÷", power: "^", min: "," };

/** The ways of combining that one sign between the terms tells in full. */
export const JOINED = Object.keys(SIGNS);

/** Terms that are written out; of more, the first ones. */
const MOST_TERMS = 6;

/**
 * @typedef {object} ShownJoined
 * @property {string[]} terms each with its brackets, if it needs them
 * @property {string} sign between two of them
 * @property {string} name before them, where they are the arguments of a function; else ""
 * @property {number} more terms that are not written out
 * @property {Relation} relation between the terms and the result
 * @property {string} result
 */

/**
 * @param {Step} step whose way of combining is one of JOINED
 * @param {Digits} digits
 * @returns {ShownJoined}
 */
export function shownJoined(step, digits) {
  const { combine } = step;
  const numbers = step.values.map((x, i) => {
    // A whole exponent is written as one.
    const isWhole = combine === "power" && i > 0 && Number.isInteger(x);
    return shownNumber(x ?? 0, isWhole ? 0 : digits.value);
  });
  const result = shownNumber(step.value, digits.result);
  const isFunction = combine === "min";
  const terms = numbers
    .slice(0, MOST_TERMS)
    .map((text, i) =>
      !isFunction && text.startsWith(MINUS) && (i > 0 || combine === "power") ? `(${text})` : text,
    );
  return {
    terms,
    sign: SIGNS[combine],
    name: isFunction ? combine : "",
    more: numbers.length - terms.length,
    relation: relationOf(combine, numbers, result),
    result,
  };
}

/**
 * @param {string} combine
 * @param {readonly string[]} numbers
 * @param {string} result
 * @returns {Relation}
 */
function relationOf(combine, numbers, result) {
  const [first, second] = numbers;
  switch (combine) {
    case "add":
      return relation(numbers, result);
    case "subtract":
      return relation([first, negated(second)], result);
    case "product":
      return relationOfAll(numbers, result);
    case "divide":
      return relationOfQuotient(first, second, result);
    case "power": {
      const isExact = /^\d+$/.test(second) && (Number(second) % 2 === 0 || !first.startsWith(MINUS));
      return isExact ? relationOfPower(first, Number(second), result) : "≈";
    }
    case "min":
      return numbers.includes(result) ? "=" : "≈";
  }
  return "≈";
}

/**
 * Of any number of factors: all but the last multiplied exactly.
 * @param {readonly string[]} numbers
 * @param {string} result
 * @returns {Relation}
 */
function relationOfAll(numbers, result) {
  const last = numbers.at(-1) ?? "1";
  const before = numbers.slice(0, -1).map(parseDecimal);
  const product = before.reduce((whole, each) => whole && each && multiplyDecimals(whole, each), {
    n: 1n,
    scale: 0,
  });
  return product ? relationOfProduct(formatDecimal(product), last, result) : "≈";
}
