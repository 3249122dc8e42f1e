import assert from "node:assert/strict";
import { test } from "node:test";
import {
  relationOfPower,
  relationOfQuotient,
  shownBatchNorm,
  shownFunction,
  shownNumber,
  shownPower,
  shownResponseNorm,
  shownSoftmax,
  windowCount,
} from "../../static/js/core/shown-steps.js";

const DIGITS = { value: 2, weight: 0, result: 2 };

/** @param {Record<string, unknown>} parts */
function step(parts) {
  const values = /** @type {(number | null)[]} */ (parts.values ?? [0]);
  return /** @type {any} */ ({
    cell: [0, 0, 0],
    value: 0,
    total: 0,
    grid: [1, 1, values.length],
    padding: values.map(() => 0),
    weights: null,
    products: null,
    selected: null,
    bias: null,
    params: {},
    start: [0, 0],
    ...parts,
    values,
  });
}

test("a number keeps what its digits would round away", () => {
  assert.equal(shownNumber(0.5, 2), "0.50");
  assert.equal(shownNumber(0.0121, 2), "0.012");
  assert.equal(shownNumber(0.01, 2), "0.01");
  assert.equal(shownNumber(-0.00112, 2), "−0.0011");
  assert.equal(shownNumber(0, 2), "0.00");
  assert.equal(shownNumber(3e-12, 2), "3.00×10⁻¹²");
  assert.equal(shownNumber(Number.POSITIVE_INFINITY, 2), "∞");
});

test("quotients and powers are equal only in the digits shown", () => {
  assert.equal(relationOfQuotient("1.00", "4", "0.25"), "=");
  assert.equal(relationOfQuotient("2.31", "9", "0.26"), "≈");
  assert.equal(relationOfQuotient("0.00", "0.00", "0.00"), "≈");
  assert.equal(relationOfPower("−0.5", 2, "0.25"), "=");
  assert.equal(relationOfPower("0.52", 2, "0.27"), "≈");
  assert.equal(relationOfPower("0.25", 0.5, "0.5"), "≈");
  assert.equal(relationOfPower("−3", 3, "27"), "=");
  assert.equal(relationOfPower("NaN", 2, "NaN"), "≈");
});

test("a window says what counts", () => {
  assert.deepEqual(windowCount(step({ values: [null, 1, 2], padding: [1, 0, 0] })), {
    terms: 2,
    zeros: 0,
    absent: 1,
  });
  assert.deepEqual(windowCount(step({ values: [0, 1, 2], padding: [1, 0, 0] })), {
    terms: 3,
    zeros: 1,
    absent: 0,
  });
});

test("the p-norm: 3, −4 give 5", () => {
  const integers = { value: 0, weight: 0, result: 0 };
  const shown = shownPower(step({ values: [3, -4, null], value: 5, params: { norm_type: 2 } }), integers);
  assert.deepEqual(shown.powers, ["9", "16", ""]);
  assert.equal(shown.powersRelation, "=");
  assert.equal(`${shown.sumRelation} ${shown.sum}`, "= 25");
  assert.equal(`${shown.rootRelation} ${shown.root}`, "= 5");
});

const of = (/** @type {string} */ name, /** @type {number} */ x, /** @type {number} */ y, params = {}) =>
  shownFunction(step({ values: [x], value: y, params: { function: name, ...params } }), DIGITS);

test("functions: where the sign is true, and what became of x", () => {
  assert.deepEqual(of("relu", -0.31, 0, { slope: 0 }), {
    x: "−0.31",
    y: "0.00",
    slope: "0",
    relation: "=",
    effect: "off",
  });
  assert.equal(of("relu", 0.31, 0.31, { slope: 1 }).effect, "passed");
  assert.equal(of("relu", 0, 0, { slope: 0 }).effect, "edge");
  const leaky = of("leaky_relu", -0.5, -0.005, { slope: 0.01, negative_slope: 0.01 });
  assert.equal(`${leaky.relation} ${leaky.y} ${leaky.slope}`, "= −0.005 0.01");
  const sigmoid = of("sigmoid", -0.31, 0.4231, { slope: 0.2441 });
  assert.equal(`${sigmoid.relation} ${sigmoid.y} ${sigmoid.slope} ${sigmoid.effect}`, "≈ 0.42 0.24 plain");
  assert.equal(of("sigmoid", 0, 0.5, { slope: 0.25 }).relation, "=");
  assert.equal(of("sigmoid", 6, 0.99753, { slope: 0.00247 }).effect, "saturated");
  assert.equal(of("step", 0.2, 1, { slope: 0 }).relation, "=");
});

