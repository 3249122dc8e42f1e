/**
 * The bar at the foot of the page: the number under attention, the way to its arithmetic, the keys, and what
 * can be taken along.
 */

import { formatFixed } from "../../core/format.js";
import { at } from "../../core/tensor.js";
import { t } from "../../i18n/i18n.js";
import { element, setText } from "../../views/dom.js";
import { ExportMenu } from "../../views/export-menu.js";

/** @typedef {import("../../actions/network.js").State} State */
/** @typedef {import("../../actions/network.js").Actions} Actions */

const HINTS = /** @type {const} */ ([
  { keys: ["[", "]"], text: "net.key.layer" },
  { keys: [",", "."], text: "net.key.channel" },
  { keys: ["←", "→"], text: "net.key.cell" },
]);

export class NetworkBar {
  #place = element("output", { class: "place" });
  #value = element("output", { class: "value" });
  #open = element("button", { type: "button", class: "button primary" });
  #back = element("button", { type: "button", class: "button" });
  #undo = element("button", { type: "button", class: "button" });
  #reset = element("button", { type: "button", class: "button" });
  #hints = element("div", { class: "hints" });
  #attention = element(
    "div",
    { class: "attention-place" },
    element("i", { class: "dot" }),
    this.#place,
    this.#value,
  );
  exports = new ExportMenu();

  /**
   * @param {HTMLElement} place
   * @param {Actions} actions
   */
  constructor(place, actions) {
    for (const { keys, text } of HINTS) {
      this.#hints.append(
        element(
          "span",
          {},
          ...keys.map((key) => element("kbd", {}, key)),
          element("span", { "data-text": text }),
        ),
      );
    }
    place.append(
      this.#back,
      this.#attention,
      this.#open,
      this.#undo,
      this.#reset,
      this.#hints,
      element("div", { class: "tools" }, this.exports),
    );
    this.#open.addEventListener("click", () => {
      const { node, cell } = this.state?.view ?? { node: "", cell: [] };
      if (node) actions.openCell(node, cell);
    });
    this.#back.addEventListener("click", () => actions.leave());
    this.#undo.addEventListener("click", () => actions.undoEdit());
    this.#reset.addEventListener("click", () => actions.resetEdits());
  }

  /**
   * @param {State} state
   * @param {readonly import("../../views/export-menu.js").Download[]} downloads
   */
  update(state, downloads) {
    this.state = state;
    const { view, hovered } = state;
    const shown = hovered ?? (view.node ? placeOf(view) : null);
    this.#attention.hidden = shown === null;
    this.#attention.toggleAttribute("data-hover", hovered !== null);
    if (shown) {
      const { node, channel, row, column } = shown;
      const vector = state.model?.graph.byName.get(node)?.isVector;
      setText(this.#place, t(vector ? "net.feature" : "net.place", { node, channel, row, column }));
      setText(this.#value, valueText(state, shown));
    }
    setText(this.#open, t("net.openArithmetic"));
    this.#open.hidden = view.node === "" || view.view === "cell";
    setText(this.#back, view.view === "net" ? t("net.backToNet") : t("net.backToLayer"));
    this.#back.hidden = view.view === "net" && !view.open;
    setText(this.#undo, t("net.undo"));
    setText(this.#reset, t("net.reset"));
    this.#undo.hidden = view.edits === "";
    this.#reset.hidden = view.edits === "";
    for (const hint of this.#hints.querySelectorAll("[data-text]")) {
      setText(/** @type {HTMLElement} */ (hint), t(hint.getAttribute("data-text") ?? ""));
    }
    this.#hints.hidden = view.view !== "net" || view.edits !== "";
    this.exports.update(downloads);
  }
}

/** @param {State["view"]} view */
function placeOf({ node, cell: [channel, row, column] }) {
  return { node, channel, row, column };
}

/**
 * The number as computed, where the page holds it in full; an averaged map has no such numbers.
 * @param {State} state
 * @param {import("../../actions/network.js").Place} place
 */
function valueText({ focus, run, view, explained }, { node, channel, row, column }) {
  const moves = Boolean(run?.live);
  // Moving maps come in a byte a number; the one under attention comes in full beside them.
  if (moves && explained?.node === node && String(explained.cell) === String([channel, row, column]))
    return formatFixed(explained.value, Math.max(2, view.digits));
  if (!focus || focus.run !== run?.id || focus.node !== node) return "";
  const isVector = run.graph.byName.get(node)?.isVector;
  if (!isVector && focus.channel !== channel) return "";
  const value = at(focus.map, isVector && focus.map.shape[0] > 1 ? channel : 0, row, column);
  return `${moves ? "≈ " : ""}${formatFixed(value, Math.max(2, view.digits))}`;
}
