/**
 * Bringing in a picture: chosen from those that are there, or a reader's own.
 */

import { asProblem, Problem, postImage } from "../api/client.js";
import { sizeFor } from "../core/picture-size.js";

/** @typedef {import("./operation.js").State} State */
/** @typedef {import("./operation.js").ImageRecord} ImageRecord */
/** @typedef {import("../core/operation-schema.js").View} View */

/**
 * @param {import("../core/store.js").Store<State>} store
 * @param {(patch: Partial<View>, options?: { push?: boolean }) => void} setView
 */
export function createPictureActions(store, setView) {
  /** @type {AbortController | null} */
  let uploading = null;

  /** @param {ImageRecord} image */
  function choosePicture(image) {
    const { view, run } = store.get();
    /** @type {Partial<View>} */
    const patch = { image: keyOf(image), size: sizeFor(image, view.size) };
    // A grey picture has one channel to look at; the next colour picture gets its three back.
    if (image.channels === 1) patch.color = "gray";
    else if (run?.image.channels === 1) patch.color = "rgb";
    setView(patch, { push: true });
  }

  return {
    choosePicture,

    /**
     * A reader's own picture; whatever goes wrong, the one that was there stays.
     * @param {File} file
     */
    async upload(file) {
      uploading?.abort();
      const abort = new AbortController();
      uploading = abort;
      store.set({ busy: true, problem: null });
      try {
        if (file.type && !file.type.startsWith("image/")) throw new Problem("not-a-picture", file.type);
        const image = /** @type {ImageRecord} */ (
          await postImage(file, file.name || "picture", abort.signal)
        );
        if (uploading !== abort) return;
        const { samples } = store.get();
        const isKnown = samples.some(({ id }) => id === image.id);
        store.set({ busy: false, ...(isKnown ? {} : { samples: [...samples, image] }) });
        choosePicture(image);
      } catch (failure) {
        if (abort.signal.aborted) return;
        const problem = asProblem(failure);
        store.set({ busy: false, problem });
      }
    },

    cancelUpload() {
      uploading?.abort();
      uploading = null;
    },
  };
}

/**
 * What a view calls a picture: a sample by its name, any other by its id.
 * @param {ImageRecord} image
 * @returns {string}
 */
export function keyOf({ id, name, sample }) {
  return sample && name ? name : id;
}
