/**
 * The same operation as one product of matrices (im2col): every window a row, the kernel one column, the output
 * one column. Rows are the steps of the window; a press or drag on a row brings the window there.
 */

import { shown, shownSum } from "../core/arithmetic.js";
import { columnsLayout, placeOfTerm, termAt } from "../core/columns-layout.js";
import { formatCount, formatFixed } from "../core/format.js";
import { relationOfProduct } from "../core/sums.js";
import { currentLanguage, sentences, t } from "../i18n/i18n.js";
import { fillOf, paintCells } from "../render/cells.js";
import { element, emit, setText } from "./dom.js";
import { Figure } from "./figure.js";
import { NumberGrid } from "./number-grid.js";
import { WeightLegend } from "./weight-legend.js";

/** @typedef {import("../core/arithmetic.js").Step} Step */
/** @typedef {import("../core/scales.js").ScaleName} ScaleName */
/** @typedef {import("../core/scales.js").Extent} Extent */
/** @typedef {import("../core/columns-layout.js").ColumnsLayout} ColumnsLayout */

/**
 * @typedef {object} ColumnsProps
 * @property {Step} step
 * @property {{ start: number, count: number, width: number, data: Float32Array } | null} band of windows, all
 *   input channels side by side
 * @property {number} positions rows of the whole matrix
 * @property {number} base scan index of the first row, in the output channel at hand
 * @property {number} current row
 * @property {number | null} pointed another row, under the pointer
 * @property {number} outColumns positions in one row of the output
 * @property {{ first: number, count: number, group: number, groups: number }} channels that the output reads
 * @property {readonly string[]} channelNames
 * @property {(position: number, tap: number) => boolean} isPadding
 * @property {ArrayLike<number>} output of the channel at hand
 * @property {{ scale: ScaleName, extent: Extent }} inputLook
 * @property {{ scale: ScaleName, extent: Extent }} outputLook
 * @property {Extent} weightExtent
 * @property {import("../core/scales.js").Theme} theme
 * @property {import("../core/arithmetic.js").Digits} digits
 * @property {number} opened
 * @property {number | null} lit
 * @property {"shared" | "tiled" | "own"} kernel one for all rows, a few in turn, or one for each
 * @property {number} digitCell px that a cell with digits needs
 * @property {{ width: number, height: number, large: boolean }} room in px
 */

export class ColumnsView extends HTMLElement {
  #built = "";
  #shapes = element("p", { class: "shapes" });
  #windows = new Figure((phase, x, y) => this.#onPoint(phase, x, y));
  #kernel = new Figure((phase, _, y) => this.#onKernel(phase, y));
  #output = new Figure((phase, _, y) => this.#onRow(phase, y));
  #labels = element("div", { class: "row-labels", "aria-hidden": "true" });
  #times = element("span", { class: "operator" });
  #equals = element("span", { class: "operator" });
  #heads = { windows: element("h2"), kernel: element("h2"), output: element("h2") };
  #figure = element("div", { class: "columns-figure" });
  #legend = new WeightLegend();
  #note = element("p", { class: "note" });
  #strip = element("div", { class: "strip" });
  #readout = element("p", { class: "readout-line" });
  /** @type {{ values: NumberGrid, weights: NumberGrid | null, name: Element, sum: Element, sign: Element } | null} */
  #row = null;
  /** @type {{ props: ColumnsProps, layout: ColumnsLayout } | null} */
  #now = null;

