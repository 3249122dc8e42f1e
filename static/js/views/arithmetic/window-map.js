/**
 * A window too large for digits, as a small map: one cell per term, nothing where nothing is counted. The
 * pointer over it names a term.
 */

import { fillOf } from "../../render/cells.js";
import { element, emit, setAttributes } from "../dom.js";

/** @typedef {import("../../core/scales.js").Extent} Extent */

/**
 * @typedef {object} WindowMapProps
 * @property {readonly (number | null)[]} values
 * @property {readonly number[]} padding 1 for hatched cells
 * @property {readonly [number, number]} size rows and columns
 * @property {number} room px, of the longer side at most
 * @property {import("../../core/scales.js").ScaleName} scale
 * @property {Extent} extent
 * @property {import("../../core/scales.js").Theme} theme
 * @property {number | null} selected
 * @property {number | null} lit
 * @property {string} label spoken
 */

/** Px between the lines of hatched cells. */
const HATCH = 5;

export class WindowMap {
  #canvas = element("canvas");
  #selected = element("span", { class: "mark selected" });
  #lit = element("span", { class: "mark lit" });
  #columns = 1;
  #rows = 1;
  #side = 1;
  #drawn = /** @type {unknown[]} */ ([]);

  constructor() {
    this.element = element("div", { class: "window-map", role: "img", "data-channel": 0 });
    this.element.append(this.#canvas, this.#selected, this.#lit);
    this.#canvas.addEventListener("pointermove", (event) =>
      emit(this.element, "cs-term", { index: this.#at(event) }),
    );
    this.#canvas.addEventListener("pointerleave", () => emit(this.element, "cs-term", { index: null }));
  }

  /** @param {WindowMapProps} props */
  update(props) {
    const [rows, columns] = props.size;
    const fit = props.room / Math.max(rows, columns);
    this.#side = fit >= 1 ? Math.floor(fit) : fit;
    [this.#rows, this.#columns] = [rows, columns];
    setAttributes(this.element, { "aria-label": props.label });
    const ratio = window.devicePixelRatio || 1;
    const drawing = [
      props.values,
      props.theme,
      props.scale,
      props.extent.min,
      props.extent.max,
      this.#side,
      ratio,
    ];
    if (drawing.some((part, i) => part !== this.#drawn[i])) this.#draw(props, ratio);
    this.#drawn = drawing;
    this.#place(this.#selected, props.selected);
    this.#place(this.#lit, props.lit);
  }

  /**
   * @param {WindowMapProps} props
   * @param {number} ratio
   */
  #draw({ values, padding, scale, theme, extent }, ratio) {
    const [width, height] = [this.#columns * this.#side, this.#rows * this.#side];
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    this.#canvas.style.width = `${width}px`;
    this.#canvas.style.height = `${height}px`;
    const context = /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext("2d"));
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const style = getComputedStyle(this.element);
    const [paper, hatch] = [style.getPropertyValue("--paper"), style.getPropertyValue("--hatch")];
    const fill = fillOf(scale, theme, extent);
    // Cells stand side by side: gaps of a pixel between cells of five would look like a mesh.
    values.forEach((value, i) => {
      const [x, y] = [(i % this.#columns) * this.#side, Math.floor(i / this.#columns) * this.#side];
      context.fillStyle = value === null ? paper : fill(value);
      context.fillRect(x, y, this.#side, this.#side);
      if (padding[i] !== 1) return;
      context.strokeStyle = hatch;
      this.#hatch(context, x, y);
    });
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} x
   * @param {number} y
   */
  #hatch(context, x, y) {
    const side = this.#side;
    context.beginPath();
    for (let at = Math.min(HATCH, side); at < 2 * side; at += HATCH) {
      context.moveTo(x + Math.max(0, at - side), y + Math.min(at, side));
      context.lineTo(x + Math.min(at, side), y + Math.max(0, at - side));
    }
    context.stroke();
  }

  /**
   * @param {HTMLElement} mark
   * @param {number | null} index
   */
  #place(mark, index) {
    mark.hidden = index === null;
    if (index === null) return;
    const side = Math.max(this.#side, 4);
    mark.style.width = `${side}px`;
    mark.style.height = `${side}px`;
    mark.style.left = `${(index % this.#columns) * this.#side}px`;
    mark.style.top = `${Math.floor(index / this.#columns) * this.#side}px`;
  }

  /** @param {PointerEvent} event */
  #at({ offsetX, offsetY }) {
    const column = Math.min(this.#columns - 1, Math.max(0, Math.floor(offsetX / this.#side)));
    const row = Math.min(this.#rows - 1, Math.max(0, Math.floor(offsetY / this.#side)));
    return row * this.#columns + column;
  }
}
