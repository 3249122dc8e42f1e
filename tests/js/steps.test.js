import assert from "node:assert/strict";
import { test } from "node:test";
import { cellAt, chunkOf, indexOfCell, move, next, previous, stepCount } from "../../static/js/core/steps.js";

const SHAPE = /** @type {const} */ ([2, 3, 4]);
const FIRST = { channel: 0, row: 0, column: 0 };
const LAST = { channel: 1, row: 2, column: 3 };

test("along the row, row by row, channel by channel", () => {
  assert.deepEqual(cellAt(SHAPE, 0), FIRST);
  assert.deepEqual(cellAt(SHAPE, 3), { channel: 0, row: 0, column: 3 });
  assert.deepEqual(cellAt(SHAPE, 4), { channel: 0, row: 1, column: 0 });
  assert.deepEqual(cellAt(SHAPE, 12), { channel: 1, row: 0, column: 0 });
  assert.deepEqual(cellAt(SHAPE, 23), LAST);
});

test("index and cell are inverse, and next visits every cell in order", () => {
  let cell = cellAt(SHAPE, 0);
  for (let index = 0; index < stepCount(SHAPE); index += 1) {
    assert.equal(indexOfCell(SHAPE, cell), index);
    assert.deepEqual(cellAt(SHAPE, index), cell);
    if (index > 0) assert.equal(indexOfCell(SHAPE, previous(SHAPE, cell)), index - 1);
    cell = next(SHAPE, cell);
  }
  assert.deepEqual(cell, LAST);
});

test("the scan stops at both ends", () => {
  assert.deepEqual(next(SHAPE, LAST), LAST);
  assert.deepEqual(previous(SHAPE, FIRST), FIRST);
  assert.deepEqual(cellAt(SHAPE, -5), FIRST);
  assert.deepEqual(cellAt(SHAPE, 999), LAST);
});

test("moves stop at the edges and do not wrap", () => {
  assert.deepEqual(move(SHAPE, FIRST, { columns: -1 }), FIRST);
  assert.deepEqual(move(SHAPE, FIRST, { columns: 9 }), { channel: 0, row: 0, column: 3 });
  assert.deepEqual(move(SHAPE, FIRST, { rows: 1, columns: 2 }), { channel: 0, row: 1, column: 2 });
  assert.deepEqual(move(SHAPE, LAST, { rows: 1 }), LAST);
  assert.deepEqual(move(SHAPE, LAST, { channels: -1 }), { channel: 0, row: 2, column: 3 });
});

test("a cell is brought back into a smaller shape", () => {
  assert.deepEqual(move([1, 2, 2], LAST, {}), { channel: 0, row: 1, column: 1 });
});

test("aligned pieces of the scan", () => {
  assert.deepEqual(chunkOf(0, 1936), { start: 0, count: 64 });
  assert.deepEqual(chunkOf(63, 1936), { start: 0, count: 64 });
  assert.deepEqual(chunkOf(64, 1936), { start: 64, count: 64 });
  assert.deepEqual(chunkOf(1935, 1936), { start: 1920, count: 16 });
  assert.deepEqual(chunkOf(5000, 1936), { start: 1920, count: 16 });
  assert.deepEqual(chunkOf(9, 10, 4), { start: 8, count: 2 });
});

test("the pieces cover the scan without a gap", () => {
  for (const total of [1, 63, 64, 65, 200]) {
    let end = 0;
    while (end < total) {
      const { start, count } = chunkOf(end, total);
      assert.equal(start, end);
      assert.ok(count > 0);
      end += count;
    }
    assert.equal(end, total);
  }
});
