/**
 * A question to the room: in words, with a place for one's answer, and once it is told the truth and what all
 * others said. It emits "cs-answer" with a value.
 */

import { answerText, barsOf, isRight, readNumber, readSize } from "../core/question.js";
import { currentLanguage, t } from "../i18n/i18n.js";
import { element, emit, setAttributes, setText } from "./dom.js";
import { HistogramView } from "./histogram.js";

/** @typedef {import("../core/room-state.js").Question} Question */

/**
 * @typedef {object} QuestionProps
 * @property {Question | null} question
 * @property {import("../core/room-state.js").Role} role
 * @property {string} place in words
 * @property {any} own answer
 * @property {number} answered
 * @property {readonly import("../core/room-state.js").Count[] | null} tally
 * @property {number} digits decimals that the page shows
 */

export class QuestionCard extends HTMLElement {
  #heading = element("h2", { tabindex: "-1" });
  #form = element("form", { novalidate: true });
  #mine = element("p", { class: "own-answer" });
  #mineText = element("span");
  #change = element("button", { type: "button", class: "word" });
  #truth = element("p", { class: "truth" });
  #verdict = element("p", { class: "verdict" });
  #told = element("div", { role: "status" }, this.#truth, this.#verdict);
  #count = element("p", { class: "answered" });
  #histogram = new HistogramView();
  #built = "";
  #isChanging = false;
  /** @type {QuestionProps | null} */
  #props = null;

  connectedCallback() {
    if (this.#heading.isConnected) return;
    setAttributes(this, { role: "region" });
    this.#mine.append(this.#mineText, " ", this.#change);
    const words = element(
      "div",
      { class: "words" },
      this.#heading,
      this.#form,
      this.#mine,
      this.#told,
      this.#count,
    );
    this.append(words, this.#histogram);
    this.#change.addEventListener("click", () => {
      this.#isChanging = true;
      this.#show();
      this.#form.querySelector("input")?.focus();
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send(this.#typed());
    });
  }

  /** @param {QuestionProps} props */
  update(props) {
    const before = this.#props?.question?.id;
    this.#props = props;
    this.hidden = props.question === null;
    if (!props.question) return;
    if (props.question.id !== before) this.#isChanging = false;
    this.#show();
  }

  #show() {
    const props = /** @type {QuestionProps} */ (this.#props);
    const question = /** @type {Question} */ (props.question);
    const { role, own, digits, answered } = props;
    const language = currentLanguage();
    const isOpen = question.revealed === null;
    const isAsked = isOpen && role === "follower" && (own === null || this.#isChanging);
    const inWords = (/** @type {any} */ value) => answerText(question, value, digits, language);
    setAttributes(this, { "aria-label": t("room.question"), "data-role": role, "data-kind": question.kind });
    setText(this.#heading, t(`room.asked.${question.kind}`, { place: props.place }));
    this.#build(question, language);
    this.#form.hidden = !isAsked;
    this.#mine.hidden = own === null || isAsked;
    setText(this.#mineText, own === null ? "" : t("room.own", { answer: inWords(own) }));
    setText(this.#change, t("room.change"));
    this.#change.hidden = !isOpen;
    setText(this.#count, t(answered === 1 ? "room.answer" : "room.answered", { count: answered }));
    this.#tell(question, props, inWords);
    const tally = question.revealed?.tally ?? (role === "lead" ? props.tally : null);
    this.#histogram.hidden = tally === null || answered === 0;
    if (tally === null) return;
    const answer = question.revealed?.answer;
    this.#histogram.update(
      barsOf(question, tally, { answer, own, digits, language, others: t("room.others") }),
    );
  }

  /**
   * @param {Question} question
   * @param {QuestionProps} props
   * @param {(value: any) => string} inWords
   */
  #tell(question, { own, digits }, inWords) {
    const { revealed } = question;
    const right = revealed !== null && isRight(question, own, revealed.answer, digits);
    this.#told.hidden = revealed === null;
    setText(this.#truth, revealed ? t("room.truth", { answer: inWords(revealed.answer) }) : "");
    setText(this.#verdict, revealed && own !== null ? t(right ? "room.right" : "room.wrong") : "");
  }

  /**
   * The fields that suit the kind of question.
   * @param {Question} question
   * @param {string} language
   */
  #build(question, language) {
    const key = `${question.id} ${language}`;
    if (key === this.#built) return;
    this.#built = key;
    const { options, kind } = question;
    if (options) {
      const buttons = options.map((_, value) => {
        const text = answerText(question, value, 6, language);
        const button = element("button", { type: "button", class: "button option" }, text);
        button.addEventListener("click", () => this.#send(value));
        return button;
      });
      this.#form.replaceChildren(element("div", { class: "options" }, ...buttons));
      return;
    }
    const send = element("button", { type: "submit", class: "button primary" }, t("room.send"));
    if (kind === "size") {
      const names = ["rows", "columns"].map((name) => t(`room.${name}`));
      const [rows, columns] = names.map((name) => field(name, "numeric"));
      this.#form.replaceChildren(rows, element("span", { "aria-hidden": "true" }, "×"), columns, send);
      return;
    }
    const input = field(t("room.yours"), "decimal");
    // Keypads of telephones have no minus.
    const minus = element(
      "button",
      { type: "button", class: "button sign", "aria-label": t("room.minus") },
      "±",
    );
    minus.addEventListener("click", () => {
      const text = input.value.trim();
      input.value = /^[-\u2212]/.test(text) ? text.slice(1) : `\u2212${text}`;
      input.focus();
    });
    this.#form.replaceChildren(minus, input, send);
  }

  /** @returns {any} null for what is no answer */
  #typed() {
    const texts = [...this.#form.querySelectorAll("input")].map(({ value }) => value);
    return this.#props?.question?.kind === "size" ? readSize(texts) : readNumber(texts[0] ?? "");
  }

  /** @param {any} value */
  #send(value) {
    for (const input of this.#form.querySelectorAll("input"))
      setAttributes(input, { "aria-invalid": value === null ? "true" : null });
    if (value === null) {
      this.#form.querySelector("input")?.focus();
      return;
    }
    this.#isChanging = false;
    emit(this, "cs-answer", { value });
    // The fields go: who sent by the keyboard goes on from here.
    this.#heading.focus({ preventScroll: true });
  }
}

/**
 * @param {string} name spoken
 * @param {"decimal" | "numeric"} mode of a telephone's keypad
 */
function field(name, mode) {
  return element("input", {
    type: "text",
    inputmode: mode,
    autocomplete: "off",
    maxlength: 24,
    size: mode === "numeric" ? 4 : 8,
    "aria-label": name,
    placeholder: mode === "numeric" ? name : null,
  });
}

customElements.define("cs-question-card", QuestionCard);
