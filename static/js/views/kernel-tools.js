/**
 * Choosing a kernel: as swatches in a row or a grid, or by its name in a word. Both emit "cs-kernel".
 */

import { t } from "../i18n/i18n.js";
import { element, emit, setAttributes, setText } from "./dom.js";
import { fillSelect } from "./settings.js";
import { Swatch, tensorOf } from "./swatch.js";

/** @typedef {import("../core/kernel-choice.js").KernelPreset} KernelPreset */
/** @typedef {import("../core/scales.js").Theme} Theme */

/**
 * @typedef {object} SwatchesProps
 * @property {readonly KernelPreset[]} presets
 * @property {string} chosen name
 * @property {Theme} theme
 * @property {number} side of a swatch, px
 * @property {boolean} named names stand under the swatches
 */

/** Swatches of which one is chosen; the arrow keys walk through them. */
export class KernelSwatches extends HTMLElement {
  /** @type {Map<string, { button: HTMLElement, name: HTMLElement, swatch: Swatch }>} */
  #entries = new Map();

  connectedCallback() {
    setAttributes(this, { role: "radiogroup" });
    this.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /** @param {SwatchesProps} props */
  update({ presets, chosen, theme, side, named }) {
    setAttributes(this, { "aria-label": t("kernel.presets") });
    const names = presets.map(({ name }) => name);
    if (names.join() !== [...this.#entries.keys()].join()) this.#build(names);
    const reachable = names.includes(chosen) ? chosen : names[0];
    for (const { name, values } of presets) {
      const entry = this.#entries.get(name);
      if (!entry) continue;
      const text = t(`preset.${name}`);
      entry.swatch.update(tensorOf(values), theme, side);
      setText(entry.name, named ? text : "");
      setAttributes(entry.button, {
        "aria-checked": String(name === chosen),
        "aria-label": text,
        title: named ? null : text,
        tabindex: name === reachable ? 0 : -1,
      });
    }
  }

  /** @param {readonly string[]} names */
  #build(names) {
    this.#entries = new Map(
      names.map((name) => {
        const swatch = new Swatch();
        const label = element("span", { class: "name" });
        const frame = element("span", { class: "swatch-frame" }, swatch.canvas);
        const button = element("button", { type: "button", role: "radio", class: "preset" }, frame, label);
        button.addEventListener("click", () => emit(this, "cs-kernel", { name }));
        return [name, { button, name: label, swatch }];
      }),
    );
    this.replaceChildren(...[...this.#entries.values()].map(({ button }) => button));
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!step) return;
    const buttons = /** @type {HTMLElement[]} */ ([...this.children]);
    const at = buttons.indexOf(/** @type {HTMLElement} */ (event.target));
    if (at < 0) return;
    event.preventDefault();
    event.stopPropagation();
    const next = buttons[(at + step + buttons.length) % buttons.length];
    next.focus();
    next.click();
  }
}

/**
 * @typedef {object} KernelWordProps
 * @property {readonly KernelPreset[]} presets
 * @property {string} chosen
 */

/** The name of the kernel, with a dotted underline; its list ends in the way to all of its settings. */
export class KernelWord extends HTMLElement {
  #select = element("select", { class: "word" });

  connectedCallback() {
    if (this.#select.isConnected) return;
    this.#select.addEventListener("change", () => {
      const { value } = this.#select;
      if (value !== MORE) {
        emit(this, "cs-kernel", { name: value });
        return;
      }
      this.#select.value = this.dataset.chosen ?? "";
      emit(this, "cs-open", { name: "kernel" });
    });
    this.append(this.#select);
  }

  /** @param {KernelWordProps} props */
  update({ presets, chosen }) {
    this.dataset.chosen = chosen;
    const names = [...presets.map(({ name }) => name), "random", "custom"];
    const options = names.map((value) => ({ value, text: t(`preset.${value}`) }));
    fillSelect(this.#select, [...options, { value: MORE, text: t("kernel.more") }]);
    setAttributes(this.#select, { "aria-label": t("kernel.choose"), title: t(`preset.${chosen}`) });
    this.#select.value = chosen;
  }
}

const MORE = "more…";

customElements.define("cs-kernel-swatches", KernelSwatches);
customElements.define("cs-kernel-word", KernelWord);
