/**
 * The drawing pad of any page: fetched when it is first wanted, beside the page rather than over it.
 */

import { lazily } from "./lazy.js";

const part = lazily(() => import("../../views/drawing-pad.js"));

/**
 * @param {Document} root
 * @param {{ close: () => void, upload: (file: File) => Promise<void> }} actions
 */
export function listenForDrawing(root, actions) {
  /** @type {import("../../views/drawing-pad.js").DrawingPad | null} */
  let pad = null;
  const open = () => {
    const loaded = part(open);
    if (!loaded) return;
    pad ??= root.body.appendChild(new loaded.DrawingPad());
    pad.open();
  };
  root.addEventListener("cs-draw", () => {
    actions.close();
    open();
  });
  root.addEventListener("cs-drawn", (event) => {
    void actions.upload(/** @type {CustomEvent} */ (event).detail.file);
  });
}
