/**
 * What the net takes the picture for: the likeliest classes, as bars.
 */

import { currentLanguage, t } from "../../i18n/i18n.js";
import { element, emit, setAttributes, setText } from "../../views/dom.js";

/** @typedef {import("../../actions/load-net.js").Guess} Guess */
/** @typedef {import("../../actions/load-net.js").NetRun} NetRun */

const MOST = 8;

export class ClassBars {
  #title = element("h2");
  #shape = element("span", { class: "shape" });
  #list = element("ol", { class: "class-bars" });
  #before = /** @type {ReadonlyMap<number, number> | null} */ (null);

  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    place.append(element("div", { class: "head" }, this.#title, this.#shape), this.#list);
  }

  /**
   * @param {NetRun | null} run
   * @param {readonly Guess[] | null} before the same picture without edits, where there are some
   */
  update(run, before) {
    this.place.hidden = run !== null && run.top.length === 0;
    // What is hidden is not told either.
    if (this.place.hidden) this.#list.replaceChildren();
    if (!run || this.place.hidden) return;
    const last = run.graph.nodes.at(-1);
    setText(this.#title, last?.name ?? "");
    setText(this.#shape, t("net.classes", { count: last?.shape[0] ?? 0 }));
    this.#before = before && new Map(before.map(({ index, probability }) => [index, probability]));
    const guesses = run.top.slice(0, MOST);
    const most = Math.max(...guesses.map(({ probability }) => probability));
    while (this.#list.childElementCount > guesses.length) this.#list.lastElementChild?.remove();
    guesses.forEach((guess, i) => {
      const row = this.#list.children[i] ?? this.#list.appendChild(newRow());
      this.#updateRow(/** @type {HTMLElement} */ (row), guess, guess.probability === most, last?.name ?? "");
    });
  }

  /**
   * @param {HTMLElement} row
   * @param {Guess} guess
   * @param {boolean} first
   * @param {string} node
   */
  #updateRow(row, { index, label, probability }, first, node) {
    const [button, track] = /** @type {HTMLElement[]} */ ([...row.children]);
    const [name, share] = /** @type {HTMLElement[]} */ ([...button.children]);
    row.toggleAttribute("data-first", first);
    setText(name, labelText(label, index));
    setText(share, percent(probability));
    setAttributes(button, { title: labelText(label, index) });
    button.onclick = () => emit(row, "cs-open-cell", { node, cell: [index, 0, 0] });
    track.style.setProperty("--share", `${100 * probability}%`);
    const before = this.#before?.get(index);
    track.style.setProperty("--before", before === undefined ? "0%" : `${100 * before}%`);
  }
}

function newRow() {
  return element(
    "li",
    {},
    element("button", { type: "button" }, element("span"), element("span")),
    element("div", { class: "probability" }),
  );
}

/**
 * @param {import("../../actions/load-net.js").Label | null} label
 * @param {number} index
 */
export function labelText(label, index) {
  if (!label) return t("net.class", { index });
  return (currentLanguage() === "ja" ? label.ja : label.en) ?? label.en;
}

/** @param {number} probability */
export function percent(probability) {
  if (probability < 0.01) return "< 1 %";
  if (probability > 0.995 && probability < 1) return "> 99 %";
  return `${Math.round(100 * probability)} %`;
}
