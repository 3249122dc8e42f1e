/**
 * A drawing surface in device pixels with frames above it, and the place under the pointer.
 */

import { element, setAttributes, svg } from "./dom.js";

/** @typedef {{ kind: "attention" | "source" | "hover", x: number, y: number, width: number, height: number }} Frame */
/** @typedef {"down" | "drag" | "hover" | "leave"} Phase */

export class Figure {
  canvas = element("canvas");
  #frames = svg("svg", { class: "frames", "aria-hidden": "true" });
  element = element("div", { class: "figure", role: "img" });

  /** @param {(phase: Phase, x: number, y: number) => void} [onPoint] */
  constructor(onPoint) {
    this.element.append(this.canvas, this.#frames);
    if (onPoint) this.#listen(onPoint);
  }

  /**
   * An empty surface of this size.
   * @param {number} width px
   * @param {number} height px
   * @returns {CanvasRenderingContext2D}
   */
  clear(width, height) {
    const ratio = window.devicePixelRatio || 1;
    const [across, down] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
    if (this.canvas.width !== across || this.canvas.height !== down) {
      this.canvas.width = across;
      this.canvas.height = down;
      this.canvas.style.width = `${width}px`;
      this.canvas.style.height = `${height}px`;
      setAttributes(this.#frames, { viewBox: `0 0 ${width} ${height}`, width, height });
    }
    const context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, across, down);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    return context;
  }

  /** @param {string} label spoken */
  describe(label) {
    setAttributes(this.element, { "aria-label": label });
  }

  /** @param {readonly (Frame | null)[]} frames outside the cells that they mean */
  frame(frames) {
    const shown = frames.filter((frame) => frame !== null);
    while (this.#frames.childElementCount > shown.length) this.#frames.lastElementChild?.remove();
    shown.forEach(({ kind, x, y, width, height }, i) => {
      const group = this.#frames.children[i] ?? this.#frames.appendChild(newFrame());
      setAttributes(group, { class: `frame ${kind}` });
      const box = { x: x - 1.5, y: y - 1.5, width: width + 3, height: height + 3 };
      for (const rect of group.children) setAttributes(rect, box);
    });
  }

  /** A colour of the page. @param {string} name of a custom property */
  ink(name) {
    return getComputedStyle(this.element).getPropertyValue(name);
  }

  /** @param {(phase: Phase, x: number, y: number) => void} onPoint */
  #listen(onPoint) {
    const { canvas } = this;
    const point = (/** @type {PointerEvent} */ event, /** @type {Phase} */ phase) => {
      const { left, top } = canvas.getBoundingClientRect();
      onPoint(phase, event.clientX - left, event.clientY - top);
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      point(event, "down");
    });
    canvas.addEventListener("pointermove", (event) => point(event, event.buttons & 1 ? "drag" : "hover"));
    canvas.addEventListener("pointerleave", (event) => point(event, "leave"));
    canvas.addEventListener("pointercancel", (event) => point(event, "leave"));
  }
}

/** @returns {Element} the halo under the line, so that a frame shows on every picture */
function newFrame() {
  return svg("g", {}, svg("rect", { class: "halo" }), svg("rect", { class: "line" }));
}
