/**
 * What is no weighted sum, but has a picture of its own on the Operation page: the largest of a window, a
 * function, a normalisation, softmax. Shown as there, and beside it the numbers, each of which opens.
 */

import { digitsFor, shownNumber } from "../../core/arithmetic.js";
import { digitsOf } from "../../core/cell-combination.js";
import { formatFixed } from "../../core/format.js";
import { t } from "../../i18n/i18n.js";
import { element, setAttributes, setText } from "../../views/dom.js";
import { KINDS } from "../common/arithmetic-kinds.js";
import { labelText } from "./bars.js";
import { windowColors } from "./cell-layout.js";
import { placeText } from "./cell-place.js";
import { CellTerms } from "./cell-terms.js";

/** @typedef {import("./cell.js").CellProps} CellProps */
/** @typedef {import("../../core/network-graph.js").GraphNode} GraphNode */

/** Wider windows stand as small maps. */
const MOST_COLUMNS = 7;

/**
 * Whether there is a picture of how this number was made. The largest and the mean are drawn as windows, so
 * those of whole tensors are listed instead.
 * @param {import("../../actions/load-net.js").Explained} explained
 * @param {GraphNode} node
 */
export function hasPicture({ combine }, { op }) {
  const kind = KINDS[combine];
  return kind !== undefined && (kind.element !== "cs-pooling" || /pool/.test(op));
}

export class CellOther {
  #title = element("h2", { tabindex: "-1" });
  #place = element("div", { class: "cell-view" });
  #terms = new CellTerms();
  #made = element("section", { class: "cell-made" }, this.#title, this.#place);
  side = element("div", { class: "cell-side" }, this.#terms.element);
  element = element("div", { class: "cell-other" }, this.#made, this.side);
  /** @type {CellProps | null} */
  #props = null;

  /**
   * @param {import("../../actions/network.js").Actions} actions
   * @param {() => void} redraw when a part has come that was not there yet
   */
  constructor(actions, redraw) {
    this.actions = actions;
    this.redraw = redraw;
    this.#place.addEventListener("click", (event) => this.#open(event));
    this.#place.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.stopPropagation();
      this.#open(event);
    });
  }

  get title() {
    return this.#title;
  }

