/**
 * What a reader can do on the Network page: each intent changes the view, asks the server for what the view
 * needs, and commits the answer, so that what is shown always belongs together.
 */

import { asProblem, getJson, getTensor, postJson } from "../api/client.js";
import { formatEdits, isOff, parseEdits, toggleChannel, withEdit } from "../core/edits.js";
import { reach } from "../core/milestones.js";
import { INPUT } from "../core/network-graph.js";
import { RUN_KEYS, schema } from "../core/network-schema.js";
import { move } from "../core/steps.js";
import { isShallowEqual } from "../core/store.js";
import { validate } from "../core/url-state.js";
import { remember } from "./address.js";
import { curveReach, loadCurve } from "./curve.js";
import { imageRecord, loadList } from "./lists.js";
import { createLiveGate } from "./live-gate.js";
import { loadExplained, loadFocus, loadLayer, loadModel, loadNetRun, loadSmallMap } from "./load-net.js";
import { createModelActions } from "./models.js";
import { createPictureActions } from "./pictures.js";

/** @typedef {import("../core/network-schema.js").View} View */
/** @typedef {import("../core/edits.js").Edit} Edit */
/** @typedef {import("../core/tensor.js").Tensor} Tensor */
/** @typedef {import("./load-net.js").Model} Model */
/** @typedef {import("./load-net.js").NetRun} NetRun */
/** @typedef {import("./load-run.js").ImageRecord} ImageRecord */

/** @typedef {{ node: string, channel: number, row: number, column: number }} Place */

/**
 * @typedef {object} State
 * @property {View} view
 * @property {View | null} chosen the view as the reader last chose it, not one that came from elsewhere
 * @property {Model | null} model
 * @property {NetRun | null} run
 * @property {import("./load-net.js").Layer | null} layer of the widened node
 * @property {import("./load-net.js").Focus | null} focus the channel under attention
 * @property {import("./load-net.js").Explained | null} explained the number under attention
 * @property {Place | null} hovered
 * @property {import("../core/masked.js").Asked} asked what a lecture room is to predict, hidden meanwhile
 * @property {"model" | "picture" | "help" | null} open dialog
 * @property {boolean} busy
 * @property {import("../api/client.js").Problem | null} problem
 * @property {readonly ImageRecord[]} samples
 * @property {readonly any[]} models of GET /models, and those that were brought in this visit
 * @property {import("./live-gate.js").LiveState} live
 */

/** @typedef {ReturnType<typeof createActions>} Actions */

/**
 * @param {import("../core/store.js").Store<State>} store
 */
