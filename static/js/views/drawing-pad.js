/**
 * A pad to draw a digit on, white on black as the training digits are. It does not cover the page: after every
 * stroke the picture is handed over ("cs-drawn"), and the net answers while the next stroke is drawn.
 */

import { placement } from "../core/drawing.js";
import { t } from "../i18n/i18n.js";
import { element, emit, setAttributes, setText } from "./dom.js";

const PAD = 224;
const MADE = 112;
const PEN = 16;

export class DrawingPad extends HTMLElement {
  #canvas = element("canvas", { width: PAD, height: PAD, role: "img" });
  #title = element("h3");
  #hint = element("p", { class: "note" });
  #clear = element("button", { type: "button", class: "button" });
  #done = element("button", { type: "button", class: "button" });
  /** @type {{ x: number, y: number }[][]} */
  #strokes = [];

  connectedCallback() {
    if (this.#canvas.isConnected) return;
    setAttributes(this, { popover: "manual", class: "drawing-pad" });
    this.append(
      this.#title,
      this.#canvas,
      this.#hint,
      element("div", { class: "choices" }, this.#clear, this.#done),
    );
    this.#clear.addEventListener("click", () => {
      this.#strokes = [];
      this.#draw();
    });
    this.#done.addEventListener("click", () => this.hidePopover());
    this.#listen();
  }

  open() {
    setText(this.#title, t("draw.title"));
    setText(this.#hint, t("draw.hint"));
    setText(this.#clear, t("draw.clear"));
    setText(this.#done, t("message.close"));
    setAttributes(this.#canvas, { "aria-label": t("draw.title") });
    if (!this.matches(":popover-open")) this.showPopover();
    this.#draw();
  }

  #listen() {
    const canvas = this.#canvas;
    const at = (/** @type {PointerEvent} */ event) => {
      const { left, top, width } = canvas.getBoundingClientRect();
      const scale = PAD / width;
      return { x: (event.clientX - left) * scale, y: (event.clientY - top) * scale };
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.#strokes.push([at(event)]);
      this.#draw();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!canvas.hasPointerCapture(event.pointerId)) return;
      this.#strokes.at(-1)?.push(at(event));
      this.#draw();
    });
    const end = () => this.#hand();
    canvas.addEventListener("pointerup", end);
    canvas.addEventListener("pointercancel", end);
  }

  #draw() {
    const context = /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext("2d"));
    paint(context, PAD, this.#strokes, { scale: 1, dx: 0, dy: 0 }, PEN);
  }

  /** Hand over the drawing, centred as the training digits are. */
  #hand() {
    const placed = placement(this.#strokes, MADE);
    if (!placed) return;
    const made = element("canvas", { width: MADE, height: MADE });
    const context = /** @type {CanvasRenderingContext2D} */ (made.getContext("2d"));
    paint(context, MADE, this.#strokes, placed, (PEN * MADE) / PAD);
    made.toBlob((blob) => {
      if (blob) emit(this, "cs-drawn", { file: new File([blob], t("draw.name"), { type: "image/png" }) });
    }, "image/png");
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} side
 * @param {readonly (readonly { x: number, y: number }[])[]} strokes
 * @param {{ scale: number, dx: number, dy: number }} placed
 * @param {number} pen width of the line, not scaled: the pen of the training digits is the same for all
 */
function paint(context, side, strokes, { scale, dx, dy }, pen) {
  context.fillStyle = "#000";
  context.fillRect(0, 0, side, side);
  context.strokeStyle = "#fff";
  context.lineWidth = pen;
  context.lineCap = "round";
  context.lineJoin = "round";
  for (const stroke of strokes) {
    context.beginPath();
    for (const { x, y } of [stroke[0], ...stroke]) context.lineTo(scale * x + dx, scale * y + dy);
    context.stroke();
  }
}

customElements.define("cs-drawing-pad", DrawingPad);
