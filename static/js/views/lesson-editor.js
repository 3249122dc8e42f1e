/**
 * A lesson being prepared: its steps in order, and the words of the present one. It emits "cs-lesson" with what
 * is asked for; the words are told when a field is left.
 */

import { KINDS, LIMITS, localText, rewritten } from "../core/lesson.js";
import { currentLanguage, t } from "../i18n/i18n.js";
import { element, emit, setAttributes, setText } from "./dom.js";

/** @typedef {import("../core/lesson.js").Kept} Kept */

export class LessonEditor extends HTMLElement {
  #done = this.#button("done", "strong");
  #title = element("input", { class: "text-field", maxlength: LIMITS.line, autocomplete: "off" });
  #titleLabel = element("label", {}, element("span", { class: "label" }), this.#title);
  #list = element("ol", { class: "steps" });
  #stepTitle = element("input", { class: "text-field", maxlength: LIMITS.line, autocomplete: "off" });
  #stepLabel = element("label", {}, element("span", { class: "label" }), this.#stepTitle);
  #notes = element("textarea", { class: "text-field", maxlength: LIMITS.notes, rows: 6 });
  #notesLabel = element("label", {}, element("span", { class: "label" }), this.#notes);
  #question = element("select", { class: "word" });
  #questionLabel = element(
    "label",
    { class: "question" },
    element("span", { class: "label" }),
    this.#question,
  );
  #up = this.#button("up");
  #down = this.#button("down");
  #retake = this.#button("retake");
  #remove = this.#button("remove");
  #add = this.#button("add");
  #save = this.#button("save");
  /** @type {Kept | null} */
  #kept = null;

  connectedCallback() {
    if (this.#list.isConnected) return;
    this.append(
      element("div", { class: "lesson-head" }, this.#titleLabel, this.#done),
      this.#list,
      element("div", { class: "step-tools" }, this.#add, this.#up, this.#down, this.#retake, this.#remove),
      this.#stepLabel,
      this.#notesLabel,
      element("div", { class: "lesson-foot" }, this.#questionLabel, this.#save),
    );
    this.#title.addEventListener("change", () => {
      const title = this.#written(this.#kept?.lesson.title, this.#title.value.trim());
      emit(this, "cs-lesson", { intent: "retitle", title });
    });
    for (const [field, name] of /** @type {const} */ ([
      [this.#stepTitle, "title"],
      [this.#notes, "notes"],
    ])) {
      field.addEventListener("change", () => {
        const text = this.#written(this.#step?.[name], field.value.trim());
        // Emptied in the only language that it has, a text is gone.
        this.#rewrite({ [name]: isEmpty(text) ? undefined : text });
      });
    }
    this.#question.addEventListener("change", () =>
      this.#rewrite({ question: this.#question.value || undefined }),
    );
  }

  get #step() {
    return this.#kept?.lesson.steps[this.#kept.at];
  }

  /** @param {object} patch of the present step */
  #rewrite(patch) {
    emit(this, "cs-lesson", { intent: "rewrite", index: this.#kept?.at ?? 0, patch });
  }

  /**
   * @param {import("../core/lesson.js").Text | undefined} text
   * @param {string} written
   */
  #written(text, written) {
    return rewritten(text, currentLanguage(), written);
  }

  /** @param {{ kept: Kept | null }} props */
  update({ kept }) {
    if (!kept) return;
    this.#kept = kept;
    const language = currentLanguage();
    const { lesson, at } = kept;
    const step = lesson.steps[at];
    for (const [label, key] of /** @type {const} */ ([
      [this.#titleLabel, "lesson.title"],
      [this.#stepLabel, "lesson.stepTitle"],
      [this.#notesLabel, "lesson.notes"],
      [this.#questionLabel, "lesson.question"],
    ])) {
      setText(/** @type {Element} */ (label.firstElementChild), t(key));
    }
    fill(this.#title, localText(lesson.title, language));
    fill(this.#stepTitle, localText(step?.title, language));
    fill(this.#notes, localText(step?.notes, language));
    this.#listKinds(step?.question ?? "");
    this.#listSteps(
      lesson.steps.map(({ title }) => localText(title, language) || t("lesson.untitledStep")),
      at,
    );
    for (const button of [
      this.#done,
      this.#up,
      this.#down,
      this.#retake,
      this.#remove,
      this.#add,
      this.#save,
    ])
      setText(button, t(`lesson.${button.dataset.intent}`));
    this.#up.disabled = at === 0;
    this.#down.disabled = at === lesson.steps.length - 1;
    this.#remove.disabled = lesson.steps.length === 1;
  }

  /** @param {string} chosen */
  #listKinds(chosen) {
    const choices = ["", ...KINDS];
    const names = choices.map((kind) => (kind ? t(`room.kind.${kind}`) : t("lesson.noQuestion")));
    if ([...this.#question.options].map(({ text }) => text).join() !== names.join()) {
      this.#question.replaceChildren(...choices.map((value, i) => element("option", { value }, names[i])));
    }
    this.#question.value = chosen;
  }

  /**
   * @param {readonly string[]} titles
   * @param {number} at
   */
  #listSteps(titles, at) {
    while (this.#list.childElementCount > titles.length) this.#list.lastElementChild?.remove();
    while (this.#list.childElementCount < titles.length) {
      const index = this.#list.childElementCount;
      const button = element("button", { type: "button" });
      button.addEventListener("click", () => emit(this, "cs-lesson", { intent: "go", index }));
      this.#list.append(element("li", {}, button));
    }
    titles.forEach((title, i) => {
      const button = /** @type {HTMLElement} */ (this.#list.children[i].firstElementChild);
      setText(button, title);
      const wasCurrent = button.hasAttribute("aria-current");
      setAttributes(button, { "aria-current": i === at ? "step" : null });
      if (i === at && !wasCurrent) button.scrollIntoView({ block: "nearest" });
    });
  }

  /**
   * @param {string} intent
   * @param {string} [name] class
   */
  #button(intent, name = "") {
    const button = element("button", { type: "button", class: `button ${name}`, "data-intent": intent });
    button.addEventListener("click", () => emit(this, "cs-lesson", { intent, index: this.#kept?.at ?? 0 }));
    return button;
  }
}

/**
 * A field takes a new text unless somebody is writing there.
 * @param {HTMLInputElement | HTMLTextAreaElement} field
 * @param {string} text
 */
function fill(field, text) {
  if (document.activeElement !== field && field.value !== text) field.value = text;
}

/** @param {import("../core/lesson.js").Text} text */
function isEmpty(text) {
  return typeof text === "object" ? text.en === "" && text.ja === "" : text === "";
}

customElements.define("cs-lesson-editor", LessonEditor);
