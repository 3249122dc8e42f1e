/**
 * From a view of the Network page to what the server knows of it: a model, a run of it on a picture, and those
 * of the run's numbers that are on the screen.
 */

import { getJson, getTensor, getTensors, postJson } from "../api/client.js";
import { parseEdits } from "../core/edits.js";
import { graphOf, INPUT } from "../core/network-graph.js";
import { indexOfCell } from "../core/steps.js";
import { elementCount, toFloat32 } from "../core/tensor.js";

/** @typedef {import("../core/network-schema.js").View} View */
/** @typedef {import("../core/network-graph.js").Graph} Graph */
/** @typedef {import("../core/network-graph.js").NodeDescription} NodeDescription */
/** @typedef {import("../core/tensor.js").Tensor} Tensor */
/** @typedef {import("../core/arithmetic.js").Step} Step */

/** @typedef {{ en: string, ja?: string }} Label a class's name */

/**
 * @typedef {object} Preprocessing how a picture becomes the model's input: (pixel × range − mean) / std
 * @property {readonly [number, number] | null} size
 * @property {"stretch" | "crop"} resize
 * @property {"rgb" | "bgr" | "gray"} color
 * @property {1 | 255} range
 * @property {readonly number[] | null} mean
 * @property {readonly number[] | null} std
 */

/**
 * @typedef {object} ModelAnswer of GET /models/{model}
 * @property {string} id
 * @property {string | null} name
 * @property {string | null} [title]
 * @property {boolean} [trained]
 * @property {any} [card] of a trained one: data, licence, accuracy
 * @property {any} [report] of a brought one: what was understood of its file
 * @property {{ channels: number, size: readonly [number, number], preprocessing: Preprocessing | null }} input
 * @property {readonly (Label | string)[] | null} labels
 * @property {readonly NodeDescription[]} nodes
 * @property {number} parameters
 * @property {number} multiply_adds
 */

/** @typedef {{ answer: ModelAnswer, key: string, graph: Graph }} Model `key` is what the view calls it */

/** @typedef {{ index: number, label: Label | null, probability: number }} Guess */

/**
 * @typedef {object} NetRun one run of a model, with the small maps of every layer
 * @property {string} id
 * @property {View} view that asked for it
 * @property {Model} model
 * @property {import("./load-run.js").ImageRecord} image
 * @property {Graph} graph with the shapes of this run
 * @property {ReadonlyMap<string, { min: number, max: number }>} extents by node
 * @property {Tensor} picture as it enters, with the model's mean and deviation taken out again: 0 … 1
 * @property {ReadonlyMap<string, Tensor>} maps by node: the first channels and the last, averaged down
 * @property {readonly Guess[]} top
 * @property {Readonly<Record<string, unknown>>} body of POST /runs that makes it again
 * @property {import("./live-gate.js").Live} [live] of a picture that moves: the server keeps no such run
 */

/** @typedef {{ run: string, node: string, maps: Tensor }} Layer every channel of one node, averaged down */
/** @typedef {{ run: string, node: string, channel: number, map: Tensor }} Focus one channel as it is */

/**
 * @typedef {Step & { run: string, node: string, positions: readonly (readonly number[])[],
 *   inputs: readonly number[] | null, formula: string }} Explained how one number was made, all of its terms
 */

/** Channels of a layer in the overview: the first ones and the last. */
export const FOLD = 8;
/** Longest side of an overview's maps, and of an opened layer's. */
export const MAP_PX = 64;
export const LAYER_PX = 112;

/**
 * @param {string} key
 * @param {AbortSignal} [signal]
 * @returns {Promise<Model>}
 */
export async function loadModel(key, signal) {
  const answer = /** @type {ModelAnswer} */ (
    await getJson(`/models/${encodeURIComponent(key)}`, signal ? { signal } : {})
  );
  const { channels, size } = answer.input;
  return { answer, key, graph: graphOf(answer.nodes, [channels, size[0], size[1]]) };
}

/**
 * The body of POST /runs for a view.
 * @param {View} view
 * @returns {Record<string, unknown>}
 */
export function netRunRequest({ image, model, size, edits }) {
  return {
    image,
    model,
    ...(size[0] && size[1] ? { size } : {}),
    ...(edits ? { edits: parseEdits(edits) } : {}),
  };
}

/**
 * @param {View} view
 * @param {Promise<Model>} model
 * @param {Promise<import("./load-run.js").ImageRecord>} image
 * @param {AbortSignal} signal
 * @returns {Promise<NetRun>}
 */
