import assert from "node:assert/strict";
import { test } from "node:test";
import { graphOf } from "../../static/js/core/network-graph.js";
import { NetScales } from "../../static/js/core/network-ranges.js";

/** @param {string} name @param {string} op @param {string} input */
const node = (name, op, input) => ({
  name,
  op,
  inputs: [input],
  output_shape: [2, 1, 2],
  attributes: {},
  weights: {},
  parameters: 0,
  multiply_adds: 0,
  receptive_field: { size: [1, 1], stride: [1, 1], start: [0, 0] },
});

const graph = graphOf(
  /** @type {any} */ ([
    node("conv", "conv2d", "input"),
    node("relu", "relu", "conv"),
    node("next", "conv2d", "relu"),
  ]),
  [1, 1, 2],
);
/** @param {number[]} values */
const tensor = (values) => ({
  shape: [2, 1, 2],
  data: Float32Array.from(values),
  dtype: /** @type {const} */ ("float32"),
});
const numbers = {
  graph,
  maps: new Map([
    ["conv", tensor([-1, 0.5, 0.25, 0.1])],
    ["relu", tensor([0, 0.5, 0.25, 0.1])],
    ["next", tensor([3, -9, 1, 2])],
  ]),
  extents: new Map([
    ["conv", { min: -2, max: 0.5 }],
    ["relu", { min: 0, max: 0.5 }],
    ["next", { min: -9, max: 3 }],
  ]),
};
/** @param {string} name */
const of = (name) => /** @type {any} */ (graph.byName.get(name));

test("a convolution and its activation share one range, symmetric about zero", () => {
  const scales = new NetScales(numbers, "layer");
  const { scale, range } = scales.of(of("conv"));
  assert.equal(scale, "signed");
  assert.deepEqual([range.min, range.max], [-1, 1]);
  assert.equal(scales.of(of("relu")), scales.of(of("conv")));
  assert.equal(scales.of(of("next")).range.max, 9);
});

test("the legend says where numbers lie beyond it", () => {
  const { range } = new NetScales(numbers, "layer").of(of("relu"));
  assert.equal(range.clippedLow, true, "the least number of the convolution is not among its small maps");
  assert.equal(range.clippedHigh, false);
});

test("one range for the whole net, or one for each map", () => {
  assert.equal(new NetScales(numbers, "net").of(of("conv")).range.max, 9);
  const scales = new NetScales(numbers, "map");
  const maps = /** @type {any} */ (numbers.maps.get("conv"));
  assert.equal(scales.ofMap(of("conv"), maps, 0).range.max, 1);
  const positive = scales.ofMap(of("conv"), maps, 1);
  assert.deepEqual([positive.scale, positive.range.max], ["nonNegative", 0.25]);
});
