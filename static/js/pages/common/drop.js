/**
 * Pictures dropped or pasted anywhere on the page.
 */

import { Problem } from "../../api/client.js";
import { t } from "../../i18n/i18n.js";
import { element, setText } from "../../views/dom.js";

/** @typedef {{ upload: (file: File) => Promise<void>, fail: (failure: unknown) => void }} Actions */

/**
 * @param {Document} root
 * @param {Actions} actions
 */
export function listenForPictures(root, actions) {
  // In the top layer, so that it also lies over an open dialog.
  const veil = element("div", { class: "drop-veil", popover: "manual" }, element("p"));
  root.body.append(veil);
  const show = (/** @type {boolean} */ visible) => {
    if (visible === veil.matches(":popover-open")) return;
    const text = veil.querySelector("p");
    if (text) setText(text, t("picture.drop"));
    veil.togglePopover(visible);
  };

  root.addEventListener("dragover", (event) => {
    if (!isForeign(event)) return;
    event.preventDefault();
    show(true);
  });
  root.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) show(false);
  });
  root.addEventListener("drop", (event) => {
    if (!isForeign(event)) return;
    event.preventDefault();
    show(false);
    const file = event.dataTransfer?.files[0];
    // From another page often comes the address of a picture only, which this page may not fetch.
    if (file) void actions.upload(file);
    else actions.fail(new Problem("no-file", ""));
  });
  root.addEventListener("paste", (event) => {
    const file = event.clipboardData?.files[0];
    if (!file) return;
    event.preventDefault();
    void actions.upload(file);
  });
}

/**
 * Not a selection of this page that is dragged about.
 * @param {DragEvent} event
 */
function isForeign({ dataTransfer }) {
  const types = dataTransfer?.types ?? [];
  return types.includes("Files") || types.includes("text/uri-list");
}