export async function loadNetRun(view, model, image, signal) {
  const body = netRunRequest(view);
  const [answer, record, known] = await Promise.all([
    /** @type {Promise<any>} */ (postJson("/runs", body, signal)),
    image,
    model,
  ]);
  const [maps, entered] = await Promise.all([
    getTensors(`/runs/${answer.id}/outputs.npz`, {
      query: { fold: FOLD, max_px: MAP_PX, dtype: "float16" },
      signal,
    }),
    getTensor(outputPath(answer.id, INPUT), { signal }),
  ]);
  const extents = new Map(answer.nodes.map((/** @type {any} */ node) => [node.name, node]));
  extents.set(INPUT, answer.input);
  return {
    id: answer.id,
    view,
    model: known,
    image: record,
    graph: graphOf(answer.nodes, answer.input.shape),
    extents,
    picture: asPicture(entered, known.answer.input.preprocessing),
    maps,
    top: answer.top ?? [],
    body,
  };
}

/**
 * @param {NetRun} run
 * @param {string} node
 * @param {AbortSignal} [signal]
 * @returns {Promise<Layer>}
 */
export async function loadLayer({ id }, node, signal) {
  const query = { max_px: LAYER_PX, dtype: "float16" };
  const maps = await getTensor(outputPath(id, node), { query, ...(signal ? { signal } : {}) });
  return { run: id, node, maps: asMaps(maps) };
}

/**
 * @param {NetRun} run
 * @param {string} node
 * @param {number} channel
 * @param {AbortSignal} [signal]
 * @returns {Promise<Focus>}
 */
export async function loadFocus({ id }, node, channel, signal) {
  const query = { channels: `${channel}:${channel + 1}` };
  const map = await getTensor(outputPath(id, node), { query, ...(signal ? { signal } : {}) });
  return { run: id, node, channel, map: asMaps(map) };
}

/**
 * A channel that the overview left out, as small as those that it holds.
 * @param {NetRun} run
 * @param {string} node
 * @param {number} channel
 * @returns {Promise<Tensor>}
 */
export async function loadSmallMap({ id }, node, channel) {
  const query = { channels: `${channel}:${channel + 1}`, max_px: MAP_PX, dtype: "float16" };
  return asMaps(await getTensor(outputPath(id, node), { query }));
}

/**
 * @param {NetRun} run
 * @param {string} node
 * @param {readonly number[]} cell
 * @param {AbortSignal} [signal]
 * @returns {Promise<Explained>}
 */
export async function loadExplained({ id, graph }, node, [channel, row, column], signal) {
  const shape = graph.byName.get(node)?.shape ?? [1, 1, 1];
  const query = { start: indexOfCell(shape, { channel, row, column }), count: 1, positions: true };
  const path = `/runs/${id}/nodes/${encodeURIComponent(node)}/steps`;
  return explainedOf(await getJson(path, { query, ...(signal ? { signal } : {}) }), id, node);
}

/**
 * The one number of an answer of …/steps.
 * @param {any} chunk with positions
 * @param {string} run
 * @param {string} node
 * @returns {Explained}
 */
export function explainedOf(chunk, run, node) {
  const { terms } = chunk;
  return {
    run,
    node,
    cell: chunk.cells[0],
    value: chunk.value[0],
    total: chunk.total[0],
    combine: chunk.combine,
    grid: chunk.grid,
    values: terms.values[0],
    padding: terms.padding[0],
    weights: terms.weights?.[0] ?? null,
    products: terms.products?.[0] ?? null,
    selected: terms.selected?.[0] ?? null,
    bias: chunk.bias?.[0] ?? null,
    params: chunk.formula_params?.[0] ?? {},
    start: chunk.window?.starts[0] ?? null,
    positions: terms.positions[0],
    inputs: terms.inputs?.[0] ?? null,
    formula: chunk.formula.id,
  };
}

/**
 * @param {string} run
 * @param {string} node
 */
function outputPath(run, node) {
  return `/runs/${run}/nodes/${encodeURIComponent(node)}/output.npy`;
}

/**
 * The picture before its model's preprocessing, red first.
 * @param {Tensor} entered
 * @param {Preprocessing | null} preprocessing
 * @returns {Tensor} float32
 */
export function asPicture(entered, preprocessing) {
  if (!preprocessing) return entered;
  const { range, mean, std, color } = preprocessing;
  const [channels] = entered.shape;
  const area = elementCount(entered.shape) / channels;
  const floats = toFloat32(entered);
  const data = new Float32Array(floats.length);
  for (let c = 0; c < channels; c += 1) {
    const from = color === "bgr" ? channels - 1 - c : c;
    const [shift, spread] = [mean?.[from] ?? 0, std?.[from] ?? 1];
    for (let i = 0; i < area; i += 1) data[c * area + i] = (floats[from * area + i] * spread + shift) / range;
  }
  return { ...entered, data, dtype: "float32" };
}

/**
 * A vector's features are channels of one cell.
 * @param {Tensor} tensor
 * @returns {Tensor}
 */
export function asMaps(tensor) {
  return tensor.shape.length === 1 ? { ...tensor, shape: [...tensor.shape, 1, 1] } : tensor;
}
