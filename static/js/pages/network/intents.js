/**
 * What pointers do on the views of the Network page, as intents of the reader.
 */

import { on } from "../../views/dom.js";

/** @typedef {import("../../actions/network.js").Actions} Actions */
/** @typedef {import("../../actions/network.js").State} State */

/**
 * @param {Document} root
 * @param {import("../../core/store.js").Store<State>} store
 * @param {Actions} actions
 */
export function listenForIntents(root, store, actions) {
  on(root, "cs-set", ({ patch, live = false }) => actions.setView(patch, { push: !live }));
  on(root, "cs-layer", ({ node }) => {
    const { view } = store.get();
    if (view.open && view.node === node) actions.leave();
    else actions.openLayer(node);
  });
  on(root, "cs-map-point", ({ phase, place }) => {
    if (phase !== "click") actions.hover(place);
    else if (place && isVector(store.get(), place.node)) actions.openCell(place.node, cellOf(place));
    else if (place) actions.openLayer(place.node, place);
  });
  on(root, "cs-channel", ({ channel }) => {
    const { view } = store.get();
    actions.setView({ cell: [channel, view.cell[1], view.cell[2]] });
  });
  on(root, "cs-channel-hover", ({ channel }) => {
    const { view } = store.get();
    const [, row, column] = view.cell;
    actions.hover(channel === null ? null : { node: view.node, channel, row, column });
  });
  // The large map of a widened layer: the way from a layer to one of its numbers.
  on(root, "cs-point", ({ phase, row, column }, target) => {
    if (target.closest(".layer-panel")) onFocus({ phase, row, column }, store, actions);
  });
  on(root, "cs-open-cell", ({ node, cell }) => actions.openCell(node, cell));
}

/** @param {{ channel: number, row: number, column: number }} place */
function cellOf({ channel, row, column }) {
  return [channel, row, column];
}

/**
 * @param {State} state
 * @param {string} node
 */
function isVector({ model }, node) {
  return model?.graph.byName.get(node)?.isVector ?? false;
}

/**
 * A press on a cell of the large map opens its arithmetic, a drag moves the attention.
 * @param {{ phase: string, row: number, column: number }} point
 * @param {import("../../core/store.js").Store<State>} store
 * @param {Actions} actions
 */
function onFocus({ phase, row, column }, store, actions) {
  const { view, focus, run } = store.get();
  const shape = run?.graph.byName.get(view.node)?.shape;
  if (!focus || !shape) return;
  const at = {
    row: Math.max(0, Math.min(shape[1] - 1, row)),
    column: Math.max(0, Math.min(shape[2] - 1, column)),
  };
  const place = { node: view.node, channel: focus.channel, ...at };
  if (phase === "hover") actions.hover(place);
  else if (phase === "leave") actions.hover(null);
  else if (phase === "drag") actions.setView({ cell: cellOf(place) });
  else if (phase === "up") actions.openCell(view.node, cellOf(place));
}