  connectedCallback() {
    if (this.#figure.isConnected) return;
    this.#figure.append(
      element("span"),
      this.#heads.windows,
      element("span"),
      this.#heads.kernel,
      element("span"),
      this.#heads.output,
      this.#labels,
      this.#windows.element,
      this.#times,
      this.#kernel.element,
      this.#equals,
      this.#output.element,
    );
    const foot = element("div", { class: "foot" }, this.#note, this.#legend.element);
    this.append(this.#shapes, this.#figure, foot, this.#strip, this.#readout);
  }

  /** @param {ColumnsProps} props */
  update(props) {
    const { room, step, band } = props;
    const weighted = step.weights !== null;
    const area = step.grid[1] * step.grid[2];
    const most = room.large ? 26 : 15;
    const columns = room.large
      ? { label: 66, operator: 60 }
      : { label: 46, operator: room.width < 500 ? 22 : 40 };
    const layout = columnsLayout({
      channels: props.channels.count,
      area,
      rows: band?.count ?? 16,
      opened: Math.min(props.opened, props.channels.count - 1),
      // The last head stands centred above a narrow column and needs room beside it.
      width: room.width - columns.label - 2 * (columns.operator + most + 4) - (room.large ? 30 : 18),
      height: Math.max(120, room.height - (room.large ? 300 : 218)),
      widest: 2.6 * most,
      most: room.large ? 24 : 17,
    });
    this.#now = { props, layout };
    this.style.setProperty("--label", `${columns.label}px`);
    this.style.setProperty("--between", `${columns.operator}px`);
    this.#updateWords(props, weighted, layout);
    if (band) {
      this.#drawWindows(props, layout);
      this.#drawKernel(props, layout, most + 4);
      this.#drawOutput(props, layout, most + 4);
      this.#updateLabels(props, layout);
    }
    this.#legend.element.hidden = !weighted;
    this.#legend.update(props.weightExtent, props.theme);
    this.#updateStrip(props, layout, weighted);
  }

  /**
   * @param {ColumnsProps} props
   * @param {boolean} weighted
   * @param {ColumnsLayout} layout
   */
  #updateWords({ step, positions, channels, kernel }, weighted, layout) {
    const terms = step.grid[0] * layout.area;
    const n = (/** @type {number} */ count) => formatCount(count, currentLanguage());
    const shapes = { rows: n(positions), terms: n(terms) };
    setText(this.#shapes, t(weighted ? "columns.shapes" : `columns.plain`, shapes));
    setText(this.#heads.windows, t("columns.windows"));
    setText(this.#heads.kernel, weighted ? t("panel.kernel") : "");
    setText(this.#heads.output, t("panel.output"));
    setText(this.#times, weighted ? "×" : "");
    setText(this.#equals, weighted ? "=" : "→");
    this.#kernel.element.hidden = !weighted;
    const notes = [
      groupNote(channels, this.#channelName(0)),
      kernel === "shared" ? "" : t(`columns.${kernel}`),
      layout.channels < step.grid[0] ? t("columns.one", { channel: this.#channelName(layout.first) }) : "",
      weighted ? "" : t(`columns.${step.combine}`),
    ];
    setText(this.#note, sentences(notes));
  }

  /** @param {number} channel */
  #channelName(channel) {
    return this.#now?.props.channelNames[channel] ?? "";
  }

  /**
   * @param {ColumnsProps} props
   * @param {ColumnsLayout} layout
   */
  #drawWindows(props, layout) {
    const { band, channels, step, theme, inputLook, current, lit, isPadding } = props;
    if (!band) return;
    const context = this.#windows.clear(layout.width, layout.height);
    const fill = fillOf(inputLook.scale, theme, inputLook.extent);
    const paper = this.#windows.ink("--paper");
    const terms = step.grid[0] * layout.area;
    const offset = channels.first * layout.area;
    const cells = function* () {
      for (let r = 0; r < band.count; r += 1) {
        for (let term = 0; term < terms; term += 1) {
          const x = placeOfTerm(layout, term);
          if (x === null) continue;
          const value = band.data[r * band.width + offset + term];
          const hatched = isPadding(band.start + r, term % layout.area);
          const color = hatched && value === 0 ? paper : fill(value);
          yield { x, y: r * layout.row, width: layout.cell, height: layout.row, fill: color, hatched };
        }
      }
    };
    paintCells(context, cells(), { hatch: this.#windows.ink("--hatch"), dot: "" });
    const y = (current - band.start) * layout.row;
    const inSight = current >= band.start && current < band.start + band.count;
    const x = lit === null ? null : placeOfTerm(layout, lit);
    const row = litRow(props) - band.start;
    this.#windows.frame([
      inSight ? { kind: "attention", x: 0, y, width: layout.width, height: layout.row } : null,
      x === null || row < 0 || row >= band.count
        ? null
        : { kind: "source", x, y: row * layout.row, width: layout.cell, height: layout.row },
    ]);
    const size = { rows: formatCount(props.positions), terms: formatCount(terms) };
    this.#windows.describe(t("columns.spoken", { ...size, row: current }));
  }

  /**
   * @param {ColumnsProps} props
   * @param {ColumnsLayout} layout
   * @param {number} width px
   */
  #drawKernel({ step, theme, weightExtent, lit }, layout, width) {
    const { weights } = step;
    if (!weights) return;
    const last = placeOfTerm(layout, (layout.first + layout.channels) * layout.area - 1, layout.tap) ?? 0;
    const context = this.#kernel.clear(width, last + layout.tap);
    const fill = fillOf("weight", theme, weightExtent);
    const cells = function* () {
      for (const [term, weight] of weights.entries()) {
        const y = placeOfTerm(layout, term, layout.tap);
        if (y !== null)
          yield { x: 0, y, width, height: layout.tap, fill: fill(weight), dotted: weight === 0 };
      }
    };
    paintCells(context, cells(), { hatch: "", dot: this.#kernel.ink("--ink-3") });
    const y = lit === null ? null : placeOfTerm(layout, lit, layout.tap);
    this.#kernel.frame([y === null ? null : { kind: "source", x: 0, y, width, height: layout.tap }]);
    this.#kernel.describe(t("columns.spokenKernel", { terms: formatCount(weights.length) }));
  }

  /**
   * @param {ColumnsProps} props
   * @param {ColumnsLayout} layout
   * @param {number} width px
   */
  #drawOutput({ band, output, outputLook, theme, current, positions }, layout, width) {
    if (!band) return;
    const context = this.#output.clear(width, layout.height);
    const fill = fillOf(outputLook.scale, theme, outputLook.extent);
    const cells = function* () {
      for (let r = 0; r < band.count; r += 1) {
        yield { x: 0, y: r * layout.row, width, height: layout.row, fill: fill(output[band.start + r]) };
      }
    };
    paintCells(context, cells(), { hatch: "", dot: "" });
    const y = (current - band.start) * layout.row;
    const inSight = current >= band.start && current < band.start + band.count;
    this.#output.frame([inSight ? { kind: "attention", x: 0, y, width, height: layout.row } : null]);
    this.#output.describe(t("columns.spokenOutput", { rows: formatCount(positions) }));
  }

  /**
   * The numbers of the first, the current and the last row in sight.
   * @param {ColumnsProps} props
   * @param {ColumnsLayout} layout
   */
  #updateLabels({ band, current, positions, room }, layout) {
    if (!band) return;
    const last = band.start + band.count - 1;
    const apart = (room.large ? 24 : 17) / layout.row;
    const rows = [band.start, last].filter((row) => Math.abs(row - current) >= apart);
    const shownRows = [...rows, current];
    while (this.#labels.childElementCount > shownRows.length) this.#labels.lastElementChild?.remove();
    shownRows.forEach((row, i) => {
      const label = /** @type {HTMLElement} */ (
        this.#labels.children[i] ?? this.#labels.appendChild(element("span"))
      );
      const more =
        row === current
          ? ""
          : row === band.start && row > 0
            ? "⋮"
            : row === last && last < positions - 1
              ? "⋮"
              : "";
      setText(label, `${more}${formatCount(row, currentLanguage())}`);
      label.style.top = `${(row - band.start + 0.5) * layout.row}px`;
      label.classList.toggle("current", row === current);
    });
  }

  /**
   * The current row in numbers: the opened channel's, if they fit; else the sum alone.
   * @param {ColumnsProps} props
   * @param {ColumnsLayout} layout
   * @param {boolean} weighted
   */
  #updateStrip(props, layout, weighted) {
    const { step, room, digits, digitCell, current } = props;
    const { area } = layout;
    const channel =
      props.lit === null ? Math.min(props.opened, step.grid[0] - 1) : Math.floor(props.lit / area);
    const fits = area * digitCell + (room.width < 500 ? 0 : room.large ? 214 : 124) <= room.width;
    this.#strip.hidden = !fits;
    const place = t("columns.row", { row: formatCount(current, currentLanguage()) });
    if (fits) this.#fillStrip(props, channel, area, weighted, place);
    const term = props.lit === null ? null : this.#termText(props, props.lit);
    if (term !== null) {
      setText(this.#readout, term);
      return;
    }
    const total = formatFixed(step.value, digits.result);
    const key = !weighted ? "columns.plainResult" : step.bias === null ? "columns.result" : "columns.biased";
    setText(this.#readout, t(key, { row: place, total, sign: signOf(props) }));
  }

  /**
   * One entry times its weight, in numbers.
   * @param {ColumnsProps} props
   * @param {number} term
   * @returns {string | null} null for a row whose weights are not at hand
   */
  #termText(props, term) {
    const { band, step, digits, current, channels, kernel } = props;
    const row = litRow(props);
    const weight = step.weights?.[term];
    if (!band || weight === undefined || (kernel !== "shared" && row !== current)) return null;
    const area = step.grid[1] * step.grid[2];
    const value = band.data[(row - band.start) * band.width + channels.first * area + term];
    if (value === undefined) return null;
    const texts = [
      formatFixed(value, digits.value),
      formatFixed(weight, digits.weight),
      formatFixed(value * weight, digits.result),
    ];
    const sign = relationOfProduct(texts[0], texts[1], texts[2]);
    const n = (/** @type {number} */ count) => formatCount(count, currentLanguage());
    const place = `${t("columns.row", { row: n(row) })}, ${t("columns.term", { term: n(term) })}`;
    return `${place}: ${texts[0]} × ${bracketed(texts[1])} ${sign} ${texts[2]}`;
  }

  /**
   * @param {ColumnsProps} props
   * @param {number} channel
   * @param {number} area
   * @param {boolean} weighted
   * @param {string} place
   */
  #fillStrip(props, channel, area, weighted, place) {
    const { step, digits, theme, inputLook, weightExtent, lit, channelNames } = props;
    const key = JSON.stringify([area, weighted, t("panel.kernel")]);
    if (key !== this.#built) this.#buildStrip(area, weighted);
    this.#built = key;
    if (!this.#row) return;
    this.#strip.dataset.channel = String(channel);
    const part = (/** @type {readonly any[]} */ list) => list.slice(channel * area, (channel + 1) * area);
    const inside = lit !== null && Math.floor(lit / area) === channel ? lit % area : null;
    const several = channelNames.length > 1 ? `, ${channelNames[channel]}` : "";
    setText(this.#row.name, place + several);
    const values = part(step.values);
    this.#row.values.update({
      theme,
      lit: inside,
      texts: values.map((value) => shown(value, digits.value)),
      numbers: values,
      scale: inputLook.scale,
      extent: inputLook.extent,
      padding: part(step.padding),
      selected: weighted || step.selected === null ? null : step.selected,
    });
    if (!weighted || !this.#row.weights) {
      setText(this.#row.sign, "→");
      setText(this.#row.sum, formatFixed(step.value, digits.result));
      return;
    }
    const weights = part(step.weights ?? []);
    const sum = shownSum(step, digits).channels[channel];
    this.#row.weights.update({
      theme,
      lit: inside,
      texts: sum.weights,
      numbers: weights,
      scale: "weight",
      extent: weightExtent,
    });
    setText(this.#row.sign, sum.productRelation === "=" && sum.sumRelation === "=" ? "=" : "≈");
    setText(this.#row.sum, sum.sum);
  }

  /**
   * @param {number} area
   * @param {boolean} weighted
   */
  #buildStrip(area, weighted) {
    const name = element("span", { class: "name" });
    const sign = element("span", { class: "sign" });
    const sum = element("output");
    const size = { rows: 1, columns: area };
    const values = new NumberGrid({ ...size, name: "values", caption: t("columns.windows") });
    const weights = weighted
      ? new NumberGrid({ ...size, name: "weights", caption: t("panel.kernel") })
      : null;
    this.#row = { values, weights, name, sum, sign };
    const result = element("div", { class: "strip-sum" }, sign, sum);
    this.#strip.replaceChildren(name, values.element, result);
    if (weights) {
      this.#strip.append(element("span", { class: "name" }, `× ${t("panel.kernel")}`), weights.element);
    }
  }

  /**
   * @param {import("./figure.js").Phase} phase
   * @param {number} x
   * @param {number} y
   */
  #onPoint(phase, x, y) {
    if (!this.#now) return;
    const term = phase === "leave" ? null : termAt(this.#now.layout, x);
    emit(this, "cs-term", { index: term });
    this.#onRow(phase, y);
  }

  /**
   * @param {import("./figure.js").Phase} phase
   * @param {number} y
   */
  #onKernel(phase, y) {
    if (!this.#now) return;
    const { layout } = this.#now;
    emit(this, "cs-term", { index: phase === "leave" ? null : termAt(layout, y, layout.tap) });
  }

  /**
   * @param {import("./figure.js").Phase} phase
   * @param {number} y
   */
  #onRow(phase, y) {
    const { band, base, current, outColumns } = this.#now?.props ?? {};
    if (!band || !this.#now || base === undefined || outColumns === undefined) return;
    const within = Math.floor(y / this.#now.layout.row);
    const row = band.start + Math.max(0, Math.min(band.count - 1, within));
    if (phase === "down" || phase === "drag") emit(this, "cs-seek", { index: base + row });
    const other = phase === "hover" && row !== current;
    const cell = { row: Math.floor(row / outColumns), column: row % outColumns };
    emit(this, "cs-hover", { cell: other ? cell : null });
  }
}

/**
 * @param {ColumnsProps["channels"]} channels
 * @param {string} first name of the first of them
 */
function groupNote({ count, group, groups }, first) {
  if (groups === 1) return "";
  return count === 1
    ? t("columns.alone", { channel: first })
    : t("columns.group", { group: group + 1, groups });
}

/** The row that the pointer is on, else the current one. @param {ColumnsProps} props */
function litRow({ pointed, current }) {
  return pointed ?? current;
}

/** Whether the shown sums and bias give the shown total. @param {ColumnsProps} props */
function signOf({ step, digits }) {
  if (step.combine !== "sum") return "=";
  const { channels, totalRelation } = shownSum(step, digits);
  const exact = channels.every(
    ({ productRelation, sumRelation }) => productRelation === "=" && sumRelation === "=",
  );
  return exact && totalRelation === "=" ? "=" : "≈";
}

/** A negative factor stands in brackets. @param {string} text */
function bracketed(text) {
  return text.startsWith("−") ? `(${text})` : text;
}

customElements.define("cs-columns", ColumnsView);
