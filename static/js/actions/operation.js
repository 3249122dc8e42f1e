/**
 * What a reader can do on the Operation page: each intent changes the view, asks the server for what the view
 * needs, and commits the answer as a whole, so that what is shown always belongs together.
 */

import { getJson, getTensor, postImage, postJson, Problem } from "../api/client.js";
import { inputNode, KINDS, NODE, runRequest, settingsOf } from "../core/operation-request.js";
import { RUN_KEYS, schema } from "../core/operation-schema.js";
import { isShallowEqual } from "../core/store.js";
import { cellAt, indexOfCell, move } from "../core/steps.js";
import { planes } from "../core/tensor.js";
import { encode, toQuery, validate } from "../core/url-state.js";
import { Steps } from "./steps.js";

/** @typedef {import("../core/operation-schema.js").View} View */
/** @typedef {import("../core/tensor.js").Tensor} Tensor */
/** @typedef {import("../core/arithmetic.js").Step} Step */
/** @typedef {import("../core/geometry-view.js").WindowShape} WindowShape */

/** @typedef {{ id: string, name?: string, height: number, width: number, channels: number, url: string }} ImageRecord */

/**
 * @typedef {object} Geometry answer of GET /geometry/{op}
 * @property {{ channels: number, size: [number, number] }} output
 * @property {[number, number]} padded
 * @property {[number, number, number, number]} padding
 * @property {[number, number]} skipped
 * @property {{ parameters: number, multiply_adds: number }} cost
 * @property {{ parameters: number, multiply_adds: number }} dense
 * @property {Record<string, any>} ranges
 */

/**
 * @typedef {object} Run what the engine made of a view, whole
 * @property {string} id
 * @property {string} model
 * @property {View} view that asked for it
 * @property {ImageRecord} image
 * @property {Tensor} input of the operation
 * @property {Tensor} output
 * @property {Tensor | null} weight
 * @property {readonly [number, number, number]} shape of the output
 * @property {Geometry} geometry
 * @property {WindowShape | null} window
 * @property {{ maps: Record<import("../core/transposed.js").Stage, Tensor>,
 *   spreading: import("../core/transposed.js").Spreading } | null} stages of a transposed convolution
 * @property {string} node
 * @property {string} inputName
 */

