/**
 * Taking the present view along: its address, the script that gets its numbers, or the numbers themselves.
 * Emits "cs-copy" with what is to be copied; `say` tells the reader that it was, and `offer` shows the text
 * where a page may not write to the clipboard.
 */

import { t } from "../i18n/i18n.js";
import { DialogView } from "./dialog.js";
import { element, emit, setAttributes, setText } from "./dom.js";
import { placeUnder } from "./settings.js";

/** @typedef {"link" | "python" | "curl"} Copied */
/** @typedef {{ name: "png" | "output" | "input", url: string, file: string }} Download */

const COPIES = /** @type {readonly Copied[]} */ (["link", "python", "curl"]);
/** How long a button says that it has copied. */
const SAID_MS = 2000;

export class ExportMenu extends HTMLElement {
  #link = copyButton("link", "button");
  #python = copyButton("python", "button");
  #more = element("button", { type: "button", class: "button more", popovertarget: "export-menu" });
  #menu = element("div", { id: "export-menu", popover: "auto", class: "popover menu" });
  #said = element("span", { class: "visually-hidden", role: "status" });
  /** @type {HTMLAnchorElement[]} */
  #downloads = [];
  #offer = new OfferDialog();
  #timer = 0;

  connectedCallback() {
    if (this.#menu.isConnected) return;
    this.#menu.append(...COPIES.map((what) => copyButton(what, "menu-item")));
    this.#menu.addEventListener("toggle", () => placeUnder(this.#menu, this.#more));
    this.addEventListener("click", (event) => {
      const button = event.target instanceof Element ? event.target.closest("[data-copy]") : null;
      if (button) emit(this, "cs-copy", { what: button.getAttribute("data-copy") });
      if (event.target instanceof Element && event.target.closest(".menu-item")) this.#menu.hidePopover();
    });
    this.append(this.#link, this.#python, this.#more, this.#menu, this.#said, this.#offer);
  }

  /** @param {readonly Download[]} downloads */
  update(downloads) {
    setText(this.#more, t("export.more"));
    while (this.#downloads.length < downloads.length) {
      this.#downloads.push(this.#menu.appendChild(element("a", { class: "menu-item" })));
    }
    downloads.forEach(({ name, url, file }, i) => {
      setAttributes(this.#downloads[i], { href: url, download: file });
      setText(this.#downloads[i], t(`export.${name}`));
    });
    if (!this.#timer) this.#label();
  }

  /** @param {Copied} what has been copied */
  say(what) {
    clearTimeout(this.#timer);
    this.#label();
    setText(this.#said, t("export.copied"));
    const button = [this.#link, this.#python].find(({ dataset }) => dataset.copy === what) ?? this.#more;
    button.style.minWidth = `${button.offsetWidth}px`;
    setText(button, t("export.copied"));
    this.#timer = window.setTimeout(() => {
      this.#timer = 0;
      button.style.minWidth = "";
      this.#label();
      setText(this.#said, "");
    }, SAID_MS);
  }

  /** @param {string} text to be copied by hand */
  offer(text) {
    this.#offer.offer(text);
  }

  #label() {
    for (const button of this.querySelectorAll("[data-copy]")) {
      setText(button, t(`export.${button.getAttribute("data-copy")}`));
    }
    setText(this.#more, t("export.more"));
  }
}

/** The text, already marked: one key copies it. */
class OfferDialog extends DialogView {
  #text = element("textarea", { readonly: true, rows: 10, spellcheck: "false" });

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    if (!this.#text.isConnected) this.body.append(element("p", { class: "note" }), this.#text);
  }

  /** @param {string} text */
  offer(text) {
    this.#text.value = text;
    setAttributes(this.#text, { "aria-label": t("export.byHand") });
    const note = this.body.querySelector("p");
    if (note) setText(note, t("export.byHand"));
    this.show(true, t("export.text"));
    this.#text.focus();
    this.#text.select();
  }
}

/**
 * @param {Copied} what
 * @param {string} name of the class
 */
function copyButton(what, name) {
  return element("button", { type: "button", class: `${name} copy-${what}`, "data-copy": what });
}

customElements.define("cs-offer-dialog", OfferDialog);
customElements.define("cs-export-menu", ExportMenu);
