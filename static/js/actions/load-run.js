/**
 * From a view to everything that the engine makes of it: one question for the run, then all that belongs to
 * it at once.
 */

import { getJson, getTensor, postJson } from "../api/client.js";
import { inputNode, KINDS, NODE, runRequest } from "../core/operation-request.js";
import { indexOfCell, move } from "../core/steps.js";

/** @typedef {import("../core/operation-schema.js").View} View */
/** @typedef {import("../core/tensor.js").Tensor} Tensor */
/** @typedef {import("../core/arithmetic.js").Step} Step */
/** @typedef {import("../core/geometry-view.js").WindowShape} WindowShape */
/** @typedef {import("../core/steps.js").Shape} Shape */

/** @typedef {{ id: string, name?: string | null, sample?: boolean, height: number, width: number, channels: number, url: string }} ImageRecord */

/**
 * @typedef {object} Geometry answer of GET /geometry/{op}
 * @property {{ channels: number, size: [number, number] }} output
 * @property {[number, number]} padded
 * @property {[number, number, number, number]} padding
 * @property {[number, number]} skipped
 * @property {{ parameters: number, multiply_adds: number }} cost
 * @property {{ parameters: number, multiply_adds: number }} dense
 * @property {Record<string, any>} ranges
 */

/**
 * @typedef {object} NodeDescription of the API
 * @property {string} name
 * @property {Record<string, any>} attributes
 * @property {[number, number, number]} output_shape
 * @property {Record<string, number[]>} weights shapes
 */

/** @typedef {{ id: string, model: string, input: { shape: [number, number, number] }, nodes: NodeDescription[] }} RunAnswer */

/**
 * @typedef {object} Run what the engine made of a view, whole
 * @property {string} id
 * @property {string} model
 * @property {View} view that asked for it
 * @property {ImageRecord} image
 * @property {Tensor} input of the operation
 * @property {Tensor} output
 * @property {Tensor | null} weight
 * @property {Shape} shape of the output
 * @property {number} terms of one output number
 * @property {Geometry} geometry
 * @property {WindowShape | null} window
 * @property {{ maps: Record<import("../core/transposed.js").Stage, Tensor>,
 *   spreading: import("../core/transposed.js").Spreading } | null} stages of a transposed convolution
 * @property {string} node
 * @property {string} inputName
 * @property {import("./live-gate.js").Live} [live] of a picture that moves: the server keeps no such run
 */

/** With a new run only the present cell is waited for; its neighbours may be wanted next. */
const FIRST_STEPS = 4;

/**
 * @param {View} view
 * @param {object} sources
 * @param {(name: string) => Promise<ImageRecord>} sources.image
 * @param {(key: string, path: string) => Promise<Tensor>} sources.input asked for once per picture
 * @param {import("./steps.js").Steps} sources.steps
 * @param {AbortSignal} signal
 * @returns {Promise<{ run: Run, step: Step, cell: number[] }>} with the step of the view's cell
 */
export async function loadRun(view, { image, input, steps }, signal) {
  const { op, weighted } = KINDS[view.op];
  const channels = view.color === "gray" ? 1 : 3;
  const [record, answer] = await Promise.all([
    image(view.image),
    /** @type {Promise<RunAnswer>} */ (postJson("/runs", runRequest(view, channels), signal)),
  ]);
  const inputName = inputNode(view);
  const node = /** @type {NodeDescription} */ (answer.nodes.at(-1));
  const inputShape = inputName === "input" ? answer.input.shape : answer.nodes[0].output_shape;
  const cell = insideOf(node.output_shape, view.cell);
  const [channel, row, column] = cell;
  const terms = termsOf(op, node, inputShape);
  const path = `/runs/${answer.id}/nodes/${NODE}`;
  const [inputMap, output, weight, geometry, stages, step] = await Promise.all([
    input(
      JSON.stringify([view.image, view.size, view.color, view.range, view.before]),
      `/runs/${answer.id}/nodes/${inputName}/output.npy`,
    ),
    getTensor(`${path}/output.npy`, { signal }),
    weighted ? getTensor(`/models/${answer.model}/nodes/${NODE}/weight.npy`, { signal }) : null,
    /** @type {Promise<Geometry>} */ (
      getJson(`/geometry/${op}`, { query: geometryQuery(node.attributes, inputShape), signal })
    ),
    op === "conv_transpose2d" ? loadStages(path, signal) : null,
    steps.get(
      { run: answer.id, node: NODE, total: count(node.output_shape), terms },
      indexOfCell(node.output_shape, { channel, row, column }),
      FIRST_STEPS,
    ),
  ]);
  const run = {
    id: answer.id,
    model: answer.model,
    view,
    image: record,
    input: inputMap,
    output,
    weight,
    shape: node.output_shape,
    terms,
    geometry,
    window: windowOf(op, node.attributes, geometry),
    stages: stages && {
      maps: { input: inputMap, ...stages },
      spreading: spreadingOf(node.attributes, geometry),
    },
    node: NODE,
    inputName,
  };
  return { run, step, cell };
}

