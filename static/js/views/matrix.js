/**
 * The operation as one matrix from all input numbers to all output numbers: nearly everywhere zero, and the few
 * weights that are there return in every row. A band of rows around the current one, and the whole in small.
 */

import { formatCount, formatFixed } from "../core/format.js";
import { identityColor } from "../core/identity-color.js";
import { columnAt, columnSegments, identities, identityOf, slotOf } from "../core/linear-map.js";
import { currentLanguage, sentences, t } from "../i18n/i18n.js";
import { fillOf, paintCells } from "../render/cells.js";
import { element, emit, setAttributes, setText } from "./dom.js";
import { Figure } from "./figure.js";
import { WeightLegend } from "./weight-legend.js";

/** @typedef {import("../core/scales.js").Extent} Extent */
/** @typedef {import("../core/linear-map.js").Segment} Segment */
/** @typedef {{ column: number, weight: number, weight_index: number[] | null }} Entry */
/** @typedef {{ row: number, cell: readonly number[], bias: number, entries: readonly Entry[] }} SparseRow */
/** @typedef {{ rows: number, columns: number, all: number, held: number | null, weights: number | null }} Counts */
/** @typedef {{ rows: readonly SparseRow[], channels: readonly number[], segments: readonly Segment[], slots: number,
 *   folded: number, cell: number, row: number, colors: Map<string, number> }} Layout */

/**
 * @typedef {object} MatrixProps
 * @property {readonly SparseRow[]} rows of the band; none while they are on their way
 * @property {number} current row of the matrix
 * @property {readonly number[]} cell of the output that the current row makes
 * @property {readonly [number, number, number]} input shape
 * @property {readonly number[]} channels that the current row reads
 * @property {number} opened
 * @property {readonly string[]} channelNames of all input channels
 * @property {Counts} counts
 * @property {(width: number, height: number) => Uint8Array | null} pattern of the whole matrix
 * @property {object} patternOf changes when the pattern does
 * @property {Extent} weightExtent
 * @property {number} digits of weights
 * @property {number | null} lit column under the pointer or lit elsewhere
 * @property {number} litRow in which that column is lit
 * @property {(column: number, cell: readonly number[]) => number | null} termOf
 * @property {import("../core/scales.js").Theme} theme
 * @property {"none" | "tiled" | "own"} sharing in contrast to one kernel for all rows
 * @property {number} kinds of kernels in turn
 * @property {{ width: number, height: number, large: boolean }} room in px
 */

const LEAST_CELL = 5;

export class MatrixView extends HTMLElement {
  /** @type {"value" | "weight" | null} null: as suits the operation */
  #colors = null;
  #counts = element("p", { class: "counts" });
  #band = new Figure((phase, x, y) => this.#onPoint(phase, x, y));
  #whole = new Figure((phase, _, y) => this.#onWhole(phase, y));
  #labels = element("div", { class: "row-labels", "aria-hidden": "true" });
  #columns = element("div", { class: "column-labels", "aria-hidden": "true" });
  #readout = element("p", { class: "readout-line" });
  #note = element("p", { class: "note" });
  #legend = new WeightLegend();
  #wholeHead = element("h2");
  #wholeNote = element("p", { class: "note" });
  #byValue = element("button", { type: "button" });
  #byWeight = element("button", { type: "button" });
  #choice = element("div", { class: "segments", role: "group" }, this.#byValue, this.#byWeight);
  #bandHead = element("h2");
  /** @type {{ props: MatrixProps, layout: Layout } | null} */
  #now = null;
  /** @type {object | null} */
  #drawn = null;

