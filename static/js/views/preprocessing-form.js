/**
 * How a picture becomes a model's input, shown and editable: (pixel × range − mean) / std. A net that gets its
 * pictures otherwise than in training answers nonsense, so nothing of this is guessed silently.
 */

import { formatTick } from "../core/format.js";
import { currentLanguage, t } from "../i18n/i18n.js";
import { element, setText } from "./dom.js";

/** @typedef {import("../actions/load-net.js").Preprocessing} Preprocessing */

const CHOICES = /** @type {const} */ ({
  resize: ["stretch", "crop"],
  color: ["rgb", "bgr", "gray"],
  range: ["1", "255"],
});

/** Means and deviations that many nets were trained with, for numbers from 0 to 1. */
const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

export class PreprocessingForm {
  #title = element("h3");
  #note = element("p", { class: "note" });
  #fields = /** @type {Record<string, HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>} */ ({
    size: element("input", { inputmode: "numeric", autocomplete: "off" }),
    ...Object.fromEntries(Object.keys(CHOICES).map((name) => [name, element("select")])),
    mean: element("input", { autocomplete: "off" }),
    std: element("input", { autocomplete: "off" }),
    labels: element("textarea", { rows: 3, spellcheck: "false" }),
  });
  #labels = /** @type {Record<string, HTMLElement>} */ ({});
  #imagenet = element("button", { type: "button", class: "button" });
  #apply = element("button", { type: "submit", class: "button primary" });
  #shown = "";
  #given = "";

  /** Set by its owner. @type {(changes: { preprocessing: Preprocessing, labels?: string[] | null }) => void} */
  onApply = () => {};

  constructor() {
    const rows = Object.entries(this.#fields).map(([name, field]) => {
      this.#labels[name] = element("span", { class: "label" });
      return element("label", { class: "field" }, this.#labels[name], field);
    });
    this.element = element(
      "form",
      { class: "preprocessing" },
      this.#title,
      this.#note,
      ...rows,
      element("div", { class: "choices" }, this.#imagenet, this.#apply),
    );
    this.#imagenet.addEventListener("click", () => {
      this.#fields.range.value = "1";
      this.#fields.mean.value = IMAGENET.mean.join(", ");
      this.#fields.std.value = IMAGENET.std.join(", ");
    });
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      const labels = this.#fields.labels.value;
      this.onApply({
        preprocessing: this.#read(),
        ...(labels === this.#given ? {} : { labels: labels.trim() ? labels.trim().split(/\r?\n/) : null }),
      });
    });
  }

  /** @param {import("../actions/load-net.js").ModelAnswer} answer */
  update({ id, input, labels }) {
    const key = JSON.stringify([id, currentLanguage()]);
    if (key === this.#shown) return;
    this.#shown = key;
    setText(this.#title, t("preprocessing.title"));
    setText(this.#note, t("preprocessing.formula"));
    for (const [name, label] of Object.entries(this.#labels)) setText(label, t(`preprocessing.${name}`));
    for (const [name, values] of Object.entries(CHOICES)) {
      const select = this.#fields[name];
      select.replaceChildren(
        ...values.map((value) => element("option", { value }, t(`preprocessing.${name}s.${value}`))),
      );
    }
    setText(this.#imagenet, t("preprocessing.imagenet"));
    setText(this.#apply, t("preprocessing.apply"));
    const used = input.preprocessing;
    this.#fields.size.value = (used?.size ?? input.size).join(" × ");
    this.#fields.resize.value = used?.resize ?? "stretch";
    this.#fields.color.value = used?.color ?? (input.channels === 1 ? "gray" : "rgb");
    this.#fields.range.value = String(used?.range ?? 1);
    this.#fields.mean.value = listText(used?.mean ?? null);
    this.#fields.std.value = listText(used?.std ?? null);
    this.#given = (labels ?? []).map((label) => (typeof label === "string" ? label : label.en)).join("\n");
    this.#fields.labels.value = this.#given;
  }

  /** @returns {Preprocessing} what is wrong in it is told by the server, by name */
  #read() {
    const { size, resize, color, range, mean, std } = this.#fields;
    const [rows, columns] = numbersOf(size.value) ?? [];
    return {
      size: rows === undefined ? null : [rows, columns ?? rows],
      resize: /** @type {Preprocessing["resize"]} */ (resize.value),
      color: /** @type {Preprocessing["color"]} */ (color.value),
      range: range.value === "255" ? 255 : 1,
      mean: numbersOf(mean.value),
      std: numbersOf(std.value),
    };
  }
}

/** @param {readonly number[] | null} numbers */
function listText(numbers) {
  return numbers?.map(formatTick).join(", ") ?? "";
}

/**
 * @param {string} text numbers, parted by anything that is not part of one
 * @returns {number[] | null} null if there is none
 */
function numbersOf(text) {
  const found = text
    .normalize("NFKC")
    .replaceAll("\u2212", "-")
    .match(/-?\d*\.?\d+(?:e[+-]?\d+)?/gi);
  return found ? found.map(Number) : null;
}
