import assert from "node:assert/strict";
import { test } from "node:test";
import {
  at,
  channel,
  elementCount,
  offset,
  planes,
  scaled,
  strides,
  toFloat32,
} from "../../static/js/core/tensor.js";

/** @type {import("../../static/js/core/tensor.js").Tensor} 2 channels of 3 rows and 4 columns: 0, 1, 2, … */
const counted = { shape: [2, 3, 4], data: Float32Array.from({ length: 24 }, (_, i) => i), dtype: "float32" };

test("counts and strides", () => {
  assert.equal(elementCount([2, 3, 4]), 24);
  assert.equal(elementCount([]), 1);
  assert.equal(elementCount([3, 0]), 0);
  assert.deepEqual(strides([2, 3, 4]), [12, 4, 1]);
  assert.deepEqual(strides([5]), [1]);
  assert.deepEqual(strides([]), []);
});

test("a cell is found by channel, row, column", () => {
  assert.equal(offset(counted, 1, 2, 3), 23);
  assert.equal(at(counted, 1, 0, 2), 14);
  assert.equal(offset({ shape: [1, 2, 3, 4] }, 1, 0, 2), 14);
  assert.equal(offset({ shape: [3, 4] }, 0, 2, 1), 9);
  const steps = strides(counted.shape);
  assert.equal(offset(counted, 1, 2, 1), steps[0] + 2 * steps[1] + steps[2]);
});

test("cells outside, and shapes that are not one picture, are refused", () => {
  assert.throws(() => offset(counted, 2, 0, 0), /outside \(2, 3, 4\)/);
  assert.throws(() => offset(counted, 0, 3, 0), RangeError);
  assert.throws(() => offset(counted, 0, 0, -1), RangeError);
  assert.throws(() => offset(counted, 0, 0.5, 0), RangeError);
  assert.throws(() => planes({ shape: [2, 1, 3, 4] }), /one item of the batch/);
  assert.throws(() => planes({ shape: [7] }), RangeError);
});

test("a channel shares the memory of its tensor", () => {
  const second = channel(counted, 1);
  assert.deepEqual(second.shape, [3, 4]);
  assert.equal(at(second, 0, 0, 0), 12);
  assert.equal(second.data.buffer, counted.data.buffer);
  assert.throws(() => channel(counted, 2), RangeError);
});

test("float16 bits are read as numbers", () => {
  /** @type {import("../../static/js/core/tensor.js").Tensor} */
  const half = { shape: [1, 2], data: Uint16Array.of(0x3c00, 0xc000), dtype: "float16" };
  assert.equal(at(half, 0, 0, 1), -2);
  assert.deepEqual(toFloat32(half), Float32Array.of(1, -2));
});

test("conversion to float32 copies only when it must", () => {
  assert.equal(toFloat32(counted), counted.data);
  assert.deepEqual(
    toFloat32({ shape: [2], data: Uint8Array.of(0, 255), dtype: "uint8" }),
    Float32Array.of(0, 255),
  );
});

test("numbers that travelled in a smaller type get their size back", () => {
  const halves = {
    shape: [2],
    data: Uint16Array.of(0x3c00, 0xc000),
    dtype: /** @type {const} */ ("float16"),
  };
  const { data, dtype } = scaled(halves, 4, 1);
  assert.deepEqual([...data], [5, -7]);
  assert.equal(dtype, "float32");
  assert.equal(scaled(halves, 1, 0), halves);
});
