/**
 * A picture or feature map: cells to scale, its padding as real, hatched cells, frames around what is under
 * attention. Near enough, the cells show their numbers. Emits "cs-point" as the pointer goes over cells and
 * "cs-zoom" when the wheel asks for more or less.
 */

import { drawMap, extentOf } from "../render/map-drawing.js";
import { element, emit, setAttributes, svg } from "./dom.js";

/**
 * @typedef {object} Frame a rectangle of cells with a meaning
 * @property {"attention" | "source" | "consumer" | "hover"} kind
 * @property {number} row first row, may be negative
 * @property {number} column
 * @property {number} rows
 * @property {number} columns
 */

/**
 * @typedef {object} Placing how the map stands in its panel
 * @property {readonly Frame[]} frames
 * @property {number} zoom
 * @property {readonly [number, number]} focus row and column that stay in sight
 * @property {{ width: number, height: number }} box room in px
 * @property {number} [cell] px per cell at zoom 1, where it must agree with another map's
 * @property {string} label spoken
 */

/** @typedef {import("../render/map-drawing.js").DrawnMap & Placing} MapProps */

/** Logarithm of the change of distance between two fingers that is worth a new zoom. */
const PINCH_STEP = 0.08;

export class MapView extends HTMLElement {
  #canvas = element("canvas");
  #frames = svg("svg", { class: "frames", "aria-hidden": "true" });
  /** @type {MapProps | null} */
  #props = null;
  /** @type {Map<number, { x: number, y: number }>} */
  #fingers = new Map();
  /** Distance of two fingers when the zoom was last asked for; 0 while there are not two. */
  #spread = 0;
  /** First row and column in sight, in cells, and px per cell. */
  #view = { row: 0, column: 0, cell: 1, zoom: 0 };

