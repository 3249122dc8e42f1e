/**
 * Live pictures, as every page offers them. What it takes to run them is fetched when they are first wanted.
 */

import { Problem } from "../api/client.js";

/** @typedef {import("../api/live-source.js").Choice} Choice */

/**
 * @typedef {object} LiveState
 * @property {"off" | "live" | "frozen"} state
 * @property {{ kind: Choice["kind"], label: string, device: string,
 *   devices: readonly import("../api/live-source.js").Device[] } | null} source null once it has ended by itself
 * @property {boolean} waiting for leave to use a source, or for the first picture
 * @property {Problem | null} problem
 * @property {(import("../core/live-flow.js").Figures & { ms: number | null }) | null} figures `ms` is time spent at the server
 */

/**
 * @typedef {object} Live what a run knows that no server keeps: its picture moves on
 * @property {import("../core/live-ranges.js").LiveRanges["ease"]} ease makes a measured range calm
 * @property {import("../core/live-ranges.js").LiveRanges["measure"]} measure
 * @property {import("./load-run.js").ImageRecord} image none that the server has
 */

/**
 * @typedef {object} About a frame: what another window must know to show it
 * @property {import("../core/live-configuration.js").Configuration} wanted
 * @property {any} configured what the server said of its model
 */

/** @typedef {(buffer: ArrayBuffer, about: About) => void} FrameListener */

/** @type {LiveState} */
export const OFF = Object.freeze({
  state: "off",
  source: null,
  waiting: false,
  problem: null,
  figures: null,
});

/**
 * @param {import("../core/store.js").Store<any>} store
 * @param {(listeners: ReadonlySet<FrameListener>) => Promise<import("./live.js").LivePictures>} load
 * @param {(patch: any, options: { push: true }) => unknown} setView
 */
export function createLiveGate(store, load, setView) {
  /** @type {Set<FrameListener>} */
  const listeners = new Set();
  /** @type {Promise<import("./live.js").LivePictures | null> | null} */
  let loading = null;
  const ready = () => {
    loading ??= load(listeners).catch((failure) => {
      // Without the server it is asked for again the next time.
      loading = null;
      store.set({ live: { ...store.get().live, problem: new Problem("unreachable", String(failure)) } });
      return null;
    });
    return loading;
  };
  const state = () => store.get().live.state;

  /** @param {any} [patch] what of the view changes with it */
  const freeze = async (patch) => (await ready())?.freeze(patch);
  const resume = async () => (await ready())?.resume();
  const stop = async () => {
    if (loading) (await ready())?.stop();
  };
  /**
   * @param {Choice} choice
   * @param {string} name of pictures that are frozen
   */
  const start = async (choice, name) => (await ready())?.start(choice, name);

  return {
    start,
    freeze,
    resume,
    stop,

    /** Pictures come and go: what they make must not be asked for. */
    isOn: () => state() === "live",

    /** While frozen, the next picture; frozen as well. */
    async next() {
      if (state() !== "off") await (await ready())?.next();
    },

    /** The camera on and off. @param {string} name of pictures that are frozen */
    async toggle(name) {
      const { live } = store.get();
      if (live.state !== "off" || live.waiting) await stop();
      else await start({ kind: "camera" }, name);
    },

    /** Stand still, go on. */
    async hold() {
      if (state() === "live") await freeze();
      else if (state() === "frozen") await resume();
    },

    /**
     * Show what only a picture that stands still has: it is frozen first.
     * @param {any} patch of the view
     */
    async still(patch) {
      if (state() === "live") await freeze(patch);
      // Frames of another window end there.
      else if (state() === "frozen" || !store.get().run?.live) setView(patch, { push: true });
    },

    async dismiss() {
      if (loading) (await ready())?.dismiss();
    },

    /**
     * Hear every frame as it comes.
     * @param {FrameListener} listener
     * @returns {() => void} ends it
     */
    onFrame(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },

    /**
     * Show a frame that came from elsewhere.
     * @param {ArrayBuffer} buffer
     * @param {About} about
     */
    async show(buffer, about) {
      await (await ready())?.show(buffer, about);
    },
  };
}
