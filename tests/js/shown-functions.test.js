import assert from "node:assert/strict";
import { test } from "node:test";
import { shownFunction, shownSoftmax } from "../../static/js/core/shown-functions.js";
import { DIGITS, step } from "./support/step.js";

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
