/**
 * All kernels by picture and name, and what shapes the one that is chosen. It stands beside the arithmetic, so
 * that the kernel at work stays in sight.
 */

import { t } from "../i18n/i18n.js";
import { DialogView } from "./dialog.js";
import { element, emit, setAttributes, setText } from "./dom.js";
import { KernelSettings } from "./kernel-settings.js";
import { KernelSwatches } from "./kernel-tools.js";

/**
 * @typedef {object} KernelDialogProps
 * @property {boolean} open
 * @property {import("./kernel-tools.js").SwatchesProps} swatches
 * @property {import("./kernel-settings.js").KernelSettingsProps} settings
 */

export class KernelDialog extends DialogView {
  #swatches = new KernelSwatches();
  #settings = new KernelSettings();
  #random = element("button", { type: "button" });
  #others = element("div", { class: "segments" }, this.#random);

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    if (this.#swatches.isConnected) return;
    this.#random.addEventListener("click", () => emit(this, "cs-kernel", { name: "random" }));
    this.body.append(this.#swatches, this.#others, this.#settings);
  }

  /** @param {KernelDialogProps} props */
  update({ open, swatches, settings }) {
    if (open) {
      this.#swatches.update(swatches);
      setText(this.#random, t("preset.random"));
      setAttributes(this.#random, { "aria-pressed": String(settings.view.kernel === "random") });
      this.#settings.update(settings);
    }
    this.show(open, t("kernel.choose"));
  }
}

customElements.define("cs-kernel-dialog", KernelDialog);
