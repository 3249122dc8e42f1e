/**
 * A model's description as a graph: who reads whom, which channels of it, and what part of the picture lies
 * behind a cell. Everything follows from the description alone, so a hover needs no answer from anywhere.
 */

/**
 * @typedef {object} NodeDescription as GET /models/{model} gives it
 * @property {string} name
 * @property {string} op
 * @property {readonly string[]} inputs
 * @property {Readonly<Record<string, any>>} attributes
 * @property {readonly [number, number, number]} output_shape channels, rows, columns; of a vector, (features, 1, 1)
 * @property {Readonly<Record<string, readonly number[]>>} weights shapes
 * @property {number} parameters
 * @property {number} multiply_adds
 * @property {ReceptiveField} receptive_field
 */

/**
 * @typedef {object} ReceptiveField of output (0, 0) on the picture, and how it moves
 * @property {readonly [number, number]} size
 * @property {readonly [number, number] | null} stride null where it moves unevenly: behind upsampling
 * @property {readonly [number, number]} start
 */

/**
 * @typedef {object} GraphNode
 * @property {string} name
 * @property {string} op
 * @property {readonly string[]} inputs
 * @property {readonly string[]} consumers
 * @property {readonly [number, number, number]} shape
 * @property {boolean} isVector one row and column
 * @property {number} depth length of the longest way from the picture
 * @property {number} family nodes that share a range of numbers: a weighted node and the activations and pools after it
 * @property {number} block a weighted node and all that goes on from it alone: what stands under one name
 * @property {NodeDescription | null} description null for the picture
 */

/** @typedef {{ nodes: readonly GraphNode[], byName: ReadonlyMap<string, GraphNode> }} Graph */

/** @typedef {{ node: string, from: number, to: number }} Channels some channels of a node: from, and before `to` */

export const INPUT = "input";

/** Operations whose output is measured like their input: they only choose, move or cut off. */
const SAME_RANGE = new Set([
  "relu",
  "leaky_relu",
  "clip",
  "max_pool2d",
  "avg_pool2d",
  "global_max_pool2d",
  "global_avg_pool2d",
  "flatten",
  "reshape",
  "identity",
]);
/** Operations that begin something new, named after them. */
const BEGINS = new Set(["conv2d", "conv_transpose2d", "local2d", "tiled2d", "linear", "matmul"]);
/** Every output channel reads every input channel. */
const MIXING = new Set(["linear", "softmax", "log_softmax", "matmul", "cross_entropy", "squared_error"]);

/**
 * @param {readonly NodeDescription[]} descriptions in an order in which every node follows its inputs
 * @param {readonly [number, number, number]} input channels, rows, columns of the picture
 * @returns {Graph}
 */
export function graphOf(descriptions, input) {
  /** @type {Map<string, string[]>} */
  const consumers = new Map([[INPUT, []]]);
  for (const { name, inputs } of descriptions) {
    consumers.set(name, []);
    for (const source of new Set(inputs)) consumers.get(source)?.push(name);
  }
  /** @type {Map<string, GraphNode>} */
  const byName = new Map();
  const add = (/** @type {Omit<GraphNode, "consumers" | "isVector">} */ node) =>
    byName.set(node.name, {
      ...node,
      consumers: consumers.get(node.name) ?? [],
      isVector: node.shape[1] === 1 && node.shape[2] === 1,
    });
  add({ name: INPUT, op: INPUT, inputs: [], shape: input, depth: 0, family: 0, block: 0, description: null });
  descriptions.forEach((description, index) => {
    const { name, op, inputs, output_shape: shape } = description;
    const sources = inputs.map((source) => /** @type {GraphNode} */ (byName.get(source)));
    const depth = 1 + Math.max(0, ...sources.map((source) => source.depth));
    const source = sources.length === 1 && sources[0].name !== INPUT ? sources[0] : null;
    const family = source && SAME_RANGE.has(op) ? source.family : index + 1;
    const block = source && !BEGINS.has(op) ? source.block : index + 1;
    add({ name, op, inputs, shape, depth, family, block, description });
  });
  return { nodes: [...byName.values()], byName };
}

/**
 * The channels of its inputs that a channel of a node is computed from.
 * @param {Graph} graph
 * @param {string} name
 * @param {number} channel
 * @returns {Channels[]}
 */
export function sourcesOf(graph, name, channel) {
  const node = graph.byName.get(name);
  if (!node) return [];
  const shapes = node.inputs.map((source) => graph.byName.get(source)?.shape ?? [0, 0, 0]);
  return node.inputs.flatMap((source, index) => {
    const [from, to] = reads(node, shapes, index, channel);
    return from < to ? [{ node: source, from, to }] : [];
  });
}

/**
 * The channels that a channel of a node goes into, of every node that reads it.
 * @param {Graph} graph
 * @param {string} name
 * @param {number} channel
 * @returns {{ node: string, channels: number[] }[]}
 */
export function consumersOf(graph, name, channel) {
  const node = graph.byName.get(name);
  if (!node) return [];
  return node.consumers.map((consumer) => {
    const { shape } = /** @type {GraphNode} */ (graph.byName.get(consumer));
    const channels = [];
    for (let c = 0; c < shape[0]; c += 1) {
      const read = sourcesOf(graph, consumer, c).some(
        (part) => part.node === name && part.from <= channel && channel < part.to,
      );
      if (read) channels.push(c);
    }
    return { node: consumer, channels };
  });
}

/**
 * The rectangle of the picture behind some cells of a node; it may reach beyond the picture, into padding.
 * @param {GraphNode} node
 * @param {{ row: number, column: number, rows?: number, columns?: number }} cells
 * @returns {{ row: number, column: number, rows: number, columns: number } | null} null where it is not known
 */
export function fieldOf({ description }, { row, column, rows = 1, columns = 1 }) {
  if (!description) return { row, column, rows, columns };
  const { size, stride, start } = description.receptive_field;
  if (!stride) return null;
  return {
    row: start[0] + row * stride[0],
    column: start[1] + column * stride[1],
    rows: size[0] + (rows - 1) * stride[0],
    columns: size[1] + (columns - 1) * stride[1],
  };
}

/**
 * From and to of the channels of input `index` that a channel of a node reads.
 * @param {GraphNode} node
 * @param {readonly (readonly number[])[]} shapes of its inputs
 * @param {number} index
 * @param {number} channel
 * @returns {[number, number]}
 */
function reads({ op, shape, description }, shapes, index, channel) {
  const attributes = description?.attributes ?? {};
  const [inputs, rows, columns] = shapes[index];
  if (MIXING.has(op)) return [0, inputs];
  if (op === "concat") {
    const before = shapes.slice(0, index).reduce((sum, [channels]) => sum + channels, 0);
    const own = channel - before;
    return own >= 0 && own < inputs ? [own, own + 1] : [0, 0];
  }
  if (op === "flatten") {
    const from = Math.floor(channel / (rows * columns));
    return [from, from + 1];
  }
  if (op === "local_response_norm") {
    const before = Math.floor((attributes.size ?? 1) / 2);
    const from = channel - before;
    return [Math.max(0, from), Math.min(inputs, from + (attributes.size ?? 1))];
  }
  const isKernel = description?.weights.weight !== undefined && attributes.kernel_size !== undefined;
  if (isKernel) {
    const groups = attributes.groups ?? 1;
    const group = Math.floor((channel * groups) / shape[0]);
    return [(group * inputs) / groups, ((group + 1) * inputs) / groups];
  }
  // What keeps the number of channels works on each of them; of anything else, each may read all.
  return inputs === shape[0] ? [channel, channel + 1] : [0, inputs];
}
