/**
 * One line about the lecture room that the page is in: for a follower whether the page follows and the way back
 * to the lecture, for the presenter all that the keys do. It emits "cs-room" with what is asked for.
 */

import { t } from "../i18n/i18n.js";
import { element, emit, setAttributes, setText } from "./dom.js";

/** @typedef {import("../core/room-state.js").Kind} Kind */

/**
 * @typedef {object} RoomBarProps
 * @property {import("../core/room-state.js").Role} role
 * @property {string} code
 * @property {string} title
 * @property {string} state in words
 * @property {"quiet" | "away" | "trouble"} mood
 * @property {boolean} isAway a follower on a way of their own
 * @property {boolean} isOver the room takes part in nothing any more
 * @property {boolean} isRefused as a lead
 * @property {"none" | "open" | "revealed"} question
 * @property {readonly Kind[]} kinds that can be asked now
 * @property {import("../core/room-state.js").Curtain} curtain
 * @property {{ at: number, count: number, title: string } | null} lesson
 */

export class RoomBar extends HTMLElement {
  #code = element("b", { class: "room-code" });
  #title = element("span", { class: "room-name" });
  #dot = element("i", { class: "dot", "aria-hidden": "true" });
  #state = element("span", { role: "status" });
  #back = this.#button("back", "primary");
  #follow = this.#button("follow");
  #leave = this.#button("leave");
  #previous = this.#button("previous", "step");
  #step = element("span", { class: "room-step" });
  #next = this.#button("next", "step");
  #ask = element("button", { type: "button", class: "button", "aria-haspopup": "dialog" });
  #reveal = this.#button("reveal", "primary");
  #withdraw = this.#button("withdraw");
  #showCode = this.#button("code");
  #blank = this.#button("blank");
  #add = this.#button("add");
  #menu = element("div", { class: "popover ask-menu", popover: "auto", role: "group" });
  #lead = element(
    "div",
    { class: "room-lead" },
    element("span", { class: "room-steps" }, this.#previous, this.#step, this.#next),
    this.#ask,
    this.#reveal,
    this.#withdraw,
    this.#showCode,
    this.#blank,
    this.#add,
  );
  #kinds = "";

  connectedCallback() {
    if (this.#lead.isConnected) return;
    setAttributes(this, { role: "region" });
    this.append(
      this.#code,
      this.#title,
      element("span", { class: "room-state" }, this.#dot, this.#state),
      this.#lead,
      this.#back,
      this.#follow,
      this.#leave,
      this.#menu,
    );
    this.#ask.addEventListener("click", () => this.askFor());
  }

  /** @param {RoomBarProps} props */
  update(props) {
    const { role, code, title, state, mood, isAway, isOver, isRefused, question, curtain, lesson } = props;
    const leads = role === "lead" && !isOver;
    setAttributes(this, { "aria-label": t("room.label"), "data-role": role, "data-mood": mood });
    setText(this.#code, code);
    setAttributes(this.#code, { "aria-label": t("room.codeOf", { code: [...code].join(" ") }) });
    setText(this.#title, title);
    setText(this.#state, state);
    this.#lead.hidden = !leads;
    this.#back.hidden = !isAway || isOver;
    this.#follow.hidden = !isRefused;
    this.#leave.hidden = !isOver;
    for (const steps of [this.#previous, this.#step, this.#next]) steps.hidden = lesson === null;
    if (lesson) {
      setText(this.#step, `${lesson.at + 1} / ${lesson.count}`);
      setAttributes(this.#step, { title: lesson.title || null });
      this.#previous.disabled = lesson.at === 0;
      this.#next.disabled = lesson.at >= lesson.count - 1;
    }
    this.#ask.hidden = question === "open";
    this.#reveal.hidden = question !== "open";
    this.#withdraw.hidden = question === "none";
    setAttributes(this.#showCode, { "aria-pressed": String(curtain === "code") });
    setAttributes(this.#blank, { "aria-pressed": String(curtain === "blank") });
    this.#name(question === "revealed");
    this.#listKinds(props.kinds);
  }

  /** Ask, or where several questions are possible, choose one. */
  askFor() {
    const kinds = this.#kinds === "" ? [] : this.#kinds.split(" ");
    if (kinds.length === 1) emit(this, "cs-room", { intent: "ask", kind: kinds[0] });
    if (kinds.length < 2 || this.#menu.matches(":popover-open")) return;
    this.#menu.showPopover();
    const { left, bottom } = this.#ask.getBoundingClientRect();
    const most = window.innerWidth - this.#menu.offsetWidth - 8;
    this.#menu.style.left = `${Math.max(8, Math.min(left, most))}px`;
    this.#menu.style.top = `${bottom + 6}px`;
    /** @type {HTMLElement | null} */ (this.#menu.firstElementChild)?.focus();
  }

  /** @param {boolean} isRevealed */
  #name(isRevealed) {
    for (const [button, name] of /** @type {[HTMLElement, string][]} */ ([
      [this.#back, "back"],
      [this.#follow, "follow"],
      [this.#leave, "leave"],
      [this.#ask, "ask"],
      [this.#reveal, "reveal"],
      [this.#withdraw, isRevealed ? "done" : "withdraw"],
      [this.#showCode, "code"],
      [this.#blank, "blank"],
      [this.#add, "add"],
    ]))
      setText(button, t(`room.${name}`));
    for (const [button, name, sign] of /** @type {[HTMLElement, string, string][]} */ ([
      [this.#previous, "previous", "‹"],
      [this.#next, "next", "›"],
    ])) {
      setText(button, sign);
      setAttributes(button, { "aria-label": t(`room.${name}`), title: t(`room.${name}`) });
    }
  }

  /** @param {readonly Kind[]} kinds */
  #listKinds(kinds) {
    /** @type {HTMLButtonElement} */ (this.#ask).disabled = kinds.length === 0;
    this.#kinds = kinds.join(" ");
    const texts = kinds.map((kind) => t(`room.kind.${kind}`));
    if (String([...this.#menu.children].map(({ textContent }) => textContent)) === String(texts)) return;
    this.#menu.replaceChildren(
      ...kinds.map((kind, i) => {
        const item = element("button", { type: "button", class: "button" }, texts[i]);
        item.addEventListener("click", () => {
          this.#menu.hidePopover();
          emit(this, "cs-room", { intent: "ask", kind });
        });
        return item;
      }),
    );
    setAttributes(this.#menu, { "aria-label": t("room.ask") });
  }

  /**
   * @param {string} intent
   * @param {string} [name] class
   */
  #button(intent, name = "") {
    const button = element("button", { type: "button", class: `button ${name}`, "data-intent": intent });
    button.addEventListener("click", () => emit(this, "cs-room", { intent }));
    return button;
  }
}

customElements.define("cs-room-bar", RoomBar);