/**
 * @param {Shape} shape
 * @param {readonly number[]} cell
 * @returns {number[]}
 */
export function insideOf(shape, [channel, row, column]) {
  const inside = move(shape, { channel, row, column }, {});
  return [inside.channel, inside.row, inside.column];
}

/** @param {Shape} shape */
function count([channels, rows, columns]) {
  return channels * rows * columns;
}

/**
 * @param {Record<string, unknown>} attributes
 * @param {Shape} shape of the input
 */
export function geometryQuery(attributes, [channels, ...size]) {
  const given = Object.entries(attributes).filter(([, value]) => value !== null);
  return { input: size, channels, ...Object.fromEntries(given) };
}

/**
 * How many terms one output number has.
 * @param {string} op
 * @param {NodeDescription} node
 * @param {Shape} input
 * @returns {number}
 */
export function termsOf(op, { attributes, weights }, [channels, rows, columns]) {
  const weight = weights.weight;
  if (weight) {
    const [lead, kernelRows, kernelColumns] = weight.slice(-3);
    // Transposed weights are (in, out / groups, …), all others (…, in / groups, rows, columns).
    const inputs = op === "conv_transpose2d" ? weight[0] / attributes.groups : lead;
    return inputs * kernelRows * kernelColumns;
  }
  if (attributes.kernel_size) return attributes.kernel_size[0] * attributes.kernel_size[1];
  if (op.startsWith("global_")) return rows * columns;
  return op === "softmax" ? channels : 1;
}

/**
 * @param {string} op
 * @param {Record<string, any>} attributes
 * @param {Geometry} geometry
 * @returns {WindowShape | null}
 */
export function windowOf(op, { kernel_size, stride, dilation }, geometry) {
  if (op.startsWith("global_")) {
    return { size: geometry.padded, stride: [1, 1], dilation: [1, 1], before: [0, 0] };
  }
  if (!kernel_size) return null;
  // A transposed convolution slides over the spread input, one cell at a time.
  const spread = op === "conv_transpose2d";
  return {
    size: kernel_size,
    stride: spread ? [1, 1] : (stride ?? kernel_size),
    dilation: dilation ?? [1, 1],
    before: spread ? [0, 0] : [geometry.padding[0], geometry.padding[2]],
  };
}

/**
 * @param {string} path of the node
 * @param {AbortSignal} signal
 */
async function loadStages(path, signal) {
  const get = (/** @type {string} */ stage) => getTensor(`${path}/stages/${stage}.npy`, { signal });
  const [spread, frame, crop] = await Promise.all(["spread", "frame", "crop"].map(get));
  return { spread, frame, crop };
}

/**
 * @param {Record<string, any>} attributes
 * @param {Geometry} geometry
 * @returns {import("../core/transposed.js").Spreading}
 */
export function spreadingOf({ stride, dilation, kernel_size }, { padding }) {
  const edge = (/** @type {0 | 1} */ axis) => dilation[axis] * (kernel_size[axis] - 1);
  return { stride, padding: [padding[0], padding[2]], edge: [edge(0), edge(1)] };
}
