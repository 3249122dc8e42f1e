/**
 * Taking the present view along as text: its address, or a script that gets the same numbers.
 */

import { settleAddress } from "../../actions/address.js";
import { withoutRoom } from "../../core/room-address.js";
import { t } from "../../i18n/i18n.js";

/** @typedef {import("../../views/export-menu.js").Copied} Copied */
/** @typedef {import("../../views/export-menu.js").ExportMenu} ExportMenu */

/**
 * @param {Copied} what
 * @param {import("../../core/snippets.js").Request} request
 * @param {ExportMenu} menu says that it was copied, or offers the text where it could not be
 */
export async function copy(what, request, menu) {
  const text = await textOf(what, request);
  try {
    // Absent on insecure origins other than the machine itself: a hall's http address.
    await navigator.clipboard.writeText(text);
    menu.say(what);
  } catch {
    menu.offer(text);
  }
}

/**
 * @param {Copied} what
 * @param {import("../../core/snippets.js").Request} request
 * @returns {Promise<string>}
 */
async function textOf(what, request) {
  if (what === "link") {
    settleAddress();
    // A view is for anyone, in the room or not.
    return withoutRoom(location.href);
  }
  const { curlSnippet, pythonSnippet } = await import("../../core/snippets.js");
  if (what === "curl") return curlSnippet(request);
  return pythonSnippet(request, {
    needs: t("snippet.needs"),
    own: t("snippet.own"),
    axes: t("snippet.axes"),
  });
}
