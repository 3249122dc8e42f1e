import assert from "node:assert/strict";
import { test } from "node:test";
import { bandAround } from "../../static/js/core/bands.js";

test("a band lies around its row and inside the matrix", () => {
  assert.deepEqual(bandAround(50, 100, 10), { start: 45, stop: 55 });
  assert.deepEqual(bandAround(0, 100, 10), { start: 0, stop: 10 });
  assert.deepEqual(bandAround(99, 100, 10), { start: 90, stop: 100 });
  assert.deepEqual(bandAround(3, 4, 10), { start: 0, stop: 4 });
  assert.deepEqual(bandAround(0, 1, 10), { start: 0, stop: 1 });
});

test("a band stays while the row is well inside, and moves before it comes to the edge", () => {
  assert.equal(bandAround(52, 100, 10, 45).start, 45);
  assert.equal(bandAround(53, 100, 10, 45).start, 48);
  assert.equal(bandAround(46, 100, 10, 45).start, 41);
  assert.equal(bandAround(0, 100, 10, 0).start, 0);
  assert.equal(bandAround(99, 100, 10, 90).start, 90);
  assert.equal(bandAround(5, 20, 10, 45).start, 0, "a band of another matrix is forgotten");
});

test("every row of a walk is in its band", () => {
  for (const size of [1, 2, 3, 24]) {
    /** @type {number | null} */
    let before = null;
    for (let index = 0; index < 100; index += 1) {
      const { start, stop } = bandAround(index, 100, size, before);
      assert.ok(start <= index && index < stop && stop - start === size && stop <= 100);
      before = start;
    }
  }
});
