/**
 * What a presenter presses all the time: on and back, cover the projector, camera, questions. It emits
 * "cs-lecture" with what is asked for.
 */

import { t } from "../i18n/i18n.js";
import { element, emit, setAttributes, setText } from "./dom.js";

/** @typedef {import("../core/room-state.js").Kind} Kind */

/**
 * @typedef {object} BarProps
 * @property {{ at: number, count: number } | null} lesson
 * @property {"none" | "code" | "blank"} curtain
 * @property {boolean} live
 * @property {boolean} isFramed the page that the room sees is here, with its camera and its questions
 * @property {readonly Kind[]} kinds of questions that can be asked now
 * @property {Kind | null} planned the kind that the present step asks
 * @property {"none" | "open" | "revealed"} question
 */

export class LectureBar extends HTMLElement {
  #previous = this.#button("previous", "");
  #next = this.#button("next", "strong");
  #place = element("span", { class: "place" });
  #code = this.#button("code", "");
  #blank = this.#button("blank", "");
  #camera = this.#button("camera", "");
  #freeze = this.#button("freeze", "");
  #add = this.#button("add", "");
  #asks = element("div", { class: "asks", role: "group" });
  #asking = element("span", { class: "label" });
  #reveal = this.#button("reveal", "strong");
  #withdraw = this.#button("withdraw", "");
  #kinds = "";

  connectedCallback() {
    if (this.#place.isConnected) return;
    this.append(
      element("div", { class: "steps-row" }, this.#previous, this.#place, this.#next),
      element("div", { class: "room-row" }, this.#code, this.#blank, this.#camera, this.#freeze, this.#add),
      element("div", { class: "ask-row" }, this.#asking, this.#asks, this.#reveal, this.#withdraw),
    );
  }

  /** @param {BarProps} props */
  update({ lesson, curtain, live, isFramed, kinds, planned, question }) {
    for (const button of [this.#previous, this.#next]) button.hidden = lesson === null;
    this.#previous.disabled = !lesson || lesson.at === 0;
    this.#next.disabled = !lesson || lesson.at === lesson.count - 1;
    setText(this.#place, lesson ? `${lesson.at + 1} / ${lesson.count}` : "");
    for (const button of [this.#code, this.#blank]) {
      setAttributes(button, { "aria-pressed": String(button.dataset.intent === curtain) });
    }
    setAttributes(this.#camera, { "aria-pressed": String(live) });
    this.#camera.hidden = !isFramed;
    this.#freeze.hidden = !isFramed || !live;
    for (const button of this.querySelectorAll("button[data-intent]")) {
      const name = button.getAttribute("data-intent");
      const text = name === "withdraw" && question === "revealed" ? "done" : name;
      setText(/** @type {Element} */ (button.firstElementChild), t(`lecture.do.${text}`));
    }
    this.#reveal.hidden = question !== "open";
    this.#withdraw.hidden = question === "none";
    this.#asking.hidden = this.#asks.hidden = question !== "none" || kinds.length === 0;
    setText(this.#asking, t("lecture.ask"));
    setAttributes(this.#asks, { "aria-label": t("lecture.ask") });
    this.#list(kinds, planned);
  }

  /** Where several questions can be asked, the choice among them. */
  focusQuestions() {
    this.#asks.querySelector("button")?.focus();
  }

  /**
   * @param {readonly Kind[]} kinds
   * @param {Kind | null} planned
   */
  #list(kinds, planned) {
    const key = [planned, ...kinds, t("lecture.ask")].join();
    if (key === this.#kinds) return;
    this.#kinds = key;
    this.#asks.replaceChildren(
      ...kinds.map((kind) => {
        const isFirst = kind === planned || kinds.length === 1;
        const button = element(
          "button",
          { type: "button", class: `button ${kind === planned ? "strong" : ""}` },
          element("span", {}, t(`room.kind.${kind}`)),
          isFirst && element("kbd", {}, "Q"),
        );
        button.addEventListener("click", () => emit(this, "cs-lecture", { intent: "ask", kind }));
        return button;
      }),
    );
  }

  /**
   * @param {keyof typeof KEYS} intent
   * @param {string} name class
   */
  #button(intent, name) {
    const key = KEYS[intent];
    const button = element(
      "button",
      { type: "button", class: `button ${name}`, "data-intent": intent },
      element("span"),
      key !== "" && element("kbd", { "aria-hidden": "true" }, key),
    );
    button.addEventListener("click", () => emit(this, "cs-lecture", { intent }));
    return button;
  }
}

/** Written on the buttons, so that they are learned by the way. */
const KEYS = {
  previous: "",
  next: "",
  code: "O",
  blank: "B",
  camera: "C",
  freeze: "Z",
  add: "W",
  reveal: "R",
  withdraw: "",
};

customElements.define("cs-lecture-bar", LectureBar);
