import assert from "node:assert/strict";
import { test } from "node:test";
import {
  columnAt,
  columnSegments,
  countEntries,
  identities,
  pattern,
  slotOf,
  spreadSources,
  tapOn,
  windowSources,
} from "../../static/js/core/linear-map.js";

/** @type {import("../../static/js/core/linear-map.js").Axis} */
const AXIS = { size: 4, outputs: 4, taps: 3, stride: 1, dilation: 1, before: 1, mode: "zeros" };

test("a window reads the positions under its taps; padding is none of them", () => {
  assert.deepEqual(windowSources(AXIS), [
    [0, 1],
    [0, 1, 2],
    [1, 2, 3],
    [2, 3],
  ]);
  assert.deepEqual(windowSources({ ...AXIS, mode: "circular" })[0], [0, 1, 3]);
  assert.deepEqual(windowSources({ ...AXIS, mode: "replicate" })[0], [0, 1]);
  assert.deepEqual(windowSources({ ...AXIS, before: 0, outputs: 1, stride: 2, dilation: 1 }), [[0, 1, 2]]);
});

test("transposed, positions spread over the output: the transposed lists", () => {
  const spread = spreadSources({ ...AXIS, size: 4, outputs: 4 });
  const read = windowSources(AXIS);
  for (let i = 0; i < 4; i += 1) {
    for (let o = 0; o < 4; o += 1) assert.equal(spread[o].includes(i), read[i].includes(o));
  }
});

test("entries are counted as they would be one by one", () => {
  const rows = windowSources({ ...AXIS, size: 5, outputs: 3, stride: 2 });
  const columns = windowSources(AXIS);
  const map = /** @type {const} */ ({ input: [4, 5, 4], output: [6, 3, 4], groups: 2, rows, columns });
  let counted = 0;
  for (let o = 0; o < 6; o += 1) {
    for (const r of rows) for (const q of columns) counted += 2 * r.length * q.length;
  }
  assert.equal(countEntries(map), counted);
  const bits = pattern(map, 80, 72);
  assert.equal(
    bits.reduce((sum, bit) => sum + bit, 0),
    counted,
    "at one pixel per entry",
  );
});

test("a 3 × 3 convolution of three channels of 44 × 44 holds 50,700 weights", () => {
  const along = windowSources({ ...AXIS, size: 44, outputs: 44 });
  const map = /** @type {const} */ ({ input: [3, 44, 44], output: [1, 44, 44], groups: 1 });
  assert.equal(countEntries({ ...map, rows: along, columns: along }), 3 * (44 * 3 - 2) ** 2);
});

test("columns that no row touches are folded, and channels stay apart", () => {
  const row = (/** @type {number[]} */ ...columns) => ({ entries: columns.map((column) => ({ column })) });
  const rows = [row(0, 1, 9), row(1, 3, 10, 16)];
  const { segments, slots, folded } = columnSegments(rows, [2, 4, 4], [0, 1]);
  assert.deepEqual(segments, [
    { channel: 0, from: 0, to: 4, slot: 0 },
    { channel: 0, from: 9, to: 11, slot: 5 },
    { channel: 1, from: 16, to: 17, slot: 8 },
  ]);
  assert.equal(slots, 9);
  assert.equal(folded, 32 - 7);
  assert.equal(slotOf(segments, 10), 6);
  assert.equal(slotOf(segments, 5), null);
  assert.equal(columnAt(segments, 6), 10);
  assert.equal(columnAt(segments, 4), null);
  assert.equal(columnSegments(rows, [2, 4, 4], [1]).slots, 1);
});

test("a tap is found by the cell under it", () => {
  /** @type {import("../../static/js/core/geometry-view.js").WindowShape} */
  const window = { size: [3, 3], stride: [2, 2], dilation: [2, 2], before: [1, 1] };
  assert.equal(tapOn(window, [1, 1], [1, 1]), 0);
  assert.equal(tapOn(window, [1, 1], [5, 3]), 7);
  assert.equal(tapOn(window, [1, 1], [2, 3]), null);
  assert.equal(tapOn(window, [0, 0], [9, 9]), null);
});

test("equal weights of different places are different; without places, values tell", () => {
  const entry = (/** @type {number[] | null} */ weight_index) => ({ weight: 1, weight_index });
  assert.equal(identities([{ entries: [entry([0, 0]), entry([0, 1]), entry([0, 0])] }]).size, 2);
  assert.equal(identities([{ entries: [entry(null), entry(null)] }]).size, 1);
});
