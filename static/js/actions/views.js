/**
 * What the further views of a run show of its matrices: a band of rows around the current one, asked for as
 * the window moves, kept, and never overtaken by an older answer.
 */

import { asProblem, getJson, getTensor } from "../api/client.js";
import { bandAround } from "../core/bands.js";
import { isLinear, slidesWindows } from "../core/matrix-views.js";
import { stepCount } from "../core/steps.js";

/** @typedef {import("./operation.js").State} State */
/** @typedef {import("./operation.js").Run} Run */
/** @typedef {import("../core/tensor.js").Tensor} Tensor */

/** @typedef {{ column: number, weight: number, weight_index: number[] | null }} Entry */
/** @typedef {{ row: number, cell: [number, number, number], bias: number, entries: Entry[] }} SparseRow */

/**
 * @typedef {object} Band rows of a run's matrix that are in sight
 * @property {Run} run
 * @property {"columns" | "matrix"} view
 * @property {number} start
 * @property {number} stop
 * @property {Tensor | null} windows one window per row, every input channel's taps side by side
 * @property {readonly SparseRow[]} rows
 */

const ROWS = { columns: 16, matrix: 17 };
/** Entries in one answer: dense rows come in fewer. */
const ENTRIES = 60_000;
const KEPT = 64;

/**
 * Keeps `band` of the state in step with the run, the view and the cell.
 * @param {import("../core/store.js").Store<State>} store
 */
export function watchBands(store) {
  /** @type {Map<string, Promise<Band>>} */
  const bands = new Map();
  let asked = 0;

  async function refresh() {
    const { run, step, view, band } = store.get();
    const wanted = view.view;
    if (!run || run.live || !step || (wanted !== "columns" && wanted !== "matrix")) return;
    if (wanted === "columns" ? !slidesWindows(run) : !isLinear(run)) return;
    const before = band?.run === run && band.view === wanted ? band.start : null;
    const { start, stop } = placeOf(run, step.cell, step.grid, wanted, before);
    if (before === start && band?.stop === stop) return;
    asked += 1;
    const question = asked;
    try {
      const answer = await kept(run, wanted, start, stop);
      if (question === asked && store.get().run === run) store.set({ band: answer });
    } catch (failure) {
      if (question !== asked) return;
      store.set({ problem: asProblem(failure) });
    }
  }

  /**
   * @param {Run} run
   * @param {"columns" | "matrix"} view
   * @param {number} start
   * @param {number} stop
   * @returns {Promise<Band>}
   */
  function kept(run, view, start, stop) {
    const key = `${run.id} ${view} ${start}:${stop}`;
    const asked = bands.get(key) ?? load(run, view, start, stop);
    bands.delete(key);
    bands.set(key, asked);
    if (bands.size > KEPT) bands.delete(bands.keys().next().value ?? "");
    asked.catch(() => bands.delete(key));
    return asked.then((band) => (band.run === run ? band : { ...band, run }));
  }

  void refresh();
  return store.subscribe(
    ({ run, step, view }) => [run, step, view.view],
    () => void refresh(),
  );
}

/**
 * @param {Run} run
 * @param {readonly number[]} cell
 * @param {readonly number[]} grid of the terms of one output number
 * @param {"columns" | "matrix"} view
 * @param {number | null} before
 */
function placeOf({ shape }, [channel, row, column], grid, view, before) {
  const position = row * shape[2] + column;
  if (view === "columns") return bandAround(position, shape[1] * shape[2], ROWS.columns, before);
  const terms = grid[0] * grid[1] * grid[2];
  const size = Math.max(1, Math.min(ROWS.matrix, Math.floor(ENTRIES / terms)));
  return bandAround(channel * shape[1] * shape[2] + position, stepCount(shape), size, before);
}

/**
 * @param {Run} run
 * @param {"columns" | "matrix"} view
 * @param {number} start
 * @param {number} stop
 * @returns {Promise<Band>}
 */
async function load(run, view, start, stop) {
  const query = { rows: `${start}:${stop}` };
  const path = `/runs/${run.id}/nodes/${run.node}`;
  const common = { run, view, start, stop };
  if (view === "columns") {
    return { ...common, windows: await getTensor(`${path}/columns.npy`, { query }), rows: [] };
  }
  const { rows } = /** @type {{ rows: SparseRow[] }} */ (await getJson(`${path}/matrix`, { query }));
  return { ...common, windows: null, rows };
}
