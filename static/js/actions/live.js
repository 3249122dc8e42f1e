/**
 * Pictures from a camera, through the server, onto the page: the newest always, and never a queue of them.
 * Each frame becomes a run of the page's state, so that the same views show it as show any other run.
 */

import { asProblem, Problem, postImage } from "../api/client.js";
import { LiveSocket, reasonOfRefusal } from "../api/live-socket.js";
import { LiveSource } from "../api/live-source.js";
import { sentSize } from "../core/live-configuration.js";
import { LiveFlow } from "../core/live-flow.js";
import { FrameNumbers, parseFrame } from "../core/live-frame.js";
import { LiveRanges } from "../core/live-ranges.js";
import { afterDrawing } from "./live-drawn.js";
import { OFF } from "./live-gate.js";

/** @typedef {import("../api/live-source.js").Choice} Choice */
/** @typedef {import("../core/live-configuration.js").Configuration} Configuration */
/** @typedef {import("../core/live-frame.js").Frame} Frame */
/** @typedef {import("../core/tensor.js").Tensor} Tensor */
/** @typedef {import("./live-gate.js").LiveState} LiveState */
/** @typedef {ReturnType<typeof createLive>} LivePictures */

/**
 * @template B what a page keeps of a configuration
 * @typedef {object} LivePage what differs between pages
 * @property {() => Configuration | null} wanted null while the net is not known yet
 * @property {() => readonly number[]} needed rows and columns that the picture is made into
 * @property {(size: { width: number, height: number }) => void} begin with pictures of this size
 * @property {(configured: any, wanted: Configuration) => Promise<B>} prepare
 * @property {(frame: Frame, tensors: readonly Tensor[], shown: { wanted: Configuration, base: B, moving: import("./live-gate.js").Live }) => boolean} commit
 *   whether it is shown
 * @property {(record: import("./load-run.js").ImageRecord) => unknown} take a picture that stands still, until it is shown
 * @property {() => unknown} end show again what the address names
 * @property {(patch: any, options: { push: boolean }) => unknown} setView
 */

/** Figures change so often: as fast as they can be read. */
const FIGURES_MS = 500;

/**
 * @template B
 * @param {import("../core/store.js").Store<any>} store
 * @param {LivePage<B>} page
 * @param {ReadonlySet<import("./live-gate.js").FrameListener>} listeners
 */
