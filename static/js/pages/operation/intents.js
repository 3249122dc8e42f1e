/**
 * What pointers do on the views, as intents of the reader.
 */

import { outputNear } from "../../core/geometry-view.js";
import { resize } from "../../core/kernel-choice.js";
import { hasKernel, KINDS } from "../../core/operation-request.js";
import { planes } from "../../core/tensor.js";
import { onCrop } from "../../core/transposed.js";
import { on } from "../../views/dom.js";

/** @typedef {import("../../actions/operation.js").Actions} Actions */
/** @typedef {import("../../actions/operation.js").State} State */

/**
 * @param {Document} root
 * @param {import("../../core/store.js").Store<State>} store
 * @param {Actions} actions
 */
export function listenForIntents(root, store, actions) {
  on(root, "cs-set", ({ patch, live = false }) => {
    const { view, kernels } = store.get();
    if (patch.op) actions.chooseOperation(patch.op);
    else if (patch.kernelSize && hasKernel(view.op))
      actions.setView(resize(view, patch.kernelSize, kernels), { push: true });
    else actions.setView(patch, { push: !live });
  });
  on(root, "cs-point", (point, target) => {
    if (target.closest(".panel-input")) onInput(point, store, actions);
    else onOutput(point, store, actions);
  });
  on(root, "cs-zoom", ({ factor }) => actions.zoomBy(factor));
  on(root, "cs-term", ({ index }, target) => {
    const channel = Number(target.closest("[data-channel]")?.getAttribute("data-channel") ?? 0);
    const { step } = store.get();
    actions.light(index === null || !step ? null : channel * step.grid[1] * step.grid[2] + index);
  });
  on(root, "cs-weight", ({ index, value }, target) => {
    const channel = Number(target.closest("[data-channel]")?.getAttribute("data-channel") ?? 0);
    if (value !== null) actions.editWeight(channel, index, value);
    else actions.redraw();
  });
  on(root, "cs-open-channel", ({ channel }) => actions.setView({ opened: channel }));
  on(root, "cs-seek", ({ index }) => actions.goTo(index));
  on(root, "cs-hover", ({ cell }) => actions.hoverOutput(cell));
  on(root, "cs-transport", ({ intent, index, speed }) => onTransport(intent, index, speed, store, actions));
}

/**
 * A press or drag on the input brings the window there; hovering shows the outputs that the cell feeds.
 * @param {{ phase: string, row: number, column: number }} point
 * @param {import("../../core/store.js").Store<State>} store
 * @param {Actions} actions
 */
function onInput({ phase, row, column }, store, actions) {
  const { run, view } = store.get();
  if (!run) return;
  if (phase === "down" || phase === "drag") {
    const place = run.stages ? onCrop(view.stage, run.stages.spreading, row, column) : { row, column };
    const to = outputNear(run.window, run.shape.slice(1), place.row, place.column);
    actions.setView({ cell: [view.cell[0], to.row, to.column] });
    return;
  }
  // Only the input itself has cells that feed others; its later stages are ways of looking at it.
  if (run.stages && view.stage !== "input") return;
  const [channels, rows, columns] = planes(run.input);
  const inside = row >= 0 && column >= 0 && row < rows && column < columns;
  const channel = Math.min(KINDS[run.view.op].weighted ? view.opened : view.cell[0], channels - 1);
  void actions.pointAt(phase === "hover" && inside ? { channel, row, column } : null);
}

/**
 * @param {{ phase: string, row: number, column: number }} point
 * @param {import("../../core/store.js").Store<State>} store
 * @param {Actions} actions
 */
function onOutput({ phase, row, column }, store, actions) {
  const { run, view } = store.get();
  if (!run) return;
  const [, rows, columns] = run.shape;
  const inside = {
    row: Math.max(0, Math.min(rows - 1, row)),
    column: Math.max(0, Math.min(columns - 1, column)),
  };
  if (phase === "down" || phase === "drag")
    actions.setView({ cell: [view.cell[0], inside.row, inside.column] });
  else actions.hoverOutput(phase === "hover" ? inside : null);
}

/**
 * @param {string} intent
 * @param {number} index
 * @param {string} speed
 * @param {import("../../core/store.js").Store<State>} store
 * @param {Actions} actions
 */
function onTransport(intent, index, speed, store, actions) {
  const { run } = store.get();
  if (!run) return;
  switch (intent) {
    case "first":
      return actions.goTo(0);
    case "back":
      return actions.stepBy(-1);
    case "play":
      return actions.play();
    case "forward":
      return actions.stepBy(1);
    case "last":
      return actions.goTo(Number.MAX_SAFE_INTEGER);
    case "seek":
      return actions.goTo(index);
    case "speed":
      return actions.setSpeed(/** @type {State["view"]["speed"]} */ (speed));
  }
}
