/**
 * What the address of the Lecture page holds: how the page looks, and beside it, as on all pages, the room. Never
 * the secret.
 */

import { appearance } from "./appearance-schema.js";
import { defineSchema } from "./url-state.js";

export const schema = defineSchema({
  theme: appearance.theme,
  lang: appearance.lang,
});

/** @typedef {import("./url-state.js").StateOf<typeof schema>} View */

/**
 * What an address says of a room, where a presenter's link may have it behind the "#", which no server sees.
 * @param {{ search: string, hash: string }} address
 * @returns {{ room: string, secret: string }} empty texts where nothing is said
 */
export function ticketIn({ search, hash }) {
  const hidden = new URLSearchParams(hash.slice(1));
  const room = hidden.get("room") ?? new URLSearchParams(search).get("room") ?? "";
  return { room, secret: hidden.get("secret") ?? "" };
}
