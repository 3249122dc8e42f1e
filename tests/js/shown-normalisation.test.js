import assert from "node:assert/strict";
import { test } from "node:test";
import { shownBatchNorm, shownResponseNorm } from "../../static/js/core/shown-normalisation.js";
import { DIGITS, step } from "./support/step.js";

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

test("where the result is not told, nor are the numbers on the way to it", () => {
  const params = { statistics: "running", mean: 0.5, variance: 0.25, eps: 0, gamma: 1, beta: 0 };
  const { x, lines } = shownBatchNorm(step({ values: [0.75], value: Number.NaN, params }), DIGITS);
  assert.equal(x, "0.75");
  assert.deepEqual(
    lines.map(({ operand, value }) => [operand, value]),
    [
      ["0.50", "?"],
      ["0.50", "?"],
      ["1", "?"],
      ["0", "?"],
    ],
  );
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
