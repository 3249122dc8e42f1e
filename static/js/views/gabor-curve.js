/**
 * A filter's weights across its stripes, as points, and the fitted curve through them. Points far along the
 * stripes, where the envelope has faded, are fainter.
 */

import { crossSection, gabor } from "../core/gabor.js";
import { t } from "../i18n/i18n.js";
import { setAttributes, svg } from "./dom.js";

/** @typedef {import("../core/gabor.js").Fit} Fit */

const SIZE = { width: 288, height: 120, margin: 8 };
const SAMPLES = 121;

export class CurveFigure {
  #axis = svg("path", { class: "axis" });
  #points = svg("g", { class: "points" });
  #line = svg("path", { class: "curve" });
  element = svg(
    "svg",
    { class: "gabor-curve", viewBox: `0 0 ${SIZE.width} ${SIZE.height}`, role: "img" },
    this.#axis,
    this.#points,
    this.#line,
  );

  /**
   * @param {Fit} fit
   * @param {ArrayLike<number>} values of the filter, channels one after another
   * @param {readonly [number, number]} size
   */
  update(fit, values, size) {
    const points = crossSection(fit, values, size);
    // Only where the filter has cells: beyond them the curve is a guess.
    const places = points.map(({ across }) => across);
    const [low, high] = [Math.min(...places), Math.max(...places)];
    const samples = Array.from({ length: SAMPLES }, (_, i) => low + ((high - low) * i) / (SAMPLES - 1));
    const curve = samples.map((across) => gabor(fit, across, 0));
    const most = Math.max(...points.map(({ value }) => Math.abs(value)), ...curve.map(Math.abs), 1e-9) * 1.05;
    const { width, height, margin } = SIZE;
    const x = (/** @type {number} */ across) =>
      margin + ((across - low) / (high - low || 1)) * (width - 2 * margin);
    const y = (/** @type {number} */ value) => height / 2 - (value / most) * (height / 2 - margin);
    setAttributes(this.#axis, { d: `M0 ${height / 2}H${width}` });
    const line = samples.map((across, i) => `${x(across).toFixed(1)} ${y(curve[i]).toFixed(1)}`);
    setAttributes(this.#line, { d: `M${line.join("L")}` });
    this.#points.replaceChildren(
      ...points.map(({ across, along, value }) =>
        svg("circle", {
          cx: x(across).toFixed(1),
          cy: y(value).toFixed(1),
          r: 2.6,
          opacity: Math.max(0.12, Math.exp(-((fit.aspect * along) ** 2) / (2 * fit.sigma_px ** 2))).toFixed(
            2,
          ),
        }),
      ),
    );
    setAttributes(this.element, { "aria-label": t("filters.curve") });
  }
}
