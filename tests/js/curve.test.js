import assert from "node:assert/strict";
import { test } from "node:test";
import { axisTicks, heights, pieces, reachOf } from "../../static/js/core/curve.js";

test("the axis reaches far enough for every x, and always past the bends", () => {
  assert.equal(reachOf(0), 6);
  assert.equal(reachOf(6), 6);
  assert.equal(reachOf(6.1), 10);
  assert.equal(reachOf(17), 20);
  assert.equal(reachOf(255), 500);
  assert.equal(reachOf(1000), 1000);
  assert.equal(reachOf(Number.NaN), 6);
});

test("ticks are round, few, and hold zero", () => {
  assert.deepEqual(axisTicks(0, 1), [0, 0.5, 1]);
  assert.deepEqual(axisTicks(-1, 1), [-1, -0.5, 0, 0.5, 1]);
  assert.deepEqual(axisTicks(-0.17, 6), [0, 2, 4, 6]);
  assert.deepEqual(axisTicks(-1, 500), [0, 200, 400]);
  assert.deepEqual(axisTicks(2, 2), [2]);
  for (const high of [0.3, 0.7, 3, 8, 45, 1e5]) assert.ok(axisTicks(-high, high).length <= 5);
});

test("a step is two pieces, everything else one", () => {
  const step = /** @type {import("../../static/js/core/curve.js").Point[]} */ ([
    [-1, 0, 0],
    [0, 0, 0],
    [1, 1, 0],
  ]);
  assert.deepEqual(
    pieces(step).map((piece) => piece.length),
    [2, 1],
  );
  const relu = /** @type {import("../../static/js/core/curve.js").Point[]} */ ([
    [-1, 0, 0],
    [0, 0, 0],
    [1, 1, 1],
  ]);
  assert.equal(pieces(relu).length, 1);
  assert.deepEqual(pieces([]), []);
});

test("heights hold zero and are rounded outward", () => {
  assert.deepEqual(
    heights([
      [-6, 0.0025, 0],
      [6, 0.9975, 0],
    ]),
    { low: 0, high: 1 },
  );
  assert.deepEqual(heights([[0, 0, 0]]), { low: 0, high: 1 });
});
