/**
 * Which range of numbers the colours of a net's maps span: one for every family of layers, one for each map,
 * or one for the whole net. Symmetric about zero wherever negative numbers occur.
 */

import { nonNegativeRange, signedRange, withClipping } from "./range.js";
import { channel, toFloat32 } from "./tensor.js";

/** @typedef {import("./range.js").Range} Range */
/** @typedef {import("./network-graph.js").GraphNode} GraphNode */
/** @typedef {import("./tensor.js").Tensor} Tensor */

/** @typedef {{ scale: "signed" | "nonNegative", range: Range }} MapScale */

/**
 * @typedef {object} Numbers of a run
 * @property {import("./network-graph.js").Graph} graph
 * @property {ReadonlyMap<string, Tensor>} maps some channels of every node
 * @property {ReadonlyMap<string, { min: number, max: number }>} extents of all channels, by node
 * @property {{ measure: (key: string, arrays: readonly Float32Array[]) => MapScale }} [live] while pictures move, ranges are calm
 */

/** @typedef {"layer" | "map" | "net"} Sharing who shares a range */

export class NetScales {
  /** @type {Map<string, MapScale>} */
  #known = new Map();
  /** @type {WeakMap<Tensor, Map<number, MapScale>>} */
  #maps = new WeakMap();

  /**
   * @param {Numbers} numbers
   * @param {Sharing} sharing
   */
  constructor(numbers, sharing) {
    this.numbers = numbers;
    this.sharing = sharing;
  }

  /**
   * The scale that a node's maps share, also where each map has its own: then it is that of the legend.
   * @param {GraphNode} node
   * @returns {MapScale}
   */
  of(node) {
    const isNet = this.sharing === "net";
    const key = isNet ? "" : String(node.family);
    const known = this.#known.get(key);
    if (known) return known;
    const { graph } = this.numbers;
    const members = graph.nodes.filter(
      (other) => other.description !== null && (isNet ? !isLast(other) : other.family === node.family),
    );
    const scale = this.#measure(members.length > 0 ? members : [node], isNet);
    this.#known.set(key, scale);
    return scale;
  }

  /**
   * The scale of one map, given some tensor that holds it.
   * @param {GraphNode} node
   * @param {Tensor} tensor
   * @param {number} index of the channel in the tensor
   * @returns {MapScale}
   */
  ofMap(node, tensor, index) {
    if (this.sharing !== "map") return this.of(node);
    const known = this.#maps.get(tensor) ?? new Map();
    this.#maps.set(tensor, known);
    const scale = known.get(index) ?? this.#measureMap(node, tensor, index);
    known.set(index, scale);
    return scale;
  }

  /**
   * @param {GraphNode} node
   * @param {Tensor} tensor
   * @param {number} index
   * @returns {MapScale}
   */
  #measureMap({ name }, tensor, index) {
    const floats = toFloat32(channel(tensor, index));
    const { live } = this.numbers;
    if (!live) return measured(floats);
    // The same map comes in an overview of a few channels, and alone.
    const { scale, range } = live.measure(`map ${name} ${index} of ${tensor.shape[0]}`, [floats]);
    return { scale, range: withClipping(floats, range) };
  }

  /**
   * @param {readonly GraphNode[]} members
   * @param {boolean} all whether every member counts, or the first alone, whose numbers the others cut off
   */
  #measure(members, all) {
    const { maps, extents } = this.numbers;
    const measuredOnes = (all ? members : members.slice(0, 1)).flatMap(({ name }) => {
      const tensor = maps.get(name);
      return tensor ? [toFloat32(tensor)] : [];
    });
    const scale =
      this.numbers.live?.measure(`${this.sharing} ${members[0].family}`, measuredOnes) ??
      measured(joined(measuredOnes));
    const ends = members.map(({ name }) => extents.get(name) ?? { min: 0, max: 0 });
    const least = Math.min(...ends.map(({ min }) => min));
    const most = Math.max(...ends.map(({ max }) => max));
    const { min, max } = scale.range;
    return { ...scale, range: { min, max, clippedLow: least < min, clippedHigh: most > max } };
  }
}

/**
 * @param {Float32Array} floats
 * @returns {MapScale}
 */
function measured(floats) {
  const signed = floats.some((x) => x < 0);
  return signed
    ? { scale: "signed", range: signedRange(floats) }
    : { scale: "nonNegative", range: nonNegativeRange(floats) };
}

/** Probabilities are no activations: one of them would bleach nothing, and mean nothing beside them. */
const isLast = (/** @type {GraphNode} */ { op }) => op === "softmax";

/** @param {readonly Float32Array[]} arrays */
function joined(arrays) {
  if (arrays.length === 1) return arrays[0];
  const whole = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    whole.set(array, at);
    at += array.length;
  }
  return whole;
}
