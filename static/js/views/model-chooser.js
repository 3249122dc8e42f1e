/**
 * The choice of a model: trained ones, architectures with random weights, and a reader's own ONNX file with the
 * way in which pictures enter it. Emits "cs-model", "cs-model-file" and "cs-preprocessing".
 */

import { shortCount } from "../core/count-text.js";
import { formatFixed, formatSize } from "../core/format.js";
import { hasText, t } from "../i18n/i18n.js";
import { DialogView } from "./dialog.js";
import { element, emit, setAttributes, setText } from "./dom.js";
import { PreprocessingForm } from "./preprocessing-form.js";

/**
 * @typedef {object} ModelChooserProps
 * @property {boolean} open
 * @property {readonly any[]} models of GET /models, and brought ones
 * @property {string} chosen name or id
 * @property {any} answer of the chosen model, once it is there
 * @property {{ text: string, busy: boolean }} status
 */

const GROUPS = ["trained", "brought", "random"];

export class ModelChooser extends DialogView {
  #groups = element("div", { class: "model-groups" });
  #file = element("input", { type: "file", accept: ".onnx", hidden: true });
  #upload = element("button", { type: "button", class: "button" });
  #hint = element("p", { class: "note" });
  #status = element("p", { role: "status" });
  #cancel = element("button", { type: "button", class: "button" });
  #message = element("div", { class: "dialog-message" }, this.#status, this.#cancel);
  #report = element("p", { class: "note" });
  #form = new PreprocessingForm();
  #about = element("section", { class: "model-about" }, this.#report, this.#form.element);
  #built = "";

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    if (this.#groups.isConnected) return;
    this.#upload.addEventListener("click", () => this.#file.click());
    this.#file.addEventListener("change", () => {
      const file = this.#file.files?.[0];
      if (file) emit(this, "cs-model-file", { file });
      // The same file may be chosen again after an error.
      this.#file.value = "";
    });
    this.#cancel.addEventListener("click", () => emit(this, "cs-cancel", {}));
    this.#form.onApply = (changes) => emit(this, "cs-preprocessing", { changes });
    this.body.append(
      element(
        "div",
        { class: "model-columns" },
        this.#groups,
        element(
          "div",
          { class: "model-side" },
          element("div", { class: "upload" }, this.#upload, this.#file, this.#hint),
          this.#message,
          this.#about,
        ),
      ),
    );
  }

  /** @param {ModelChooserProps} props */
  update(props) {
    if (props.open) this.#update(props);
    this.show(props.open, t("models.choose"));
  }

  /** @param {ModelChooserProps} props */
  #update({ models, chosen, answer, status }) {
    const key = JSON.stringify([models.map(({ id }) => id), t("models.choose")]);
    if (key !== this.#built) this.#build(models);
    this.#built = key;
    for (const button of this.#groups.querySelectorAll("button")) {
      const { name, id } = button.dataset;
      setAttributes(button, {
        "aria-pressed": String(name === chosen || id === chosen || id === answer?.id),
      });
    }
    setText(this.#upload, t("models.upload"));
    setText(this.#hint, t("models.hint"));
    this.#message.hidden = status.text === "" && !status.busy;
    setText(this.#status, status.busy ? t("models.busy") : status.text);
    this.#cancel.hidden = !status.busy;
    setText(this.#cancel, t("message.cancel"));
    this.#about.hidden = answer === null;
    if (!answer) return;
    setText(this.#report, aboutText(answer, models.find(({ id }) => id === answer.id)?.report));
    this.#form.update(answer);
  }

  /** @param {readonly any[]} models */
  #build(models) {
    this.#groups.replaceChildren(
      ...GROUPS.flatMap((group) => {
        const members = models.filter((model) => groupOf(model) === group);
        if (members.length === 0) return [];
        const list = element("div", {
          class: "model-list",
          role: "group",
          "aria-label": t(`models.${group}`),
        });
        list.append(...members.map((model) => this.#row(model)));
        return [element("h3", {}, t(`models.${group}`)), list];
      }),
    );
  }

  /** @param {any} model */
  #row(model) {
    const { name, id } = model;
    const button = element(
      "button",
      { type: "button", "data-name": name ?? "", "data-id": id },
      element("b", {}, titleOf(model)),
      element("span", { class: "note" }, factsOf(model)),
    );
    button.addEventListener("click", () => emit(this, "cs-model", { key: name ?? id }));
    return button;
  }
}

/** @param {any} model */
function groupOf({ trained, brought }) {
  if (brought) return "brought";
  return trained ? "trained" : "random";
}

/** @param {any} model */
export function titleOf({ name, title, id }) {
  if (name && hasText(`model.${name}.name`)) return t(`model.${name}.name`);
  return title ?? name ?? id;
}

/** @param {any} model */
function factsOf({ name, input, parameters, card, year }) {
  const accuracy = card?.accuracy?.held_out;
  return [
    name && hasText(`model.${name}.note`) ? t(`model.${name}.note`) : "",
    formatSize([input.channels, ...input.size]),
    t("net.parameters", { count: shortCount(parameters) }),
    accuracy ? t("models.accuracy", { percent: formatFixed(100 * accuracy, 1) }) : "",
    year ? String(year) : "",
  ]
    .filter(Boolean)
    .join(" · ");
}

/**
 * What is known of the chosen model: its card, or what was understood of its file.
 * @param {any} answer
 * @param {any} report of the file, told once when it was brought
 */
function aboutText({ card }, report) {
  if (report) {
    const { operations, warnings = [] } = report;
    return [t("models.understood", { count: operations.length }), ...warnings].join(" ");
  }
  const data = card?.data;
  if (!data) return "";
  return [data.name, data.licence].filter(Boolean).join(". ");
}

customElements.define("cs-model-chooser", ModelChooser);
