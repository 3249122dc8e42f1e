import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addDecimals,
  compareDecimals,
  multiplyDecimals,
  parseDecimal,
} from "../../static/js/core/decimal.js";
import { mean, valuesOf, weightedSum } from "../../static/js/core/every-digit.js";
import { randomFrom } from "./support/random.js";

/** @typedef {import("../../static/js/core/arithmetic.js").Step} Step */

/**
 * @param {Partial<Step>} step
 * @returns {Step}
 */
function stepOf(step) {
  return {
    cell: [0, 0, 0],
    value: 0,
    total: 0,
    combine: "sum",
    grid: [1, 1, 2],
    values: [],
    padding: [],
    weights: null,
    products: null,
    selected: null,
    bias: null,
    params: {},
    start: [0, 0],
    ...step,
  };
}

/** @param {string} text */
function read(text) {
  const decimal = parseDecimal(text.replaceAll("\u2007", ""));
  assert.ok(decimal, text);
  return decimal;
}

/** @param {string} text */
function pointFromTheRight(text) {
  const point = text.indexOf(".");
  return text.length - (point < 0 ? text.trimEnd().length : point);
}

test("by hand: 0.5 × 3 + 0.25 × −1 + 0.125", () => {
  const sum = weightedSum(
    stepOf({ values: [0.5, 0.25], weights: [3, -1], bias: 0.125, value: 1.375, grid: [1, 1, 2] }),
  );
  assert.deepEqual(
    sum.terms.map(({ product }) => product),
    ["1.5\u2007\u2007", "−0.25\u2007"],
  );
  assert.equal(sum.bias, "0.125");
  assert.equal(sum.total, "1.375");
  assert.equal(sum.relation, "=");
  assert.equal(sum.difference, null);
  assert.deepEqual(sum.channels, []);
});

test("what float32 made of a sum is told with its difference", () => {
  const third = Math.fround(1 / 3);
  const value = Math.fround(third * third);
  const sum = weightedSum(stepOf({ values: [third], weights: [third], value, grid: [1, 1, 1] }));
  assert.equal(sum.relation, "≈");
  assert.ok(sum.difference);
  assert.equal(compareDecimals(addDecimals(read(sum.total), read(sum.difference)), read(sum.computed)), 0);
});

test("every column adds up, in every digit, whatever is listed", () => {
  const random = randomFrom(11);
  for (const count of [3, 27, 300]) {
    const channels = 3;
    const length = channels * count;
    const make = () => Array.from({ length }, () => random.float32());
    const step = stepOf({
      values: make(),
      weights: make(),
      bias: Math.fround(0.1),
      grid: [channels, 1, count],
    });
    const sum = weightedSum(step, 200);
    const parts = [...sum.terms.map(({ product }) => product), ...(sum.rest ? [sum.rest.sum] : [])];
    assert.equal(sum.terms.length, Math.min(200, length));
    assert.equal(sum.rest?.count ?? 0, length - sum.terms.length);
    const zero = { n: 0n, scale: 0 };
    const bias = read(sum.bias ?? "0");
    const all = parts.map(read).reduce(addDecimals, zero);
    assert.equal(compareDecimals(addDecimals(all, bias), read(sum.total)), 0);
    const channelSums = sum.channels.map((channel) => read(channel.sum)).reduce(addDecimals, zero);
    assert.equal(compareDecimals(addDecimals(channelSums, bias), read(sum.total)), 0);
    for (const { value, weight, product } of sum.terms) {
      assert.equal(compareDecimals(multiplyDecimals(read(value), read(weight)), read(product)), 0);
    }
    assert.equal(new Set([...parts, sum.total, sum.computed].map(pointFromTheRight)).size, 1);
  }
});

test("the largest products are the ones listed", () => {
  const values = Array.from({ length: 9 }, (_, i) => i);
  const sum = weightedSum(stepOf({ values, weights: values.map(() => -1), grid: [1, 3, 3] }), 2);
  assert.deepEqual(
    sum.terms.map(({ index }) => index),
    [7, 8],
  );
  assert.deepEqual(sum.rest, { count: 7, sum: "−21" });
});

test("a mean is checked by multiplying back; what is not counted is left out", () => {
  const exact = mean(stepOf({ values: [1, 2, null, 3], value: 2, params: { divisor: 3 }, grid: [1, 2, 2] }));
  assert.equal(exact.relation, "=");
  assert.equal(exact.total, "6");
  assert.equal(exact.product, "6");
  assert.equal(exact.terms.length, 3);
  const rounded = mean(stepOf({ values: [1, 0, 0], value: Math.fround(1 / 3), params: { divisor: 3 } }));
  assert.equal(rounded.relation, "≈");
  assert.equal(
    compareDecimals(addDecimals(read(rounded.total), read(rounded.difference ?? "")), read(rounded.product)),
    0,
  );
});

test("values of other steps keep their places", () => {
  assert.deepEqual(valuesOf(stepOf({ values: [null, 0.5, 2] })), [
    { index: 1, value: "0.5", weight: "", product: "" },
    { index: 2, value: "2\u2007\u2007", weight: "", product: "" },
  ]);
});
