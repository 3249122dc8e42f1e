/**
 * What a reader can do on the Operation page: each intent changes the view, asks the server for what the view
 * needs, and commits the answer as a whole, so that what is shown always belongs together.
 */

import { asProblem, getJson, getTensor, Problem } from "../api/client.js";
import { customOf } from "../core/kernel-choice.js";
import { reach } from "../core/milestones.js";
import { KINDS } from "../core/operation-request.js";
import { RUN_KEYS, schema } from "../core/operation-schema.js";
import { cellAt, indexOfCell, move, stepCount } from "../core/steps.js";
import { isShallowEqual } from "../core/store.js";
import { validate } from "../core/url-state.js";
import { remember } from "./address.js";
import { imageRecord, loadList } from "./lists.js";
import { createLiveGate } from "./live-gate.js";
import { insideOf, loadRun } from "./load-run.js";
import { createPictureActions } from "./pictures.js";
import { Steps } from "./steps.js";

/** @typedef {import("../core/operation-schema.js").View} View */
/** @typedef {import("../core/tensor.js").Tensor} Tensor */
/** @typedef {import("../core/arithmetic.js").Step} Step */

/** @typedef {import("./load-run.js").Run} Run */
/** @typedef {import("./load-run.js").ImageRecord} ImageRecord */

/**
 * @typedef {object} State
 * @property {View} view
 * @property {View | null} chosen the view as the reader last chose it, not one that came from elsewhere
 * @property {Run | null} run
 * @property {Step | null} step
 * @property {import("../core/curve.js").Curve | null} curve of an activation
 * @property {import("./views.js").Band | null} band rows in sight of the run's matrix, in the views that show one
 * @property {readonly { node: string, cells: number[][] }[]} uses outputs that the pointed input cell feeds
 * @property {{ channel: number, row: number, column: number } | null} pointed input cell under the pointer
 * @property {import("../core/masked.js").Asked} asked what a lecture room is to predict, hidden meanwhile
 * @property {number | null} lit term under the pointer
 * @property {{ row: number, column: number } | null} hovered output cell under the pointer
 * @property {"digits" | "help" | "picture" | "kernel" | null} open dialog
 * @property {boolean} playing
 * @property {boolean} busy
 * @property {Problem | null} problem
 * @property {readonly ImageRecord[]} samples
 * @property {readonly any[]} kernels
 * @property {import("./live-gate.js").LiveState} live
 */

/** @typedef {ReturnType<typeof createActions>} Actions */

/** Settings put back to their defaults when another picture or operation leaves no room for them. */
const WINDOW_SETTINGS = /** @type {const} */ ([
  "kernelSize",
  "stride",
  "padding",
  "paddingMode",
  "dilation",
  "groups",
  "outChannels",
  "outputPadding",
]);

const PLAIN = /** @type {const} */ ({
  stride: [1, 1],
  dilation: [1, 1],
  padding: "1",
  before: "none",
  groups: 1,
});

/** @type {Readonly<Record<import("../core/operation-request.js").Family, Partial<View>>>} */
const STARTS = {
  convolution: { ...PLAIN, kernel: "sobel_x", kernelSize: [3, 3], outChannels: 1 },
  pooling: { ...PLAIN, kernelSize: [2, 2], stride: [2, 2], padding: "0" },
  // A picture has no negative numbers, and its edges have.
  activation: { ...PLAIN, before: "sobel_x" },
  normalisation: PLAIN,
};

/** @type {Readonly<Partial<Record<View["op"], Partial<View>>>>} */
const OWN_STARTS = {
  conv_transpose2d: { kernel: "gaussian", stride: [2, 2], outputPadding: [1, 1] },
  batch_norm2d: { before: "sobel_x" },
  pointwise: { kernel: "random", kernelSize: [1, 1], padding: "0", outChannels: 2 },
};

/** Milliseconds between two steps at speed 1. */
const STEP_MS = 600;

/**
 * @param {import("../core/store.js").Store<State>} store
 */