  /** @param {CellProps} props */
  update(props) {
    this.#props = props;
    const { explained, node, state, composition } = props;
    const { sum } = digitsOf(state.view);
    const value = shownNumber(explained.value, sum);
    setText(this.#title, t("cell.whereFrom", { value }));
    this.element.dataset.kind = explained.combine;
    this.#place.dataset.composition = composition;
    this.#updatePicture(props);
    this.#terms.update(this.#termsOf(props), `${node.name} ${explained.cell}`);
  }

  /** @param {CellProps} props */
  #updatePicture(props) {
    const { explained } = props;
    const kind = KINDS[explained.combine];
    if (!kind.part(this.redraw)) return;
    let view = /** @type {any} */ (this.#place.firstElementChild);
    if (view?.localName !== kind.element) {
      view = document.createElement(kind.element);
      this.#place.replaceChildren(view);
    }
    view.update({ ...stepProps(props), curve: this.#curveOf(props) });
    // Of a picture with several numbers the list beside it says which is which.
    const cells = view.querySelectorAll("td[data-index], .x-side .value-cell, .side > .value-cell");
    for (const cell of cells) {
      const opens = !explained.padding[Number(cell.dataset.index ?? 0)];
      setAttributes(cell, {
        tabindex: opens ? 0 : null,
        "data-opens": opens,
        role: cell.localName === "td" ? null : "button",
      });
    }
  }

  /** @type {{ key: string, curve: import("../../core/curve.js").Curve | null }} */
  #curve = { key: "", curve: null };

  /**
   * The curve of a function, once it is there.
   * @param {CellProps} props
   */
  #curveOf({ explained, node, run }) {
    // With a weight of its own in every channel, a function has no one curve.
    const isLearned = Object.keys(node.description?.weights ?? {}).length > 0;
    if (explained.combine !== "function" || isLearned) return null;
    const { min = 0, max = 0 } = run.extents.get(node.inputs[0]) ?? {};
    const settings = node.description?.attributes ?? {};
    const key = JSON.stringify([node.op, settings, min, max]);
    if (key !== this.#curve.key) {
      this.#curve = { key, curve: null };
      this.actions.curve(node.op, settings, Math.max(Math.abs(min), Math.abs(max))).then(
        (curve) => {
          if (this.#curve.key !== key) return;
          this.#curve = { key, curve };
          this.redraw();
        },
        // Without its curve a function is still its two numbers.
        () => {},
      );
    }
    return this.#curve.curve;
  }

  /**
   * Every number that it was made of: the one that won first, of softmax the likeliest, else the largest.
   * @param {CellProps} props
   */
  #termsOf({ explained, node, run, state }) {
    const { sum } = digitsOf(state.view);
    const { values, positions, padding, selected, combine } = explained;
    const isTold = !Number.isNaN(explained.value);
    const weight = (/** @type {number} */ i) =>
      combine === "softmax" || combine === "max" ? (values[i] ?? 0) : Math.abs(values[i] ?? 0);
    const first = (/** @type {number} */ i) => Number(combine !== "softmax" && i === selected);
    const source = /** @type {GraphNode} */ (run.graph.byName.get(node.inputs[0]));
    return values
      .map((_, i) => i)
      .filter((i) => values[i] !== null)
      .sort((a, b) => (isTold ? first(b) - first(a) || weight(b) - weight(a) : 0) || a - b)
      .map((i) => {
        const label = combine === "softmax" ? className(run, node, positions[i][0]) : null;
        const place = padding[i] ? t("digits.padding") : placeText(source, positions[i]);
        return {
          name: label ? `${label} · ${place}` : place,
          number: shownNumber(values[i] ?? 0, sum),
          chosen: i === selected,
          act: padding[i] ? null : () => this.actions.openCell(source.name, positions[i]),
        };
      });
  }

  /** A number of the picture opens. @param {Event} event */
  #open(event) {
    const cell = event.target instanceof Element ? event.target.closest("[data-opens]") : null;
    if (!cell || !this.#props) return;
    const { explained, node } = this.#props;
    const index = Number(/** @type {HTMLElement} */ (cell).dataset.index ?? 0);
    this.actions.openCell(node.inputs[explained.inputs?.[index] ?? 0], explained.positions[index]);
  }
}

/**
 * The name of a class, where the node's numbers are those of the classes.
 * @param {import("../../actions/load-net.js").NetRun} run
 * @param {GraphNode} node
 * @param {number} index
 */
function className(run, node, index) {
  const label = run.graph.nodes.at(-1) === node ? run.model.answer.labels?.[index] : undefined;
  if (label === undefined) return null;
  return labelText(typeof label === "string" ? { en: label } : label, index);
}

/**
 * What the views of the Operation page are told.
 * @param {CellProps} props
 */
function stepProps({ explained, node, run, scales, theme, state, composition }) {
  const source = /** @type {GraphNode} */ (run.graph.byName.get(node.inputs[0]));
  const input = windowColors(node, run, scales);
  const output = scales.of(node);
  const [count, , columns] = explained.grid;
  const values = explained.values.map((x) => x ?? 0);
  const first = explained.selected === null ? explained.cell[0] : explained.cell[0] - explained.selected;
  const reach = Math.max(...values.map(Math.abs), 1e-9);
  const { sum } = digitsOf(state.view);
  return {
    step: explained,
    op: node.op,
    digits: digitsFor(values, null, sum, [explained.value]),
    theme,
    inputScale: input.scale,
    inputExtent: input.range,
    outputScale: output.scale,
    outputExtent: output.range,
    powerExtent: { min: 0, max: reach ** Number(explained.params.norm_type ?? 1) },
    composition,
    cells: columns <= MOST_COLUMNS ? "digits" : "swatches",
    layout: "one",
    opened: 0,
    lit: null,
    termNames: Array.from({ length: count }, (_, i) =>
      node.op === "softmax" ? (className(run, node, i) ?? String(i)) : formatFixed(first + i, 0),
    ),
    channelName: t("channel.name", { channel: explained.cell[0] }),
    plane: [source.shape[1], source.shape[2]],
    dilation: node.description?.attributes.dilation ?? [1, 1],
  };
}
