/**
 * A function of one number: x, the curve with the point that is meant, y; and beside it the gradient there.
 */

import { axisTicks, heights, pieces } from "../../core/curve.js";
import { formatTick } from "../../core/format.js";
import { shownFunction } from "../../core/shown-functions.js";
import { hasText, t } from "../../i18n/i18n.js";
import { element, setAttributes, setText, svg } from "../dom.js";
import { fillCell, joined, leavesRight, nameOf, newResult, signs } from "./parts.js";

/** @typedef {import("./parts.js").StepProps} StepProps */
/** @typedef {import("../../core/curve.js").Curve} Curve */

/** Sizes of the drawing and of its margins, in px: room for the labels of the axes. */
const SIZES = {
  wide: { width: 316, height: 250, left: 34, bottom: 26 },
  stacked: { width: 380, height: 280, left: 34, bottom: 26 },
  projector: { width: 480, height: 330, left: 52, bottom: 40 },
  phone: { width: 320, height: 200, left: 34, bottom: 24 },
};
const EDGE = 12;
/** On a large screen the drawing grows as the type does. */
const LARGE = 1.5;
/** Half the length of the tangent, in px. */
const TANGENT = 64;

export class FunctionView extends HTMLElement {
  #x = element("span", { class: "value-cell" });
  #result = newResult();
  #name = element("span", { class: "name" });
  #gradient = element("p", { class: "gradient" });
  #remark = element("p", { class: "remark" });
  #grid = svg("g", { class: "axes" });
  #curve = svg("path", { class: "curve" });
  #tangent = svg("line", { class: "tangent" });
  #guides = svg("path", { class: "guides" });
  #halo = svg("circle", { class: "point halo", r: 8 });
  #point = svg("circle", { class: "point", r: 5.5 });
  #drawing = svg("svg", { class: "plot", role: "img" });
  #drawn = /** @type {unknown[]} */ ([]);
  #built = "";
  /** @type {StepProps["composition"]} */
  #composition = "wide";

  get windowBox() {
    return this.#x.getBoundingClientRect();
  }

