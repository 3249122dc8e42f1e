/**
 * The Operation page in a lecture room: what its presenter points at, and what can be asked of the room.
 */

import { digitsFor, shown } from "../../core/arithmetic.js";
import { planes } from "../../core/tensor.js";
import { t } from "../../i18n/i18n.js";

export { maskedOperation as masked } from "../../core/masked.js";

/** @typedef {import("../../actions/operation.js").State} State */
/** @typedef {import("../../core/room-state.js").Pointer} Pointer */
/** @typedef {import("../common/room-part.js").Asking} Asking */

/** Sums and choices can be made in the head; a curve would have to be drawn. */
const ASKED = new Set(["sum", "mean", "max"]);
/** A larger window is no choice, but a search. */
const MOST_OPTIONS = 25;

/**
 * @param {State} state
 * @returns {Pointer | null}
 */
export function pointerOf({ run, view, hovered, pointed }) {
  if (run && hovered)
    return { side: "output", node: run.node, cell: [view.cell[0], hovered.row, hovered.column] };
  if (run && pointed)
    return { side: "input", node: run.inputName, cell: [pointed.channel, pointed.row, pointed.column] };
  return null;
}

/**
 * @param {Pointer | null} pointer
 * @param {State} state
 * @param {import("../../actions/operation.js").Actions} actions
 */
export function point(pointer, { run, hovered, pointed }, actions) {
  const [channel, row, column] = pointer?.cell ?? [0, 0, 0];
  const isOutput = pointer?.side === "output" && pointer.node === run?.node;
  const isInput = pointer?.side === "input" && pointer.node === run?.inputName;
  if (isOutput && run) {
    const isInside = row < run.shape[1] && column < run.shape[2];
    actions.hoverOutput(isInside ? { row, column } : null);
  } else if (hovered) actions.hoverOutput(null);
  if (isInput && run) {
    const [channels, rows, columns] = planes(run.input);
    const isInside = channel < channels && row < rows && column < columns;
    void actions.pointAt(isInside ? { channel, row, column } : null);
  } else if (pointed) void actions.pointAt(null);
}

/**
 * What can be asked of the present view.
 * @param {State} state
 * @returns {Asking[]}
 */
export function questionsOf({ run, step, view, busy }) {
  if (!run || !step || busy || view.view !== "arithmetic") return [];
  if (String(step.cell) !== String(view.cell)) return [];
  const place = { node: run.node, cell: [...step.cell] };
  /** @type {Asking[]} */
  const questions = [];
  if (ASKED.has(step.combine)) questions.push({ kind: "cell", place, options: null, answer: step.value });
  if (run.window) questions.push({ kind: "size", place, options: null, answer: run.shape.slice(1) });
  const { selected, values } = step;
  if (step.combine === "max" && selected !== null && values.length > 1 && values.length <= MOST_OPTIONS) {
    const digits = digitsFor(run.input.data, null, view.digits, run.output.data).value;
    const options = values.map((x) => (x === null ? "–" : shown(x, digits)));
    // Of numbers that look alike none can be chosen.
    if (new Set(options).size > 1) questions.push({ kind: "argmax", place, options, answer: selected });
  }
  return questions;
}

/**
 * @param {State} state
 * @param {{ cell: readonly number[] }} place
 * @returns {string}
 */
export function placeText({ run }, { cell: [channel, row, column] }) {
  const place = t("place", { row, column });
  return run && run.shape[0] > 1 ? `${t("channel.name", { channel })}, ${place}` : place;
}

/**
 * The change of the view that opens how the number at a place was made.
 * @param {State} state
 * @param {{ node: string, cell: readonly number[] }} place
 */
export function viewOf({ run }, { node, cell }) {
  return node === run?.node ? { view: "arithmetic", cell: [...cell] } : null;
}
