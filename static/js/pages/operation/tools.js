/**
 * What stands around the stage: the choice of picture and kernel, exports, every digit, help. Turns the state
 * into their properties, and what they ask for into actions.
 */

import { keyOf } from "../../actions/pictures.js";
import { apiUrl } from "../../api/client.js";
import { formatSize } from "../../core/format.js";
import { choose, planeOf, presetsFor } from "../../core/kernel-choice.js";
import { hasKernel, isRandom, runRequest } from "../../core/operation-request.js";
import { fitted, longestOf, longestSides, mayKeepOwn } from "../../core/picture-size.js";
import { isShallowEqual } from "../../core/store.js";
import { currentLanguage, hasText, t } from "../../i18n/i18n.js";
import { element, setAttributes, setText } from "../../views/dom.js";
import { ExportMenu } from "../../views/export-menu.js";
import { KernelSettings } from "../../views/kernel-settings.js";
import { KernelWord } from "../../views/kernel-tools.js";
import { themeOf } from "../common/appearance.js";
import { listenForDrawing } from "../common/drawing.js";
import { lazily } from "../common/lazy.js";
import { sentence } from "../common/message.js";
import { BINDINGS } from "./keys.js";

/** @typedef {import("../../actions/operation.js").State} State */
/** @typedef {import("../../actions/operation.js").Run} Run */
/** @typedef {import("../../actions/operation.js").ImageRecord} ImageRecord */

/** In the strip; all are in the dialog. */
const STRIP_COUNT = 8;
const STRIP_SIDE = 18;
const GRID_SIDE = 42;
/** Twice the thumbnail's width, for dense screens. */
const THUMBNAIL_PX = 192;
/** A picture is loaded in the time of a glance; then the reader wants to know. */
const PATIENCE_MS = 300;
const GESTURES = [
  "drag",
  "hoverOutput",
  "hoverInput",
  "wheel",
  "pinch",
  "kernelCell",
  "kernelAlt",
  "channelSum",
  "drop",
];

/** Dialogs are fetched when they are first opened. */
const PARTS = {
  picture: lazily(() => import("../../views/picture-chooser.js")),
  kernel: lazily(() => import("../../views/kernel-dialog.js")),
  digits: lazily(() => Promise.all([import("../../views/digits-dialog.js"), import("./digits.js")])),
  help: lazily(() => import("../../views/help-dialog.js")),
};

export class Tools {
  /** Beside the head of the kernel. */
  kernelWord = new KernelWord();
  /** In the settings, for a kernel that has some of its own. */
  kernelPanel = new KernelSettings();
  #pictureWord = element("button", { type: "button", class: "word opens", "aria-haspopup": "dialog" });
  /** @type {Map<string, any>} */
  #dialogs = new Map();
  /** What was shown last: nothing here changes while the window moves. */
  #shown = /** @type {unknown[]} */ ([]);
  #exports = new ExportMenu();
  /** The preset that an edited kernel came from. */
  #before = "sobel_x";
  #busySince = 0;

