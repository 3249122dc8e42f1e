/**
 * One number's arithmetic with nothing rounded: the float32 numbers have decimal expansions that end, so
 * their products and sums can be written out and checked by hand. Only at the end stands what float32 made
 * of it.
 */

import {
  add,
  decimals,
  exactDecimal,
  fromNumber,
  multiply,
  products,
  sum,
  toDecimal,
  ZERO,
} from "./exact.js";

/** @typedef {import("./exact.js").Exact} Exact */
/** @typedef {import("./arithmetic.js").Step} Step */
/** @typedef {"=" | "≈"} Relation */

/** More terms than this nobody reads: the largest are listed, the others added up. */
export const MOST_TERMS = 200;

const FIGURE_SPACE = "\u2007"; // as wide as a digit

/**
 * @typedef {object} Term
 * @property {number} index in the step's grid
 * @property {string} value
 * @property {string} weight empty where there are no weights
 * @property {string} product
 */

/**
 * @typedef {object} Addition all numbers with every digit, their decimal points in line
 * @property {Term[]} terms in the order of the grid
 * @property {{ count: number, sum: string } | null} rest the terms that are not listed
 * @property {{ channel: number, sum: string }[]} channels the sums, if there are several channels
 * @property {string | null} bias
 * @property {string} total exact
 * @property {string} computed the float32 number that the run holds
 * @property {Relation} relation between the two
 * @property {string | null} difference computed − total, if there is any
 */

/**
 * A weighted sum, added up exactly.
 * @param {Step} step with weights
 * @param {number} [most] terms listed
 * @returns {Addition}
 */
export function weightedSum(step, most = MOST_TERMS) {
  const values = step.values.map(Number);
  const weights = step.weights ?? [];
  const exact = products(values, weights);
  const listed = largest(exact.map(magnitude), most);
  const area = step.grid[1] * step.grid[2];
  const sums = Array.from({ length: step.grid[0] }, (_, c) => sum(exact.slice(c * area, (c + 1) * area)));
  const bias = step.bias === null ? null : fromNumber(step.bias);
  const total = add(sum(sums), bias ?? ZERO);
  const rest = restOf(exact, listed);
  const conclusion = concluded(total, fromNumber(step.value));
  // One column on the page: products, sums and result stand under one another.
  const column = [
    ...listed.map((i) => exact[i]),
    ...sums,
    total,
    fromNumber(step.value),
    ...[rest?.sum, bias, conclusion.difference].filter((one) => one !== null && one !== undefined),
  ];
  const write = aligned(column);
  const writeValue = aligned(listed.map((i) => fromNumber(values[i])));
  const writeWeight = aligned(listed.map((i) => fromNumber(weights[i])));
  return {
    terms: listed.map((i) => ({
      index: i,
      value: writeValue(fromNumber(values[i])),
      weight: writeWeight(fromNumber(weights[i])),
      product: write(exact[i]),
    })),
    rest: rest && { count: rest.count, sum: write(rest.sum) },
    channels: sums.length > 1 ? sums.map((one, channel) => ({ channel, sum: write(one) })) : [],
    bias: bias && write(bias),
    total: write(total),
    computed: write(fromNumber(step.value)),
    relation: conclusion.relation,
    difference: conclusion.difference && write(conclusion.difference),
  };
}

/**
 * A mean: the values added up exactly; the division seldom ends, so its check is the multiplication back.
 * @param {Step} step with params.divisor
 * @param {number} [most]
 * @returns {Addition & { divisor: string, product: string }} product: computed × divisor, exact
 */
export function mean(step, most = MOST_TERMS) {
  const counted = countedIn(step);
  const exact = counted.map((term) => term.exact);
  const divisor = Number(step.params.divisor);
  const listed = largest(exact.map(magnitude), most);
  const total = sum(exact);
  const rest = restOf(exact, listed);
  const back = multiply(fromNumber(step.value), fromNumber(divisor));
  const { relation, difference } = concluded(total, back);
  const extra = [rest?.sum, difference].filter((one) => one !== null && one !== undefined);
  const write = aligned([...listed.map((i) => exact[i]), total, back, ...extra]);
  return {
    terms: listed.map((i) => ({ index: counted[i].index, value: write(exact[i]), weight: "", product: "" })),
    rest: rest && { count: rest.count, sum: write(rest.sum) },
    channels: [],
    bias: null,
    total: write(total),
    computed: exactDecimal(step.value),
    divisor: String(divisor),
    product: write(back),
    relation,
    difference: difference && write(difference),
  };
}

/**
 * The values of any other step: what goes in, every digit.
 * @param {Step} step
 * @param {number} [most]
 * @returns {Term[]}
 */
export function valuesOf(step, most = MOST_TERMS) {
  const counted = countedIn(step);
  const listed = largest(
    counted.map((term) => magnitude(term.exact)),
    most,
  ).map((i) => counted[i]);
  const write = aligned(listed.map((term) => term.exact));
  return listed.map(({ index, exact }) => ({ index, value: write(exact), weight: "", product: "" }));
}

/**
 * @param {Step} step
 * @returns {{ index: number, exact: Exact }[]}
 */
function countedIn({ values }) {
  return values.flatMap((value, index) => (value === null ? [] : [{ index, exact: fromNumber(value) }]));
}

/**
 * @param {Exact} total
 * @param {Exact} computed
 * @returns {{ relation: Relation, difference: Exact | null }}
 */
function concluded(total, computed) {
  const difference = add(computed, multiply(total, fromNumber(-1)));
  return difference.n === 0n ? { relation: "=", difference: null } : { relation: "≈", difference };
}

/**
 * @param {readonly Exact[]} exact
 * @param {readonly number[]} listed
 */
function restOf(exact, listed) {
  if (listed.length === exact.length) return null;
  const shown = new Set(listed);
  const others = exact.filter((_, i) => !shown.has(i));
  return { count: others.length, sum: sum(others) };
}

/**
 * Indices of the largest, in their own order.
 * @param {readonly number[]} magnitudes
 * @param {number} most
 * @returns {number[]}
 */
function largest(magnitudes, most) {
  const all = magnitudes.map((_, i) => i);
  if (all.length <= most) return all;
  return all
    .sort((a, b) => magnitudes[b] - magnitudes[a] || a - b)
    .slice(0, most)
    .sort((a, b) => a - b);
}

/**
 * Near enough to rank by.
 * @param {Exact} exact
 * @returns {number}
 */
function magnitude({ n, e }) {
  const size = n < 0n ? -n : n;
  const spare = Math.max(0, size.toString(2).length - 60);
  return Number(size >> BigInt(spare)) * 2 ** (e + spare);
}

/**
 * A way of writing that brings the decimal points of a right-aligned column under one another.
 * @param {readonly Exact[]} column
 * @returns {(exact: Exact) => string}
 */
function aligned(column) {
  const most = Math.max(0, ...column.map(decimals));
  return (exact) => {
    const own = decimals(exact);
    const point = most > 0 && own === 0 ? 1 : 0;
    return toDecimal(exact) + FIGURE_SPACE.repeat(most - own + point);
  };
}
