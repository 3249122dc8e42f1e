/**
 * One number's arithmetic as the page shows it: which digits stand in which cell, and between which of them
 * an equals sign is true.
 */

import { commonDigits, formatFixed, formatSignificant } from "./format.js";
import { chain, relationOfProducts } from "./sums.js";

/** @typedef {import("./sums.js").Relation} Relation */

/** Digits that a number keeps where so few decimals would round it to zero. */
const SIGNIFICANT = 2;
const MOST_DECIMALS = 8;
/** From here on a number is written with a power of ten. */
export const MOST_WRITTEN_OUT = 1e7;

/**
 * @typedef {object} Step how one output number was made; terms are parallel lists in the order of `grid`
 * @property {readonly number[]} cell channel, row, column
 * @property {number} value as computed
 * @property {number} total the terms combined anew
 * @property {string} combine
 * @property {readonly [number, number, number]} grid channels, rows, columns
 * @property {readonly (number | null)[]} values null where nothing is counted
 * @property {readonly number[]} padding 1 where the term is no cell of the input
 * @property {readonly number[] | null} weights
 * @property {readonly (number | null)[] | null} products
 * @property {number | null} selected index of the term that won or is asked for
 * @property {number | null} bias
 * @property {Readonly<Record<string, number | string>>} params numbers of the formula
 * @property {readonly number[] | null} start row and column of the window on the input
 */

/** @typedef {{ value: number, weight: number, result: number }} Digits decimals shown of each kind of number */

/**
 * Decimals that suit a run: integers are shown as integers, everything else with `digits` decimals. Decided
 * for the whole run, so that nothing jumps while the window moves.
 * @param {ArrayLike<number>} input
 * @param {ArrayLike<number> | null} weights
 * @param {number} digits
 * @param {ArrayLike<number>} [output] decides on the digits of the results where there are no weights
 * @returns {Digits}
 */
export function digitsFor(input, weights, digits, output = []) {
  const value = commonDigits(input, digits);
  if (!weights)
    return { value, weight: 0, result: output.length > 0 ? commonDigits(output, digits) : digits };
  const weight = commonDigits(weights, digits);
  return { value, weight, result: Math.max(value, weight) };
}

/**
 * @param {number | null} number
 * @param {number} digits
 * @returns {string} empty where nothing is counted
 */
export function shown(number, digits) {
  return number === null ? "" : formatFixed(number, digits);
}

/**
 * @param {number} x
 * @param {number} digits decimals, more where they would leave nothing of the number
 * @returns {string}
 */
export function shownNumber(x, digits) {
  const magnitude = Math.abs(x);
  if (!Number.isFinite(x) || x === 0) return formatFixed(x, digits);
  const needed = SIGNIFICANT - 1 - Math.floor(Math.log10(magnitude));
  if (magnitude >= MOST_WRITTEN_OUT || needed > MOST_DECIMALS) return formatSignificant(x, SIGNIFICANT + 1);
  return formatFixed(x, Math.max(digits, commonDigits([x], Math.max(0, needed))));
}

/**
 * Decimals that tell two numbers apart.
 * @param {number} a
 * @param {number} b
 * @returns {number}
 */
export function decimalsToTell(a, b) {
  const difference = Math.abs(a - b);
  if (difference === 0) return 0;
  return Math.min(MOST_DECIMALS, SIGNIFICANT - 1 - Math.floor(Math.log10(difference)));
}

/**
 * The sum of some terms of a step; where its result is not told, neither are the sums that lead to it.
 * @param {Step} step
 * @param {readonly (number | null)[]} terms
 * @returns {number}
 */
export function sumOf({ value }, terms) {
  if (Number.isNaN(value)) return Number.NaN;
  return terms.reduce((/** @type {number} */ total, x) => total + (x ?? 0), 0);
}

/**
 * @typedef {object} ShownChannel
 * @property {string[]} values
 * @property {string[]} weights
 * @property {string[]} products
 * @property {Relation} productRelation between the grids
 * @property {string} sum
 * @property {Relation} sumRelation between the products and the sum
 */

/**
 * @typedef {object} ShownSum
 * @property {ShownChannel[]} channels
 * @property {string | null} bias
 * @property {string} total
 * @property {Relation} totalRelation between the channels' sums with the bias, and the total
 */

/**
 * Weights times values, channel by channel, added like at school.
 * @param {Step} step
 * @param {Digits} digits
 * @returns {ShownSum}
 */
export function shownSum(step, digits) {
  const [channels, rows, columns] = step.grid;
  const area = rows * columns;
  const weights = step.weights ?? [];
  const products = step.products ?? [];
  const groups = Array.from({ length: channels }, (_, c) => {
    const part = { from: c * area, to: (c + 1) * area };
    const values = step.values.slice(part.from, part.to).map((x) => shown(x, digits.value));
    const shownWeights = weights.slice(part.from, part.to).map((w) => shown(w, digits.weight));
    const own = products.slice(part.from, part.to);
    const shownProducts = own.map((p) => shown(p, digits.result));
    const sum = shown(sumOf(step, own), digits.result);
    return {
      values,
      weights: shownWeights,
      products: shownProducts,
      productRelation: relationOfProducts(values, shownWeights, shownProducts).whole,
      sum,
    };
  });
  const bias = step.bias === null ? null : shown(step.bias, digits.result);
  const total = shown(step.value, digits.result);
  const signs = chain(
    groups.map((group) => group.products),
    groups.map((group) => group.sum),
    bias,
    total,
  );
  return {
    channels: groups.map((group, c) => ({ ...group, sumRelation: signs.groups[c] })),
    bias,
    total,
    totalRelation: signs.total,
  };
}