  connectedCallback() {
    if (this.#canvas.isConnected) return;
    this.append(this.#canvas, this.#frames);
    setAttributes(this, { role: "img" });
    this.#listen();
  }

  /** @param {MapProps} props */
  update(props) {
    const before = this.#props;
    this.#props = props;
    setAttributes(this, { "aria-label": props.label });
    const moved = this.#place(props, before);
    const same =
      before !== null &&
      !moved &&
      before.tensor === props.tensor &&
      before.mode === props.mode &&
      before.digits === props.digits &&
      before.blank === props.blank &&
      JSON.stringify(before.paint) === JSON.stringify(props.paint);
    if (!same) this.#draw(props);
    this.#drawFrames(props.frames);
  }

  /**
   * The rectangle of some cells on the screen, clipped to what is in sight.
   * @param {{ row: number, column: number, rows: number, columns: number }} cells
   * @returns {DOMRect}
   */
  rectOf({ row, column, rows, columns }) {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    const { cell } = this.#view;
    const clip = (/** @type {number} */ at, /** @type {number} */ most) => Math.min(most, Math.max(0, at));
    const x0 = clip((column - this.#view.column) * cell, width);
    const y0 = clip((row - this.#view.row) * cell, height);
    const x1 = clip((column + columns - this.#view.column) * cell, width);
    const y1 = clip((row + rows - this.#view.row) * cell, height);
    return new DOMRect(left + x0, top + y0, x1 - x0, y1 - y0);
  }

  /**
   * Choose size and part of the map that are shown.
   * @param {MapProps} props
   * @param {MapProps | null} before
   * @returns {boolean} whether anything of it changed
   */
  #place(props, before) {
    const [rows, columns] = extentOf(props);
    const base = props.cell ?? fittingCell(props.box, rows, columns);
    const [width, height] = [Math.round(columns * base), Math.round(rows * base)];
    const cell = base * props.zoom;
    const [top, , left] = props.padding;
    const old = this.#view;
    const resized =
      before === null || old.zoom !== props.zoom || old.cell !== cell || before.box.width !== props.box.width;
    const inSight = { rows: height / cell, columns: width / cell };
    const row = keepInSight(resized ? null : old.row, props.focus[0], inSight.rows, -top, rows - top);
    const column = keepInSight(
      resized ? null : old.column,
      props.focus[1],
      inSight.columns,
      -left,
      columns - left,
    );
    const canvas = this.#canvas;
    const ratio = window.devicePixelRatio || 1;
    const [deviceWidth, deviceHeight] = [Math.round(width * ratio), Math.round(height * ratio)];
    const sized = canvas.width !== deviceWidth || canvas.height !== deviceHeight;
    if (sized) {
      canvas.width = deviceWidth;
      canvas.height = deviceHeight;
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
      setAttributes(this.#frames, { viewBox: `0 0 ${width} ${height}`, width, height });
    }
    this.#view = { row, column, cell, zoom: props.zoom };
    return sized || resized || row !== old.row || column !== old.column;
  }

  /** @param {MapProps} props */
  #draw(props) {
    const context = /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext("2d"));
    const ratio = window.devicePixelRatio || 1;
    const style = getComputedStyle(this);
    const { row, column, cell } = this.#view;
    const size = { width: this.#canvas.width / ratio, height: this.#canvas.height / ratio };
    drawMap(
      context,
      props,
      { row, column, cell, ratio, ...size },
      {
        paper: style.getPropertyValue("--paper"),
        ink: style.getPropertyValue("--ink"),
        hatch: style.getPropertyValue("--hatch"),
        font: style.fontFamily,
      },
    );
  }

  /** @param {readonly Frame[]} frames */
  #drawFrames(frames) {
    const { cell, row, column } = this.#view;
    while (this.#frames.childElementCount > frames.length) this.#frames.lastElementChild?.remove();
    frames.forEach((frame, i) => {
      const group = this.#frames.children[i] ?? this.#frames.appendChild(newFrame());
      setAttributes(group, { class: `frame ${frame.kind}` });
      const { style } = /** @type {SVGGElement} */ (group);
      style.transform = `translate(${(frame.column - column) * cell}px, ${(frame.row - row) * cell}px)`;
      const size = { width: frame.columns * cell + 3, height: frame.rows * cell + 3 };
      for (const rect of group.children) setAttributes(rect, size);
    });
  }

  /**
   * Two fingers ask for more or less; meanwhile neither moves the window.
   * @param {PointerEvent} event
   * @returns {boolean} whether the pointer is one of two
   */
  #pinch(event) {
    if (event.pointerType !== "touch") return false;
    if (event.type === "pointerup" || event.type === "pointercancel") this.#fingers.delete(event.pointerId);
    else this.#fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const [a, b] = [...this.#fingers.values()];
    if (!b) {
      this.#spread = 0;
      return false;
    }
    const spread = Math.hypot(a.x - b.x, a.y - b.y);
    if (this.#spread === 0) this.#spread = spread;
    const factor = spread / this.#spread;
    if (Math.abs(Math.log(factor)) > PINCH_STEP) {
      this.#spread = spread;
      emit(this, "cs-zoom", { factor });
    }
    return true;
  }

  #listen() {
    const canvas = this.#canvas;
    const point = (/** @type {PointerEvent} */ event, /** @type {string} */ phase) => {
      const props = this.#props;
      if (!props || this.#pinch(event)) return;
      const { left, top } = canvas.getBoundingClientRect();
      const column = Math.floor((event.clientX - left) / this.#view.cell + this.#view.column);
      const row = Math.floor((event.clientY - top) / this.#view.cell + this.#view.row);
      emit(this, "cs-point", { phase, row, column });
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      point(event, "down");
    });
    canvas.addEventListener("pointermove", (event) => point(event, event.buttons & 1 ? "drag" : "hover"));
    canvas.addEventListener("pointerup", (event) => point(event, "up"));
    canvas.addEventListener("pointercancel", (event) => point(event, "leave"));
    canvas.addEventListener("pointerleave", (event) => point(event, "leave"));
    canvas.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        emit(this, "cs-zoom", { factor: event.deltaY < 0 ? 1.25 : 0.8 });
      },
      { passive: false },
    );
  }
}

/**
 * The largest cell with which a map fits into its room: whole px where cells can be seen.
 * @param {{ width: number, height: number }} box
 * @param {number} rows
 * @param {number} columns
 * @returns {number} px
 */
export function fittingCell(box, rows, columns) {
  const fit = Math.min(box.width / columns, box.height / rows);
  return fit >= 2 ? Math.floor(fit) : fit;
}

/** @returns {Element} the halo under the line, so that a frame shows on every picture */
function newFrame() {
  const place = { x: -1.5, y: -1.5 };
  return svg("g", {}, svg("rect", { ...place, class: "halo" }), svg("rect", { ...place, class: "line" }));
}

/**
 * The first cell in sight along one axis: as it was while the focus stays inside, else around the focus.
 * @param {number | null} old
 * @param {number} focus
 * @param {number} room cells in sight
 * @param {number} low first cell there is
 * @param {number} high first cell beyond
 * @returns {number}
 */
function keepInSight(old, focus, room, low, high) {
  if (room >= high - low - 1e-6) return low;
  const margin = Math.min(1, room / 4);
  if (old !== null && focus >= old + margin && focus + 1 <= old + room - margin) return old;
  return Math.min(high - room, Math.max(low, focus + 0.5 - room / 2));
}

customElements.define("cs-map", MapView);
