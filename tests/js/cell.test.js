import assert from "node:assert/strict";
import { test } from "node:test";
import {
  combinationOf,
  digitsOf,
  flatIndex,
  relationOfCombination,
  signed,
} from "../../static/js/core/cell-combination.js";
import { folded, sharesOf, waterfall } from "../../static/js/core/cell-ranking.js";
import { cellsRead, shortened, shownTrail, trailOf } from "../../static/js/core/cell-trail.js";
import { entered, enteringExtent, enteringOf } from "../../static/js/core/entering.js";
import { graphOf } from "../../static/js/core/network-graph.js";

/**
 * @param {string} name
 * @param {string} op
 * @param {string} input
 * @param {[number, number, number]} output_shape
 * @param {[number, number, number] | null} field size, stride and start of square fields
 * @param {object} [more]
 */
function node(name, op, input, output_shape, field, more = {}) {
  const [size, stride, start] = field ?? [1, 1, 0];
  const receptive_field = { size: [size, size], stride: [stride, stride], start: [start, start] };
  const plain = { attributes: {}, weights: {}, parameters: 0, multiply_adds: 0, receptive_field };
  return /** @type {any} */ ({ name, op, inputs: [input], output_shape, ...plain, ...more });
}

const weights = { attributes: { kernel_size: [3, 3], groups: 1 }, weights: { weight: [2, 2, 3, 3] } };
// conv 3×3 padding 1, relu, pool 2×2/2, conv 3×3 without padding, flatten, linear
const graph = graphOf(
  [
    node("conv1", "conv2d", "input", [2, 8, 8], [3, 1, -1], weights),
    node("relu1", "relu", "conv1", [2, 8, 8], [3, 1, -1]),
    node("pool1", "max_pool2d", "relu1", [2, 4, 4], [4, 2, -1]),
    node("conv2", "conv2d", "pool1", [2, 2, 2], [8, 2, -1], weights),
    node("flatten", "flatten", "conv2", [8, 1, 1], [10, 0, -1]),
    node("linear", "linear", "flatten", [3, 1, 1], [10, 0, -1], { weights: { weight: [3, 8] } }),
  ],
  [1, 8, 8],
);
const first = (/** @type {unknown} */ _, /** @type {number} */ from) => from;

test("the way back widens window by window", () => {
  const steps = trailOf(graph, "conv2", [1, 0, 1], first);
  assert.deepEqual(
    steps.map(({ node: { name }, cells }) => [name, cells]),
    [
      ["input", { row: -1, column: 1, rows: 8, columns: 8 }],
      ["conv1", { row: 0, column: 2, rows: 6, columns: 6 }],
      ["relu1", { row: 0, column: 2, rows: 6, columns: 6 }],
      ["pool1", { row: 0, column: 1, rows: 3, columns: 3 }],
      ["conv2", { row: 0, column: 1, rows: 1, columns: 1 }],
    ],
  );
  assert.deepEqual(
    steps.map(({ channel }) => channel),
    [0, 0, 0, 0, 1],
  );
});

test("a flattened number comes from one cell, a linear one from all", () => {
  const flat = trailOf(graph, "flatten", [7, 0, 0], first).at(-2);
  assert.deepEqual([flat?.channel, flat?.cells], [1, { row: 1, column: 1, rows: 1, columns: 1 }]);
  const linear = trailOf(graph, "linear", [2, 0, 0], first);
  assert.equal(linear.at(-2)?.node.name, "flatten");
  assert.equal(linear[0].node.name, "input");
});

