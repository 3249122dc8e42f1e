/**
 * A picture or feature map: cells to scale, its padding as real, hatched cells, frames around what is under
 * attention. Near enough, the cells show their numbers. Emits "cs-point" as the pointer goes over cells and
 * "cs-zoom" when the wheel asks for more or less.
 */

import { inkOn } from "../core/color.js";
import { formatFixed } from "../core/format.js";
import { sourceOf } from "../core/padding.js";
import { colorAt, positionOf, SCALES } from "../core/scales.js";
import { planes, toFloat32 } from "../core/tensor.js";
import { picture } from "../render/paint.js";
import { element, emit, setAttributes, svg } from "./dom.js";

/** @typedef {import("../core/tensor.js").Tensor} Tensor */
/** @typedef {import("../core/padding.js").Sides} Sides */
/** @typedef {import("../core/padding.js").PaddingMode} PaddingMode */
/** @typedef {import("../render/paint.js").Paint} Paint */

/**
 * @typedef {object} Frame a rectangle of cells with a meaning
 * @property {"attention" | "source" | "consumer" | "hover"} kind
 * @property {number} row first row, may be negative
 * @property {number} column
 * @property {number} rows
 * @property {number} columns
 */

/**
 * @typedef {object} MapProps
 * @property {Tensor} tensor
 * @property {Paint} paint
 * @property {Sides} padding
 * @property {PaddingMode} mode
 * @property {readonly Frame[]} frames
 * @property {number} zoom
 * @property {readonly [number, number]} focus row and column that stay in sight
 * @property {number} digits
 * @property {{ width: number, height: number }} box room in px
 * @property {number} [cell] px per cell at zoom 1, where it must agree with another map's
 * @property {string} label spoken
 * @property {((row: number, column: number) => boolean) | null} [blank] cells put in, that hold nothing of the picture
 */

