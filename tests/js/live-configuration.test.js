import assert from "node:assert/strict";
import { test } from "node:test";
import { formatEdits } from "../../static/js/core/edits.js";
import {
  netConfiguration,
  operationConfiguration,
  sentSize,
} from "../../static/js/core/live-configuration.js";
import { inPlaces } from "../../static/js/core/live-order.js";
import { stagesOf } from "../../static/js/core/live-stages.js";
import { graphOf } from "../../static/js/core/network-graph.js";
import { schema as netSchema } from "../../static/js/core/network-schema.js";
import { schema } from "../../static/js/core/operation-schema.js";
import { defaults } from "../../static/js/core/url-state.js";

const SIZES = { fold: 8, map_px: 64, layer_px: 112 };
/** @param {string} name @param {string} op @param {string} input @param {number[]} shape @param {object} weights */
const node = (name, op, input, shape, weights = {}) => ({
  name,
  op,
  inputs: [input],
  output_shape: shape,
  attributes: {},
  weights,
  receptive_field: { size: [1, 1], stride: [1, 1], start: [0, 0] },
});
const graph = graphOf(
  /** @type {any} */ ([
    node("conv", "conv2d", "input", [10, 6, 6], { weight: [10, 3, 3, 3] }),
    node("large", "linear", "conv", [5, 1, 1], { weight: [5, 4096] }),
  ]),
  [3, 8, 8],
);
const net = { ...defaults(netSchema), model: "tiny" };

test("of a net the picture and the small maps of every layer are wanted", () => {
  const { run, outputs, dtype, cell } = netConfiguration(net, graph, SIZES);
  assert.deepEqual(run, { model: "tiny" });
  assert.deepEqual(outputs, [
    { node: "input" },
    { node: "conv", fold: 8, max_px: 64 },
    { node: "large", fold: 8, max_px: 64 },
  ]);
  assert.deepEqual([dtype, cell], ["uint8", null]);
});

test("of an opened layer all channels, of the one under attention all cells, and how its number is made", () => {
  const view = { ...net, node: "conv", open: true, cell: [4, 1, 2] };
  const { outputs, cell } = netConfiguration(view, graph, SIZES);
  assert.deepEqual(outputs.slice(-2), [
    { node: "conv", max_px: 112 },
    { node: "conv", channels: "4:5" },
  ]);
  assert.deepEqual(cell, { node: "conv", cell: [4, 1, 2] });
});

test("thousands of terms are not told twenty times a second, and a vector is small anyway", () => {
  const view = { ...net, node: "large", open: true, cell: [4, 0, 0] };
  const { outputs, cell } = netConfiguration(view, graph, SIZES);
  assert.equal(outputs.length, 3);
  assert.equal(cell, null);
});

test("size and edits go along; beside the filters no maps are wanted", () => {
  const view = {
    ...net,
    size: [20, 30],
    edits: formatEdits([{ node: "conv", index: [3], off: true }]),
    view: /** @type {const} */ ("filters"),
    node: "conv",
  };
  const { run, outputs } = netConfiguration(/** @type {any} */ (view), graph, SIZES);
  assert.deepEqual(run.size, [20, 30]);
  assert.equal(Array.isArray(run.edits), true);
  assert.deepEqual(outputs, [{ node: "input" }, { node: "conv", channels: "0:1" }]);
});

test("of an operation the input and the output are wanted, in full while they are small", () => {
  const view = defaults(schema);
  const { run, outputs, dtype, cell } = operationConfiguration(view);
  assert.equal("image" in run, false);
  assert.deepEqual(run.size, [44, 44]);
  assert.deepEqual(outputs, [{ node: "input" }, { node: "operation" }]);
  assert.deepEqual([dtype, cell], ["float32", { node: "operation", cell: view.cell }]);
  assert.equal(operationConfiguration({ ...view, size: [224, 224] }).dtype, "float16");
  assert.deepEqual(operationConfiguration({ ...view, before: "sobel_x" }).outputs[0], { node: "before" });
});

test("pictures are sent as large as they are needed, and no larger than the camera's", () => {
  const camera = { width: 640, height: 480 };
  assert.deepEqual(sentSize(camera, [64, 64]), { width: 320, height: 240 });
  assert.deepEqual(sentSize(camera, [299, 299]), { width: 399, height: 299 });
  assert.deepEqual(sentSize(camera, [1000, 1000]), camera);
  assert.deepEqual(sentSize({ width: 160, height: 120 }, [64, 64]), { width: 160, height: 120 });
  assert.deepEqual(sentSize({ width: 480, height: 640 }, [0, 0]), { width: 240, height: 320 });
});

test("a class that stays among the likeliest stays where it stands", () => {
  const guess = (/** @type {number} */ index) => ({ index });
  const stood = [3, 1, 2].map(guess);
  assert.deepEqual(inPlaces([], stood), stood);
  assert.deepEqual(
    inPlaces(stood, [2, 3, 7].map(guess)).map(({ index }) => index),
    [3, 7, 2],
  );
  assert.deepEqual(
    inPlaces(stood, [9, 8].map(guess)).map(({ index }) => index),
    [9, 8],
  );
});

test("the likeliest four stand in the first four places", () => {
  const guesses = (/** @type {number[]} */ ...all) => all.map((index) => ({ index }));
  const order = inPlaces(guesses(0, 1, 2, 3, 4, 5), guesses(5, 3, 2, 1, 0, 4)).map(({ index }) => index);
  assert.deepEqual(order, [5, 1, 2, 3, 4, 0]);
});

test("the stages of a transposed convolution are its input, spread, framed and cropped", () => {
  const input = {
    shape: [1, 2, 2],
    data: Float32Array.of(1, 2, 3, 4),
    dtype: /** @type {const} */ ("float32"),
  };
  const spreading = {
    stride: /** @type {[number, number]} */ ([2, 2]),
    padding: /** @type {[number, number]} */ ([1, 1]),
    edge: /** @type {[number, number]} */ ([2, 2]),
  };
  const { spread, frame, crop } = stagesOf(input, spreading, [0, 0]);
  assert.deepEqual(
    [spread.shape, frame.shape, crop.shape],
    [
      [1, 3, 3],
      [1, 7, 7],
      [1, 5, 5],
    ],
  );
  assert.deepEqual([...spread.data], [1, 0, 2, 0, 0, 0, 3, 0, 4]);
  assert.deepEqual([...crop.data].slice(5, 10), [0, 1, 0, 2, 0]);
  const more = stagesOf(input, spreading, [1, 0]);
  assert.deepEqual(
    [more.frame.shape, more.crop.shape],
    [
      [1, 8, 7],
      [1, 6, 5],
    ],
  );
});