test("behind upsampling fields move unevenly: only what the number itself read is known", () => {
  const uneven = { receptive_field: { size: [3, 3], stride: null, start: [-1, -1] } };
  const net = graphOf(
    [
      node("conv", "conv2d", "input", [2, 8, 8], [3, 1, -1], weights),
      node("up", "resize", "conv", [2, 16, 16], null, uneven),
      node("after", "relu", "up", [2, 16, 16], null, uneven),
      node("flatten", "flatten", "after", [512, 1, 1], [10, 0, -1]),
    ],
    [1, 8, 8],
  );
  const cells = { row: 5, column: 7, rows: 1, columns: 1 };
  const cellsOf = (/** @type {import("../../static/js/core/cell-trail.js").TrailStep[]} */ steps) =>
    steps.map((step) => step.cells);
  const read = { node: "up", channel: 1, cells };
  assert.deepEqual(cellsOf(trailOf(net, "after", [1, 5, 7], first, read)), [null, null, cells, cells]);
  const source = { row: 2, column: 3, rows: 1, columns: 1 };
  const [picture, conv] = cellsOf(
    trailOf(net, "up", [1, 5, 7], first, { node: "conv", channel: 1, cells: source }),
  );
  assert.deepEqual([picture, conv], [{ row: 1, column: 2, rows: 3, columns: 3 }, source]);
  const flat = cellsOf(trailOf(net, "flatten", [256 + 5 * 16 + 7, 0, 0], first));
  assert.deepEqual(flat.slice(0, 4), [null, null, null, cells]);
});

test("only the steps that matter are shown, the first and the last always", () => {
  const steps = trailOf(graph, "conv2", [0, 0, 0], first);
  const names = (/** @type {any} */ trail) => trail.steps.map((/** @type {any} */ step) => step.node.name);
  assert.deepEqual(names(shownTrail(steps, 6)), ["input", "conv1", "pool1", "conv2"]);
  const short = shownTrail(steps, 3);
  assert.deepEqual([names(short), short.left], [["input", "pool1", "conv2"], 1]);
});

test("shares are ranked by magnitude, and the others keep the sum whole", () => {
  const step = /** @type {any} */ ({ products: [1, 1, -4, 0, 0.5, 0, 3, 0] });
  const shares = sharesOf(step, 4);
  assert.deepEqual(
    shares.map(({ group, sum }) => [group, sum]),
    [
      [1, -4],
      [3, 3],
      [0, 2],
      [2, 0.5],
    ],
  );
  assert.deepEqual([shares[0].from, shares[0].to], [2, 4]);
  const { shown, others } = folded(shares, 3);
  assert.equal(shown.length, 2);
  assert.deepEqual(others, { count: 2, sum: 2.5 });
  assert.equal(folded(shares, 4).others, null);
});

test("each bar begins where the one before it ended, the last ends at the total", () => {
  const falls = waterfall(0.5, [-4, 3, 2.5]);
  assert.deepEqual(falls, [
    { start: 0, end: 0.5 },
    { start: 0.5, end: -3.5 },
    { start: -3.5, end: -0.5 },
    { start: -0.5, end: 2 },
  ]);
});

test("what the number itself read is taken as it is, and leads on by its own branch", () => {
  const branches = graphOf(
    [
      node("a", "conv2d", "input", [2, 8, 8], [3, 1, -1], weights),
      node("b", "conv2d", "a", [2, 8, 8], [5, 1, -2], weights),
      node("sum", "add", "a", [2, 8, 8], [5, 1, -2], { inputs: ["a", "b"] }),
    ],
    [1, 8, 8],
  );
  const cells = { row: 4, column: 4, rows: 1, columns: 1 };
  const path = (/** @type {any} */ read) =>
    trailOf(branches, "sum", [1, 4, 4], first, read).map((step) => step.node.name);
  assert.deepEqual(path(null), ["input", "a", "sum"]);
  assert.deepEqual(path({ node: "b", channel: 1, cells }), ["input", "a", "b", "sum"]);
  const chosen = trailOf(graph, "conv2", [1, 0, 1], first, { node: "pool1", channel: 1, cells });
  const step = chosen.find((each) => each.node.name === "pool1");
  assert.deepEqual([step?.channel, step?.cells], [1, cells]);
  assert.deepEqual(chosen[0].cells, { row: 7, column: 7, rows: 4, columns: 4 });
});

test("a window's rectangle reaches into the padding, a transposed one's has holes that do not count", () => {
  const explained = /** @type {any} */ ({
    positions: [
      [0, -1, -1],
      [0, -1, 0],
      [0, 0, -1],
      [0, 0, 0],
    ],
    padding: [1, 1, 1, 0],
  });
  const all = [0, 1, 2, 3];
  assert.deepEqual(cellsRead(explained, all, "conv2d"), { row: -1, column: -1, rows: 2, columns: 2 });
  assert.deepEqual(cellsRead(explained, all, "conv_transpose2d"), { row: 0, column: 0, rows: 1, columns: 1 });
});

