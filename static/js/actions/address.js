/**
 * The view in the address bar. Moving the window changes it many times a second, and browsers allow only so
 * many changes: those are written when the movement rests. What Back should undo is written at once.
 */

import { withRoom } from "../core/room-address.js";
import { encode, toQuery } from "../core/url-state.js";

/** @typedef {import("../core/url-state.js").Schema} Schema */

const REST_MS = 200;

let timer = 0;
/** @type {string | null} */
let waiting = null;

/**
 * @template {Schema} S
 * @param {S} schema
 * @param {import("../core/url-state.js").StateOf<S>} view
 * @param {boolean} push a step that the browser's Back undoes
 */
export function remember(schema, view, push) {
  clearTimeout(timer);
  if (push) {
    // Back must find the very cell that was left.
    settleAddress();
    history.pushState(null, "", addressOf(schema, view));
    return;
  }
  waiting = addressOf(schema, view);
  timer = window.setTimeout(settleAddress, REST_MS);
}

/** Write now what waits: for who takes the address along. */
export function settleAddress() {
  if (waiting !== null) history.replaceState(null, "", waiting);
  waiting = null;
}

/**
 * A window that is in a lecture room stays there.
 * @template {Schema} S
 * @param {S} schema
 * @param {import("../core/url-state.js").StateOf<S>} view
 * @returns {string}
 */
export function addressOf(schema, view) {
  const query = toQuery(encode(schema, view));
  return withRoom(`${location.pathname}${query ? `?${query}` : ""}`, location.search);
}
