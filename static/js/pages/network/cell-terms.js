/**
 * The numbers that a number was made of, as a list: what has no shares to be ranked by. Each of them opens.
 */

import { t } from "../../i18n/i18n.js";
import { element, setAttributes, setText } from "../../views/dom.js";

/**
 * @typedef {object} Term
 * @property {string} name
 * @property {string} number
 * @property {boolean} chosen
 * @property {(() => void) | null} act null for what is no number of a layer
 */

const FIRST = 9;
const PAGE = 24;

export class CellTerms {
  #title = element("h2");
  #list = element("ol", { class: "term-list" });
  #more = element("button", { type: "button", class: "word" });
  element = element("section", { class: "cell-terms" }, this.#title, this.#list, this.#more);
  #most = FIRST;
  #key = "";
  #terms = /** @type {readonly Term[]} */ ([]);

  constructor() {
    this.#more.addEventListener("click", () => {
      this.#most += PAGE;
      this.#draw();
    });
  }

  /**
   * @param {readonly Term[]} terms those that matter most first
   * @param {string} key of the number that they make
   */
  update(terms, key) {
    if (key !== this.#key) this.#most = FIRST;
    this.#key = key;
    this.#terms = terms;
    this.#draw();
  }

  #draw() {
    const count = this.#terms.length;
    // A line that only says "1 other" would take the room of that other.
    const shown = count <= this.#most + 1 ? this.#terms : this.#terms.slice(0, this.#most);
    setText(this.#title, count === 1 ? t("cell.madeOfOne") : t("cell.madeOf", { count }));
    while (this.#list.childElementCount > shown.length) this.#list.lastElementChild?.remove();
    shown.forEach((term, i) => {
      const item = this.#list.children[i] ?? this.#list.appendChild(newItem());
      const button = /** @type {HTMLButtonElement} */ (item.firstElementChild);
      setAttributes(item, { class: term.chosen ? "chosen" : null });
      button.disabled = term.act === null;
      button.onclick = term.act;
      setText(button.children[0], term.name);
      setText(button.children[1], term.number);
    });
    this.#more.hidden = shown.length === count;
    setText(this.#more, t("cell.others", { count: count - shown.length }));
  }
}

function newItem() {
  return element("li", {}, element("button", { type: "button" }, element("span"), element("b")));
}