  connectedCallback() {
    if (this.#counts.isConnected) return;
    for (const [button, colors] of /** @type {const} */ ([
      [this.#byValue, "value"],
      [this.#byWeight, "weight"],
    ])) {
      button.addEventListener("click", () => {
        this.#colors = colors;
        if (this.#now) this.update(this.#now.props);
      });
    }
    this.append(
      element(
        "div",
        { class: "whole" },
        element("div", {}, this.#wholeHead, this.#counts, this.#wholeNote),
        this.#whole.element,
      ),
      element("div", { class: "head" }, this.#bandHead, this.#choice),
      element("div", { class: "band" }, this.#labels, element("div", {}, this.#columns, this.#band.element)),
      this.#readout,
      element("div", { class: "foot" }, this.#note, this.#legend.element),
    );
  }

  /** @param {MatrixProps} props */
  update(props) {
    const layout = this.#layoutOf(props);
    this.#now = { props, layout };
    const label = props.room.large ? 84 : 56;
    this.style.setProperty("--label", `${label}px`);
    this.#updateWords(props, layout);
    if (layout.rows.length > 0) {
      this.#drawBand(props, layout);
      this.#updateLabels(props, layout);
    }
    this.#drawWhole(props);
  }

  /**
   * @param {MatrixProps} props
   * @returns {Layout}
   */
  #layoutOf({ rows, input, channels, opened, room }) {
    const width = room.width - (room.large ? 84 : 56);
    const most = room.large ? 24 : 15;
    const one = channels.includes(opened) ? opened : channels[0];
    const all = columnSegments(rows, input, channels);
    const shown =
      all.slots * LEAST_CELL <= width || channels.length === 1 ? all : columnSegments(rows, input, [one]);
    const fit = Math.min(most, width / Math.max(1, shown.slots));
    const cell = fit >= 3 ? Math.floor(fit) : fit;
    const row = Math.max(6, Math.min(most, Math.max(cell, 10)));
    const inSight = shown === all ? channels : [one];
    return { ...shown, rows, channels: inSight, cell, row, colors: identities(rows) };
  }

  /**
   * @param {MatrixProps} props
   * @param {Layout} layout
   */
  #updateWords(props, layout) {
    const { counts, current, cell, sharing, kinds, lit, digits } = props;
    const n = (/** @type {number} */ count) => formatCount(count, currentLanguage());
    const held = counts.held === null ? "" : t("matrix.held", { held: n(counts.held) });
    const weights =
      counts.weights === null ? t("matrix.noWeights") : t("matrix.weights", { weights: n(counts.weights) });
    const size = { rows: n(counts.rows), columns: n(counts.columns), all: n(counts.all) };
    setText(this.#counts, sentences([t("matrix.size", size), held, weights]));
    setText(this.#bandHead, t("matrix.band"));
    setText(this.#wholeHead, t("matrix.whole"));
    setText(this.#byValue, t("matrix.byValue"));
    setText(this.#byWeight, t("matrix.byWeight"));
    setAttributes(this.#choice, { "aria-label": t("matrix.colors") });
    const mode = this.#mode(props);
    setAttributes(this.#byValue, { "aria-pressed": String(mode === "value") });
    setAttributes(this.#byWeight, { "aria-pressed": String(mode === "weight") });
    this.#legend.element.hidden = mode !== "value";
    this.#legend.update(props.weightExtent, props.theme);
    const row = layout.rows.find((known) => known.row === current);
    const litRow = layout.rows.find((known) => known.row === props.litRow);
    const entry = litRow?.entries.find(({ column }) => column === lit);
    if (entry) {
      const [, rows, columns] = props.input;
      const channel = props.channelNames[Math.floor(entry.column / (rows * columns))];
      const within = entry.column % (rows * columns);
      const place = t("place", { row: Math.floor(within / columns), column: within % columns });
      const values = {
        row: n(props.litRow),
        column: n(entry.column),
        weight: formatFixed(entry.weight, digits),
      };
      setText(this.#readout, t("matrix.entry", { ...values, input: `${channel}, ${place}` }));
    } else {
      const place = t("matrix.cell", { channel: cell[0], row: cell[1], column: cell[2] });
      setText(
        this.#readout,
        t("matrix.row", { row: n(current), cell: place, count: n(row?.entries.length ?? 0) }),
      );
    }
    const notes = [
      t(`matrix.sharing.${sharing}`, { kinds: n(kinds) }),
      layout.folded > 0 ? t("matrix.folded", { folded: n(layout.folded) }) : "",
      layout.channels.length < props.channels.length
        ? t("matrix.one", { channel: props.channelNames[layout.channels[0]] })
        : "",
    ];
    setText(this.#note, sentences(notes));
  }

  /** @param {MatrixProps} props */
  #mode({ sharing }) {
    return this.#colors ?? (sharing === "none" ? "value" : "weight");
  }

  /**
   * @param {MatrixProps} props
   * @param {Layout} layout
   */
  #drawBand(props, layout) {
    const { theme, weightExtent, current, lit } = props;
    const { rows, segments, slots, cell, row: height, colors } = layout;
    const width = slots * cell;
    const context = this.#band.clear(width, rows.length * height);
    const byValue = fillOf("weight", theme, weightExtent);
    const mode = this.#mode(props);
    const empty = this.#band.ink("--sunk");
    for (const { from, to, slot } of segments) {
      context.fillStyle = empty;
      context.fillRect(slot * cell, 0, (to - from) * cell, rows.length * height);
    }
    this.#drawFolds(context, layout);
    const cells = function* () {
      for (const [r, row] of rows.entries()) {
        for (const entry of row.entries) {
          const slot = slotOf(segments, entry.column);
          if (slot === null) continue;
          const fill =
            mode === "value"
              ? byValue(entry.weight)
              : identityColor(colors.get(identityOf(entry)) ?? 0, theme);
          const dotted = mode === "value" && entry.weight === 0;
          yield { x: slot * cell, y: r * height, width: cell, height, fill, dotted };
        }
      }
    };
    paintCells(context, cells(), { hatch: "", dot: this.#band.ink("--ink-3") });
    const at = rows.findIndex(({ row }) => row === current);
    const litAt = rows.findIndex(({ row }) => row === props.litRow);
    const slot = lit === null ? null : slotOf(segments, lit);
    const y = at * height;
    this.#band.frame([
      at < 0 ? null : { kind: "attention", x: 0, y, width, height },
      litAt < 0 || slot === null
        ? null
        : { kind: "source", x: slot * cell, y: litAt * height, width: cell, height },
    ]);
    const n = (/** @type {number} */ count) => formatCount(count, currentLanguage());
    const { counts } = props;
    this.#band.describe(
      t("matrix.spoken", { rows: n(counts.rows), columns: n(counts.columns), row: n(current) }),
    );
  }

  /**
   * Where empty columns are folded, a dotted line.
   * @param {CanvasRenderingContext2D} context
   * @param {Layout} layout
   */
  #drawFolds(context, { segments, rows, cell, row }) {
    context.strokeStyle = this.#band.ink("--ink-3");
    context.lineWidth = 1.5;
    context.setLineDash([1.5, 4]);
    for (const { slot } of segments.slice(1)) {
      context.beginPath();
      context.moveTo((slot - 0.5) * cell, 1);
      context.lineTo((slot - 0.5) * cell, rows.length * row - 1);
      context.stroke();
    }
    context.setLineDash([]);
  }

  /**
   * Row numbers of the first, the current and the last row, and what the columns are.
   * @param {MatrixProps} props
   * @param {Layout} layout
   */
  #updateLabels({ current, channelNames, input, room }, layout) {
    const { rows, segments, cell, row: height } = layout;
    const numbers = [rows[0].row, /** @type {SparseRow} */ (rows.at(-1)).row];
    const apart = (room.large ? 24 : 17) / height;
    const shown = [...numbers.filter((row) => Math.abs(row - current) >= apart), current];
    this.#labels.replaceChildren(
      ...shown.map((row) => {
        const label = element(
          "span",
          { class: row === current ? "current" : "" },
          formatCount(row, currentLanguage()),
        );
        label.style.top = `${(row - rows[0].row + 0.5) * height}px`;
        return label;
      }),
    );
    const [, inputRows, columns] = input;
    let end = Number.NEGATIVE_INFINITY;
    /** @type {HTMLElement[]} */
    const labels = [];
    for (const { channel, from, slot } of segments) {
      const row = Math.floor((from - channel * inputRows * columns) / columns);
      const name = channelNames.length > 1 ? `${channelNames[channel]} ` : "";
      const text = `${name}${t("matrix.inputRow", { row })}`;
      const left = slot * cell;
      // About what the text will take; a label that would run into the one before is left out.
      const right = left + text.length * (room.large ? 13 : 9);
      if (left < end || (labels.length > 0 && right > layout.slots * cell + 24)) continue;
      end = right;
      const label = element("span", {}, text);
      label.style.left = `${left}px`;
      labels.push(label);
    }
    this.#columns.replaceChildren(...labels);
  }

  /** @param {MatrixProps} props */
  #drawWhole(props) {
    const { counts, room, theme, current } = props;
    const most = { width: room.width < 500 ? room.width : room.width * 0.45, height: room.large ? 150 : 104 };
    const scale = Math.min(most.width / counts.columns, most.height / counts.rows);
    const size = { width: Math.max(24, counts.columns * scale), height: Math.max(24, counts.rows * scale) };
    const [across, down] = [Math.round(size.width), Math.round(size.height)];
    const key = `${across} ${down} ${theme}`;
    const state = { of: props.patternOf, key };
    const drawn = /** @type {typeof state | null} */ (this.#drawn);
    if (drawn?.of !== state.of || drawn.key !== key) {
      const bits = props.pattern(across, down);
      for (const part of [this.#whole.element, this.#wholeNote]) part.hidden = bits === null;
      if (bits) {
        const context = this.#whole.clear(across, down);
        context.fillStyle = this.#whole.ink("--sunk");
        context.fillRect(0, 0, across, down);
        context.fillStyle = this.#whole.ink("--ink-2");
        for (let i = 0; i < bits.length; i += 1) {
          if (bits[i]) context.fillRect(i % across, Math.floor(i / across), 1, 1);
        }
      }
      this.#drawn = state;
    }
    const y = (current / counts.rows) * down;
    this.#whole.frame([
      { kind: "attention", x: 0, y, width: across, height: Math.max(0.5, down / counts.rows) },
    ]);
    const n = (/** @type {number} */ count) => formatCount(count, currentLanguage());
    setText(this.#wholeNote, t("matrix.wholeNote", { rows: n(counts.rows), columns: n(counts.columns) }));
    this.#whole.describe(t("matrix.spokenWhole", { rows: n(counts.rows), columns: n(counts.columns) }));
  }

  /**
   * @param {import("./figure.js").Phase} phase
   * @param {number} x
   * @param {number} y
   */
  #onPoint(phase, x, y) {
    if (!this.#now) return;
    const { layout, props } = this.#now;
    const row = layout.rows[Math.max(0, Math.min(layout.rows.length - 1, Math.floor(y / layout.row)))];
    if (!row) return;
    if (phase === "down" || phase === "drag") emit(this, "cs-seek", { index: row.row });
    const same = row.cell[0] === props.cell[0];
    const column = phase === "leave" || !same ? null : columnAt(layout.segments, Math.floor(x / layout.cell));
    emit(this, "cs-term", { index: column === null ? null : props.termOf(column, row.cell) });
    const other = phase === "hover" && row.row !== props.current && same;
    emit(this, "cs-hover", { cell: other ? { row: row.cell[1], column: row.cell[2] } : null });
  }

  /**
   * @param {import("./figure.js").Phase} phase
   * @param {number} y
   */
  #onWhole(phase, y) {
    if (!this.#now || (phase !== "down" && phase !== "drag")) return;
    const { rows } = this.#now.props.counts;
    const height = this.#whole.canvas.getBoundingClientRect().height;
    const index = Math.max(0, Math.min(rows - 1, Math.floor((y / height) * rows)));
    emit(this, "cs-seek", { index });
  }
}

customElements.define("cs-matrix", MatrixView);
