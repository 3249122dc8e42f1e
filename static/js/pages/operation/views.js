/**
 * The further views of a run, in the place of its arithmetic: what each is told.
 */

import { separableCost } from "../../core/cost.js";
import { formatCount, formatFixed } from "../../core/format.js";
import { tapCells, windowCells } from "../../core/geometry-view.js";
import { pattern, tapOn } from "../../core/linear-map.js";
import { channelsRead, isLinear, linearMapOf, matrixCounts, slidesWindows } from "../../core/matrix-views.js";
import { KINDS } from "../../core/operation-request.js";
import { indexOfCell } from "../../core/steps.js";
import { planes, toFloat32 } from "../../core/tensor.js";
import { currentLanguage, t } from "../../i18n/i18n.js";
import { element } from "../../views/dom.js";
import "../../views/columns.js";
import "../../views/cost.js";
import "../../views/matrix.js";

/** @typedef {import("./arithmetic.js").Context} Context */
/** @typedef {import("../../actions/operation.js").Run} Run */
/** @typedef {import("../../core/linear-map.js").LinearMap} LinearMap */

const NO_BOXES = { windowBox: null, resultBox: null };
/** Drawing more entries than this would be felt. */
const MOST_ENTRIES = 4_000_000;
/** Under the stage: transport and formula; beside the views nothing else. */
const LEAST_HEIGHT = 380;

const VIEWS = ["cs-columns", "cs-matrix"];
/** @type {{ place: HTMLElement, context: Context, width: number } | null} */
let last = null;
/** The pictures beside a view may take their width after it was drawn. */
const widths = new ResizeObserver(() => {
  if (!last || last.place.clientWidth === last.width) return;
  if (VIEWS.includes(last.place.firstElementChild?.localName ?? "")) viewFor(last.place, last.context);
});

/** @type {WeakMap<Run, { map: LinearMap | null, counts: ReturnType<typeof matrixCounts> }>} */
const matrices = new WeakMap();

/**
 * @param {HTMLElement} place
 * @param {Context} context
 * @returns {{ windowBox: null, resultBox: null }}
 */
export function viewFor(place, context) {
  const { state, run } = context;
  last = { place, context, width: place.clientWidth };
  widths.observe(place);
  const room = roomOf(place, context);
  switch (state.view.view) {
    case "columns":
      if (!slidesWindows(run)) return sentence(place, t(`columns.no.${reasonOf(run)}`));
      viewIn(place, "cs-columns").update(columnsProps(context, room));
      break;
    case "matrix":
      if (!isLinear(run)) return sentence(place, t("matrix.no", { op: t(`op.${run.view.op}`) }));
      viewIn(place, "cs-matrix").update(matrixProps(context, room));
      break;
    case "cost":
      viewIn(place, "cs-cost").update(costProps(run));
      break;
  }
  return NO_BOXES;
}

/**
 * @param {HTMLElement} place
 * @param {string} name
 * @returns {any}
 */
function viewIn(place, name) {
  if (place.firstElementChild?.localName !== name) place.replaceChildren(document.createElement(name));
  return place.firstElementChild;
}

/**
 * @param {HTMLElement} place
 * @param {string} text why there is nothing to see
 */
function sentence(place, text) {
  place.replaceChildren(element("p", { class: "no-view" }, text));
  return NO_BOXES;
}

/** @param {Run} run */
function reasonOf({ view }) {
  if (view.op === "conv_transpose2d") return "transposed";
  return view.op.startsWith("global_") ? "global" : "window";
}

/**
 * @param {HTMLElement} place
 * @param {Context} context
 */
function roomOf(place, { composition, state }) {
  const box = place.getBoundingClientRect();
  const formula = state.view.view === "columns" ? 68 : 0;
  const below = formula + (state.view.projector ? 20 : 92);
  const height = window.innerHeight - box.top - window.scrollY - below;
  return {
    width: place.clientWidth,
    height: Math.max(LEAST_HEIGHT, height),
    large: composition.name === "projector",
  };
}

/**
 * @param {Context} context
 * @param {{ width: number, height: number, large: boolean }} room
 */
