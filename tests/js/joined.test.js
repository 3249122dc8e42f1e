import assert from "node:assert/strict";
import { test } from "node:test";
import { JOINED, shownJoined } from "../../static/js/core/joined.js";

const DIGITS = { value: 2, weight: 0, result: 2 };

/**
 * @param {string} combine
 * @param {number[]} values
 * @param {number} value
 */
function joined(combine, values, value) {
  const shown = shownJoined(step(combine, values, value), DIGITS);
  const { terms, sign, name, relation, result } = shown;
  return `${name}${terms.join(` ${sign} `)} ${relation} ${result}`;
}

test("terms are joined by their sign, and equal only what is shown to be", () => {
  assert.equal(joined("add", [0.25, -0.5], -0.25), "0.25 + (−0.50) = −0.25");
  assert.equal(joined("add", [1.004, 1.004], 2.008), "1.00 + 1.00 ≈ 2.01");
  assert.equal(joined("subtract", [0.25, -0.5], 0.75), "0.25 − (−0.50) = 0.75");
  assert.equal(joined("subtract", [-0.25, 0.5], -0.75), "−0.25 − 0.50 = −0.75");
  assert.equal(joined("product", [0.5, 0.5], 0.25), "0.50 × 0.50 = 0.25");
  assert.equal(joined("product", [0.5, -0.5, 2], -0.5), "0.50 × (−0.50) × 2.00 = −0.50");
  assert.equal(joined("product", [0.33, 0.33], 0.1089), "0.33 × 0.33 ≈ 0.11");
  assert.equal(joined("divide", [1, 4], 0.25), "1.00 ÷ 4.00 = 0.25");
  assert.equal(joined("divide", [1, 3], 1 / 3), "1.00 ÷ 3.00 ≈ 0.33");
});

test("a power is told to be exact for whole exponents", () => {
  assert.equal(joined("power", [1.5, 2], 2.25), "1.50 ^ 2 = 2.25");
  assert.equal(joined("power", [-2, 2], 4), "(−2.00) ^ 2 = 4.00");
  assert.equal(joined("power", [-2, 3], -8), "(−2.00) ^ 3 ≈ −8.00");
  assert.equal(joined("power", [2, 0.5], Math.SQRT2), "2.00 ^ 0.50 ≈ 1.41");
  assert.equal(joined("power", [2, -1], 0.5), "2.00 ^ (−1) ≈ 0.50");
});

test("the least of several is one of them", () => {
  assert.equal(joined("min", [0.5, -0.25], -0.25), "min0.50 , −0.25 = −0.25");
});

test("of many terms the first are written out", () => {
  const shown = shownJoined(step("add", [1, 2, 3, 4, 5, 6, 7, 8], 36), DIGITS);
  assert.equal(shown.terms.length, 6);
  assert.equal(shown.more, 2);
  assert.equal(shown.relation, "=");
});

test("every way of joining has its sign", () => {
  for (const combine of JOINED) assert.ok(shownJoined(step(combine, [1, 1], 1), DIGITS).sign, combine);
});

/**
 * @param {string} combine
 * @param {number[]} values
 * @param {number} value
 */
function step(combine, values, value) {
  const padding = values.map(() => 0);
  const grid = /** @type {[number, number, number]} */ ([values.length, 1, 1]);
  const none = { weights: null, products: null, selected: null, bias: null, start: null };
  return { cell: [0, 0, 0], value, total: value, combine, grid, values, padding, params: {}, ...none };
}
