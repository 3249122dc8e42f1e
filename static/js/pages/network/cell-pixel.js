/**
 * Where every way ends: a pixel of the picture among its neighbours, and what the model's preprocessing makes of
 * each of its colours.
 */

import { digitsOf } from "../../core/cell-combination.js";
import { addDecimals, formatDecimal, parseDecimal } from "../../core/decimal.js";
import { entered, enteringOf } from "../../core/entering.js";
import { formatFixed, formatTick } from "../../core/format.js";
import { INPUT } from "../../core/network-graph.js";
import { relationOfQuotient } from "../../core/sums.js";
import { at, planes } from "../../core/tensor.js";
import { t } from "../../i18n/i18n.js";
import { cleared } from "../../render/map-stack.js";
import { picture } from "../../render/paint.js";
import { element, math, setAttributes, setText } from "../../views/dom.js";

/** @typedef {import("../../actions/network.js").State} State */
/** @typedef {import("../../actions/load-net.js").NetRun} NetRun */

const BYTE = 255;
const BYTE_DIGITS = 1;
/** Pixels on each side of the one that is shown. */
const AROUND = 4;
const SIDE = { wide: 306, projector: 396, phone: 252 };

export class CellPixel {
  #title = element("h2", { tabindex: "-1" });
  #canvas = element("canvas", { class: "neighbourhood", role: "img" });
  #rows = element("tbody");
  #heads = element("tr");
  #table = element("table", { class: "pixel-table" }, element("thead", {}, this.#heads), this.#rows);
  #formula = element("div", { class: "channel-formula" });
  #note = element("p", { class: "note" });
  side = element("div", { class: "cell-side" }, this.#table, this.#formula, this.#note);
  element = element(
    "div",
    { class: "cell-pixel" },
    element("section", {}, this.#title, this.#canvas),
    this.side,
  );

  /** @param {import("../../actions/network.js").Actions} actions */
  constructor(actions) {
    this.actions = actions;
  }

  get title() {
    return this.#title;
  }

  /**
   * @param {State} state
   * @param {NetRun} run
   * @param {{ theme: "light" | "dark", composition: "wide" | "projector" | "phone" }} look
   */
  update({ view }, run, { theme, composition }) {
    const [channel, row, column] = view.cell;
    const [channels] = planes(run.picture);
    const { preprocessing } = run.model.answer.input;
    const { sum } = digitsOf(view);
    setText(this.#title, t("cell.pixel", { row, column }));
    drawNeighbourhood(this.#canvas, run, [row, column], SIDE[composition], theme);
    setAttributes(this.#canvas, { "aria-label": t("cell.around", { row, column }) });
    const own = enteringOf(preprocessing, channel, channels);
    // Where white becomes 255 first, or nothing is done but that division, there is no step between.
    const between = own.range === 1 && (own.mean !== 0 || own.std !== 1);
    const heads = ["", "0 … 255", ...(between ? ["÷ 255"] : []), t("cell.entersHead")];
    this.#heads.replaceChildren(...heads.map((text) => element("th", { scope: "col" }, text)));
    this.#rows.replaceChildren(
      ...Array.from({ length: channels }, (_, c) => {
        const entering = enteringOf(preprocessing, c, channels);
        const pixel = at(run.picture, entering.shown, row, column);
        const name = channels === 3 ? t(`cell.color.${"rgb"[entering.shown]}`) : t("cell.gray");
        const button = element("button", { type: "button", disabled: channels === 1 }, name);
        button.addEventListener("click", () => this.actions.openCell(INPUT, [c, row, column]));
        const texts = [
          formatFixed(pixel * BYTE, BYTE_DIGITS),
          ...(between ? [formatFixed(pixel, sum)] : []),
          formatFixed(entered(pixel, entering), sum),
        ];
        return element(
          "tr",
          { "data-open": c === channel },
          element("th", { scope: "row" }, button),
          ...texts.map((text) => element("td", {}, text)),
        );
      }),
    );
    this.#formula.replaceChildren(formulaOf(at(run.picture, own.shown, row, column), own, sum));
    setText(this.#note, t("cell.pixelNote"));
  }
}

/**
 * x = (54.0 − 127) / 128, or x = (0.212 − 0.485) / 0.229, or x = 54.0 / 255, with the sign that is true of the
 * numbers shown.
 * @param {number} pixel
 * @param {import("../../core/entering.js").Entering} entering
 * @param {number} digits
 */
function formulaOf(pixel, entering, digits) {
  const n = (/** @type {string} */ text) => math("mn", {}, text);
  const o = (/** @type {string} */ text) => math("mo", {}, text);
  const { range, mean, std } = entering;
  const isPlain = range === 1 && mean === 0 && std === 1;
  const first = range === 1 && !isPlain ? formatFixed(pixel, digits) : formatFixed(pixel * BYTE, BYTE_DIGITS);
  const divisor = isPlain ? BYTE : std;
  const result = formatFixed(entered(pixel, entering), digits);
  const top = math(
    "mrow",
    {},
    n(first),
    ...(mean === 0 ? [] : [o(mean < 0 ? "+" : "−"), n(formatTick(Math.abs(mean)))]),
  );
  const value = divisor === 1 ? top : math("mfrac", {}, top, n(formatTick(divisor)));
  const shifted = addDecimals(decimal(first), decimal(formatTick(-mean)));
  const sign = relationOfQuotient(formatDecimal(shifted), formatTick(divisor), result);
  return math(
    "math",
    { display: "block", class: "formula" },
    math("mrow", {}, math("mi", {}, "x"), o("="), value, o(sign), n(result)),
  );
}

/** @param {string} text */
function decimal(text) {
  return parseDecimal(text) ?? { n: 0n, scale: 0 };
}

/**
 * The pixels around one, large enough to be told apart, with that one framed.
 * @param {HTMLCanvasElement} canvas
 * @param {NetRun} run
 * @param {readonly [number, number]} place
 * @param {number} side
 * @param {"light" | "dark"} theme
 */
function drawNeighbourhood(canvas, run, [row, column], side, theme) {
  const count = 2 * AROUND + 1;
  const cell = side / count;
  const context = cleared(canvas, side, side);
  const [channels, rows, columns] = planes(run.picture);
  const scale = /** @type {"rgb" | "gray"} */ (channels === 3 ? "rgb" : "gray");
  const source = picture(run.picture, { scale, channel: 0, extent: { min: 0, max: 1 }, theme });
  context.imageSmoothingEnabled = false;
  for (let r = 0; r < count; r += 1) {
    for (let c = 0; c < count; c += 1) {
      const [y, x] = [row - AROUND + r, column - AROUND + c];
      const isInside = y >= 0 && x >= 0 && y < rows && x < columns;
      if (isInside) context.drawImage(source, x, y, 1, 1, c * cell, r * cell, cell - 1, cell - 1);
    }
  }
  const style = getComputedStyle(canvas);
  const [x, y] = [AROUND * cell - 2, AROUND * cell - 2];
  context.strokeStyle = style.getPropertyValue("--halo");
  context.lineWidth = 6;
  context.strokeRect(x, y, cell + 3, cell + 3);
  context.strokeStyle = style.getPropertyValue("--accent");
  context.lineWidth = 3;
  context.strokeRect(x, y, cell + 3, cell + 3);
}