function columnsProps({ state, run, step, look, theme, composition }, room) {
  const [channel, row, column] = step.cell;
  const [, rows, columns] = run.shape;
  const [, inputRows, inputColumns] = planes(run.input);
  const { band, view } = state;
  const windows = band?.run === run && band.view === "columns" ? band.windows : null;
  const channels = channelsRead(run, channel);
  return {
    step,
    band: windows &&
      band && {
        start: band.start,
        count: band.stop - band.start,
        width: windows.shape[1],
        data: toFloat32(windows),
      },
    positions: rows * columns,
    base: channel * rows * columns,
    current: row * columns + column,
    pointed: state.hovered && state.hovered.row * columns + state.hovered.column,
    outColumns: columns,
    channels,
    channelNames: namesOf(run).slice(channels.first, channels.first + channels.count),
    isPadding: (/** @type {number} */ position, /** @type {number} */ tap) => {
      const cells = windowCells(run.window, Math.floor(position / columns), position % columns);
      const at = tapCells(run.window, cells, tap);
      return at.row < 0 || at.column < 0 || at.row >= inputRows || at.column >= inputColumns;
    },
    output: toFloat32(run.output).subarray(channel * rows * columns, (channel + 1) * rows * columns),
    inputLook: { scale: look.input.scale, extent: look.input.range },
    outputLook: { scale: look.output.scale, extent: look.output.range },
    weightExtent: { min: -look.reach.weight, max: look.reach.weight },
    theme,
    digits: look.digits,
    opened: view.opened,
    lit: state.lit,
    kernel: run.view.op === "local2d" ? "own" : run.view.op === "tiled2d" ? "tiled" : "shared",
    digitCell: Math.max(...composition.cellWidths.slice(0, KINDS[run.view.op].weighted ? 2 : 1)),
    room,
  };
}

/**
 * @param {Context} context
 * @param {{ width: number, height: number, large: boolean }} room
 */
function matrixProps({ state, run, step, look, theme }, room) {
  const known = matrices.get(run) ?? matrixOf(run);
  matrices.set(run, known);
  const { map, counts } = known;
  const [channel, row, column] = step.cell;
  const input = planes(run.input);
  const { first, count } = channelsRead(run, channel);
  const { band, lit } = state;
  const area = step.grid[1] * step.grid[2];
  const reach = look.reach.weight || averageWeight(band?.rows ?? []);
  const { hovered } = state;
  const litCell = hovered ? [channel, hovered.row, hovered.column] : step.cell;
  const termOf = (/** @type {number} */ at, /** @type {readonly number[]} */ cell) => {
    const [r, q] = [Math.floor(at / input[2]) % input[1], at % input[2]];
    const tap =
      run.window && run.view.op !== "conv_transpose2d" ? tapOn(run.window, cell.slice(1), [r, q]) : null;
    const own = Math.floor(at / (input[1] * input[2])) - first;
    return tap === null || own < 0 || own >= count ? null : own * area + tap;
  };
  return {
    rows: band?.run === run && band.view === "matrix" ? band.rows : [],
    current: indexOfCell(run.shape, { channel, row, column }),
    cell: step.cell,
    input,
    channels: Array.from({ length: count }, (_, i) => first + i),
    opened: state.view.opened,
    channelNames: namesOf(run),
    counts,
    pattern: (/** @type {number} */ width, /** @type {number} */ height) =>
      map && (counts.held ?? 0) <= MOST_ENTRIES ? pattern(map, width, height) : null,
    patternOf: run,
    weightExtent: { min: -reach, max: reach },
    digits: run.weight ? look.digits.weight : Math.max(2, look.digits.weight),
    lit: lit === null ? null : columnOf(run, litCell, area, first, lit),
    litRow: indexOfCell(run.shape, { channel, row: litCell[1], column: litCell[2] }),
    termOf,
    theme,
    sharing: run.view.op === "local2d" ? "own" : run.view.op === "tiled2d" ? "tiled" : "none",
    kinds: run.view.tile[0] * run.view.tile[1],
    room,
  };
}

/** @param {Run} run */
function matrixOf(run) {
  const map = linearMapOf(run);
  return { map, counts: matrixCounts(run, map) };
}

/** @param {readonly { entries: readonly { weight: number }[] }[]} rows */
function averageWeight(rows) {
  return Math.max(...rows.flatMap(({ entries }) => entries.map(({ weight }) => Math.abs(weight))), 1e-12);
}