export function createLive(store, page, listeners) {
  const flow = new LiveFlow();
  const numbers = new FrameNumbers();
  const ranges = new LiveRanges();
  /** @type {import("./live-gate.js").Live} */
  const moving = { image: MOVING, ease: ranges.ease.bind(ranges), measure: ranges.measure.bind(ranges) };
  /** @type {LiveSource | null} */
  let source = null;
  let turn = 0;
  let name = "";
  /** What was wanted last, and under which number. */
  let asked = { key: "", number: 0 };
  /** @type {Map<number, { wanted: Configuration, configured: any, base: Promise<B> | null }>} */
  const configurations = new Map();
  /** The files of frames under way, and of the one on the screen. @type {Map<number, Blob>} */
  const files = new Map();
  /** @type {Blob | null} */
  let shownFile = null;
  let withoutCell = false;
  let model = "";
  let isTaking = false;
  let isStepping = false;
  /** The picture that the address names: another one ends the live ones. */
  let expected = "";
  let figuresAt = 0;
  /** What was prepared for frames of another window. @type {{ key: string, base: Promise<B> } | null} */
  let shared = null;

  const socket = new LiveSocket({
    frame: (buffer) => void receive(buffer),
    message: hear,
    state: (state) => void connectionIs(state),
  });

  /** @returns {LiveState} */
  const live = () => store.get().live;
  /** @param {Partial<LiveState>} patch */
  const setLive = (patch) => store.set({ live: { ...live(), ...patch } });

  store.subscribe(
    ({ view }) => view.image,
    (image) => {
      if (live().state !== "off") {
        if (image !== expected) stop();
      } else if (live().problem) setLive({ problem: null });
    },
  );
  document.addEventListener("visibilitychange", () => {
    flow.rest();
    source?.rest(document.hidden || live().state !== "live");
  });

  /** @param {number} seen */
  function onPicture(seen) {
    if (live().state !== "live" || document.hidden) return;
    if (flow.isStalled(performance.now())) {
      socket.drop();
      flow.rest();
      setLive({ problem: new Problem("live-lost", "") });
    }
    flow.offer(seen);
    void pump();
  }

  /** Send the newest picture, if there is room. */
  async function pump() {
    if (isTaking || !source || live().state !== "live" || !socket.isReady() || !configure()) return;
    const frame = flow.next(performance.now());
    if (frame === null) return;
    const from = source;
    isTaking = true;
    const file = await from.take(sentSize(from.size, page.needed()));
    const message = await file?.arrayBuffer();
    isTaking = false;
    if (!file || !message || from !== source || !socket.send(frame, message)) flow.giveUp(frame);
    else files.set(frame, file);
    void pump();
  }

  /** Tell the server what the page needs now, where that has changed. */
  function configure() {
    const now = page.wanted();
    if (!now) return false;
    const wanted = withoutCell ? { ...now, cell: null } : now;
    const key = JSON.stringify(wanted);
    if (key !== asked.key) {
      const number = socket.configure(wanted);
      asked = { key, number };
      configurations.set(number, { wanted, configured: null, base: null });
    }
    return true;
  }

  /** @param {any} message */
  function hear(message) {
    if (message.type === "configured") {
      const known = configurations.get(message.configuration);
      if (!known) return;
      known.configured = message;
      // The numbers of another net have other ranges.
      if (message.model !== model) ranges.forget();
      model = message.model;
      known.base = page.prepare(message, known.wanted);
      known.base.catch((failure) => setLive({ problem: asProblem(failure) }));
      // No frame of an older one will come any more.
      for (const number of configurations.keys()) {
        if (number < message.configuration) configurations.delete(number);
      }
    } else if (message.type === "problem") {
      if (message.frame !== null) flow.answered(message.frame);
      if (message.code === "cell-out-of-range" && !withoutCell) withoutCell = true;
      else {
        const { code, detail, params, status } = message;
        if (live().problem?.code !== code)
          setLive({ problem: new Problem(code, detail, params, status), waiting: false });
      }
      void pump();
    }
  }

  /** @param {ArrayBuffer} buffer */
  async function receive(buffer) {
    const frame = parseFrame(buffer);
    const seen = flow.answered(frame.frame, frame.skipped);
    const file = files.get(frame.frame);
    for (const number of files.keys()) if (number <= frame.frame) files.delete(number);
    void pump();
    const known = configurations.get(frame.configuration);
    if (live().state !== "live" || seen === null || !file || !known?.base) return;
    const base = await known.base.catch(() => null);
    if (base === null || live().state !== "live" || !commit(frame, known.wanted, base)) return;
    // In the very frame in which the page draws it: what is frozen is what was seen. Before the first, the first.
    shownFile ??= file;
    requestAnimationFrame(() => {
      if (live().state === "live") shownFile = file;
    });
    for (const listener of listeners)
      listener(buffer, { wanted: known.wanted, configured: known.configured });
    afterDrawing((now) => {
      flow.drawn(seen, now);
      if (now - figuresAt < FIGURES_MS || live().state !== "live") return;
      figuresAt = now;
      const ms = Object.values(frame.ms).reduce((sum, each) => sum + each, 0);
      setLive({ figures: { ...flow.figures(now), ms } });
    });
  }

  /**
   * @param {Frame} frame
   * @param {Configuration} wanted
   * @param {B} base
   */
  function commit(frame, wanted, base) {
    ranges.at(performance.now());
    const isShown = page.commit(frame, numbers.read(frame), { wanted, base, moving });
    withoutCell = false;
    if (isShown && (live().problem || live().waiting)) setLive({ problem: null, waiting: false });
    return isShown;
  }

  /** @param {"open" | "lost" | "unreachable"} state */
  async function connectionIs(state) {
    flow.rest();
    files.clear();
    if (state === "open" || live().state !== "live") return;
    setLive({ problem: state === "lost" ? new Problem("live-lost", "") : await reasonOfRefusal() });
  }

  /**
   * @param {Choice} choice
   * @param {string} named
   */
  async function start(choice, named) {
    turn += 1;
    const mine = turn;
    // A phone has one camera open at a time.
    if (choice.kind === "camera" && source?.kind === "camera") release();
    setLive({ waiting: true, problem: null });
    try {
      const opened = await LiveSource.open(choice, page.needed(), () => void ended(mine));
      if (mine !== turn) return opened.stop();
      release();
      source = opened;
      name = named;
      ranges.forget();
      expected = store.get().view.image;
      const { kind, label, device, devices } = opened;
      setLive({ state: "live", source: { kind, label, device, devices }, figures: null });
      page.begin(opened.size);
      opened.watch(onPicture);
    } catch (failure) {
      if (mine !== turn) return;
      // One that had been let go for the other comes back by the reader's hand.
      setLive({
        waiting: false,
        problem: asProblem(failure),
        ...(source ? {} : { state: "off", source: null }),
      });
      if (!source && store.get().run?.live) page.end();
    }
  }

  function release() {
    source?.stop();
    source = null;
    flow.rest();
    files.clear();
  }

  /** Unplugged, or no longer shared: what was seen last stays. @param {number} mine */
  async function ended(mine) {
    if (mine !== turn) return;
    const problem = new Problem(source?.kind === "screen" ? "live-screenEnded" : "live-ended", "");
    await freeze();
    release();
    if (shownFile) setLive({ source: null, problem });
    else stop({ problem });
  }

  /** @param {Partial<LiveState>} [more] */
  function stop(more = {}) {
    turn += 1;
    release();
    socket.drop();
    shownFile = null;
    const wasMoving = live().state === "live" || Boolean(store.get().run?.live);
    store.set({ live: { ...OFF, ...more } });
    if (wasMoving) page.end();
  }

  /** @param {any} [patch] what of the view changes with it */
  async function freeze(patch = null) {
    if (live().state !== "live" || !shownFile) return;
    setLive({ state: "frozen" });
    flow.rest();
    source?.rest(true);
    await still(shownFile);
    // One step for Back, with the picture; and not before its numbers are there.
    if (patch && !store.get().run?.live) page.setView(patch, { push: false });
  }

  /**
   * Show this very file, as any picture is shown.
   * @param {Blob} file
   */
  async function still(file) {
    store.set({ busy: true });
    try {
      const record = await postImage(file, name);
      expected = record.id;
      await page.take(record);
    } catch (failure) {
      store.set({ busy: false });
      setLive({ problem: asProblem(failure) });
    }
  }

  async function next() {
    if (live().state === "live") return freeze();
    if (!source || isStepping) return;
    isStepping = true;
    await source.step();
    const file = await source?.take(sentSize(source.size, page.needed()));
    isStepping = false;
    if (!file || live().state !== "frozen") return;
    shownFile = file;
    await still(file);
  }

  function resume() {
    if (live().state !== "frozen" || !source) return;
    expected = store.get().view.image;
    source.rest(false);
    setLive({ state: "live", problem: null });
    page.begin(source.size);
  }

  return {
    start,
    stop,
    freeze,
    next,
    resume,
    dismiss: () => setLive({ problem: null }),

    /**
     * @param {ArrayBuffer} buffer
     * @param {import("./live-gate.js").About} about
     */
    async show(buffer, { wanted, configured }) {
      const key = JSON.stringify(configured);
      if (shared?.key !== key) shared = { key, base: page.prepare(configured, wanted) };
      const { base } = shared;
      commit(parseFrame(buffer), wanted, await base);
    },
  };
}

/** No picture that the server has. */
const MOVING = Object.freeze({ id: "", name: null, height: 0, width: 0, channels: 3, url: "" });
