/**
 * A lesson's file dropped anywhere on the console.
 */

import { t } from "../../i18n/i18n.js";
import { element, setText } from "../../views/dom.js";

/**
 * @param {Document} root
 * @param {{ openFile: (file: File) => Promise<void> }} actions
 */
export function listenForLessons(root, actions) {
  const text = element("p");
  const veil = element("div", { class: "drop-veil", popover: "manual" }, text);
  root.body.append(veil);
  const show = (/** @type {boolean} */ visible) => {
    setText(text, t("lesson.drop"));
    if (visible !== veil.matches(":popover-open")) veil.togglePopover(visible);
  };
  root.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    show(true);
  });
  root.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) show(false);
  });
  root.addEventListener("drop", (event) => {
    const file = event.dataTransfer?.files[0];
    show(false);
    if (!file) return;
    event.preventDefault();
    void actions.openFile(file);
  });
}
