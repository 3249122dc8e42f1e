/**
 * The settings as words of a sentence: a label, and a value with a dotted underline that opens its control.
 * Limits come with the settings, so that no value can be chosen that would not work.
 */

import { t } from "../i18n/i18n.js";
import { element, emit, setAttributes, setText } from "./dom.js";

/** @typedef {{ minimum: number, maximum: number }} Range */

/**
 * @typedef {| { kind: "choice", options: readonly { value: string, text: string, group?: string }[] }
 *   | { kind: "integer", range: Range }
 *   | { kind: "integers", values: readonly number[] }
 *   | { kind: "pair", rows: Range, columns: Range }
 *   | { kind: "number", minimum: number, maximum: number, step: number }
 *   | { kind: "padding", words: readonly string[], maximum: readonly number[], sides: readonly number[],
 *       modes: readonly string[], mode: string }
 *   | { kind: "panel", content: Node }
 *   | { kind: "dialog", name: string }} Control
 */

/**
 * @typedef {object} Setting
 * @property {string} key of the view
 * @property {string} label
 * @property {string} text the value as shown
 * @property {unknown} value
 * @property {Control} control
 */

export class SettingsView extends HTMLElement {
  /** @type {Map<string, SettingWord>} */
  #words = new Map();

  /** @param {readonly Setting[]} settings in the order shown */
  update(settings) {
    const keys = settings.map(({ key }) => key);
    for (const [key, word] of this.#words) {
      if (keys.includes(key)) continue;
      word.element.remove();
      this.#words.delete(key);
    }
    settings.forEach((setting, i) => {
      const known = this.#words.get(setting.key);
      const word = known?.kind === setting.control.kind ? known : new SettingWord(setting);
      if (word !== known) known?.element.remove();
      this.#words.set(setting.key, word);
      word.update(setting);
      if (this.children[i] !== word.element) this.insertBefore(word.element, this.children[i] ?? null);
    });
  }
}

