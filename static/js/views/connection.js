/**
 * What joins the sentence: a cone from the window on the input to its numbers, a link from the result to its
 * cell on the output. It runs in gutters and never covers a pixel but by a hairline.
 */

import { element, setAttributes, svg } from "./dom.js";

/**
 * @typedef {object} ConnectionProps boxes in client coordinates; null leaves a part out
 * @property {DOMRect | null} from window on the input
 * @property {DOMRect | null} to its numbers
 * @property {DOMRect | null} result
 * @property {DOMRect | null} target cell on the output
 * @property {DOMRect | null} picture the input picture: outside of it the cone is washed
 * @property {"right" | "left"} side on which the output lies, seen from the result
 * @property {number} gutter where the link may run up and down, if the output lies on the left
 */

const RADIUS = 8;
const MARGIN = 3;

export class ConnectionView extends HTMLElement {
  #wash = svg("polygon", { class: "wash" });
  #upper = svg("line", { class: "ray" });
  #lower = svg("line", { class: "ray" });
  #link = svg("path", { class: "link" });

  connectedCallback() {
    if (this.#link.isConnected) return;
    setAttributes(this, { "aria-hidden": "true" });
    const drawing = svg("svg", {}, this.#wash, this.#upper, this.#lower, this.#link);
    this.append(element("div", { class: "connection" }));
    this.firstElementChild?.append(drawing);
  }

  /** @param {ConnectionProps} props */
  update({ from, to, result, target, picture, side, gutter }) {
    const { left, top } = this.getBoundingClientRect();
    const at = (/** @type {DOMRect | null} */ box) =>
      box && new DOMRect(box.x - left, box.y - top, box.width, box.height);
    this.#updateCone(at(from), at(to), at(picture));
    this.#updateLink(at(result), at(target), side === "right" ? null : gutter - left);
  }

  /**
   * @param {DOMRect | null} from
   * @param {DOMRect | null} to
   * @param {DOMRect | null} picture
   */
  #updateCone(from, to, picture) {
    const hidden = !from || !to || !picture || from.width === 0 || from.height === 0;
    for (const part of [this.#wash, this.#upper, this.#lower])
      setAttributes(part, { display: hidden ? "none" : null });
    if (!from || !to || !picture || hidden) return;
    const ends = { x: to.left - MARGIN, top: to.top - MARGIN, bottom: to.bottom + MARGIN };
    const starts = { x: from.right + MARGIN, top: from.top - MARGIN, bottom: from.bottom + MARGIN };
    line(this.#upper, starts.x, starts.top, ends.x, ends.top);
    line(this.#lower, starts.x, starts.bottom, ends.x, ends.bottom);
    const edge = Math.min(ends.x, Math.max(starts.x, picture.right));
    const share = (edge - starts.x) / Math.max(1, ends.x - starts.x);
    const upper = starts.top + share * (ends.top - starts.top);
    const lower = starts.bottom + share * (ends.bottom - starts.bottom);
    setAttributes(this.#wash, {
      points: `${edge},${upper} ${ends.x},${ends.top} ${ends.x},${ends.bottom} ${edge},${lower}`,
    });
  }

  /**
   * An elbow through the gutter beside the output.
   * @param {DOMRect | null} result
   * @param {DOMRect | null} target
   * @param {number | null} gutter null: just beside the result
   */
  #updateLink(result, target, gutter) {
    const hidden = !result || !target || target.width === 0;
    setAttributes(this.#link, { display: hidden ? "none" : null });
    if (!result || !target || hidden) return;
    const y0 = result.top + result.height / 2;
    const y1 = target.top + target.height / 2;
    const direction = gutter === null ? 1 : -1;
    const x0 = gutter === null ? result.right : result.left;
    const x1 = gutter === null ? target.left - MARGIN : target.right + MARGIN;
    const bend = gutter ?? x0 + 10;
    const radius = Math.min(RADIUS, Math.abs(y1 - y0) / 2);
    const down = Math.sign(y1 - y0) || 1;
    setAttributes(this.#link, {
      d: [
        `M${x0} ${y0}H${bend - radius * direction}`,
        `Q${bend} ${y0} ${bend} ${y0 + radius * down}`,
        `V${y1 - radius * down}`,
        `Q${bend} ${y1} ${bend + radius * direction} ${y1}`,
        `H${x1}`,
      ].join(""),
    });
  }
}

/**
 * @param {Element} target
 * @param {number} x1
 * @param {number} y1
 * @param {number} x2
 * @param {number} y2
 */
function line(target, x1, y1, x2, y2) {
  setAttributes(target, { x1, y1, x2, y2 });
}

customElements.define("cs-connection", ConnectionView);
