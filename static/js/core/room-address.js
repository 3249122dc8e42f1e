/**
 * A lecture room in an address: which room a window is in and what it is there, beside the view that the
 * address is of; and a view as the room is told of it, without what each reader chooses alone.
 */

import { decode, encode, toQuery } from "./url-state.js";

/** @typedef {import("./room-state.js").Role} Role */
/** @typedef {import("./url-state.js").Schema} Schema */

/** Parameters that belong to the window, not to what it shows. */
const OF_THE_WINDOW = ["room", "as"];
/** Keys of a view that each reader chooses alone. */
const PERSONAL = ["lang", "theme", "projector"];
const PAGES = new Set(["/operation", "/network"]);

/**
 * A code as it is printed; people write it with small letters, spaces and hyphens.
 * @param {string} text
 * @returns {string}
 */
export function canonicalCode(text) {
  return text.replace(/[\s-]/g, "").toUpperCase();
}

/**
 * @param {string} search of the window's address
 * @returns {{ code: string, role: Role } | null} null outside of rooms
 */
export function placeIn(search) {
  const params = new URLSearchParams(search);
  const code = canonicalCode(params.get("room") ?? "");
  if (code === "") return null;
  const as = params.get("as");
  return { code, role: as === "lead" || as === "screen" ? as : "follower" };
}

/**
 * @param {string} address path and query
 * @param {string} search of a window, whose room the address takes along
 * @returns {string}
 */
export function withRoom(address, search) {
  const from = new URLSearchParams(search);
  const kept = new URLSearchParams(
    OF_THE_WINDOW.flatMap((name) => {
      const value = from.get(name);
      return value === null ? [] : [[name, value]];
    }),
  ).toString();
  if (kept === "") return address;
  return `${address}${address.includes("?") ? "&" : "?"}${kept}`;
}

/**
 * @param {string} address
 * @returns {string} the same view, outside of any room
 */
export function withoutRoom(address) {
  const { path, params } = partsOf(address);
  for (const name of OF_THE_WINDOW) params.delete(name);
  return joined(path, params);
}

/**
 * A view as a room is told of it.
 * @template {Schema} S
 * @param {string} path
 * @param {S} schema
 * @param {import("./url-state.js").StateOf<S>} view
 * @returns {string}
 */
export function sharedAddress(path, schema, view) {
  return joined(path, encode(schema, withPersonal(schema, view, null)));
}

/**
 * A view that a room tells of, seen through one reader's own choices.
 * @template {Schema} S
 * @param {string} address
 * @param {S} schema of this page
 * @param {import("./url-state.js").StateOf<S>} own
 * @returns {import("./url-state.js").StateOf<S>}
 */
export function viewFrom(address, schema, own) {
  return withPersonal(schema, decode(schema, partsOf(address).params).state, own);
}

/**
 * The address at which another page shows what a room tells of, for a reader with choices of their own.
 * @template {Schema} S
 * @param {string} address
 * @param {string} search of this window
 * @param {S} schema of this page; what is personal is the same on all
 * @param {import("./url-state.js").StateOf<S>} own
 * @returns {string}
 */
export function addressThere(address, search, schema, own) {
  const { path, params } = partsOf(address);
  const mine = encode(schema, own);
  for (const key of PERSONAL) {
    const { param } = schema[key];
    params.delete(param);
    if (mine.has(param)) params.set(param, String(mine.get(param)));
  }
  return withRoom(joined(path, params), search);
}

/**
 * The page that an address of a room leads to. Rooms come from others: it leads nowhere else.
 * @param {string} address
 * @returns {string | null} "/operation" or "/network"
 */
export function pageOf(address) {
  const { path } = partsOf(address);
  return PAGES.has(path) ? path : null;
}

/** @param {string} address */
function partsOf(address) {
  const [plain] = address.split("#");
  const at = plain.indexOf("?");
  const path = at < 0 ? plain : plain.slice(0, at);
  return { path, params: new URLSearchParams(at < 0 ? "" : plain.slice(at)) };
}

/**
 * @param {string} path
 * @param {URLSearchParams} params
 */
function joined(path, params) {
  const query = toQuery(params);
  return query ? `${path}?${query}` : path;
}

/**
 * @template {Schema} S
 * @param {S} schema
 * @param {import("./url-state.js").StateOf<S>} view
 * @param {Readonly<Record<string, unknown>> | null} own null for nobody's
 * @returns {import("./url-state.js").StateOf<S>}
 */
function withPersonal(schema, view, own) {
  const personal = PERSONAL.map((key) => [key, own ? own[key] : schema[key].default]);
  return { ...view, ...Object.fromEntries(personal) };
}
