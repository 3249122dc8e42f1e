/**
 * One number of the net, and how it was made: the way to it, what its terms add, one of its channels in digits,
 * and where it goes next. Every number in it opens in turn, down to the pixels.
 */

import { cellsRead } from "../../core/cell-trail.js";
import { INPUT } from "../../core/network-graph.js";
import { element } from "../../views/dom.js";
import { largestTerm, layoutOfTerms, openedShare } from "./cell-layout.js";
import { ChannelMaps } from "./cell-maps.js";
import { CellNext } from "./cell-next.js";
import { CellOther, hasPicture } from "./cell-other.js";
import { CellPixel } from "./cell-pixel.js";
import { CellPlain } from "./cell-plain.js";
import { CellSum } from "./cell-sum.js";
import { CellTrail } from "./cell-trail.js";

/** @typedef {import("../../actions/network.js").State} State */
/** @typedef {import("../../actions/network.js").Actions} Actions */
/** @typedef {import("../../actions/load-net.js").Explained} Explained */
/** @typedef {import("../../actions/load-net.js").NetRun} NetRun */
/** @typedef {import("../../core/network-ranges.js").NetScales} NetScales */
/** @typedef {import("../../core/network-graph.js").GraphNode} GraphNode */

/**
 * @typedef {object} CellProps
 * @property {State} state
 * @property {NetRun} run
 * @property {Explained} explained
 * @property {import("./cell-layout.js").TermLayout | null} layout of a weighted sum
 * @property {GraphNode} node
 * @property {NetScales} scales
 * @property {"light" | "dark"} theme
 * @property {ChannelMaps} maps
 * @property {"wide" | "projector" | "phone"} composition
 */

/** @typedef {{ element: HTMLElement, side: HTMLElement, title: HTMLElement }} Part */

const PHONE = 720;
/** Going in grows out of the number that was opened, going out is quicker; in ms. */
const IN = 320;
const OUT = 220;

export class CellPage {
  #trail;
  #next;
  #maps;
  #main = element("div", { class: "cell-main" });
  #parts;
  /** The number that is shown. @type {{ node: string, depth: number } | null} */
  #shown = null;
  /** Where the pointer went down last, in the page. */
  #origin = "50% 0";
  /** Term under the pointer. @type {number | null} */
  #pointed = null;
  /** @type {(() => void) | null} */
  #drawTrail = null;
  /** Set by the page: draw again in the next frame. */
  redraw = () => {};

  /**
   * @param {HTMLElement} place
   * @param {Actions} actions
   */
  constructor(place, actions) {
    const redraw = () => this.redraw();
    this.#trail = new CellTrail(actions);
    this.#next = new CellNext(actions, redraw);
    this.#maps = new ChannelMaps(actions, redraw);
    this.#parts = {
      sum: new CellSum(actions),
      other: new CellOther(actions, redraw),
      plain: new CellPlain(actions),
      pixel: new CellPixel(actions),
    };
    place.append(this.#trail.element, this.#main);
    this.#main.addEventListener("cs-pointed", (event) => {
      this.#pointed = /** @type {CustomEvent} */ (event).detail.term;
      this.#drawTrail?.();
    });
    this.#main.addEventListener("pointerdown", ({ clientX, clientY }) => {
      const { left, top } = this.#main.getBoundingClientRect();
      this.#origin = `${clientX - left}px ${clientY - top}px`;
    });
  }

  /**
   * @param {State} state
   * @param {{ theme: "light" | "dark", scales: NetScales }} shown
   */
  update(state, { theme, scales }) {
    const { run, view, explained } = state;
    const node = run?.graph.byName.get(view.node);
    if (!run || !node) return;
    const composition = view.projector ? "projector" : window.innerWidth < PHONE ? "phone" : "wide";
    const source = { run, scales, theme, maps: this.#maps };
    if (node.name === INPUT) {
      const trail = () => this.#trail.update({ node: node.name, position: view.cell }, null, null, source);
      this.#showTrail(trail);
      this.#parts.pixel.update(state, run, { theme, composition });
      this.#show(this.#parts.pixel, node);
    } else {
      // The arithmetic of the number before stays until the new one is there: nothing flickers.
      if (!explained || explained.run !== run.id || explained.node !== node.name) return;
      const layout = explained.products ? layoutOfTerms(explained, node, run) : null;
      this.#showTrail(() => this.#updateTrail(state, explained, layout, node, source));
      const part = this.#partOf(explained, node);
      // Before it is drawn: what fits depends on the room that it has.
      this.#show(part, node);
      part.update({ ...source, state, explained, layout, node, composition });
    }
    this.#next.update(state, run);
  }

  /**
   * @param {Explained} explained
   * @param {GraphNode} node
   */
  #partOf(explained, node) {
    if (explained.products) return this.#parts.sum;
    return hasPicture(explained, node) ? this.#parts.other : this.#parts.plain;
  }

  /** @param {() => void} draw */
  #showTrail(draw) {
    this.#drawTrail = draw;
    draw();
  }

  /**
   * @param {State} state
   * @param {Explained} explained
   * @param {import("./cell-layout.js").TermLayout | null} layout
   * @param {GraphNode} node
   * @param {import("./cell-thumb.js").ThumbSource} source
   */
  #updateTrail({ view }, explained, layout, node, source) {
    const placeOf = (/** @type {number | null} */ term) => {
      const position = term === null || explained.padding[term] ? null : explained.positions[term];
      const input = term === null ? undefined : node.inputs[explained.inputs?.[term] ?? 0];
      return position && input ? { node: input, position } : null;
    };
    const share = layout && openedShare(layout, view.opened);
    const term = share ? largestTerm(explained, share.from, share.to) : (explained.selected ?? 0);
    const input = node.inputs[explained.inputs?.[term] ?? 0];
    const terms = explained.positions
      .map((_, i) => i)
      .filter((i) => node.inputs[explained.inputs?.[i] ?? 0] === input);
    const read = input && {
      node: input,
      channel: explained.positions[term][0],
      cells: cellsRead(explained, terms, node.op),
    };
    this.#trail.update(
      { node: node.name, position: explained.cell },
      read || null,
      placeOf(this.#pointed),
      source,
    );
  }

  /**
   * @param {Part} part
   * @param {GraphNode} node
   */
  #show(part, { name, depth }) {
    if (this.#shown?.node === name) return;
    const before = this.#shown;
    this.#shown = { node: name, depth };
    this.#pointed = null;
    const hadFocus = this.#main.contains(document.activeElement);
    part.side.append(this.#next.element);
    if (this.#main.firstElementChild !== part.element) this.#main.replaceChildren(part.element);
    // What was pressed is gone: the keyboard goes on from the head of what came instead.
    if (hadFocus) part.title.focus({ preventScroll: true });
    if (before) this.#grow(depth < before.depth);
  }

  /** @param {boolean} isIn nearer to the picture */
  #grow(isIn) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const from = calm
      ? {}
      : { transform: isIn ? "scale(0.94)" : "scale(1.03)", transformOrigin: this.#origin };
    const to = calm ? {} : { transform: "none", transformOrigin: this.#origin };
    this.#main.animate(
      [
        { opacity: 0, ...from },
        { opacity: 1, ...to },
      ],
      {
        duration: calm ? 100 : isIn ? IN : OUT,
        easing: "cubic-bezier(0.2, 0, 0, 1)",
      },
    );
  }
}
