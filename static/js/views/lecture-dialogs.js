/**
 * The two things that a presenter does not do by accident: hand the room on, and end it.
 */

import { t } from "../i18n/i18n.js";
import { DialogView } from "./dialog.js";
import { element, emit, setAttributes, setText } from "./dom.js";

/** The presenter's link; where it cannot be copied by the page, it stands there selected. */
export class ShareDialog extends DialogView {
  #warning = element("p", { class: "note" });
  #link = element("input", { class: "text-field", readonly: true });
  #copy = element("button", { type: "button", class: "button strong" });
  #said = element("p", { role: "status", class: "note" });

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    if (this.#link.isConnected) return;
    this.body.append(
      this.#warning,
      element("div", { class: "copy-row" }, this.#link, this.#copy),
      this.#said,
    );
    this.#copy.addEventListener("click", () => void this.#take());
    this.#link.addEventListener("focus", () => this.#link.select());
  }

  /** @param {{ open: boolean, link: string }} props */
  update({ open, link }) {
    setText(this.#warning, t("lecture.shareWarning"));
    this.#link.value = link;
    setAttributes(this.#link, { "aria-label": t("lecture.share") });
    setText(this.#copy, t("lecture.copy"));
    if (open !== this.dialog.open) setText(this.#said, "");
    this.show(open, t("lecture.share"));
  }

  async #take() {
    try {
      // Absent on insecure origins other than the machine itself: a hall's http address.
      await navigator.clipboard.writeText(this.#link.value);
      setText(this.#said, t("export.copied"));
    } catch {
      setText(this.#said, t("lecture.copyByHand"));
      this.#link.focus();
      this.#link.select();
    }
  }
}

export class CloseDialog extends DialogView {
  #text = element("p", { class: "note" });
  #close = element("button", { type: "button", class: "button strong" });
  #stay = element("button", { type: "button", class: "button" });

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    if (this.#text.isConnected) return;
    this.body.append(this.#text, element("div", { class: "dialog-buttons" }, this.#stay, this.#close));
    this.#close.addEventListener("click", () => emit(this, "cs-lecture", { intent: "end" }));
    this.#stay.addEventListener("click", () => this.dialog.close());
  }

  /** @param {{ open: boolean, followers: number }} props */
  update({ open, followers }) {
    const count = t(followers === 1 ? "room.follower" : "room.followers", { count: followers });
    setText(this.#text, t("lecture.closeWarning", { followers: count }));
    setText(this.#close, t("lecture.close"));
    setText(this.#stay, t("message.cancel"));
    this.show(open, t("lecture.closeQuestion"));
  }
}

customElements.define("cs-share-dialog", ShareDialog);
customElements.define("cs-close-dialog", CloseDialog);
