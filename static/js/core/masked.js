/**
 * What is left of a page's state while a question is open: the state itself, without what would tell the
 * answer. What is not in it, no view can show, speak or let the pointer find. A number that is not told is
 * NaN, and shown as "?".
 */

import { planes, toFloat32 } from "./tensor.js";

/** @typedef {import("./tensor.js").Tensor} Tensor */
/** @typedef {import("./room-state.js").Question} Question */
/** @typedef {Pick<Question, "id" | "kind" | "place"> | null} Asked what of a question decides on what is hidden */

/** Masked parts by what they were made of, so that an unchanged page is not drawn again. */
const kept = /** @type {WeakMap<object, Map<string, any>>} */ (new WeakMap());

/**
 * @template {import("../actions/operation.js").State} S
 * @param {S} state
 * @returns {S}
 */
export function maskedOperation(state) {
  const { asked, run, step, view } = state;
  if (!asked || !run || !step) return state;
  // The other views show the same numbers once more.
  const shown = {
    ...state,
    view: { ...view, view: /** @type {const} */ ("arithmetic") },
    open: closed(state.open),
  };
  if (asked.kind === "size") return shown;
  if (asked.place.node !== run.node) return shown;
  const isHere = String(step.cell) === String(asked.place.cell);
  return {
    ...shown,
    run: once(run, asked.place.cell, () => ({
      ...run,
      output: withHole(run.output, asked.place.cell),
    })),
    step: isHere ? withoutResult(step) : step,
  };
}

/**
 * @template {import("../actions/network.js").State} S
 * @param {S} state
 * @returns {S}
 */
export function maskedNetwork(state) {
  const { asked, run, focus, explained } = state;
  if (!asked || !run) return state;
  if (asked.kind === "class") return withoutClasses(state);
  const { node, cell } = asked.place;
  const isHere = explained?.node === node && String(explained.cell) === String(cell);
  const isVector = run.graph.byName.get(node)?.isVector ?? false;
  const isInFocus = focus?.node === node && (isVector || focus.channel === cell[0]);
  return {
    ...state,
    focus:
      focus && isInFocus
        ? once(focus, cell, () => {
            const at = focus.map.shape[0] > 1 ? cell[0] : 0;
            return { ...focus, map: withHole(focus.map, [at, cell[1], cell[2]]) };
          })
        : focus,
    explained: explained && isHere ? withoutResult(explained) : explained,
  };
}

/**
 * The layers whose numbers say which class it is: the last, and what a softmax was made of.
 * @param {{ nodes: readonly import("./network-graph.js").GraphNode[] }} graph
 * @returns {Set<string>}
 */
export function tellingNodes({ nodes }) {
  const last = nodes.at(-1);
  if (!last) return new Set();
  return new Set([last.name, ...(last.op === "softmax" ? last.inputs : [])]);
}

/**
 * @template {import("../actions/network.js").State} S
 * @param {S} state
 * @returns {S}
 */
function withoutClasses(state) {
  const { run, focus, view } = state;
  if (!run) return state;
  const hidden = tellingNodes(run.graph);
  const without = (/** @type {ReadonlyMap<string, any>} */ map) =>
    new Map([...map].filter(([name]) => !hidden.has(name)));
  const isThere = hidden.has(view.node) || view.view === "cell";
  return {
    ...state,
    run: once(run, ["class"], () => ({
      ...run,
      maps: without(run.maps),
      extents: without(run.extents),
      top: [],
    })),
    focus: focus && hidden.has(focus.node) ? null : focus,
    view: isThere ? { ...view, view: "net", node: "", open: false } : view,
  };
}

/**
 * @template {import("./arithmetic.js").Step} T
 * @param {T} step
 * @returns {T} the same terms, made into nothing that is told
 */
function withoutResult(step) {
  return once(step, ["result"], () => ({ ...step, value: Number.NaN, total: Number.NaN, selected: null }));
}

/**
 * @param {Tensor} tensor
 * @param {readonly number[]} cell channel, row, column
 * @returns {Tensor}
 */
function withHole(tensor, [channel, row, column]) {
  const data = Float32Array.from(toFloat32(tensor));
  const [, rows, columns] = planes(tensor);
  if (row < rows && column < columns) data[(channel * rows + row) * columns + column] = Number.NaN;
  return { ...tensor, data, dtype: "float32" };
}

/** Every digit is one too many. @template T @param {T} open */
function closed(open) {
  return open === "digits" ? null : open;
}

/**
 * @template {object} T
 * @param {T} whole
 * @param {readonly unknown[]} what is hidden of it
 * @param {() => T} make
 * @returns {T}
 */
function once(whole, what, make) {
  const known = kept.get(whole) ?? new Map();
  kept.set(whole, known);
  const key = String(what);
  const made = known.get(key) ?? make();
  known.set(key, made);
  return made;
}
