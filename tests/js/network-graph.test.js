import assert from "node:assert/strict";
import { test } from "node:test";
import { consumersOf, fieldOf, graphOf, sourcesOf } from "../../static/js/core/network-graph.js";
import { layoutOf, shownChannels } from "../../static/js/core/network-layout.js";

/**
 * @param {string} name
 * @param {string} op
 * @param {string[]} inputs
 * @param {[number, number, number]} output_shape
 * @param {Partial<import("../../static/js/core/network-graph.js").NodeDescription>} [more]
 */
function node(name, op, inputs, output_shape, more = {}) {
  const receptive_field = { size: [1, 1], stride: [1, 1], start: [0, 0] };
  const plain = { attributes: {}, weights: {}, parameters: 0, multiply_adds: 0, receptive_field };
  return /** @type {any} */ ({ name, op, inputs, output_shape, ...plain, ...more });
}

/** @param {number} groups @param {number[]} weight */
const kernel = (groups, weight) => ({ attributes: { groups, kernel_size: [3, 3] }, weights: { weight } });

const NODES = [
  node("conv", "conv2d", ["input"], [4, 6, 6], {
    ...kernel(1, [4, 3, 3, 3]),
    receptive_field: { size: [3, 3], stride: [2, 2], start: [-1, -1] },
  }),
  node("relu", "relu", ["conv"], [4, 6, 6]),
  node("left", "conv2d", ["relu"], [4, 6, 6], kernel(2, [4, 2, 3, 3])),
  node("right", "max_pool2d", ["relu"], [4, 6, 6]),
  node("concat", "concat", ["left", "right"], [8, 6, 6]),
  node("flatten", "flatten", ["concat"], [288, 1, 1]),
  node("linear", "linear", ["flatten"], [10, 1, 1], { weights: { weight: [10, 288] } }),
  node("softmax", "softmax", ["linear"], [10, 1, 1]),
];
const graph = graphOf(NODES, [3, 12, 12]);

test("depth is the longest way from the picture, families end at weights", () => {
  const depths = graph.nodes.map(({ depth }) => depth);
  assert.deepEqual(depths, [0, 1, 2, 3, 3, 4, 5, 6, 7]);
  const family = (/** @type {string} */ name) => graph.byName.get(name)?.family;
  assert.equal(family("conv"), family("relu"));
  assert.notEqual(family("relu"), family("left"));
  assert.equal(family("right"), family("conv"));
  assert.notEqual(family("concat"), family("left"));
});

test("a channel's sources follow from the operation", () => {
  assert.deepEqual(sourcesOf(graph, "conv", 1), [{ node: "input", from: 0, to: 3 }]);
  assert.deepEqual(sourcesOf(graph, "relu", 2), [{ node: "conv", from: 2, to: 3 }]);
  assert.deepEqual(sourcesOf(graph, "left", 3), [{ node: "relu", from: 2, to: 4 }]);
  assert.deepEqual(sourcesOf(graph, "concat", 5), [{ node: "right", from: 1, to: 2 }]);
  assert.deepEqual(sourcesOf(graph, "flatten", 73), [{ node: "concat", from: 2, to: 3 }]);
  assert.deepEqual(sourcesOf(graph, "linear", 0), [{ node: "flatten", from: 0, to: 288 }]);
  assert.deepEqual(sourcesOf(graph, "nowhere", 0), []);
});

test("consumers are the inverse of sources", () => {
  for (const { name, shape } of graph.nodes) {
    for (let channel = 0; channel < Math.min(shape[0], 9); channel += 1) {
      for (const { node: consumer, channels } of consumersOf(graph, name, channel)) {
        const total = graph.byName.get(consumer)?.shape[0] ?? 0;
        for (let c = 0; c < total; c += 1) {
          const reads = sourcesOf(graph, consumer, c).some(
            (part) => part.node === name && part.from <= channel && channel < part.to,
          );
          assert.equal(channels.includes(c), reads, `${name} ${channel} → ${consumer} ${c}`);
        }
      }
    }
  }
});

test("the field behind a rectangle of cells", () => {
  const conv = /** @type {any} */ (graph.byName.get("conv"));
  assert.deepEqual(fieldOf(conv, { row: 2, column: 0 }), { row: 3, column: -1, rows: 3, columns: 3 });
  const two = { row: 2, column: 0, rows: 2, columns: 3 };
  assert.deepEqual(fieldOf(conv, two), { row: 3, column: -1, rows: 5, columns: 7 });
  const uneven = { size: [2, 2], stride: null, start: [0, 0] };
  const up = { ...conv, description: { ...conv.description, receptive_field: uneven } };
  assert.equal(fieldOf(up, two), null);
});

test("wide layers fold to the first and the last", () => {
  assert.deepEqual(shownChannels(3, 8), [0, 1, 2]);
  assert.deepEqual(shownChannels(8, 8), [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual(shownChannels(64, 8), [0, 1, 2, 3, 4, 5, 63]);
  assert.deepEqual(shownChannels(64, 2), [0]);
  assert.deepEqual(shownChannels(64, 1), [0]);
});

const ROOM = {
  height: 400,
  head: 40,
  map: 30,
  mapGap: 5,
  vector: 12,
  gap: 10,
  groupGap: 20,
  opened: "",
  openedWidth: 300,
};

test("branches stand one above the other, columns from left to right", () => {
  const { layers, width } = layoutOf(graph, ROOM);
  const at = Object.fromEntries(layers.map((layer) => [layer.node.name, layer]));
  assert.equal(at.left.x, at.right.x);
  assert.ok(at.left.top < at.right.top);
  assert.equal(at.left.height, 200);
  assert.equal(at.right.rows, 4);
  assert.ok(at.conv.x < at.relu.x && at.relu.x < at.left.x && at.left.x < at.concat.x);
  assert.equal(at.softmax.x + 12, width);
  assert.equal(at.relu.x - at.conv.x, 40);
});

test("a widened layer keeps its place, and the rest gives way", () => {
  const closed = layoutOf(graph, ROOM);
  const open = layoutOf(graph, { ...ROOM, opened: "relu" });
  assert.equal(open.width - closed.width, 300 - 30);
  assert.equal(open.layers[1].x, closed.layers[1].x);
  assert.equal(open.layers[2].x - closed.layers[2].x, 270);
});