test("activations and normalisations are left out of the trail", () => {
  const steps = [
    "input",
    "conv2d",
    "batch_norm2d",
    "relu",
    "max_pool2d",
    "conv2d",
    "batch_norm2d",
    "relu",
  ].map((op) => /** @type {any} */ ({ node: { op } }));
  assert.deepEqual(
    shownTrail(steps, 6).steps.map(({ node: { op } }) => op),
    ["input", "conv2d", "max_pool2d", "conv2d", "batch_norm2d", "relu"],
  );
});

test("a long name keeps its beginning and its end", () => {
  assert.equal(shortened("max_pool_1"), "max_pool_1");
  assert.equal(shortened("inception_3a_3x3_reduce"), "incep…x3_reduce");
});

/** @param {object} step */
const stepOf = (step) => /** @type {any} */ ({ selected: null, ...step });

test("what is subtracted counts less than nothing, what is multiplied has a sign between", () => {
  assert.deepEqual(combinationOf(stepOf({ combine: "subtract", values: [3, 1] })).parts, [3, -1]);
  const product = combinationOf(stepOf({ combine: "product", values: [3, 2] }));
  assert.deepEqual([product.operator, product.adds], ["×", false]);
  assert.equal(combinationOf(stepOf({ combine: "add", values: [3, 2] })).adds, true);
});

test("a line of numbers claims to be equal only where the shown digits are", () => {
  const sign = (/** @type {object} */ step, /** @type {string[]} */ terms, /** @type {string} */ result) =>
    relationOfCombination(stepOf(step), terms, result);
  assert.equal(sign({ combine: "add" }, ["0.5", "−0.2"], "0.3"), "=");
  assert.equal(sign({ combine: "add" }, ["0.5", "−0.2"], "0.4"), "≈");
  assert.equal(sign({ combine: "product" }, ["0.5", "0.5"], "0.25"), "=");
  assert.equal(sign({ combine: "product" }, ["0.5", "0.5", "−2"], "−0.50"), "=");
  assert.equal(sign({ combine: "product" }, ["0.5", "0.5", "−2"], "−0.51"), "≈");
  assert.equal(sign({ combine: "divide" }, ["1.0", "0.4"], "2.5"), "=");
  assert.equal(sign({ combine: "divide" }, ["1.0", "0.3"], "3.3"), "≈");
  assert.equal(sign({ combine: "max", selected: 1 }, ["0.1", "0.7"], "0.7"), "=");
  assert.equal(sign({ combine: "mean" }, ["0.1", "0.7"], "0.4"), "≈");
});

test("addends carry their signs, sums one digit more than what they are made of", () => {
  assert.deepEqual([signed(0.25, 1), signed(-0.26, 1), signed(-0.001, 2)], ["+0.3", "−0.3", "+0.00"]);
  assert.deepEqual(digitsOf({ digits: 2 }), { term: 2, sum: 3 });
});

test("a flattened map counts channels first, then rows", () => {
  assert.equal(flatIndex([1, 10, 1], [10, 13, 13]), 300);
  assert.equal(flatIndex([0, 0, 12], [10, 13, 13]), 12);
});

test("a pixel enters as its model's preprocessing says", () => {
  const bgr = /** @type {any} */ ({ color: "bgr", range: 255, mean: [100, 110, 120], std: null });
  const blue = enteringOf(bgr, 0, 3);
  assert.deepEqual(blue, { shown: 2, range: 255, mean: 100, std: 1 });
  assert.equal(entered(1, blue), 155);
  assert.deepEqual(enteringExtent(bgr, 3), { min: -120, max: 155 });
  const scaled = /** @type {any} */ ({ color: "rgb", range: 1, mean: [0.5], std: [0.25] });
  assert.deepEqual([entered(0, enteringOf(scaled, 0, 1)), entered(1, enteringOf(scaled, 0, 1))], [-2, 2]);
  assert.deepEqual(enteringExtent(null, 3), { min: 0, max: 1 });
});