  get resultBox() {
    const result = this.#result.result;
    // On the left the link must not cross the letter.
    return leavesRight(this.#composition)
      ? result.getBoundingClientRect()
      : joined([...(result.parentElement?.children ?? [])]);
  }

  /** @param {StepProps} props */
  update(props) {
    const { step, digits, theme, inputScale, inputExtent, curve, composition, op } = props;
    this.#composition = composition;
    if (this.#built !== t("panel.input")) this.#build();
    this.#built = t("panel.input");
    const { x, y, slope, effect } = shownFunction(step, digits);
    const value = step.values[0] ?? 0;
    fillCell(this.#x, x, value, { theme, scale: inputScale, extent: inputExtent });
    setText(this.#result.result, y);
    setText(this.#name, nameOf(op));
    this.#updatePlot(curve, op, value, step.value, Number(step.params.slope));
    setText(this.#gradient, t("function.gradient", { slope }));
    setAttributes(this.#drawing, { "aria-label": t("function.curve", { op: nameOf(op), x, y, slope }) });
    const remark = `function.${effect}`;
    const a = formatTick(Number(step.params.negative_slope ?? 0));
    setText(this.#remark, hasText(remark) ? t(remark, { op: nameOf(op), a }) : "");
  }

  #build() {
    this.#drawing.replaceChildren(
      this.#grid,
      this.#guides,
      this.#curve,
      this.#tangent,
      this.#halo,
      this.#point,
    );
    const y = element("div", { class: "y-side" }, signs("y"), this.#result.result);
    this.replaceChildren(
      element("div", { class: "x-side" }, signs("x"), this.#x),
      element("span", { class: "operator from-x", "aria-hidden": "true" }, "→"),
      element("div", { class: "head at-curve" }, element("h2", {}, this.#name)),
      this.#drawing,
      element("span", { class: "operator to-y", "aria-hidden": "true" }, "→"),
      y,
      element("div", { class: "below" }, this.#gradient, this.#remark),
    );
  }

  /**
   * @param {Curve | null} curve null while it is on its way: the axes and the point are there all the same
   * @param {string} op
   * @param {number} x
   * @param {number} y
   * @param {number} slope
   */
  #updatePlot(curve, op, x, y, slope) {
    const own = curve?.op === op ? curve : null;
    const size = sizeFor(this.#composition);
    const reach = own?.reach ?? Math.max(6, Math.abs(x));
    const { low, high } = heights(
      own?.points ?? [
        [x, y, slope],
        [0, 1, 0],
      ],
    );
    const margin = (high - low) * 0.06;
    const frame = {
      left: size.left,
      right: size.width - EDGE,
      top: EDGE,
      bottom: size.height - size.bottom,
    };
    const at = (/** @type {number} */ u, /** @type {number} */ v) =>
      /** @type {[number, number]} */ ([
        frame.left + ((u + reach) / (2 * reach)) * (frame.right - frame.left),
        frame.bottom - ((v - low + margin) / (high - low + 2 * margin)) * (frame.bottom - frame.top),
      ]);
    const drawing = [own, size, reach, low, high];
    if (drawing.some((part, i) => part !== this.#drawn[i])) {
      setAttributes(this.#drawing, { ...{ width: size.width, height: size.height } });
      this.#drawAxes(frame, at, reach, low, high);
      const path = pieces(own?.points ?? []).map((piece) =>
        piece.map(([u, v]) => at(u, v).map(short).join(" ")).join("L"),
      );
      setAttributes(this.#curve, { d: path.map((piece) => `M${piece}`).join("") });
    }
    this.#drawn = drawing;
    this.#drawPoint(frame, at, x, y, slope);
  }

  /**
   * @param {{ left: number, right: number, top: number, bottom: number }} frame
   * @param {(u: number, v: number) => [number, number]} at
   * @param {number} reach
   * @param {number} low
   * @param {number} high
   */
  #drawAxes(frame, at, reach, low, high) {
    const [originX, originY] = at(0, 0);
    const label = (/** @type {number} */ value, /** @type {Record<string, string | number>} */ place) =>
      svg("text", place, formatTick(value));
    const ticks = axisTicks(low, high);
    this.#grid.replaceChildren(
      svg("line", { x1: frame.left, x2: frame.right, y1: originY, y2: originY }),
      svg("line", { x1: originX, x2: originX, y1: frame.top, y2: frame.bottom }),
      ...[-reach, 0, reach].map((value) =>
        label(value, {
          x: at(value, 0)[0],
          y: frame.bottom + 8,
          class: "across",
          "text-anchor": value === 0 ? "middle" : value > 0 ? "end" : "start",
        }),
      ),
      ...ticks.flatMap((value) => {
        const y = at(0, value)[1];
        return [
          svg("line", { x1: originX - 4, x2: originX, y1: y, y2: y }),
          label(value, { x: frame.left - 8, y, class: "up", "text-anchor": "end" }),
        ];
      }),
    );
  }

  /**
   * @param {{ left: number, right: number, top: number, bottom: number }} frame
   * @param {(u: number, v: number) => [number, number]} at
   * @param {number} x
   * @param {number} y
   * @param {number} slope
   */
  #drawPoint(frame, at, x, y, slope) {
    const [px, py] = at(x, y);
    setAttributes(this.#guides, { d: `M${short(px)} ${frame.bottom}V${short(py)}H${frame.right}` });
    for (const circle of [this.#halo, this.#point]) setAttributes(circle, { cx: short(px), cy: short(py) });
    const [qx, qy] = at(x + 1, y + slope);
    // Each half ends where the drawing does.
    const [across, down] = [qx - px, qy - py];
    const upward = down === 0 ? Number.POSITIVE_INFINITY : (py - frame.top) / Math.abs(down);
    const downward = down === 0 ? Number.POSITIVE_INFINITY : (frame.bottom - py) / Math.abs(down);
    const share = TANGENT / (Math.hypot(across, down) || 1);
    const half = (/** @type {number} */ way) => Math.min(share, way);
    const [back, forth] = down < 0 ? [half(downward), half(upward)] : [half(upward), half(downward)];
    const ends = {
      from: [px - across * back, py - down * back],
      to: [px + across * forth, py + down * forth],
    };
    setAttributes(this.#tangent, {
      x1: short(ends.from[0]),
      y1: short(ends.from[1]),
      x2: short(ends.to[0]),
      y2: short(ends.to[1]),
    });
  }
}

/** @type {Map<string, typeof SIZES.wide>} */
const enlarged = new Map();

/**
 * @param {StepProps["composition"]} composition
 * @returns {typeof SIZES.wide} the same object for the same size
 */
function sizeFor(composition) {
  const size = SIZES[composition];
  if (composition === "projector" || !matchMedia("(min-width: 1800px)").matches) return size;
  const grown = Object.fromEntries(Object.entries(size).map(([side, px]) => [side, px * LARGE]));
  const known = enlarged.get(composition) ?? /** @type {typeof SIZES.wide} */ (grown);
  enlarged.set(composition, known);
  return known;
}

/** @param {number} px */
function short(px) {
  return Math.round(px * 10) / 10;
}

customElements.define("cs-function", FunctionView);