class SettingWord {
  /** @param {Setting} setting */
  constructor(setting) {
    this.kind = setting.control.kind;
    this.key = setting.key;
    this.label = element("span", { class: "label" });
    this.element = element("div", { class: "setting" });
    if (setting.control.kind === "choice") {
      this.select = element("select", { class: "word", "data-key": setting.key });
      this.select.addEventListener("change", () => this.#choose());
      this.element.append(element("label", {}, this.label, this.select));
      return;
    }
    if (setting.control.kind === "dialog") {
      const { name } = setting.control;
      this.word = element("button", { type: "button", class: "word opens", "aria-haspopup": "dialog" });
      this.word.addEventListener("click", () => emit(this.element, "cs-open", { name }));
      this.element.append(this.label, this.word);
      return;
    }
    const id = `setting-${setting.key}`;
    this.word = element("button", { type: "button", class: "word", popovertarget: id });
    this.popover = element("div", { id, popover: "auto", class: "popover", role: "group" });
    this.popover.addEventListener("beforetoggle", (event) => {
      if (/** @type {ToggleEvent} */ (event).newState === "open") this.#open();
    });
    this.popover.addEventListener("toggle", () => placeUnder(this.popover, this.word));
    this.element.append(this.label, this.word, this.popover);
  }

  /** @param {Setting} setting */
  update(setting) {
    this.setting = setting;
    setText(this.label, setting.label);
    if (this.select && setting.control.kind === "choice") {
      fillSelect(this.select, setting.control.options);
      this.select.value = String(setting.value);
      return;
    }
    if (!this.word) return;
    setText(this.word, setting.text);
    setAttributes(this.word, { "aria-label": `${setting.label}: ${setting.text}` });
    if (!this.popover) return;
    setAttributes(this.popover, { "aria-label": setting.label });
    if (this.popover.matches(":popover-open")) for (const refresh of this.controls ?? []) refresh();
  }

  #open() {
    const { setting, popover } = this;
    if (!setting || !popover) return;
    /** @type {(() => void)[]} */
    this.controls = [];
    popover.replaceChildren(...this.#content(setting));
  }

  /**
   * @param {Setting} setting
   * @returns {Node[]}
   */
  #content(setting) {
    const { control } = setting;
    switch (control.kind) {
      case "integer":
        return [
          this.#slider(
            "",
            (now) => rangeOf(now),
            (now) => Number(now.value),
            (value) => this.#set(value),
          ),
        ];
      case "number":
        return [
          this.#slider(
            "",
            (now) => (now.control.kind === "number" ? now.control : { minimum: 0, maximum: 1 }),
            (now) => Number(now.value),
            (value) => this.#set(value),
            control.step,
          ),
        ];
      case "integers":
        return [
          this.#buttons(control.values.map(String), String(setting.value), (text) => this.#set(Number(text))),
        ];
      case "pair":
        return this.#pair();
      case "padding":
        return this.#padding(control);
      case "panel":
        return [control.content];
    }
    return [];
  }

  #pair() {
    const both = element("input", { type: "checkbox" });
    const [rows, columns] = /** @type {number[]} */ (this.setting?.value ?? [1, 1]);
    both.checked = rows === columns;
    const sliders = /** @type {const} */ (["rows", "columns"]).map((axis, i) =>
      this.#slider(
        t(`axis.${axis}`),
        (now) => (now.control.kind === "pair" ? now.control[axis] : { minimum: 1, maximum: 1 }),
        (now) => /** @type {number[]} */ (now.value)[i],
        (value, now) => {
          const pair = [.../** @type {number[]} */ (now.value)];
          pair[i] = value;
          if (both.checked && now.control.kind === "pair") {
            const other = i === 0 ? now.control.columns : now.control.rows;
            pair[1 - i] = Math.min(other.maximum, Math.max(other.minimum, value));
          }
          this.#set(pair);
        },
      ),
    );
    return [...sliders, element("label", { class: "check" }, both, t("axis.both"))];
  }

  /** @param {Extract<Control, { kind: "padding" }>} control */
  #padding(control) {
    const text = String(this.setting?.value);
    const isWord = control.words.includes(text);
    const words = this.#buttons(
      control.words,
      isWord ? text : "",
      (word) => this.#set(word),
      (word) => t(`padding.${word}`),
    );
    const sides = control.maximum.map((_, i) =>
      this.#slider(
        t(`side.${["top", "bottom", "left", "right"][i]}`),
        (now) => ({ minimum: 0, maximum: now.control.kind === "padding" ? now.control.maximum[i] : 0 }),
        (now) => (now.control.kind === "padding" ? now.control.sides[i] : 0),
        (value, now) => {
          if (now.control.kind !== "padding") return;
          const next = now.control.sides.map((side, s) => (all.checked || s === i ? value : side));
          this.#set(next.every((side) => side === next[0]) ? String(next[0]) : next.join(","));
        },
      ),
    );
    const all = element("input", { type: "checkbox" });
    all.checked = control.sides.every((side) => side === control.sides[0]);
    const check = element("label", { class: "check" }, all, t("side.all"));
    const modes = control.modes.length
      ? [
          element("h3", {}, t("setting.paddingMode")),
          this.#buttons(
            control.modes,
            control.mode,
            (mode) => this.#emit({ paddingMode: mode }),
            (mode) => t(`mode.${mode}`),
          ),
        ]
      : [];
    return [words, ...sides, check, ...modes];
  }

  /**
   * @param {string} label
   * @param {(now: Setting) => { minimum: number, maximum: number }} limits
   * @param {(now: Setting) => number} read
   * @param {(value: number, now: Setting) => void} write
   * @param {number} [step]
   */
  #slider(label, limits, read, write, step = 1) {
    const slider = element("input", {
      type: "range",
      step,
      "aria-label": label || (this.setting?.label ?? ""),
    });
    const exact = element("input", {
      type: "number",
      step,
      "aria-label": label || (this.setting?.label ?? ""),
    });
    const refresh = () => {
      if (!this.setting) return;
      const { minimum, maximum } = limits(this.setting);
      for (const input of [slider, exact]) {
        setAttributes(input, { min: minimum, max: maximum });
        const value = String(read(this.setting));
        if (input !== document.activeElement || input === slider) input.value = value;
        input.disabled = minimum === maximum && read(this.setting) === minimum;
      }
    };
    const commit = (/** @type {HTMLInputElement} */ input) => {
      if (!this.setting || input.value === "") return;
      const { minimum, maximum } = limits(this.setting);
      write(Math.min(maximum, Math.max(minimum, Number(input.value))), this.setting);
    };
    slider.addEventListener("input", () => commit(slider));
    exact.addEventListener("change", () => commit(exact));
    this.controls?.push(refresh);
    refresh();
    return element("label", { class: "slider" }, label ? element("span", {}, label) : null, slider, exact);
  }

  /**
   * @param {readonly string[]} values
   * @param {string} chosen
   * @param {(value: string) => void} choose
   * @param {(value: string) => string} [nameOf]
   */
  #buttons(values, chosen, choose, nameOf = (value) => value) {
    const group = element("div", { class: "segments", role: "group" });
    for (const value of values) {
      const button = element(
        "button",
        { type: "button", "aria-pressed": String(value === chosen) },
        nameOf(value),
      );
      button.addEventListener("click", () => {
        for (const other of group.children)
          setAttributes(other, { "aria-pressed": String(other === button) });
        choose(value);
      });
      group.append(button);
    }
    return group;
  }

  /** A choice between two words stands for false and true. */
  #choose() {
    const { value } = this.select ?? { value: "" };
    this.#set(value === "0" || value === "1" ? value === "1" : value);
  }

  /** @param {unknown} value */
  #set(value) {
    this.#emit({ [this.key]: value });
  }

  /** @param {Record<string, unknown>} patch */
  #emit(patch) {
    emit(this.element, "cs-set", { patch });
  }
}

/** @param {Setting} setting */
function rangeOf({ control }) {
  return control.kind === "integer" ? control.range : { minimum: 0, maximum: 0 };
}

/**
 * @param {HTMLSelectElement} select
 * @param {readonly { value: string, text: string, group?: string }[]} options
 */
export function fillSelect(select, options) {
  const key = JSON.stringify(options);
  if (select.dataset.options === key) return;
  select.dataset.options = key;
  select.replaceChildren();
  /** @type {Map<string, HTMLOptGroupElement>} */
  const groups = new Map();
  for (const { value, text, group } of options) {
    const option = element("option", { value }, text);
    if (!group) {
      select.append(option);
      continue;
    }
    const parent = groups.get(group) ?? select.appendChild(element("optgroup", { label: group }));
    groups.set(group, parent);
    parent.append(option);
  }
}

/**
 * @param {HTMLElement | undefined} popover
 * @param {HTMLElement | undefined} anchor
 */
export function placeUnder(popover, anchor) {
  if (!popover?.matches(":popover-open") || !anchor) return;
  const box = anchor.getBoundingClientRect();
  const width = popover.offsetWidth;
  const left = Math.max(8, Math.min(box.left, document.documentElement.clientWidth - width - 8));
  const below = box.bottom + 8;
  const fits = below + popover.offsetHeight <= window.innerHeight - 8;
  const top = fits ? below : Math.max(8, box.top - popover.offsetHeight - 8);
  popover.style.left = `${left}px`;
  popover.style.top = `${top}px`;
}

customElements.define("cs-settings", SettingsView);
