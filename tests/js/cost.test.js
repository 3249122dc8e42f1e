import assert from "node:assert/strict";
import { test } from "node:test";
import { logShare, logTicks, ratioOf, separableCost } from "../../static/js/core/cost.js";

test("bars grow with the logarithm, from one", () => {
  assert.equal(logShare(1000, 1_000_000), 0.5);
  assert.equal(logShare(1_000_000, 1_000_000), 1);
  assert.equal(logShare(0, 1000), 0);
  assert.ok(logShare(1, 1000) > 0);
  assert.equal(logShare(1, 1), 1);
});

test("ticks are powers of ten, few of them, within the bars", () => {
  assert.deepEqual(
    logTicks(1e8).map(({ exponent }) => exponent),
    [0, 2, 4, 6, 8],
  );
  for (const most of [1, 9, 10, 1234, 11_244_288, 1e12]) {
    const ticks = logTicks(most);
    assert.ok(ticks.length <= 5 && ticks.every(({ share }) => share >= 0 && share <= 1));
  }
});

test("ratios carry three digits and say whether they are exact", () => {
  assert.deepEqual(ratioOf(27, 11_244_288), { times: 416_000, smaller: true, exact: false });
  assert.deepEqual(ratioOf(3, 27), { times: 9, smaller: true, exact: true });
  assert.deepEqual(ratioOf(27, 12), { times: 2.25, smaller: false, exact: true });
  assert.equal(ratioOf(0, 5), null);
});

test("a separable convolution costs 1 / C_out + 1 / k² of the ordinary one", () => {
  const { separable, ordinary, share } = separableCost(3, 8, [3, 3], 100);
  assert.equal(separable.parameters, 27 + 24);
  assert.equal(ordinary.parameters, 216);
  assert.equal(ordinary.multiply_adds, 21_600);
  assert.ok(Math.abs(separable.multiply_adds / ordinary.multiply_adds - share) < 1e-12);
});