  /**
   * @param {Document} root
   * @param {import("../../core/store.js").Store<State>} store
   * @param {import("../../actions/operation.js").Actions} actions
   */
  constructor(root, store, actions) {
    this.store = store;
    this.actions = actions;
    const find = (/** @type {string} */ selector) => /** @type {any} */ (root.querySelector(selector));
    this.strip = /** @type {HTMLElement} */ (find(".kernel-strip"));
    this.stripLabel = element("span", { class: "label" });
    this.swatches = /** @type {import("../../views/kernel-tools.js").KernelSwatches} */ (
      document.createElement("cs-kernel-swatches")
    );
    this.strip.append(element("div", { class: "strip-content" }, this.stripLabel, this.swatches));
    find(".panel-input").tool.append(this.#pictureWord);
    find("cs-transport").tools.append(this.#exports);
    this.#pictureWord.addEventListener("click", () => actions.toggle("picture"));
    this.#listen(root);
  }

  /** @param {Document} root */
  #listen(root) {
    const { actions, store } = this;
    const on = (/** @type {string} */ name, /** @type {(detail: any) => void} */ act) =>
      root.addEventListener(name, (event) => act(/** @type {CustomEvent} */ (event).detail));
    on("cs-open", ({ name }) => actions.toggle(name));
    on("cs-close", () => actions.close());
    on("cs-cancel", () => actions.cancel());
    on("cs-file", ({ file }) => void actions.upload(file));
    listenForDrawing(root, actions);
    on("cs-picture", ({ key }) => {
      const image = picturesOf(store.get()).find((record) => keyOf(record) === key);
      if (image) actions.choosePicture(image);
      actions.close();
    });
    on("cs-longest", ({ side }) => {
      const { run } = store.get();
      if (run) actions.setView({ size: side === 0 ? [0, 0] : fitted(run.image, side) }, { push: true });
    });
    on("cs-kernel", ({ name }) => {
      const { view, kernels, run } = store.get();
      actions.setView(choose(view, name, kernels, run?.weight ?? null), { push: true });
    });
    on("cs-copy", ({ what }) => void this.#copy(what));
  }

  /**
   * A dialog, made when it is first opened; until its part has come, null.
   * @template {keyof typeof PARTS} N
   * @param {N} name
   * @param {(part: NonNullable<ReturnType<typeof PARTS[N]>>) => HTMLElement} make
   * @returns {any}
   */
  #dialog(name, make) {
    const known = this.#dialogs.get(name);
    if (known || this.store.get().open !== name) return known ?? null;
    const part = PARTS[name](() => {
      this.#shown = [];
      this.update(this.store.get());
    });
    if (!part) return null;
    const made = make(/** @type {any} */ (part));
    document.body.append(made);
    this.#dialogs.set(name, made);
    return made;
  }

  /** @param {State} state */
  update(state) {
    const { run, step, view, open } = state;
    this.#dialog("help", ({ HelpDialog }) => new HelpDialog())?.update({
      open: open === "help",
      bindings: BINDINGS,
      gestures: GESTURES,
    });
    if (!run || !step) return;
    this.#updateDigits(state, run, step);
    if (!this.#isStale(state)) return;
    if (view.kernel !== "custom") this.#before = view.kernel;
    this.#updatePictures(state, run);
    this.#updateKernels(state, run);
    this.#exports.update(downloadsOf(run, view.cell[0], themeOf(view.theme, view.projector)));
  }

  /**
   * Whether anything here has changed; the row and column of the window are nothing to these tools.
   * @param {State} state
   */
  #isStale({ run, view, open, busy, problem, samples, kernels }) {
    const { cell, ...rest } = view;
    const parts = [run, open, busy, problem, samples, kernels, cell[0], this.#dialogs.size];
    const now = [...parts, currentLanguage(), document.documentElement.dataset.theme, JSON.stringify(rest)];
    const stale = !isShallowEqual(now, this.#shown) || busy;
    this.#shown = now;
    return stale;
  }

  /**
   * @param {State} state
   * @param {Run} run
   * @param {import("../../core/arithmetic.js").Step} step
   */
  #updateDigits({ open }, run, step) {
    const dialog = this.#dialog("digits", ([{ DigitsDialog }, { digitsOf }]) => {
      const made = new DigitsDialog();
      return Object.assign(made, { read: digitsOf });
    });
    dialog?.update({
      open: open === "digits",
      key: JSON.stringify([run.id, step.cell, step.value, currentLanguage()]),
      title: t("digits.title", { place: t("place", { row: step.cell[1], column: step.cell[2] }) }),
      read: () => dialog.read(run, step),
    });
  }

  /**
   * @param {State} state
   * @param {Run} run
   */
  #updatePictures(state, run) {
    const { view, open } = state;
    const pictures = picturesOf(state);
    const current = pictures.find((record) => keyOf(record) === run.view.image) ?? run.image;
    setText(this.#pictureWord, nameOf(current));
    setAttributes(this.#pictureWord, { "aria-label": `${t("picture.choose")}: ${nameOf(current)}` });
    this.#dialog("picture", ({ PictureChooser }) => new PictureChooser())?.update({
      open: open === "picture",
      pictures: pictures.map((record) => ({
        key: keyOf(record),
        name: nameOf(record),
        url: apiUrl(`/images/${keyOf(record)}.png`, { max_px: THUMBNAIL_PX }),
      })),
      chosen: view.image,
      form: {
        longest: longestOf(run.image, view.size),
        sides: sidesOf(run.image, view.size),
        color: view.color,
        range: view.range,
      },
      status: this.#statusOf(state),
    });
  }

  /** @param {State} state */
  #statusOf({ busy, problem }) {
    if (!busy) this.#busySince = 0;
    else if (this.#busySince === 0) {
      this.#busySince = performance.now();
      setTimeout(() => this.update(this.store.get()), PATIENCE_MS + 10);
    }
    if (busy && performance.now() - this.#busySince > PATIENCE_MS)
      return { text: t("picture.busy"), busy: true };
    return { text: problem && !busy ? sentence(problem) : "", busy: false };
  }

  /**
   * @param {State} state
   * @param {Run} run
   */
  #updateKernels({ view, kernels, open }, run) {
    const isChosen = hasKernel(view.op);
    const presets = presetsFor(view, kernels);
    const theme = themeOf(view.theme, view.projector);
    this.strip.hidden = !isChosen || presets.length === 0;
    setText(this.stripLabel, t("kernel.presets"));
    const chosen = isRandom(view) ? "random" : view.kernel;
    const own = { presets, chosen, theme };
    this.swatches.update({ ...own, presets: presets.slice(0, STRIP_COUNT), side: STRIP_SIDE, named: false });
    this.kernelWord.update(own);
    const settings = {
      view: { ...view, kernel: chosen },
      parameters: kernels.find(({ name }) => name === chosen)?.parameters ?? [],
      plane: run.weight && planeFor(run, run.weight, view),
      theme,
      before: this.#before,
    };
    this.kernelPanel.update(settings);
    if (open === "kernel" && !isChosen) this.actions.close();
    this.#dialog("kernel", ({ KernelDialog }) => new KernelDialog())?.update({
      open: open === "kernel" && isChosen,
      swatches: { ...own, side: GRID_SIDE, named: true },
      settings,
    });
  }

  /** @param {import("../../views/export-menu.js").Copied} what */
  async #copy(what) {
    const { run, view } = this.store.get();
    if (!run) return;
    const text = await textOf(what, run, view.cell);
    try {
      // Absent on insecure origins other than the machine itself: a hall's http address.
      await navigator.clipboard.writeText(text);
      this.#exports.say(what);
    } catch {
      this.#exports.offer(text);
    }
  }
}

