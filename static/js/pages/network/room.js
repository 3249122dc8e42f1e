/**
 * The Network page in a lecture room: what its presenter points at, and what can be asked of the room.
 */

import { digitsFor, shown } from "../../core/arithmetic.js";
import { digitsOf } from "../../core/cell-combination.js";
import { INPUT } from "../../core/network-graph.js";
import { placeText as textOf } from "./cell-place.js";

export { maskedNetwork as masked } from "../../core/masked.js";

/** @typedef {import("../../actions/network.js").State} State */
/** @typedef {import("../../core/room-state.js").Pointer} Pointer */
/** @typedef {import("../common/room-part.js").Asking} Asking */

/** Sums and choices can be made in the head; a curve would have to be drawn. */
const ASKED = new Set(["sum", "mean", "max", "add", "subtract", "product"]);
/** A larger window is no choice, but a search. */
const MOST_OPTIONS = 25;
/** Classes to choose from: the likeliest, and some that are wide of the mark. */
const LIKELY = 4;
const OTHERS = 2;

/**
 * @param {State} state
 * @returns {Pointer | null}
 */
export function pointerOf({ hovered }) {
  if (!hovered) return null;
  const { node, channel, row, column } = hovered;
  return { side: "output", node, cell: [channel, row, column] };
}

/**
 * @param {Pointer | null} pointer
 * @param {State} state
 * @param {import("../../actions/network.js").Actions} actions
 */
export function point(pointer, { model }, actions) {
  const shape = pointer && model?.graph.byName.get(pointer.node)?.shape;
  const isInside = shape && pointer.cell.every((index, axis) => index < shape[axis]);
  const [channel, row, column] = pointer?.cell ?? [];
  actions.hover(isInside ? { node: pointer.node, channel, row, column } : null);
}

/**
 * What can be asked of the present view.
 * @param {State} state
 * @returns {Asking[]}
 */
export function questionsOf(state) {
  const { run, view, busy } = state;
  if (!run || busy) return [];
  if (view.view === "cell") return ofNumber(state);
  return view.view === "net" && run.top.length > 2 ? [ofClass(run)] : [];
}

/**
 * @param {State} state
 * @returns {Asking[]}
 */
function ofNumber({ run, view, explained }) {
  if (!explained || explained.run !== run?.id || explained.node !== view.node || view.node === INPUT)
    return [];
  if (String(explained.cell) !== String(view.cell)) return [];
  const place = { node: view.node, cell: [...explained.cell] };
  const { values, selected, combine, value } = explained;
  /** @type {Asking[]} */
  const questions = [];
  if (ASKED.has(combine)) questions.push({ kind: "cell", place, options: null, answer: value });
  if (combine === "max" && selected !== null && values.length > 1 && values.length <= MOST_OPTIONS) {
    const numbers = values.map((x) => x ?? 0);
    const digits = digitsFor(numbers, null, digitsOf(view).sum, [value]).value;
    const options = values.map((x) => (x === null ? "–" : shown(x, digits)));
    // Of numbers that look alike none can be chosen.
    if (new Set(options).size > 1) questions.push({ kind: "argmax", place, options, answer: selected });
  }
  return questions;
}

/**
 * @param {import("../../actions/load-net.js").NetRun} run
 * @returns {Asking}
 */
function ofClass({ top, graph, model }) {
  const last = graph.nodes.at(-1);
  const labels = model.answer.labels ?? [];
  const count = last?.shape[0] ?? top.length;
  const likely = top.slice(0, LIKELY).map(({ index }) => index);
  const rest = shuffled(Array.from({ length: count }, (_, i) => i).filter((i) => !likely.includes(i)));
  const classes = shuffled([...likely, ...rest.slice(0, OTHERS)]);
  return {
    kind: "class",
    place: { node: last?.name ?? "", cell: [0, 0, 0] },
    options: classes.map((index) => {
      const label = labels[index] ?? String(index);
      return typeof label === "string"
        ? { en: label, ja: label }
        : { en: label.en, ja: label.ja ?? label.en };
    }),
    answer: classes.indexOf(likely[0]),
  };
}

/**
 * @param {readonly number[]} list
 * @returns {number[]}
 */
function shuffled(list) {
  return list
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/**
 * @param {State} state
 * @param {{ node: string, cell: readonly number[] }} place
 * @returns {string}
 */
export function placeText({ run, model }, { node, cell }) {
  const known = (run?.graph ?? model?.graph)?.byName.get(node);
  return known ? textOf(known, cell) : node;
}

/**
 * The change of the view that opens how the number at a place was made.
 * @param {State} state
 * @param {{ node: string, cell: readonly number[] }} place
 */
export function viewOf({ run }, { node, cell }) {
  return run?.graph.byName.has(node) ? { view: "cell", node, cell: [...cell] } : null;
}