export function createActions(store) {
  /** @type {Map<string, Promise<Model>>} */
  const models = new Map();
  /** @type {Map<string, Promise<any>>} */
  const weights = new Map();
  /** @type {AbortController | null} */
  let running = null;
  let partsUnderWay = false;
  let partsWaiting = false;

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
    return RUN_KEYS.some((key) => !isShallowEqual(before[key], view[key])) ? refresh() : refreshParts();
  }

  /**
   * The view of an address, as after Back or at the start.
   * @param {View} view
   */
  function restore(view) {
    const { run } = store.get();
    store.set({ view });
    const same = run !== null && RUN_KEYS.every((key) => isShallowEqual(run.view[key], view[key]));
    if (!same) return refresh();
    // What is still under way belongs to a view that has been left.
    running?.abort();
    running = null;
    store.set({ busy: false });
    return refreshParts();
  }

  /** @param {string} key */
  function modelOf(key) {
    const known = models.get(key) ?? loadModel(key);
    models.set(key, known);
    known.catch(() => models.delete(key));
    return known;
  }

  /** Ask for the run of the present view; an older question still under way is given up. */
  async function refresh() {
    running?.abort();
    const { view } = store.get();
    if (live.isOn()) return followModel(view.model);
    const abort = new AbortController();
    running = abort;
    reach("run-asked");
    store.set({ busy: true });
    try {
      const model = modelOf(view.model);
      // The net stands on the page as soon as its description is there; its maps follow.
      void model.then(
        (known) =>
          running === abort &&
          !isRunOf(store.get().run, view.model) &&
          store.set({ model: known, run: null }),
        () => {},
      );
      const run = await loadNetRun(view, model, imageRecord(view.image, store.get()), abort.signal);
      if (running !== abort) return;
      const shown = inside(run, store.get().view);
      const parts = await loadParts(run, shown, abort.signal);
      if (running !== abort) return;
      const now = inside(run, store.get().view);
      store.set({ model: run.model, run, ...parts, view: now, busy: false, problem: null });
      remember(schema, now, false);
      void refreshParts();
    } catch (failure) {
      if (abort.signal.aborted) return;
      // What was there before stays on the page; only the message is new.
      store.set({ busy: false, problem: asProblem(failure) });
    }
  }

  /**
   * While pictures move, their frames bring everything but the net itself.
   * @param {string} key
   */
  async function followModel(key) {
    try {
      const model = await modelOf(key);
      if (store.get().view.model !== key || store.get().model === model) return;
      store.set({ model, run: null, layer: null, focus: null, explained: null });
    } catch (failure) {
      store.set({ problem: asProblem(failure) });
    }
  }

  /**
   * The opened layer, the channel and the number under attention. While moving, one question is under way and
   * the newest waits; those between are never asked.
   */
  async function refreshParts() {
    if (partsUnderWay) {
      partsWaiting = true;
      return;
    }
    const { run, view } = store.get();
    if (!run || run.live) return;
    partsUnderWay = true;
    try {
      const parts = await loadParts(run, inside(run, view));
      if (store.get().run === run) store.set(parts);
    } catch (failure) {
      store.set({ problem: asProblem(failure) });
    }
    partsUnderWay = false;
    if (!partsWaiting) return;
    partsWaiting = false;
    await refreshParts();
  }

  /**
   * What of a run the view shows besides the overview; what is there already is not asked for again.
   * @param {NetRun} run
   * @param {View} view
   * @param {AbortSignal} [signal]
   * @returns {Promise<Pick<State, "layer" | "focus" | "explained">>}
   */
  async function loadParts(run, view, signal) {
    const { layer, focus, explained } = store.get();
    const { node, cell } = view;
    const isHere = (/** @type {{ run: string, node: string } | null} */ part) =>
      part?.run === run.id && part.node === node;
    if (node === "") return { layer: null, focus: null, explained: null };
    const isVector = run.graph.byName.get(node)?.isVector ?? true;
    const [newLayer, newFocus, newExplained] = await Promise.all([
      view.open && !isVector ? (isHere(layer) ? layer : loadLayer(run, node, signal)) : layer,
      isHere(focus) && (isVector || focus?.channel === cell[0])
        ? focus
        : loadFocus(run, node, cell[0], signal),
      view.view === "cell" && node !== INPUT
        ? isHere(explained) && String(explained?.cell) === String(cell)
          ? explained
          : loadExplained(run, node, cell, signal)
        : explained,
    ]);
    return { layer: newLayer, focus: newFocus, explained: newExplained };
  }

  /** @param {readonly Edit[]} edits */
  function setEdits(edits) {
    setView({ edits: formatEdits(edits) }, { push: true });
  }

  /** @param {{ channels?: number, rows?: number, columns?: number }} by */
  function moveCell(by) {
    const { run, view } = store.get();
    const shape = run?.graph.byName.get(view.node)?.shape;
    if (!shape) return;
    const [channel, row, column] = view.cell;
    const to = move(shape, { channel, row, column }, by);
    setView({ cell: [to.channel, to.row, to.column], opened: -1 });
  }

  const live = createLiveGate(
    store,
    async (listeners) => {
      const { createNetLive } = await import("./live-network.js");
      return createNetLive(store, { setView, refresh, inside }, listeners);
    },
    setView,
  );

  return {
    setView,
    restore,
    refresh,
    moveCell,
    live,
    ...createPictureActions(/** @type {any} */ (store), (patch, options) =>
      setView({ ...(patch.image ? { image: patch.image } : {}) }, options),
    ),

    /**
     * Widen a layer in place, with one of its channels under attention; again, and it closes.
     * @param {string} node
     * @param {Partial<Place>} [at]
     */
    openLayer(node, { channel, row, column } = {}) {
      const { run, view } = store.get();
      const shape = run?.graph.byName.get(node)?.shape ?? store.get().model?.graph.byName.get(node)?.shape;
      if (!shape) return;
      const same = view.node === node;
      const cell = [
        channel ?? (same ? view.cell[0] : 0),
        row ?? (same ? view.cell[1] : Math.floor(shape[1] / 2)),
        column ?? (same ? view.cell[2] : Math.floor(shape[2] / 2)),
      ];
      setView({ view: "net", node, open: true, cell, opened: -1 }, { push: !(same && view.open) });
    },

    /**
     * The arithmetic of one number.
     * @param {string} node
     * @param {readonly number[]} cell
     */
    openCell(node, cell) {
      void live.still({ view: "cell", node, cell: [...cell], opened: -1 });
    },

    /** One step out: from the number to its layer, from the layer to the net. */
    leave() {
      const { view } = store.get();
      if (view.view !== "net") setView({ view: "net", open: true }, { push: true });
      else if (view.open) setView({ open: false }, { push: true });
      else setView({ node: "", cell: [0, 0, 0] }, { push: true });
    },

    /**
     * The layer before or after, as the model lists them.
     * @param {1 | -1} by
     */
    stepLayer(by) {
      const { model, view } = store.get();
      if (!model) return;
      const names = model.graph.nodes.map(({ name }) => name).filter((name) => name !== INPUT);
      const at = names.indexOf(view.node);
      const to = names[at < 0 ? (by > 0 ? 0 : names.length - 1) : at + by];
      if (to === undefined) return;
      const shape = /** @type {readonly number[]} */ (model.graph.byName.get(to)?.shape);
      const cell = view.cell.map((index, axis) => Math.min(index, shape[axis] - 1));
      setView({ node: to, cell, opened: -1, open: view.node === "" ? true : view.open }, { push: false });
    },

    /** @param {Edit} edit */
    edit(edit) {
      setEdits(withEdit(parseEdits(store.get().view.edits), edit));
    },

    /**
     * @param {string} node
     * @param {number} channel
     */
    switchChannel(node, channel) {
      setEdits(toggleChannel(parseEdits(store.get().view.edits), node, channel));
    },

    /** Take back the last change of a weight. */
    undoEdit() {
      setEdits(parseEdits(store.get().view.edits).slice(0, -1));
    },

    resetEdits() {
      setEdits([]);
    },

    /**
     * @param {string} node
     * @param {number} channel
     */
    isOff(node, channel) {
      return isOff(parseEdits(store.get().view.edits), node, channel);
    },

    /**
     * A weight of the model, asked for once; as trained, without edits.
     * @param {string} model
     * @param {string} node
     * @returns {Promise<Tensor>}
     */
    weight(model, node) {
      return kept(`${model} ${node} weight`, () =>
        getTensor(`/models/${encodeURIComponent(model)}/nodes/${encodeURIComponent(node)}/weight.npy`),
      );
    },

    /**
     * What the filters of a convolution look like: kinds and fits.
     * @param {string} model
     * @param {string} node
     * @returns {Promise<any>}
     */
    filters(model, node) {
      return kept(`${model} ${node} filters`, () =>
        getJson(`/models/${encodeURIComponent(model)}/nodes/${encodeURIComponent(node)}/filters`),
      );
    },

    /**
     * A convolution whose filters are noise, in the shape of learned ones.
     * @param {readonly number[]} shape of the weight
     * @returns {Promise<{ id: string }>}
     */
    randomFilters([out_channels, channels, ...kernel_size]) {
      const weight = { init: "he", seed: 0 };
      return postJson("/models", {
        input: { channels, size: kernel_size },
        nodes: [{ name: "random", op: "conv2d", out_channels, kernel_size, weight }],
      });
    },

    /**
     * The curve of a function of one number.
     * @param {string} op
     * @param {Readonly<Record<string, unknown>>} settings
     * @param {number} most magnitude that it must hold
     * @returns {Promise<import("../core/curve.js").Curve>}
     */
    curve(op, settings, most) {
      const reach = curveReach(op, most);
      const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== null));
      return kept(JSON.stringify(["curve", op, given, reach]), () => loadCurve(op, given, reach));
    },

    /**
     * The numbers that one number feeds, by the nodes that they belong to.
     * @param {string} run
     * @param {string} node
     * @param {readonly number[]} cell
     * @returns {Promise<{ node: string, cells: number[][], count: number }[]>}
     */
    uses(run, node, cell) {
      return getJson(`/runs/${run}/nodes/${encodeURIComponent(node)}/uses/${cell.join("/")}`);
    },

    /** How another number of the run was made, without going there. */
    explain: loadExplained,

    /** A channel's map that the overview left out. */
    smallMap: loadSmallMap,

    /** @param {Place | null} place */
    hover(place) {
      store.set({ hovered: place });
    },

    /** @param {NonNullable<State["open"]>} name */
    toggle(name) {
      store.set({ open: store.get().open === name ? null : name });
    },

    close() {
      store.set({ open: null });
    },

    cancel() {
      running?.abort();
      store.set({ busy: false });
    },

    /** @param {unknown} failure */
    fail(failure) {
      store.set({ problem: asProblem(failure) });
    },

    dismiss() {
      store.set({ problem: null });
    },

    ...createModelActions(store, setView),

    async loadLists() {
      const [samples, models] = await Promise.all([loadList("images"), loadList("models")]);
      store.set({ samples, models });
    },
  };

  /**
   * @template T
   * @param {string} key
   * @param {() => Promise<T>} load
   * @returns {Promise<T>}
   */
  function kept(key, load) {
    const known = weights.get(key) ?? load();
    weights.set(key, known);
    known.catch(() => weights.delete(key));
    return known;
  }
}

/**
 * The view with a node and cell that the run has.
 * @param {NetRun} run
 * @param {View} view
 * @returns {View}
 */
function inside({ graph }, view) {
  if (view.node === "") return { ...view, view: "net", open: false };
  const node = graph.byName.get(view.node);
  if (!node) return { ...view, node: "", open: false, view: "net", cell: [0, 0, 0] };
  const [channel, row, column] = view.cell;
  const at = move(node.shape, { channel, row, column }, {});
  const cell = [at.channel, at.row, at.column];
  return String(cell) === String(view.cell) ? view : { ...view, cell };
}

/**
 * @param {NetRun | null} run
 * @param {string} model
 */
function isRunOf(run, model) {
  return run?.view.model === model;
}
