/**
 * The way from the picture to a number, as pictures: each layer's own map, with the growing part of it that the
 * number was computed from. The way back is a picture too.
 */

import { shortened, shownTrail, trailOf } from "../../core/cell-trail.js";
import { formatSize } from "../../core/format.js";
import { INPUT } from "../../core/network-graph.js";
import { channel as planeOf, toFloat32 } from "../../core/tensor.js";
import { t } from "../../i18n/i18n.js";
import { element, setAttributes, setText } from "../../views/dom.js";
import { keptIndex } from "./cell-maps.js";
import { drawThumb } from "./cell-thumb.js";

/** @typedef {import("../../actions/load-net.js").NetRun} NetRun */
/** @typedef {import("../../core/cell-trail.js").TrailStep} TrailStep */
/** @typedef {import("../../core/cell-trail.js").Cells} Cells */
/** @typedef {import("../../core/network-graph.js").GraphNode} GraphNode */
/** @typedef {import("./cell-thumb.js").ThumbSource} ThumbSource */
/** @typedef {{ node: string, position: readonly number[] }} Place a number of some layer */

const MOST = 6;

export class CellTrail {
  #list = element("ol");
  element = element("nav", { class: "cell-trail" }, this.#list);

  /** @param {import("../../actions/network.js").Actions} actions */
  constructor(actions) {
    this.actions = actions;
  }

  /**
   * @param {Place} place the number
   * @param {import("../../core/cell-trail.js").Read | null} read
   * @param {Place | null} pointed one of its terms, under the pointer
   * @param {ThumbSource} source
   */
  update(place, read, pointed, source) {
    const { graph } = source.run;
    const choose = (/** @type {GraphNode} */ node, /** @type {number} */ from, /** @type {number} */ to) =>
      loudest(source.run, node, from, to);
    const all = trailOf(graph, place.node, place.position, choose, read);
    const { steps, left } = shownTrail(all, MOST);
    const behind = pointed
      ? new Map(
          trailOf(graph, pointed.node, pointed.position, choose).map((step) => [step.node.name, step.cells]),
        )
      : null;
    setAttributes(this.element, { "aria-label": t("cell.trail") });
    while (this.#list.childElementCount > steps.length) this.#list.lastElementChild?.remove();
    const side = Number.parseFloat(getComputedStyle(this.element).getPropertyValue("--thumb"));
    steps.forEach((step, i) => {
      const item = this.#list.children[i] ?? this.#list.appendChild(newItem());
      item.toggleAttribute("data-gap", i === 1 && left > 0);
      this.#updateItem(/** @type {HTMLElement} */ (item), step, i === steps.length - 1);
      const frames = { attention: step.cells, hover: behind?.get(step.node.name) ?? null };
      drawThumb(/** @type {HTMLCanvasElement} */ (item.querySelector("canvas")), step, frames, side, source);
    });
  }

  /**
   * @param {HTMLElement} item
   * @param {TrailStep} step
   * @param {boolean} last
   */
  #updateItem(item, { node, channel, cells }, last) {
    const button = /** @type {HTMLButtonElement} */ (item.firstElementChild);
    const [name, place, size] = /** @type {HTMLElement[]} */ ([...(button.lastElementChild?.children ?? [])]);
    const isPicture = node.name === INPUT;
    const [channels, rows, columns] = node.shape;
    setText(name, isPicture ? t("cell.picture") : shortened(node.name));
    setAttributes(button, {
      "aria-current": last ? "step" : null,
      title: isPicture ? null : node.name,
    });
    if (isPicture) setText(place, channels === 1 ? t("cell.oneChannel") : t("cell.channels", { channels }));
    else setText(place, t(node.isVector ? "cell.feature" : "channel.name", { channel, index: channel }));
    if (!cells || node.isVector) setText(size, "");
    else setText(size, last ? `(${cells.row}, ${cells.column})` : formatSize([cells.rows, cells.columns]));
    const around = cells ?? { row: 0, column: 0, rows, columns };
    const inside = (/** @type {number} */ at, /** @type {number} */ most) =>
      Math.max(0, Math.min(most - 1, Math.floor(at)));
    const centre = [
      channel,
      inside(around.row + (around.rows - 1) / 2, rows),
      inside(around.column + (around.columns - 1) / 2, columns),
    ];
    button.onclick = () => this.actions.openCell(node.name, centre);
  }
}

function newItem() {
  return element(
    "li",
    {},
    element(
      "button",
      { type: "button" },
      element("span", { class: "thumb" }, element("canvas", { "aria-hidden": "true" })),
      element("span", { class: "trail-words" }, element("b"), element("span"), element("span")),
    ),
  );
}

/** @type {WeakMap<object, number[]>} */
const loudness = new WeakMap();

/**
 * Which channel stands for several that are read: the one with the most in its map, of those that the overview
 * holds.
 * @param {NetRun} run
 * @param {GraphNode} node
 * @param {number} from
 * @param {number} to
 */
function loudest(run, node, from, to) {
  const tensor = run.maps.get(node.name);
  if (!tensor || node.isVector || tensor.shape.length < 3) return from;
  const known =
    loudness.get(tensor) ??
    Array.from({ length: tensor.shape[0] }, (_, i) =>
      toFloat32(planeOf(tensor, i)).reduce((sum, x) => sum + Math.abs(x), 0),
    );
  loudness.set(tensor, known);
  let best = from;
  let most = -1;
  for (let channel = from; channel < to; channel += 1) {
    const index = keptIndex(node.shape[0], channel);
    if (index !== null && known[index] > most) [best, most] = [channel, known[index]];
  }
  return best;
}