/** @type {WeakMap<Run, Map<number, import("../../core/tensor.js").Tensor>>} */
const kernelPlanes = new WeakMap();

/**
 * The plane of the kernel that is at work, the same object for as long as the run is.
 * @param {Run} run
 * @param {import("../../core/tensor.js").Tensor} weight
 * @param {State["view"]} view
 */
function planeFor(run, weight, { cell, opened }) {
  const known = kernelPlanes.get(run) ?? new Map();
  kernelPlanes.set(run, known);
  const index = cell[0] * (weight.shape[1] ?? 1) + Math.min(opened, (weight.shape[1] ?? 1) - 1);
  const plane = known.get(index) ?? planeOf(weight, index);
  known.set(index, plane);
  return plane;
}

/**
 * The samples, this visit's own pictures, and the one at work.
 * @param {State} state
 * @returns {ImageRecord[]}
 */
function picturesOf({ samples, run }) {
  const all = [...samples];
  if (run && !all.some(({ id }) => id === run.image.id)) all.push(run.image);
  return all;
}

/** @param {ImageRecord} record */
function nameOf({ name, sample }) {
  if (sample && name) return hasText(`sample.${name}`) ? t(`sample.${name}`) : name;
  return name ?? t("picture.mine");
}

/**
 * @param {ImageRecord} image
 * @param {readonly number[]} size
 */
function sidesOf(image, size) {
  const present = longestOf(image, size);
  const sides = new Set([...longestSides(image), ...(present ? [present] : [])]);
  const options = [...sides]
    .sort((a, b) => a - b)
    .map((side) => ({
      value: String(side),
      text: formatSize(side === present ? size : fitted(image, side)),
    }));
  const own = t("picture.own", { size: formatSize([image.height, image.width]) });
  return mayKeepOwn(image) ? [...options, { value: "0", text: own }] : options;
}

/**
 * @param {Run} run
 * @param {number} channel
 * @param {"light" | "dark"} theme
 * @returns {import("../../views/export-menu.js").Download[]}
 */
function downloadsOf(run, channel, theme) {
  const of = (/** @type {string} */ node) => `/runs/${run.id}/nodes/${node}/output`;
  return [
    { name: "png", url: apiUrl(`${of(run.node)}.png`, { channel, theme }), file: `${run.view.op}.png` },
    { name: "output", url: apiUrl(`${of(run.node)}.npy`), file: `${run.view.op}-output.npy` },
    { name: "input", url: apiUrl(`${of(run.inputName)}.npy`), file: `${run.view.op}-input.npy` },
  ];
}

/**
 * @param {import("../../views/export-menu.js").Copied} what
 * @param {Run} run
 * @param {readonly number[]} cell
 * @returns {Promise<string>}
 */
async function textOf(what, run, cell) {
  if (what === "link") return location.href;
  const request = {
    origin: location.origin,
    body: runRequest(run.view, run.view.color === "gray" ? 1 : 3),
    run: run.id,
    node: run.node,
    cell,
  };
  const { curlSnippet, pythonSnippet } = await import("../../core/snippets.js");
  if (what === "curl") return curlSnippet(request);
  return pythonSnippet(request, {
    needs: t("snippet.needs"),
    own: t("snippet.own"),
    axes: t("snippet.axes"),
  });
}
