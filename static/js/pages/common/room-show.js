/**
 * Showing a view that a lecture room tells of, on this page or the other; and whether this window goes its own
 * way, which it still does after a reload.
 */

import { remember } from "../../actions/address.js";
import { addressThere, pageOf, sharedAddress, viewFrom } from "../../core/room-address.js";

/** @typedef {import("./room-part.js").Page} Page */

/**
 * @param {string} address
 * @param {Page} page
 * @param {boolean} isStarted whether the page has asked for its first run; before, it will ask for this one
 */
export function showView(address, { schema, store, actions }, isStarted) {
  const path = pageOf(address);
  if (path === null) return;
  const { view: own } = store.get();
  if (path !== location.pathname) {
    location.replace(addressThere(address, location.search, schema, own));
    return;
  }
  const view = viewFrom(address, schema, own);
  if (addressOf({ schema }, view) === addressOf({ schema }, own)) return;
  if (isStarted) void actions.restore(view);
  else store.set({ view });
  remember(schema, view, false);
}

/**
 * The address of a view as rooms are told of it.
 * @param {Pick<Page, "schema">} page
 * @param {any} view
 */
export function addressOf({ schema }, view) {
  return sharedAddress(location.pathname, schema, view);
}

/** @param {string} code @returns {boolean} */
export function goesOwnWay(code) {
  try {
    return sessionStorage.getItem(keyOf(code)) !== null;
  } catch {
    return false;
  }
}

/**
 * @param {string} code
 * @param {boolean} does
 */
export function goOwnWay(code, does) {
  try {
    if (does) sessionStorage.setItem(keyOf(code), "1");
    else sessionStorage.removeItem(keyOf(code));
  } catch {
    // Where nothing is kept, a reload leads back to the lecture.
  }
}

/** @param {string} code */
function keyOf(code) {
  return `convscope.room.${code}.own`;
}
