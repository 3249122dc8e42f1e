/**
 * The choice of a lesson: those that come with the server, one's own, a new one, one from a file. It emits
 * "cs-lesson" with what is asked for.
 */

import { localText } from "../core/lesson.js";
import { currentLanguage, t } from "../i18n/i18n.js";
import { DialogView } from "./dialog.js";
import { element, emit, setText } from "./dom.js";

/** @typedef {import("../core/lesson.js").Lesson} Lesson */
/** @typedef {import("../core/lesson.js").Text} Text */

/**
 * @typedef {object} ChooserProps
 * @property {boolean} open
 * @property {readonly { name: string, title: Text, steps: number }[]} lessons
 * @property {readonly Lesson[]} own
 */

export class LessonChooser extends DialogView {
  #groups = element("div", { class: "lesson-groups" });
  #name = element("input", { class: "text-field", maxlength: 200, autocomplete: "off" });
  #label = element("label", {}, element("span", { class: "label" }), this.#name);
  #create = element("button", { type: "submit", class: "button" });
  #form = element("form", { class: "new-lesson" }, this.#label, this.#create);
  #file = element("input", { type: "file", accept: ".json,application/json", hidden: true });
  #open = element("button", { type: "button", class: "button" });
  #hint = element("p", { class: "note" });
  #built = "";

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    if (this.#groups.isConnected) return;
    this.body.append(
      this.#groups,
      this.#form,
      element("div", { class: "upload" }, this.#open, this.#file, this.#hint),
    );
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      emit(this, "cs-lesson", { intent: "create", title: this.#name.value.trim() });
      this.#name.value = "";
    });
    this.#open.addEventListener("click", () => this.#file.click());
    this.#file.addEventListener("change", () => {
      const file = this.#file.files?.[0];
      if (file) emit(this, "cs-lesson", { intent: "file", file });
      // The same file may be chosen again after an error.
      this.#file.value = "";
    });
  }

  /** @param {ChooserProps} props */
  update({ open, lessons, own }) {
    if (open) {
      const language = currentLanguage();
      const key = JSON.stringify([language, lessons, own.map(({ title, steps }) => [title, steps.length])]);
      if (key !== this.#built) this.#build(lessons, own);
      this.#built = key;
      setText(/** @type {Element} */ (this.#label.firstElementChild), t("lesson.newTitle"));
      setText(this.#create, t("lesson.create"));
      setText(this.#open, t("lesson.open"));
      setText(this.#hint, t("lesson.openHint"));
    }
    this.show(open, t("lesson.choose"));
  }

  /**
   * @param {ChooserProps["lessons"]} lessons
   * @param {readonly Lesson[]} own
   */
  #build(lessons, own) {
    const built = lessons.map(({ name, title, steps }) =>
      this.#row(title, steps, { intent: "choose", name }),
    );
    const mine = own.map((lesson) =>
      this.#row(lesson.title, lesson.steps.length, { intent: "begin", lesson }),
    );
    this.#groups.replaceChildren(
      ...[
        { rows: built, text: "lesson.built" },
        { rows: mine, text: "lesson.mine" },
      ]
        .filter(({ rows }) => rows.length > 0)
        .flatMap(({ rows, text }) => [
          element("h3", {}, t(text)),
          element("div", { class: "lesson-list", role: "group", "aria-label": t(text) }, ...rows),
        ]),
    );
  }

  /**
   * @param {Text} title
   * @param {number} steps
   * @param {object} detail
   */
  #row(title, steps, detail) {
    const button = element(
      "button",
      { type: "button" },
      element("b", {}, localText(title, currentLanguage()) || t("lesson.untitled")),
      element(
        "span",
        { class: "note" },
        t(steps === 1 ? "lesson.oneStep" : "lesson.steps", { count: steps }),
      ),
    );
    button.addEventListener("click", () => emit(this, "cs-lesson", detail));
    return button;
  }
}

customElements.define("cs-lesson-chooser", LessonChooser);
