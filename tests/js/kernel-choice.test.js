import assert from "node:assert/strict";
import { test } from "node:test";
import { choose, customOf, planeOf, presetsFor, resize } from "../../static/js/core/kernel-choice.js";
import { schema } from "../../static/js/core/operation-schema.js";
import { defaults } from "../../static/js/core/url-state.js";

/** @typedef {import("../../static/js/core/kernel-choice.js").KernelPreset} KernelPreset */

const SOBEL = [
  [-1, 0, 1],
  [-2, 0, 2],
  [-1, 0, 1],
];

/**
 * @param {string} name
 * @param {number[][]} values
 * @param {boolean} [fixed]
 * @returns {KernelPreset}
 */
function preset(name, values, fixed = false) {
  const size = /** @type {[number, number]} */ ([values.length, values[0].length]);
  return { name, default_size: size, sizes: fixed ? [size] : null, parameters: [], values };
}

const KERNELS = [
  preset("identity", [
    [0, 0, 0],
    [0, 1, 0],
    [0, 0, 0],
  ]),
  preset("box", SOBEL),
  preset("sobel_x", SOBEL, true),
  preset("difference_x", [[-1, 1]], true),
  preset(
    "gabor",
    Array.from({ length: 7 }, () => new Array(7).fill(0)),
  ),
];
const VIEW = defaults(schema);

test("a preset of one size brings its size", () => {
  assert.deepEqual(choose(VIEW, "difference_x", KERNELS, null), {
    kernel: "difference_x",
    kernelSize: [1, 2],
  });
  const from = { ...VIEW, kernelSize: /** @type {[number, number]} */ ([5, 5]) };
  assert.deepEqual(choose(from, "sobel_x", KERNELS, null).kernelSize, [3, 3]);
});

test("a preset of any size keeps the size, if there is room for it", () => {
  const five = { ...VIEW, kernelSize: /** @type {[number, number]} */ ([5, 5]) };
  assert.deepEqual(choose(five, "box", KERNELS, null).kernelSize, [5, 5]);
  assert.deepEqual(choose(five, "gabor", KERNELS, null).kernelSize, [5, 5]);
  assert.deepEqual(choose(VIEW, "gabor", KERNELS, null).kernelSize, [7, 7]);
  const thin = { ...VIEW, kernelSize: /** @type {[number, number]} */ ([1, 2]) };
  assert.deepEqual(choose(thin, "box", KERNELS, null).kernelSize, [3, 3]);
});

test("a pointwise kernel has one cell, whatever is chosen", () => {
  const view = { ...VIEW, op: /** @type {const} */ ("pointwise") };
  assert.deepEqual(
    presetsFor(view, KERNELS).map(({ name }) => name),
    ["identity", "box"],
  );
  assert.deepEqual(choose(view, "box", KERNELS, null), { kernel: "box" });
});

test("another size frames fixed numbers with zeros, or cuts them out", () => {
  const larger = resize(VIEW, [5, 3], KERNELS);
  assert.equal(larger.kernel, "custom");
  assert.deepEqual(larger.values, [[[0, 0, 0], ...SOBEL, [0, 0, 0]]]);
  const custom = { ...VIEW, kernel: "custom", values: [SOBEL] };
  assert.deepEqual(resize(custom, [1, 1], KERNELS).values, [[[0]]]);
  assert.deepEqual(resize(custom, [1, 3], KERNELS).values, [[[-2, 0, 2]]]);
  assert.deepEqual(resize({ ...VIEW, kernel: "box" }, [5, 5], KERNELS), { kernelSize: [5, 5] });
  assert.deepEqual(resize(VIEW, [3, 3], KERNELS), { kernelSize: [3, 3] });
});

test("custom begins with the numbers in force", () => {
  const weight = {
    shape: [2, 1, 1, 2],
    data: Float32Array.of(0.1, 2, 3, 4),
    dtype: /** @type {const} */ ("float32"),
  };
  assert.deepEqual(customOf(VIEW, weight), { values: [[[0.1, 2]]], kernelSize: [1, 2] });
  assert.deepEqual(customOf({ ...VIEW, kernel: "random" }, weight).values, [[[0.1, 2]], [[3, 4]]]);
  assert.deepEqual(Array.from(planeOf(weight, 1).data), [3, 4]);
  assert.deepEqual(Array.from(planeOf(weight, 9).data), [3, 4]);
  assert.deepEqual(choose(VIEW, "custom", KERNELS, null), {});
});
