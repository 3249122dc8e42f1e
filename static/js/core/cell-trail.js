/**
 * The way from the picture to one number: which cells of every layer on it the number was computed from.
 */

import { INPUT, sourcesOf } from "./network-graph.js";

/** @typedef {import("./network-graph.js").Graph} Graph */
/** @typedef {import("./network-graph.js").GraphNode} GraphNode */
/** @typedef {{ row: number, column: number, rows: number, columns: number }} Cells */

/**
 * @typedef {object} TrailStep
 * @property {GraphNode} node
 * @property {number} channel
 * @property {Cells | null} cells that the number was computed from, which may reach into the padding; null where
 *   they are not known
 */

/** What changes a number's field or brings branches together; what only acts on each number goes without saying. */
const MATTERS = /conv|local2d|tiled2d|linear|matmul|pool|^add$|^concat$/;

/**
 * @typedef {object} Read what the number itself read, known exactly
 * @property {string} node
 * @property {number} channel that stands for all that were read
 * @property {Cells} cells
 */

/**
 * From the picture to the number. Where branches meet, the way goes on by the one that is given, or the first.
 * @param {Graph} graph
 * @param {string} name
 * @param {readonly number[]} cell channel, row, column
 * @param {(node: GraphNode, from: number, to: number) => number} choose one of several channels that are read
 * @param {Read | null} [read]
 * @returns {TrailStep[]}
 */
export function trailOf(graph, name, [channel, row, column], choose, read = null) {
  let node = /** @type {GraphNode} */ (graph.byName.get(name));
  /** @type {TrailStep} */
  let step = { node, channel, cells: { row, column, rows: 1, columns: 1 } };
  const steps = [step];
  while (node.name !== INPUT) {
    const parts = sourcesOf(graph, node.name, step.channel);
    const known = node.name === name ? read : null;
    const part = parts.find((each) => each.node === known?.node) ?? parts[0];
    const source = part && graph.byName.get(part.node);
    if (!part || !source) break;
    const own = known?.node === part.node ? known : null;
    const isRead = own !== null && part.from <= own.channel && own.channel < part.to;
    const one = part.to - part.from === 1;
    step = {
      node: source,
      channel: one ? part.from : isRead ? own.channel : choose(source, part.from, part.to),
      cells: own?.cells ?? cellsBefore(node, source, step),
    };
    steps.unshift(step);
    node = source;
  }
  return steps;
}

/**
 * The rectangle that some terms of a number lie in, with the padding that a window reaches into; places where a
 * transposed convolution reads nothing do not count.
 * @param {import("../actions/load-net.js").Explained} explained
 * @param {readonly number[]} terms
 * @param {string} op
 * @returns {Cells}
 */
export function cellsRead({ positions, padding }, terms, op) {
  const counted = terms.filter((i) => op !== "conv_transpose2d" || !padding[i]);
  const span = (/** @type {1 | 2} */ axis) => {
    const places = (counted.length > 0 ? counted : terms).map((i) => positions[i][axis]);
    const first = Math.min(...places);
    return { first, count: Math.max(...places) - first + 1 };
  };
  const [down, across] = [span(1), span(2)];
  return { row: down.first, column: across.first, rows: down.count, columns: across.count };
}

/**
 * The cells of a layer's input behind some of its cells. Both receptive fields are known on the picture, and
 * from them follows the window between the two: its stride is the ratio of theirs, and so on. Behind upsampling
 * they move unevenly, and nothing follows.
 * @param {GraphNode} node
 * @param {GraphNode} source
 * @param {TrailStep} step
 * @returns {Cells | null}
 */
function cellsBefore(node, source, { channel, cells }) {
  const [, rows, columns] = source.shape;
  if (node.op === "flatten") {
    const place = channel % (rows * columns);
    return { row: Math.floor(place / columns), column: place % columns, rows: 1, columns: 1 };
  }
  if (node.isVector && !source.isVector) return { row: 0, column: 0, rows, columns };
  const ours = node.description?.receptive_field;
  if (!ours || !cells) return cells;
  const theirs = source.description?.receptive_field ?? { size: [1, 1], stride: [1, 1], start: [0, 0] };
  const [our, their] = [ours.stride, theirs.stride];
  if (!our || !their) return null;
  const along = (/** @type {0 | 1} */ axis, /** @type {number} */ first, /** @type {number} */ count) => {
    const unit = their[axis];
    if (unit === 0) return { first: 0, count: axis === 0 ? rows : columns };
    const stride = our[axis] / unit;
    const window = (ours.size[axis] - theirs.size[axis]) / unit + 1;
    const start = (ours.start[axis] - theirs.start[axis]) / unit;
    return { first: Math.round(start + first * stride), count: Math.round(window + (count - 1) * stride) };
  };
  const down = along(0, cells.row, cells.rows);
  const across = along(1, cells.column, cells.columns);
  return { row: down.first, column: across.first, rows: down.count, columns: across.count };
}

/**
 * The steps worth a picture: the first, the last and what it was made of, and between them those that weigh or
 * pool; the rest go without saying.
 * @param {readonly TrailStep[]} steps
 * @param {number} most at least 3
 * @returns {{ steps: TrailStep[], left: number }} `left` steps before the second one are not shown
 */
export function shownTrail(steps, most) {
  const worth = steps.filter(({ node }, i) => {
    const ends = i === 0 || i >= steps.length - 2;
    return ends || MATTERS.test(node.op);
  });
  if (worth.length <= most) return { steps: worth, left: 0 };
  return { steps: [worth[0], ...worth.slice(worth.length - most + 1)], left: worth.length - most };
}

/**
 * A long name with its middle left out: names of one net begin alike and end differently.
 * @param {string} name
 * @param {number} [most] characters
 */
export function shortened(name, most = 15) {
  if (name.length <= most) return name;
  const tail = Math.ceil((most - 1) * 0.64);
  return `${name.slice(0, most - 1 - tail)}…${name.slice(-tail)}`;
}
