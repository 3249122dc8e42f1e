/**
 * A modal dialog with a title and a button that closes it. It emits "cs-close" when the reader closes it, by
 * the button, by Esc or beside it; focus goes back to where it was.
 */

import { t } from "../i18n/i18n.js";
import { element, emit, setAttributes, setText } from "./dom.js";

export class DialogView extends HTMLElement {
  heading = element("h2");
  body = element("div", { class: "dialog-body" });
  #close = element("button", { type: "button", class: "icon-button" }, "×");
  dialog = element(
    "dialog",
    { class: "dialog" },
    element("div", { class: "dialog-head" }, this.heading, this.#close),
    this.body,
  );
  #isWanted = false;

  connectedCallback() {
    if (this.dialog.isConnected) return;
    this.heading.id = `${this.localName}-title`;
    setAttributes(this.dialog, { "aria-labelledby": this.heading.id });
    this.#close.addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("pointerdown", (event) => {
      if (event.target === this.dialog && !isInside(event, this.dialog)) this.dialog.close();
    });
    this.dialog.addEventListener("close", () => {
      if (this.#isWanted) emit(this, "cs-close", {});
      this.#isWanted = false;
    });
    this.append(this.dialog);
  }

  /**
   * @param {boolean} open
   * @param {string} title
   */
  show(open, title) {
    setText(this.heading, title);
    setAttributes(this.#close, { "aria-label": t("message.close") });
    this.#isWanted = open;
    if (open && !this.dialog.open) {
      this.dialog.showModal();
      // Where the reader left off, rather than on the button that leads out again.
      const first = this.body.querySelector('[aria-checked="true"], [aria-pressed="true"], [tabindex="0"]');
      if (first instanceof HTMLElement) first.focus();
    }
    if (!open && this.dialog.open) this.dialog.close();
  }
}

/**
 * @param {PointerEvent} event
 * @param {Element} target
 */
function isInside({ clientX, clientY }, target) {
  const { left, right, top, bottom } = target.getBoundingClientRect();
  return clientX >= left && clientX <= right && clientY >= top && clientY <= bottom;
}
