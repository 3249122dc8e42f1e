/**
 * The view in the address bar. Moving the window changes it many times a second, and browsers allow only so
 * many changes: those are written when the movement rests. What Back should undo is written at once.
 */

import { schema } from "../core/operation-schema.js";
import { encode, toQuery } from "../core/url-state.js";

/** @typedef {import("../core/operation-schema.js").View} View */

const REST_MS = 200;

let timer = 0;
/** @type {string | null} */
let waiting = null;

/**
 * @param {View} view
 * @param {boolean} push a step that the browser's Back undoes
 */
export function remember(view, push) {
  clearTimeout(timer);
  if (push) {
    // Back must find the very cell that was left.
    settle();
    history.pushState(null, "", addressOf(view));
    return;
  }
  waiting = addressOf(view);
  timer = window.setTimeout(settle, REST_MS);
}

function settle() {
  if (waiting !== null) history.replaceState(null, "", waiting);
  waiting = null;
}

/**
 * @param {View} view
 * @returns {string}
 */
export function addressOf(view) {
  const query = toQuery(encode(schema, view));
  return `${location.pathname}${query ? `?${query}` : ""}`;
}
