/**
 * Explanations of output cells, asked for in aligned chunks of the scan and kept, so that playing and
 * stepping wait for nothing.
 */

import { getJson } from "../api/client.js";
import { CHUNK, chunkOf } from "../core/steps.js";

/** @typedef {import("../core/arithmetic.js").Step} Step */

/**
 * @typedef {object} Chunk compact answer of …/steps
 * @property {number} start
 * @property {number} count
 * @property {string} combine
 * @property {[number, number, number]} grid
 * @property {number[][]} cells
 * @property {number[]} value
 * @property {number[]} total
 * @property {number[] | null} bias
 * @property {{ starts: number[][] } | null} window
 * @property {{ id: string }} formula
 * @property {Record<string, number | string>[] | null} formula_params
 * @property {{ values: (number | null)[][], padding: number[][], weights: number[][] | null,
 *   products: (number | null)[][] | null, selected: (number | null)[] | null }} terms
 */

/** Terms in one answer: long windows come in shorter chunks. */
const TERMS = 16384;
const KEPT = 256;

export class Steps {
  /** @type {Map<string, Promise<Chunk>>} */
  #chunks = new Map();

  /**
   * @param {{ run: string, node: string, total: number, terms: number }} source
   * @param {number} index of the step in scan order
   * @param {number} [most] steps asked for at once; few where the first one is waited for
   * @returns {Promise<Step>}
   */
  async get(source, index, most = CHUNK) {
    const size = Math.max(1, Math.min(most, Math.floor(TERMS / source.terms)));
    const { start, count } = chunkOf(index, source.total, size);
    const chunk = await this.#chunk(source, start, count);
    return stepOf(chunk, index - start);
  }

  /**
   * @param {{ run: string, node: string }} source
   * @param {number} start
   * @param {number} count
   */
  #chunk({ run, node }, start, count) {
    const path = `/runs/${run}/nodes/${node}/steps`;
    const key = `${path} ${start}+${count}`;
    const known = this.#chunks.get(key);
    const asked = known ?? getJson(path, { query: { start, count } });
    this.#chunks.delete(key);
    this.#chunks.set(key, asked);
    if (this.#chunks.size > KEPT) this.#chunks.delete(this.#chunks.keys().next().value ?? "");
    // A failure must not be remembered.
    asked.catch(() => this.#chunks.delete(key));
    return asked;
  }
}

/**
 * @param {Chunk} chunk
 * @param {number} i
 * @returns {Step}
 */
export function stepOf({ combine, grid, cells, value, total, bias, window, formula_params, terms }, i) {
  const { weights } = terms;
  return {
    cell: cells[i],
    value: value[i],
    total: total[i],
    combine,
    grid,
    values: terms.values[i],
    padding: terms.padding[i],
    weights: weights ? (weights.length === 1 ? weights[0] : weights[i]) : null,
    products: terms.products?.[i] ?? null,
    selected: terms.selected?.[i] ?? null,
    bias: bias?.[i] ?? null,
    params: formula_params?.[i] ?? {},
    start: window?.starts[i] ?? null,
  };
}
