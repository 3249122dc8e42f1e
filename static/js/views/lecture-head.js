/**
 * A room as its presenter keeps an eye on it: its code, who is there, how long already, and what is done with the
 * room as a whole. It emits "cs-lecture" with what is asked for.
 */

import { t } from "../i18n/i18n.js";
import { element, emit, setAttributes, setText } from "./dom.js";

/**
 * @typedef {object} HeadProps
 * @property {string} code
 * @property {string} title
 * @property {string} join address that leads followers here, as it is typed; empty while it is not known
 * @property {string} state in words
 * @property {boolean} isOpen the room hears what is done here
 * @property {number} since in ms since 1970
 * @property {boolean} isProjecting a window for the projector has been opened
 */

const MINUTE_MS = 60_000;

export class LectureHead extends HTMLElement {
  #code = element("p", { class: "code" });
  #dot = element("i", { class: "dot", "aria-hidden": "true" });
  #state = element("span", { role: "status" });
  #clock = element("span", { class: "clock" });
  #title = element("p", { class: "room-title" });
  #join = element("p", { class: "join" });
  #onlyHere = element("p", { class: "hint", hidden: true });
  #projector = this.#button("projector", "strong");
  #share = this.#button("share");
  #close = this.#button("close");
  /** How the window gets onto the projector: said once it is open. */
  #hint = element("p", { class: "hint", role: "status", hidden: true });
  #since = 0;
  #timer = 0;

  connectedCallback() {
    if (this.#code.isConnected) return;
    this.append(
      this.#code,
      element("p", { class: "audience" }, element("span", {}, this.#dot, this.#state), this.#clock),
      this.#title,
      this.#join,
      this.#onlyHere,
      element("div", { class: "room-tools" }, this.#projector, this.#share, this.#close),
      this.#hint,
    );
    this.#timer = window.setInterval(() => this.#tick(), MINUTE_MS / 12);
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
  }

  /** @param {HeadProps} props */
  update({ code, title, join, state, isOpen, since, isProjecting }) {
    this.#since = since;
    this.#hint.hidden = !isProjecting;
    // Two threes are remembered more easily than one six.
    setText(this.#code, `${code.slice(0, 3)} ${code.slice(3)}`);
    setAttributes(this.#code, { "aria-label": t("room.codeOf", { code: [...code].join(" ") }) });
    setAttributes(this, { "data-mood": isOpen ? "quiet" : "trouble" });
    setText(this.#state, state);
    setText(this.#title, title);
    this.#title.hidden = title === "";
    setText(this.#join, join);
    setText(this.#onlyHere, t("lecture.onlyHere"));
    this.#onlyHere.hidden = !isLoopback(join);
    setText(this.#projector, t("lecture.projector"));
    setAttributes(this.#projector, { title: "P" });
    setText(this.#hint, t("lecture.projectorHint"));
    setText(this.#share, t("lecture.share"));
    setText(this.#close, t("lecture.close"));
    this.#tick();
  }

  #tick() {
    const minutes = Math.max(0, Math.floor((Date.now() - this.#since) / MINUTE_MS));
    setText(this.#clock, t("lecture.minutes", { time: minutes }));
  }

  /**
   * @param {string} intent
   * @param {string} [name] class
   */
  #button(intent, name = "") {
    const button = element("button", { type: "button", class: `button ${name}` });
    button.addEventListener("click", () => emit(this, "cs-lecture", { intent }));
    return button;
  }
}

/**
 * Whether no other computer can follow this address.
 * @param {string} address without its scheme
 */
function isLoopback(address) {
  return /^(localhost|127\.|\[::1\])/.test(address);
}

customElements.define("cs-lecture-head", LectureHead);