/**
 * The column of the matrix that a term of an output cell's window stands in.
 * @param {Run} run
 * @param {readonly number[]} cell of the output
 * @param {number} area taps of one channel
 * @param {number} first input channel of the window
 * @param {number} term
 * @returns {number | null} null in the padding
 */
function columnOf(run, cell, area, first, term) {
  const [, rows, columns] = planes(run.input);
  const cells = tapCells(run.window, windowCells(run.window, cell[1], cell[2]), term % area);
  if (cells.row < 0 || cells.column < 0 || cells.row >= rows || cells.column >= columns) return null;
  return ((first + Math.floor(term / area)) * rows + cells.row) * columns + cells.column;
}

/** Names of all input channels. @param {Run} run */
function namesOf({ input }) {
  const [channels] = planes(input);
  if (channels === 1) return [t("channel.name", { channel: 0 })];
  return Array.from({ length: channels }, (_, c) =>
    channels === 3 ? "RGB"[c] : t("channel.name", { channel: c }),
  );
}

/** @param {Run} run */
function costProps(run) {
  const { cost, dense } = run.geometry;
  const { op } = run.view;
  const n = (/** @type {number} */ count) => formatCount(count, currentLanguage());
  const [inputs, outputs] = [planes(run.input), run.shape].map(([c, r, q]) => c * r * q);
  const positions = run.shape[1] * run.shape[2];
  const dens = { parameters: `${n(inputs)} × ${n(outputs)}`, multiply_adds: `${n(inputs)} × ${n(outputs)}` };
  const rows = [
    { name: t(`op.${op}`), cost, own: true, ...ownProducts(run, n) },
    ...otherWays(run, positions),
    { name: t("cost.dense"), cost: dense, own: false, how: dens },
  ];
  return { rows, notes: [t("cost.log"), ...notesOf(run, positions)] };
}

/**
 * @param {Run} run
 * @param {(count: number) => string} n
 */
function ownProducts({ geometry, window, weight, view, shape }, n) {
  const plainConvolution = ["conv2d", "depthwise", "pointwise"].includes(view.op);
  if (!window || !weight || !plainConvolution) return {};
  const [outChannels, perKernel, rows, columns] = weight.shape;
  const factors = [rows, columns, perKernel, outChannels];
  const count = factors.reduce((product, factor) => product * factor, 1);
  const bias = geometry.cost.parameters - count;
  const product = factors.map(n).join(" × ") + (bias > 0 ? ` + ${n(bias)}` : "");
  const work = `${factors.map(n).join(" × ")} × ${n(shape[1] * shape[2])}`;
  const works = count * shape[1] * shape[2] === geometry.cost.multiply_adds;
  return { how: { parameters: bias >= 0 ? product : "", multiply_adds: works ? work : "" } };
}

/**
 * The ordinary convolution of the same size, and depthwise with pointwise.
 * @param {Run} run
 * @param {number} positions
 */
function otherWays(run, positions) {
  const sizes = separableSizes(run);
  if (!sizes) return [];
  const { separable, ordinary } = separableCost(sizes.inChannels, sizes.outChannels, sizes.kernel, positions);
  return [
    { name: t("cost.separable"), cost: separable, own: false },
    { name: t("cost.ordinary", { size: sizes.kernel.join(" × ") }), cost: ordinary, own: false },
  ];
}

/** @param {Run} run */
function separableSizes({ view, input, shape }) {
  if (view.op !== "depthwise" && view.op !== "pointwise") return null;
  return { inChannels: planes(input)[0], outChannels: shape[0], kernel: view.kernelSize };
}

/**
 * @param {Run} run
 * @param {number} positions
 */
function notesOf(run, positions) {
  const { skipped } = run.geometry;
  const notes = [];
  const sizes = separableSizes(run);
  if (sizes) {
    const { share } = separableCost(sizes.inChannels, sizes.outChannels, sizes.kernel, positions);
    const taps = sizes.kernel[0] * sizes.kernel[1];
    const value = formatFixed(share, 2);
    const sign = Number(value) === share ? "=" : "≈";
    notes.push(t("cost.separableShare", { outChannels: sizes.outChannels, taps, sign, share: value }));
  }
  if (skipped[0] + skipped[1] > 0) notes.push(t("cost.skipped", { rows: skipped[0], columns: skipped[1] }));
  if (run.view.op === "local2d") notes.push(t("cost.local"));
  return notes;
}