/** Cells show numbers from these widths on, in px: one number, or three of a colour picture. */
const DIGIT_CELL = 40;
const COLOR_DIGIT_CELL = 52;
const GRID_CELL = 12;
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

  /** Px per cell as drawn now. */
  get cellSize() {
    return this.#view.cell;
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
    const { cell, row, column } = this.#view;
    const [, rows, columns] = planes(props.tensor);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    context.setTransform(ratio, 0, 0, ratio, -column * cell * ratio, -row * cell * ratio);
    const image = picture(props.tensor, props.paint);
    this.#drawPadding(context, props, image);
    // Shrinking without smoothing would drop whole rows; enlarging with it would invent colours.
    context.imageSmoothingEnabled = cell * ratio < 1;
    context.drawImage(image, 0, 0, columns * cell, rows * cell);
    if (props.blank) this.#drawBlanks(context, props, props.blank);
    if (cell >= GRID_CELL) this.#drawGrid(context, props);
    if (cell >= digitCell(props)) this.#drawDigits(context, props);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {MapProps} props
   * @param {HTMLCanvasElement} image
   */
  #drawPadding(context, props, image) {
    const [top, bottom, left, right] = props.padding;
    if (top + bottom + left + right === 0) return;
    const { cell } = this.#view;
    const [, rows, columns] = planes(props.tensor);
    const area = [-left * cell, -top * cell, (left + columns + right) * cell, (top + rows + bottom) * cell];
    const [x, y, width, height] = area;
    context.save();
    if (props.mode !== "zeros") {
      context.imageSmoothingEnabled = false;
      for (const { r, q } of this.#paddingCells(props)) {
        const [from, to] = [sourceOf(r, rows, props.mode), sourceOf(q, columns, props.mode)];
        context.drawImage(image, to, from, 1, 1, q * cell, r * cell, cell, cell);
      }
    }
    context.beginPath();
    context.rect(x, y, width, height);
    context.rect(0, 0, columns * cell, rows * cell);
    context.clip("evenodd");
    this.#hatch(context, x, y, width, height);
    context.setLineDash([3, 3]);
    context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
    context.restore();
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {MapProps} props
   * @param {(row: number, column: number) => boolean} blank
   */
  #drawBlanks(context, props, blank) {
    const { cell } = this.#view;
    const style = getComputedStyle(this);
    context.beginPath();
    for (const { r, q } of this.#cellsInSight(props)) {
      if (blank(r, q)) context.rect(q * cell, r * cell, cell, cell);
    }
    context.save();
    context.clip();
    context.fillStyle = style.getPropertyValue("--paper");
    const [rows, columns] = extentOf(props);
    context.fillRect(0, 0, columns * cell, rows * cell);
    this.#hatch(context, 0, 0, columns * cell, rows * cell);
    context.restore();
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} x
   * @param {number} y
   * @param {number} width
   * @param {number} height
   */
  #hatch(context, x, y, width, height) {
    context.strokeStyle = getComputedStyle(this).getPropertyValue("--hatch");
    context.lineWidth = 1;
    context.beginPath();
    for (let at = x - height; at < x + width; at += 4) {
      context.moveTo(at, y + height);
      context.lineTo(at + height, y);
    }
    context.stroke();
  }

  /** Padding cells in sight. @param {MapProps} props */
  *#paddingCells(props) {
    const [, rows, columns] = planes(props.tensor);
    for (const { r, q } of this.#cellsInSight(props)) {
      if (r < 0 || q < 0 || r >= rows || q >= columns) yield { r, q };
    }
  }

  /** @param {MapProps} props */
  *#cellsInSight(props) {
    const { cell, row, column } = this.#view;
    const [rows, columns] = extentOf(props);
    const [top, , left] = props.padding;
    const ratio = window.devicePixelRatio || 1;
    const lastRow = Math.min(rows - top, Math.ceil(row + this.#canvas.height / ratio / cell));
    const lastColumn = Math.min(columns - left, Math.ceil(column + this.#canvas.width / ratio / cell));
    for (let r = Math.floor(row); r < lastRow; r += 1) {
      for (let q = Math.floor(column); q < lastColumn; q += 1) yield { r, q };
    }
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {MapProps} props
   */
  #drawGrid(context, props) {
    const { cell } = this.#view;
    context.strokeStyle = getComputedStyle(this).getPropertyValue("--paper");
    context.lineWidth = 1;
    context.beginPath();
    for (const { r, q } of this.#cellsInSight(props)) {
      context.moveTo(q * cell + 0.5, r * cell + cell);
      context.lineTo(q * cell + 0.5, r * cell + 0.5);
      context.lineTo(q * cell + cell, r * cell + 0.5);
    }
    context.stroke();
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {MapProps} props
   */
  #drawDigits(context, props) {
    const { cell } = this.#view;
    const { tensor, paint, digits } = props;
    const [, rows, columns] = planes(tensor);
    const floats = toFloat32(tensor);
    const colors = paint.scale === "rgb";
    const channels = colors ? [0, 1, 2] : [paint.channel];
    const size = Math.min(22, colors ? cell / 4 : cell / 2.8);
    context.font = `450 ${Math.max(13, size)}px ${getComputedStyle(this).fontFamily}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    const paper = getComputedStyle(this).getPropertyValue("--ink");
    for (const { r, q } of this.#cellsInSight(props)) {
      const [from, to] = [sourceOf(r, rows, props.mode), sourceOf(q, columns, props.mode)];
      const outside = from < 0 || to < 0 || props.blank?.(from, to) === true;
      channels.forEach((c, i) => {
        const value = outside ? 0 : floats[(c * rows + from) * columns + to];
        context.fillStyle = outside ? paper : inkOf(paint, floats, from * columns + to, rows * columns);
        const y =
          r * cell + (cell * (i + 0.5 + (colors ? 0.25 : 0))) / (channels.length + (colors ? 0.5 : 0));
        context.fillText(outside ? "0" : formatFixed(value, digits), q * cell + cell / 2, y);
      });
    }
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
 * @param {MapProps} props
 * @returns {[rows: number, columns: number]} with padding
 */
function extentOf({ tensor, padding: [top, bottom, left, right] }) {
  const [, rows, columns] = planes(tensor);
  return [rows + top + bottom, columns + left + right];
}

/** @param {MapProps} props */
function digitCell({ paint }) {
  return paint.scale === "rgb" ? COLOR_DIGIT_CELL : DIGIT_CELL;
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

/**
 * @param {Paint} paint
 * @param {Float32Array} floats
 * @param {number} index within a plane
 * @param {number} area
 * @returns {string}
 */
function inkOf(paint, floats, index, area) {
  if (paint.scale === "rgb") {
    const unit = 255 / (paint.extent.max - paint.extent.min);
    return inkOn([floats[index] * unit, floats[area + index] * unit, floats[2 * area + index] * unit]);
  }
  const value = floats[paint.channel * area + index];
  return inkOn(colorAt(paint.scale, paint.theme, positionOf(SCALES[paint.scale].zero, paint.extent, value)));
}

customElements.define("cs-map", MapView);
