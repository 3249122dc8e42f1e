/**
 * Where a number goes: what the next layers make of it, each a step further.
 */

import { shownNumber } from "../../core/arithmetic.js";
import { digitsOf } from "../../core/cell-combination.js";
import { t } from "../../i18n/i18n.js";
import { element, setText } from "../../views/dom.js";

/** @typedef {import("../../actions/network.js").State} State */
/** @typedef {import("../../actions/load-net.js").NetRun} NetRun */
/** @typedef {import("../../actions/load-net.js").Explained} Explained */
/** @typedef {{ node: string, cells: number[][], count: number }} Use */
/** @typedef {Use & { made: Explained | null }} Known with how the one number was made, where it is one */

/** Layers that are told of, of the many that may read one number. */
const MOST = 4;

export class CellNext {
  #words = element("span");
  #links = element("span", { class: "next-links" });
  element = element("p", { class: "cell-next" }, this.#words, this.#links);
  #asked = "";
  /** @type {{ uses: readonly Known[], cell: readonly number[] }} */
  #known = { uses: [], cell: [] };
  #shown = "";

  /**
   * @param {import("../../actions/network.js").Actions} actions
   * @param {() => void} redraw
   */
  constructor(actions, redraw) {
    this.actions = actions;
    this.redraw = redraw;
  }

  /**
   * @param {State} state
   * @param {NetRun} run
   */
  update({ view, asked }, run) {
    const key = JSON.stringify([run.id, view.node, view.cell, asked !== null]);
    if (key !== this.#asked) {
      this.#asked = key;
      this.#known = { uses: [], cell: [] };
      const cell = [...view.cell];
      this.#ask(run, view.node, cell).then(
        (uses) => {
          if (this.#asked !== key) return;
          this.#known = { uses, cell };
          this.redraw();
        },
        (failure) => this.actions.fail(failure),
      );
    }
    // What is made of a number that is not told would tell it.
    if (asked) this.#known = { uses: [], cell: [] };
    this.element.hidden = this.#known.uses.length === 0;
    setText(this.#words, t("cell.next"));
    this.#list(digitsOf(view).sum);
  }

  /**
   * @param {NetRun} run
   * @param {string} node
   * @param {readonly number[]} cell
   * @returns {Promise<Known[]>}
   */
  async #ask(run, node, cell) {
    const uses = (await this.actions.uses(run.id, node, cell)).slice(0, MOST);
    return Promise.all(
      uses.map(async (use) => ({
        ...use,
        made: use.count === 1 ? await this.actions.explain(run, use.node, use.cells[0]) : null,
      })),
    );
  }

  /** @param {number} digits */
  #list(digits) {
    const texts = this.#known.uses.map((use) => sentence(use, this.#known.cell, digits));
    const key = JSON.stringify([this.#asked, texts]);
    if (key === this.#shown) return;
    this.#shown = key;
    this.#links.replaceChildren(
      ...this.#known.uses.map(({ node, cells }, i) => {
        const button = element("button", { type: "button", class: "word" }, texts[i]);
        const middle = cells[Math.floor(cells.length / 2)];
        button.addEventListener("click", () => this.actions.openCell(node, middle));
        return button;
      }),
    );
  }
}

/**
 * "relu_2_1 keeps 2.547", "max_pool_1 takes the largest of 4".
 * @param {Known} use
 * @param {readonly number[]} cell that is used
 * @param {number} digits
 */
function sentence({ node, count, made }, cell, digits) {
  if (!made) return t("cell.feedsMany", { node, count });
  const value = shownNumber(made.value, digits);
  const isSame = made.values[0] === made.value;
  if (made.combine === "copy" || (made.combine === "function" && isSame))
    return t("cell.keeps", { node, value });
  if (made.combine === "max" && made.selected !== null && made.values.length > 1) {
    const isThis = String(made.positions[made.selected]) === String(cell);
    return t(isThis ? "cell.takes" : "cell.leaves", { node, value, count: made.values.length });
  }
  return t("cell.makes", { node, value });
}
