import assert from "node:assert/strict";
import { test } from "node:test";
import { shownSum } from "../../static/js/core/arithmetic.js";
import { sharesOf } from "../../static/js/core/cell-ranking.js";
import { maskedNetwork, maskedOperation, tellingNodes } from "../../static/js/core/masked.js";
import { shownMean } from "../../static/js/core/shown-pooling.js";

const DIGITS = { value: 2, weight: 2, result: 2 };
const PLACE = { node: "op", cell: [1, 0, 1] };

/** @param {object} [changes] @returns {any} */
function step(changes = {}) {
  return {
    cell: [1, 0, 1],
    value: 7.25,
    total: 7.25,
    combine: "sum",
    grid: [2, 1, 2],
    values: [1, 2, 3, 4],
    padding: [0, 0, 0, 0],
    weights: [1, 1, 1, 0.25],
    products: [1, 2, 3, 1],
    selected: 2,
    bias: 0.25,
    params: { divisor: 4 },
    start: [0, 0],
    ...changes,
  };
}

/** @param {object} [changes] @returns {any} */
function operation(changes = {}) {
  const output = { shape: [2, 2, 2], data: Float32Array.from([0, 1, 2, 3, 4, 7.25, 6, 7]), dtype: "float32" };
  return {
    view: { view: "matrix", cell: [1, 0, 1] },
    run: { node: "op", output },
    step: step(),
    open: "digits",
    asked: { id: "q1", kind: "cell", place: PLACE },
    ...changes,
  };
}

test("without a question nothing is hidden", () => {
  const state = operation({ asked: null });
  assert.equal(maskedOperation(state), state);
});

test("an asked number is in nothing that is shown: neither the result, nor a sum, nor the map", () => {
  const state = operation();
  const shown = maskedOperation(state);
  const sum = shownSum(shown.step, DIGITS);
  assert.deepEqual([sum.total, ...sum.channels.map((channel) => channel.sum)], ["?", "?", "?"]);
  assert.deepEqual(sum.channels[0].products, ["1.00", "2.00"], "what it is made of may be seen");
  assert.equal(shownMean(shown.step, DIGITS).sum, "?");
  assert.ok(Number.isNaN(shown.run.output.data[5]));
  assert.deepEqual([...shown.run.output.data].filter(Number.isNaN).length, 1);
  assert.equal(shown.step.selected, null);
  assert.equal(shown.open, null, "nor is every digit of it");
  assert.equal(shown.view.view, "arithmetic");
  assert.equal(state.run.output.data[5], 7.25, "the state itself knows it");
  assert.ok(!JSON.stringify(shown).includes("7.25"));
});

test("an unchanged state is masked to the same objects, so that nothing is drawn anew", () => {
  const state = operation();
  assert.equal(maskedOperation(state).run, maskedOperation({ ...state }).run);
  assert.equal(maskedOperation(state).step, maskedOperation({ ...state }).step);
});

test("other numbers of the run are shown, the asked cell of the map is not", () => {
  const other = step({ cell: [0, 0, 0], value: 3 });
  const shown = maskedOperation(operation({ step: other }));
  assert.equal(shown.step, other);
  assert.ok(Number.isNaN(shown.run.output.data[5]));
});

test("a cell that another run does not have hides none of its numbers", () => {
  const shown = maskedOperation(
    operation({ asked: { id: "q1", kind: "cell", place: { node: "op", cell: [0, 0, 9] } } }),
  );
  assert.equal([...shown.run.output.data].filter(Number.isNaN).length, 0);
});

test("shares keep their order and lose their sums", () => {
  const shares = sharesOf(step({ value: Number.NaN }), 2);
  assert.deepEqual(
    shares.map(({ group, sum }) => [group, sum]),
    [
      [1, Number.NaN],
      [0, Number.NaN],
    ],
  );
});

/** @param {object} [changes] @returns {any} */
function net(changes = {}) {
  const nodes = [
    { name: "input", op: "input", inputs: [], isVector: false, shape: [3, 2, 2] },
    { name: "fc", op: "linear", inputs: ["input"], isVector: true, shape: [3, 1, 1] },
    { name: "softmax", op: "softmax", inputs: ["fc"], isVector: true, shape: [3, 1, 1] },
  ];
  const map = { shape: [3, 1, 1], data: Float32Array.from([1, 2, 3]), dtype: "float32" };
  const names = nodes.map(({ name }) => name);
  return {
    view: { view: "net", node: "fc", open: true, cell: [1, 0, 0] },
    run: {
      graph: { nodes, byName: new Map(nodes.map((node) => [node.name, node])) },
      maps: new Map(names.map((name) => [name, map])),
      extents: new Map(names.map((name) => [name, { min: 0, max: 1 }])),
      top: [{ index: 2, label: { en: "cat" }, probability: 0.9 }],
    },
    focus: { node: "fc", channel: 1, map },
    explained: step({ node: "fc", cell: [1, 0, 0] }),
    ...changes,
  };
}

test("a class is told by no bar, no map, no range and no number", () => {
  const shown = maskedNetwork(
    net({ asked: { id: "q1", kind: "class", place: { node: "softmax", cell: [0, 0, 0] } } }),
  );
  assert.deepEqual(shown.run.top, []);
  assert.deepEqual([...shown.run.maps.keys()], ["input"]);
  assert.deepEqual([...shown.run.extents.keys()], ["input"]);
  assert.equal(shown.focus, null);
  assert.deepEqual([shown.view.node, shown.view.open], ["", false]);
});

test("a net without softmax tells its class by its last layer alone", () => {
  const { run } = net();
  assert.deepEqual([...tellingNodes(run.graph)], ["softmax", "fc"]);
  assert.deepEqual([...tellingNodes({ nodes: run.graph.nodes.slice(0, 2) })], ["fc"]);
  assert.deepEqual([...tellingNodes({ nodes: [] })], []);
});

test("a number of a net is hidden where it is shown in full, and only that", () => {
  const asked = { id: "q1", kind: "cell", place: { node: "fc", cell: [1, 0, 0] } };
  const shown = maskedNetwork(net({ asked }));
  assert.deepEqual([...shown.focus.map.data], [1, Number.NaN, 3]);
  assert.ok(Number.isNaN(shown.explained.value));
  const elsewhere = net({ asked, explained: step({ node: "fc", cell: [2, 0, 0] }) });
  assert.equal(maskedNetwork(elsewhere).explained, elsewhere.explained);
});
