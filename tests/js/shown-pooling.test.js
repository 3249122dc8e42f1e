import assert from "node:assert/strict";
import { test } from "node:test";
import { shownPower, windowCount } from "../../static/js/core/shown-pooling.js";
import { DIGITS, step } from "./support/step.js";

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

test("where the norm is not told, nor is the sum below its root", () => {
  const params = { norm_type: 1 };
  const { powers, sum, root } = shownPower(step({ values: [3, -4], value: Number.NaN, params }), DIGITS);
  assert.deepEqual(powers, ["3.00", "4.00"]);
  assert.deepEqual([sum, root], ["?", "?"]);
});
