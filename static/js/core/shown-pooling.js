/**
 * A window, and the one number that stands for it, as the page shows them: how many terms count, the mean, the
 * p-norm.
 */

import { MOST_WRITTEN_OUT, shown, sumOf } from "./arithmetic.js";
import { formatFixed, formatSignificant } from "./format.js";
import { relation, relationOfPower, relationOfProduct, weakest } from "./sums.js";

/** @typedef {import("./arithmetic.js").Step} Step */
/** @typedef {import("./arithmetic.js").Digits} Digits */
/** @typedef {import("./sums.js").Relation} Relation */

/**
 * The window of a pooling: how many of its terms count.
 * @param {Step} step
 * @returns {{ terms: number, zeros: number, absent: number }} absent terms are not counted, zeros are padding
 *   that is
 */
export function windowCount({ values, padding }) {
  const absent = values.filter((x) => x === null).length;
  const zeros = values.filter((x, i) => x !== null && padding[i]).length;
  return { terms: values.length - absent, zeros, absent };
}

/**
 * @typedef {object} ShownMean
 * @property {string[]} values
 * @property {string} sum
 * @property {Relation} sumRelation
 * @property {number} divisor
 * @property {string} mean
 * @property {Relation} meanRelation true if shown mean × divisor is the shown sum
 */

/**
 * @param {Step} step
 * @param {Digits} digits
 * @returns {ShownMean}
 */
export function shownMean(step, digits) {
  const values = step.values.map((x) => shown(x, digits.value));
  const divisor = Number(step.params.divisor);
  const counted = values.filter((text) => text !== "");
  const sum = shown(sumOf(step, step.values), digits.value);
  const mean = shown(step.value, digits.result);
  return {
    values,
    sum,
    sumRelation: relation(counted, sum),
    divisor,
    mean,
    meanRelation: relationOfProduct(mean, String(divisor), sum),
  };
}

/**
 * @typedef {object} ShownPower
 * @property {string[]} values
 * @property {string[]} powers
 * @property {Relation} powersRelation
 * @property {string} sum
 * @property {Relation} sumRelation
 * @property {string} root
 * @property {Relation} rootRelation
 * @property {number} exponent
 * @property {number[]} numbers the powers
 */

/**
 * The p-norm of a window: powers, their sum, its root.
 * @param {Step} step
 * @param {Digits} digits
 * @returns {ShownPower}
 */
export function shownPower(step, digits) {
  const exponent = Number(step.params.norm_type);
  const numbers = step.values.map((x) => (x === null ? 0 : Math.abs(x) ** exponent));
  const values = step.values.map((x) => shown(x, digits.value));
  const brief = (/** @type {number} */ x) =>
    Math.abs(x) < MOST_WRITTEN_OUT ? formatFixed(x, digits.result) : formatSignificant(x, 3);
  const powers = numbers.map((x, i) => (step.values[i] === null ? "" : brief(x)));
  const counted = powers.map((_, i) => i).filter((i) => powers[i] !== "");
  const sum = brief(sumOf(step, numbers));
  const root = shown(step.value, digits.result);
  return {
    values,
    powers,
    powersRelation: weakest(counted.map((i) => relationOfPower(values[i], exponent, powers[i]))),
    sum,
    sumRelation: relation(
      counted.map((i) => powers[i]),
      sum,
    ),
    root,
    rootRelation: relationOfPower(root, exponent, sum),
    exponent,
    numbers,
  };
}
