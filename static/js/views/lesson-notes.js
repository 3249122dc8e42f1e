/**
 * The present step of a lesson as its teacher reads it: where we are, what to say, what comes next. Only ever on
 * the presenter's own screen.
 */

import { localText } from "../core/lesson.js";
import { currentLanguage, t } from "../i18n/i18n.js";
import { element, emit, setAttributes, setText } from "./dom.js";

/** @typedef {import("../core/lesson.js").Kept} Kept */

/** «Say: …», «示す：…»: the first words of a line, when they say what kind of line it is. */
const CUE = /^([^:：.。!?]{1,60}[:：])\s*(.*)$/;

export class LessonNotes extends HTMLElement {
  #choose = element("button", { type: "button", class: "word opens" });
  #edit = element("button", { type: "button", class: "button" });
  #place = element("span", { class: "place" });
  #heading = element("h2", {}, this.#place);
  #title = element("span");
  #notes = element("div", { class: "notes", tabindex: "0", role: "region" });
  #next = element("p", { class: "next" });
  #shown = "";

  connectedCallback() {
    if (this.#heading.isConnected) return;
    this.#heading.append(" ", this.#title);
    this.#heading.setAttribute("aria-live", "polite");
    this.append(
      element("div", { class: "lesson-head" }, this.#choose, this.#edit),
      this.#heading,
      this.#notes,
      this.#next,
    );
    this.#choose.addEventListener("click", () => emit(this, "cs-lecture", { intent: "lessons" }));
    this.#edit.addEventListener("click", () => emit(this, "cs-lecture", { intent: "edit" }));
  }

  /** Where reading goes on: no key there means anything but on, back and the like. */
  focusNotes() {
    this.#notes.focus({ preventScroll: true });
  }

  /** @param {{ kept: Kept | null }} props */
  update({ kept }) {
    const language = currentLanguage();
    setText(
      this.#choose,
      kept ? localText(kept.lesson.title, language) || t("lesson.untitled") : t("lesson.choose"),
    );
    setAttributes(this.#choose, { "aria-label": `${t("lesson.lesson")}: ${this.#choose.textContent}` });
    setText(this.#edit, t("lesson.edit"));
    this.#edit.hidden = kept === null;
    this.#heading.hidden = kept === null;
    setAttributes(this.#notes, { "aria-label": t("lesson.notes") });
    const step = kept?.lesson.steps[kept.at];
    const next = kept?.lesson.steps[kept.at + 1];
    if (kept && step) {
      setText(this.#place, `${kept.at + 1} / ${kept.lesson.steps.length}`);
      setText(this.#title, localText(step.title, language) || t("lesson.untitledStep"));
    }
    this.#write(step ? localText(step.notes, language) : t("lesson.none"), step === undefined);
    this.#next.hidden = kept === null;
    const name = localText(next?.title, language) || t("lesson.untitledStep");
    setText(this.#next, next ? t("lesson.nextIs", { title: name }) : t("lesson.last"));
  }

  /**
   * @param {string} text
   * @param {boolean} isHint
   */
  #write(text, isHint) {
    setAttributes(this.#notes, { "data-hint": isHint });
    if (text === this.#shown) return;
    this.#shown = text;
    this.#notes.replaceChildren(
      ...text.split("\n").map((line) => {
        const [, cue, rest] = CUE.exec(line) ?? [];
        return cue ? element("p", {}, element("b", {}, cue), " ", rest) : element("p", {}, line);
      }),
    );
    this.#notes.scrollTop = 0;
  }
}

customElements.define("cs-lesson-notes", LessonNotes);