test("batch normalisation, step by step", () => {
  const params = { statistics: "batch", mean: 0.5, variance: 0.0625, eps: 0, gamma: 2, beta: -1 };
  const shown = shownBatchNorm(step({ values: [0.75], value: 1, params }), DIGITS);
  assert.deepEqual(
    shown.lines.map(({ operand, relation, value }) => `${operand} ${relation} ${value}`),
    ["0.50 = 0.25", "0.25 = 1.00", "2 = 2.00", "−1 = 1.00"],
  );
  assert.equal(shown.spread.variance, "0.063");
  assert.equal(shown.spread.relation, "≈");
});

test("local response normalisation counts the neighbours there are", () => {
  const params = { k: 1, alpha: 3, beta: 1, size: 3 };
  const shown = shownResponseNorm(
    step({ values: [null, 0.5, 0.5], selected: 1, value: 0.3333, params }),
    DIGITS,
  );
  assert.deepEqual(
    shown.neighbours.map(({ square, own, absent }) => [square, own, absent]),
    [
      ["", false, true],
      ["0.25", true, false],
      ["0.25", false, false],
    ],
  );
  assert.equal(`${shown.squaresRelation} ${shown.sumRelation} ${shown.sum}`, "= = 0.50");
  assert.equal(`${shown.baseRelation} ${shown.base}`, "= 1.50");
  assert.equal(`${shown.resultRelation} ${shown.result}`, "≈ 0.33");
});

test("a response that changes the sixth decimal shows it", () => {
  const params = { k: 1, alpha: 1e-4, beta: 0.75, size: 3 };
  const shown = shownResponseNorm(step({ values: [0.5], selected: 0, value: 0.5, params }), DIGITS);
  assert.equal(shown.base, "1.0000083");
});

test("softmax: shares of the sum", () => {
  const values = [0, 0, 0, 0];
  const shown = shownSoftmax(step({ values, selected: 2, value: 0.25, grid: [4, 1, 1] }), DIGITS, 8);
  assert.equal(shown.sum, "4.00");
  assert.equal(`${shown.sumRelation} ${shown.shareRelation} ${shown.wholeRelation}`, "= = =");
  assert.deepEqual(
    shown.scores.map(({ own }) => own),
    [false, false, true, false],
  );
  assert.equal(shown.shift, null);
});

test("softmax: large scores are shifted, many are taken together", () => {
  const values = [100, 99, 98, 97, 0, 1];
  const shown = shownSoftmax(step({ values, selected: 5, value: 0, grid: [6, 1, 1] }), DIGITS, 4);
  assert.equal(shown.shift, "100.00");
  assert.deepEqual(
    shown.scores.map(({ index }) => index),
    [0, 1, 5, null],
  );
  assert.equal(shown.folded, 3);
  assert.ok(Math.abs(shown.scores.reduce((sum, { part }) => sum + part, 0) - 1) < 1e-12);
});

test("a clipping is exact, and says which numbers it holds back", () => {
  const bounds = { min: 0, max: 6 };
  const above = of("clip", 7.5, 6, { ...bounds, slope: 0 });
  assert.equal(`${above.relation} ${above.y} ${above.effect}`, "= 6.00 clipped");
  const below = of("clip", -0.5, 0, { ...bounds, slope: 0 });
  assert.equal(`${below.relation} ${below.y} ${below.effect}`, "= 0.00 clipped");
  const inside = of("clip", 0.5, 0.5, { ...bounds, slope: 1 });
  assert.equal(`${inside.relation} ${inside.effect}`, "= plain");
  assert.equal(of("clip", -3, -3, { max: 1, slope: 1 }).relation, "=");
});