export function createActions(store) {
  const steps = new Steps();
  /** @type {AbortController | null} */
  let running = null;
  /** @type {Map<string, Promise<Tensor>>} */
  const inputs = new Map();
  let timer = 0;
  let usesAsked = 0;
  let stepUnderWay = false;
  let stepWaiting = false;

  /**
   * Change the view; `push` makes a step that the browser's Back undoes.
   * @param {Partial<View>} patch
   * @param {{ push?: boolean }} [options]
   * @returns {Promise<void> | undefined} what is asked for because of it
   */
  function setView(patch, { push = false } = {}) {
    const before = store.get().view;
    const { state: view } = validate(schema, { ...before, ...patch });
    if (isShallowEqual(before, view)) return undefined;
    store.set({ view, chosen: view });
    remember(schema, view, push);
    if (RUN_KEYS.some((key) => !isShallowEqual(before[key], view[key]))) return refresh();
    return isShallowEqual(before.cell, view.cell) ? undefined : refreshStep();
  }

  /**
   * The view of an address, as after Back or at the start.
   * @param {View} view
   */
  function restore(view) {
    const before = store.get();
    store.set({ view });
    const same = before.run !== null && RUN_KEYS.every((key) => isShallowEqual(before.view[key], view[key]));
    return same ? refreshStep() : refresh();
  }

  /** Ask for the run of the present view; an older question still under way is given up. */
  async function refresh({ repaired = false } = {}) {
    running?.abort();
    // Every frame brings the run of the present view.
    if (live.isOn()) return;
    const abort = new AbortController();
    running = abort;
    const { view } = store.get();
    reach("run-asked");
    store.set({ busy: true });
    try {
      const image = (/** @type {string} */ name) => imageRecord(name, store.get());
      const sources = { image, input: cachedInput, steps };
      const { run, step, cell } = await loadRun(view, sources, abort.signal);
      if (running !== abort) return;
      const now = store.get().view;
      // The attention may have moved on meanwhile.
      const isHere = isShallowEqual(now.cell, view.cell);
      const shown = { ...now, cell: isHere ? cell : insideOf(run.shape, now.cell) };
      store.set({
        run,
        step,
        busy: false,
        view: shown,
        uses: [],
        pointed: null,
        lit: null,
        problem: repairedNote(repaired),
      });
      remember(schema, shown, false);
      if (!isHere) void refreshStep();
    } catch (failure) {
      if (abort.signal.aborted) return;
      const problem = asProblem(failure);
      if (!repaired && isMisfit(problem)) {
        const fallback = Object.fromEntries(WINDOW_SETTINGS.map((key) => [key, schema[key].default]));
        store.set({ view: { ...view, ...fallback } });
        await refresh({ repaired: true });
        return;
      }
      // What was there before stays on the page; only the message is new.
      store.set({ busy: false, problem });
    }
  }

  /**
   * The input is the same for every kernel: asked for once.
   * @param {string} key
   * @param {string} path
   */
  function cachedInput(key, path) {
    const known = inputs.get(key);
    if (known) return known;
    const asked = getTensor(path);
    inputs.clear();
    inputs.set(key, asked);
    asked.catch(() => inputs.delete(key));
    return asked;
  }

  /**
   * Ask for the arithmetic of the present cell. While dragging, one question is under way and the newest
   * waits; those between are never asked.
   */
  async function refreshStep() {
    if (stepUnderWay) {
      stepWaiting = true;
      return;
    }
    const { run, view } = store.get();
    if (!run || run.live) return;
    stepUnderWay = true;
    try {
      const step = await steps.get(sourceOf(run), indexOf(run, insideOf(run.shape, view.cell)));
      if (store.get().run === run) store.set({ step });
    } catch (failure) {
      store.set({ problem: asProblem(failure) });
    }
    stepUnderWay = false;
    if (!stepWaiting) return;
    stepWaiting = false;
    await refreshStep();
  }

  /** @param {{ channels?: number, rows?: number, columns?: number }} by */
  function moveCell(by) {
    const { run, view } = store.get();
    if (!run) return;
    const [channel, row, column] = view.cell;
    const to = move(run.shape, { channel, row, column }, by);
    setView({ cell: [to.channel, to.row, to.column] });
  }

  /** @param {number} index in scan order */
  function goTo(index) {
    const { run } = store.get();
    if (!run) return;
    const { channel, row, column } = cellAt(run.shape, index);
    setView({ cell: [channel, row, column] });
  }

  /** @param {number} by steps forward, or back if negative */
  function stepBy(by) {
    const { run, view } = store.get();
    if (run) goTo(indexOf(run, view.cell) + by);
  }

  /** @param {boolean} [wanted] */
  function play(wanted) {
    const playing = wanted ?? !store.get().playing;
    clearInterval(timer);
    store.set({ playing });
    if (!playing) return;
    const tick = () => {
      const { run, view } = store.get();
      const last = run ? stepCount(run.shape) - 1 : 0;
      if (!run || indexOf(run, view.cell) >= last) play(false);
      else stepBy(1);
    };
    timer = window.setInterval(tick, STEP_MS / Number(store.get().view.speed));
  }

  /**
   * Outputs fed by an input cell, for as long as the pointer is on it.
   * @param {{ channel: number, row: number, column: number } | null} cell
   */
  async function pointAt(cell) {
    usesAsked += 1;
    const asked = usesAsked;
    const { run } = store.get();
    store.set({ pointed: cell });
    if (!cell || !run || run.live) {
      store.set({ uses: [] });
      return;
    }
    const path = `/runs/${run.id}/nodes/${run.inputName}/uses/${cell.channel}/${cell.row}/${cell.column}`;
    try {
      const uses = await getJson(path);
      if (asked === usesAsked) store.set({ uses });
    } catch (failure) {
      // Pointing is idle: only a server out of reach is worth a message.
      if (asProblem(failure).code === "unreachable") store.set({ problem: asProblem(failure) });
    }
  }

  /**
   * One number of the kernel, as edited; the preset becomes "custom" by itself.
   * @param {number} channel of the window
   * @param {number} index within the kernel
   * @param {number} value
   */
  function editWeight(channel, index, value) {
    const { run, view } = store.get();
    if (!run?.weight) return;
    const { values, kernelSize } = customOf(view, run.weight);
    const isShared = values.length === 1;
    const columns = kernelSize[1];
    const perKernel = run.weight.shape[1];
    const plane = isShared ? 0 : view.cell[0] * perKernel + channel;
    values[plane][Math.floor(index / columns)][index % columns] = value;
    setView({ kernel: "custom", values, kernelSize });
  }

  const pictures = createPictureActions(store, setView);

  const live = createLiveGate(
    store,
    async (listeners) => {
      const { createOperationLive } = await import("./live-operation.js");
      return createOperationLive(store, { setView, refresh }, listeners);
    },
    setView,
  );

  return {
    /** @type {typeof setView} */
    setView(patch, options) {
      // Matrices belong to a picture that stands still.
      const more = patch.view === "columns" || patch.view === "matrix";
      return more && live.isOn() ? live.still(patch) : setView(patch, options);
    },
    live,
    restore,
    refresh,
    moveCell,
    goTo,
    stepBy,
    play,
    pointAt,
    ...pictures,
    editWeight,
    cancel() {
      pictures.cancelUpload();
      running?.abort();
      running = null;
      store.set({ busy: false });
    },
    /**
     * Another operation starts from settings at which it shows what it does.
     * @param {View["op"]} op
     */
    chooseOperation(op) {
      setView({ op, view: "arithmetic", ...STARTS[KINDS[op].family], ...OWN_STARTS[op] }, { push: true });
    },
    /** @param {number | null} lit */
    light(lit) {
      store.set({ lit });
    },
    /** @param {{ row: number, column: number } | null} hovered */
    hoverOutput(hovered) {
      store.set({ hovered });
    },
    /** @param {number} factor */
    zoomBy(factor) {
      const zoom = Math.min(64, Math.max(1, store.get().view.zoom * factor));
      setView({ zoom: Math.round(zoom * 100) / 100 });
    },
    /** @param {View["speed"]} speed */
    setSpeed(speed) {
      setView({ speed });
      if (store.get().playing) play(true);
    },
    /** @param {NonNullable<State["open"]>} name */
    async toggle(name) {
      // Nobody reads every digit of a number that changes twenty times a second.
      if (name === "digits" && live.isOn()) await live.freeze();
      store.set({ open: store.get().open === name ? null : name });
    },
    close() {
      store.set({ open: null });
    },
    /** Show what holds, after something that cannot be used was typed. */
    redraw() {
      store.set({ lit: null, step: store.get().step && { .../** @type {Step} */ (store.get().step) } });
    },
    /** @param {unknown} failure */
    fail(failure) {
      store.set({ problem: asProblem(failure) });
    },
    dismiss() {
      store.set({ problem: null });
    },
    async loadLists() {
      const [samples, kernels] = await Promise.all([loadList("images"), loadList("kernels")]);
      store.set({ samples, kernels });
    },
  };
}

/**
 * @param {Run} run
 * @param {readonly number[]} cell
 */
function indexOf(run, [channel, row, column]) {
  return indexOfCell(run.shape, { channel, row, column });
}

/** @param {Run} run */
function sourceOf({ id, node, shape, terms }) {
  return { run: id, node, total: stepCount(shape), terms };
}

/** @param {Problem} problem */
function isMisfit({ code }) {
  return ["kernel-too-large", "groups-do-not-divide", "padding-too-large", "shape-mismatch"].includes(code);
}

/** @param {boolean} repaired */
function repairedNote(repaired) {
  return repaired ? new Problem("settings-reset", "") : null;
}