/**
 * @typedef {object} State
 * @property {View} view
 * @property {Run | null} run
 * @property {Step | null} step
 * @property {import("./views.js").Band | null} band rows in sight of the run's matrix, in the views that show one
 * @property {readonly { node: string, cells: number[][] }[]} uses outputs that the pointed input cell feeds
 * @property {number | null} lit term under the pointer
 * @property {{ row: number, column: number } | null} hovered output cell under the pointer
 * @property {"digits" | "help" | "picture" | "kernel" | null} open dialog
 * @property {boolean} playing
 * @property {boolean} busy
 * @property {Problem | null} problem
 * @property {readonly ImageRecord[]} samples
 * @property {readonly any[]} kernels
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

const PLAIN = /** @type {const} */ ({ stride: [1, 1], dilation: [1, 1], padding: "1", before: "none", groups: 1 });

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
  let stepAsked = 0;

  /**
   * Change the view; `push` makes a step that the browser's Back undoes.
   * @param {Partial<View>} patch
   * @param {{ push?: boolean }} [options]
   */
  function setView(patch, { push = false } = {}) {
    const before = store.get().view;
    const { state: view } = validate(schema, { ...before, ...patch });
    if (isShallowEqual(before, view)) return;
    store.set({ view });
    remember(view, push);
    if (RUN_KEYS.some((key) => !isShallowEqual(before[key], view[key]))) void refresh();
    else if (!isShallowEqual(before.cell, view.cell)) void refreshStep();
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
    const abort = new AbortController();
    running = abort;
    const { view } = store.get();
    store.set({ busy: true });
    try {
      const run = await load(view, abort.signal);
      if (running !== abort) return;
      const cell = insideOf(run.shape, store.get().view.cell);
      const step = await steps.get(sourceOf(run), indexOf(run, cell));
      if (running !== abort) return;
      const shown = { ...store.get().view, cell };
      store.set({ run, step, busy: false, view: shown, uses: [], lit: null, problem: repairedNote(repaired) });
      remember(shown, false);
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
   * @param {View} view
   * @param {AbortSignal} signal
   * @returns {Promise<Run>}
   */
  async function load(view, signal) {
    const kind = KINDS[view.op];
    const image = await imageRecord(view.image, signal);
    const channels = view.color === "gray" ? 1 : 3;
    const body = runRequest(view, channels);
    const answer = await postJson("/runs", body, signal);
    const inputName = inputNode(view);
    const key = JSON.stringify([view.image, view.size, view.color, view.range, view.before]);
    const [input, output, weight] = await Promise.all([
      cachedInput(key, `/runs/${answer.id}/nodes/${inputName}/output.npy`),
      getTensor(`/runs/${answer.id}/nodes/${NODE}/output.npy`, { signal }),
      kind.weighted
        ? getTensor(`/models/${answer.model}/nodes/${NODE}/weight.npy`, { signal })
        : Promise.resolve(null),
    ]);
    const [inChannels, rows, columns] = planes(input);
    const settings = settingsOf(view, channels);
    if (weight && kind.op !== "linear") settings.kernel_size ??= weight.shape.slice(-2);
    if (weight && kind.op === "conv2d") settings.out_channels = weight.shape[0];
    if (weight && weight.shape.length >= 2) settings.kernel_size = weight.shape.slice(-2);
    const geometry = await getJson(`/geometry/${kind.op}`, {
      query: { input: [rows, columns], channels: inChannels, ...settings },
      signal,
    });
    const stages =
      kind.op === "conv_transpose2d" ? await loadStages(answer.id, input, settings, geometry, signal) : null;
    return {
      stages,
      id: answer.id,
      model: answer.model,
      view,
      image,
      input,
      output,
      weight,
      shape: planes(output),
      geometry,
      window: windowOf(view, settings, geometry),
      node: NODE,
      inputName,
    };
  }

  /**
   * @param {string} run
   * @param {Tensor} input
   * @param {Record<string, any>} settings
   * @param {Geometry} geometry
   * @param {AbortSignal} signal
   * @returns {Promise<NonNullable<Run["stages"]>>}
   */
  async function loadStages(run, input, settings, geometry, signal) {
    const get = (/** @type {string} */ stage) =>
      getTensor(`/runs/${run}/nodes/${NODE}/stages/${stage}.npy`, { signal });
    const [spread, frame, crop] = await Promise.all(["spread", "frame", "crop"].map(get));
    const edge = (/** @type {0 | 1} */ axis) => settings.dilation[axis] * (settings.kernel_size[axis] - 1);
    return {
      maps: { input, spread, frame, crop },
      spreading: {
        stride: settings.stride,
        padding: [geometry.padding[0], geometry.padding[2]],
        edge: [edge(0), edge(1)],
      },
    };
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
   * @param {string} name
   * @param {AbortSignal} signal
   * @returns {Promise<ImageRecord>}
   */
  function imageRecord(name, signal) {
    const { run, samples } = store.get();
    if (run?.view.image === name) return Promise.resolve(run.image);
    const sample = samples.find((record) => record.name === name);
    return sample ? Promise.resolve(sample) : getJson(`/images/${name}`, { signal });
  }

  async function refreshStep() {
    const { run, view } = store.get();
    if (!run) return;
    stepAsked += 1;
    const asked = stepAsked;
    try {
      const step = await steps.get(sourceOf(run), indexOf(run, insideOf(run.shape, view.cell)));
      // While dragging, answers may overtake each other: the newest question counts.
      if (asked === stepAsked && store.get().run === run) store.set({ step });
    } catch (failure) {
      store.set({ problem: asProblem(failure) });
    }
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
      const last = run ? run.shape[0] * run.shape[1] * run.shape[2] - 1 : 0;
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
    if (!cell || !run) {
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
   * @param {Blob} file
   * @param {string} name
   */
  async function upload(file, name) {
    store.set({ busy: true, problem: null });
    try {
      const image = await postImage(file, name);
      const { samples, view } = store.get();
      if (!samples.some((known) => known.id === image.id)) store.set({ samples: [...samples, image] });
      setView({ image: image.id, size: workingSize(image, view) }, { push: true });
      store.set({ busy: false });
    } catch (failure) {
      store.set({ busy: false, problem: asProblem(failure) });
      throw failure;
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
    const shared = view.kernel !== "random" && (view.kernel !== "custom" || view.values.length === 1);
    const [rows, columns] = run.weight.shape.slice(-2);
    const flat = Array.from(run.weight.data);
    const area = rows * columns;
    const planesCount = flat.length / area;
    const values = Array.from({ length: shared ? 1 : planesCount }, (_, p) =>
      Array.from({ length: rows }, (_, r) =>
        Array.from(flat.slice(p * area + r * columns, p * area + (r + 1) * columns), tidy),
      ),
    );
    const perKernel = run.weight.shape[1];
    const plane = shared ? 0 : view.cell[0] * perKernel + channel;
    values[plane][Math.floor(index / columns)][index % columns] = value;
    setView({ kernel: "custom", values, kernelSize: [rows, columns] });
  }

  return {
    setView,
    restore,
    refresh,
    moveCell,
    goTo,
    stepBy,
    play,
    pointAt,
    upload,
    editWeight,
    cancel() {
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
    toggle(name) {
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
      const [images, kernels] = await Promise.all([getJson("/images"), getJson("/kernels")]);
      store.set({ samples: listOf(images, "images"), kernels: listOf(kernels, "kernels") });
    },
  };
}

/**
 * @param {any} answer a list, or a list under its name
 * @param {string} name
 */
function listOf(answer, name) {
  return Array.isArray(answer) ? answer : answer[name];
}

/** A float32 as the short decimal that names it. @param {number} x */
function tidy(x) {
  return Number(x.toPrecision(7));
}

/**
 * @param {Run} run
 * @param {readonly number[]} cell
 */
function indexOf(run, [channel, row, column]) {
  return indexOfCell(run.shape, { channel, row, column });
}

/**
 * @param {Run["shape"]} shape
 * @param {readonly number[]} cell
 * @returns {number[]}
 */
function insideOf(shape, [channel, row, column]) {
  const inside = move(shape, { channel, row, column }, {});
  return [inside.channel, inside.row, inside.column];
}

/** @param {Run} run */
function sourceOf(run) {
  const total = run.shape[0] * run.shape[1] * run.shape[2];
  const [channels, rows, columns] = planes(run.input);
  const size = run.window ? run.window.size[0] * run.window.size[1] : rows * columns;
  const family = KINDS[run.view.op].family;
  const terms = family === "activation" ? 1 : channels * (run.window ? size : family === "pooling" ? size : 1);
  return { run: run.id, node: run.node, total, terms };
}

/**
 * @param {View} view
 * @param {Record<string, any>} settings
 * @param {Geometry} geometry
 * @returns {WindowShape | null}
 */
function windowOf(view, settings, geometry) {
  const op = KINDS[view.op].op;
  const [rows, columns] = geometry.padded;
  if (op.startsWith("global_")) {
    return { size: [rows, columns], stride: [1, 1], dilation: [1, 1], before: [0, 0] };
  }
  if (!settings.kernel_size) return null;
  // A transposed convolution slides over the spread input, one cell at a time.
  const spread = op === "conv_transpose2d";
  return {
    size: settings.kernel_size,
    stride: spread ? [1, 1] : (settings.stride ?? settings.kernel_size),
    dilation: settings.dilation ?? [1, 1],
    before: spread ? [0, 0] : [geometry.padding[0], geometry.padding[2]],
  };
}

/**
 * A size at which a picture's cells can be seen and its run is quick; small pictures keep their own.
 * @param {ImageRecord} image
 * @param {View} view
 * @returns {[number, number]}
 */
function workingSize({ height, width }, view) {
  const longest = Math.max(...view.size) || 44;
  const scale = Math.min(1, longest / Math.max(height, width));
  return [Math.max(1, Math.round(height * scale)), Math.max(1, Math.round(width * scale))];
}

/** @param {Problem} problem */
function isMisfit({ code }) {
  return ["kernel-too-large", "groups-do-not-divide", "padding-too-large", "shape-mismatch"].includes(code);
}

/** @param {boolean} repaired */
function repairedNote(repaired) {
  return repaired ? new Problem("settings-reset", "") : null;
}

/** @param {unknown} failure */
function asProblem(failure) {
  return failure instanceof Problem ? failure : new Problem("unknown", String(failure));
}

/**
 * @param {View} view
 * @param {boolean} push
 */
function remember(view, push) {
  const query = toQuery(encode(schema, view));
  const address = `${location.pathname}${query ? `?${query}` : ""}`;
  if (address === location.pathname + location.search) return;
  if (push) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
}
