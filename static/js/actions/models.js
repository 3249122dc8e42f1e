/**
 * Bringing in a model: chosen from those that are there, or a reader's own file; and how pictures enter it.
 */

import { asProblem, postFile, postJson } from "../api/client.js";

/** @typedef {import("./network.js").State} State */
/** @typedef {import("./load-net.js").ModelAnswer} ModelAnswer */
/** @typedef {import("./load-net.js").Preprocessing} Preprocessing */
/** @typedef {import("../core/network-schema.js").View} View */

/** Samples to begin with. */
const PICTURES = { digit: "digit", photo: "chelsea" };

/** Another net has other nodes: nothing of the view of the last one holds. */
const START = /** @type {const} */ ({
  node: "",
  open: false,
  view: "net",
  cell: [0, 0, 0],
  opened: -1,
  edits: "",
  size: [0, 0],
});

/**
 * @param {import("../core/store.js").Store<State>} store
 * @param {(patch: Partial<View>, options?: { push?: boolean }) => void} setView
 */
export function createModelActions(store, setView) {
  /** @type {AbortController | null} */
  let bringing = null;

  /**
   * Beside another net its own kind of picture, unless the reader has brought one.
   * @param {string} key of a model, built in or brought
   */
  function chooseModel(key) {
    const { models, view } = store.get();
    const known = models.find(({ name, id }) => name === key || id === key);
    const isDigits = known?.input.channels === 1;
    const image = isDigits && view.image === PICTURES.photo ? PICTURES.digit : view.image;
    const isPhoto = known?.input.channels === 3 && view.image === PICTURES.digit;
    setView({ ...START, model: key, image: isPhoto ? PICTURES.photo : image }, { push: true });
  }

  /**
   * Whatever goes wrong, the model that was there stays.
   * @param {(signal: AbortSignal) => Promise<ModelAnswer>} ask
   */
  async function take(ask) {
    bringing?.abort();
    const abort = new AbortController();
    bringing = abort;
    store.set({ busy: true, problem: null });
    try {
      const answer = await ask(abort.signal);
      if (bringing !== abort) return;
      const { models } = store.get();
      const others = models.filter(({ id }) => id !== answer.id);
      store.set({ busy: false, models: [...others, { ...answer, brought: true }] });
      chooseModel(answer.id);
    } catch (failure) {
      if (abort.signal.aborted) return;
      const problem = asProblem(failure);
      store.set({ busy: false, problem });
    }
  }

  return {
    chooseModel,

    /** @param {File} file ONNX */
    bring(file) {
      const name = file.name.replace(/\.onnx$/i, "");
      return take((signal) => postFile("/models", file, file.name || "model.onnx", signal, { name }));
    },

    /**
     * The same net with pictures entering otherwise, or other names of its classes: another model.
     * @param {string} model
     * @param {{ preprocessing?: Preprocessing, labels?: readonly string[] | null }} changes
     */
    vary(model, changes) {
      return take((signal) => postJson("/models", { model, ...changes }, signal));
    },

    cancelBringing() {
      bringing?.abort();
      bringing = null;
    },
  };
}
