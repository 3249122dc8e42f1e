/**
 * What stands around the stage of the Operation page: beside what every page has, the choice of a kernel,
 * exports, every digit.
 */

import { keyOf } from "../../actions/pictures.js";
import { apiUrl } from "../../api/client.js";
import { formatSize } from "../../core/format.js";
import { choose, planeOf, presetsFor } from "../../core/kernel-choice.js";
import { hasKernel, isRandom, runRequest } from "../../core/operation-request.js";
import { fitted, longestOf, longestSides, mayKeepOwn } from "../../core/picture-size.js";
import { currentLanguage, t } from "../../i18n/i18n.js";
import { element, on, setAttributes, setText } from "../../views/dom.js";
import { ExportMenu } from "../../views/export-menu.js";
import { KernelSettings } from "../../views/kernel-settings.js";
import { KernelWord } from "../../views/kernel-tools.js";
import { themeOf } from "../common/appearance.js";
import { copy } from "../common/copying.js";
import { told } from "../common/message.js";
import { nameOf, picturesOf, thumbnailsOf } from "../common/pictures.js";
import { PageTools } from "../common/tools.js";
import { BINDINGS } from "./keys.js";

/** @typedef {import("../../actions/operation.js").State} State */
/** @typedef {import("../../actions/operation.js").Actions} Actions */
/** @typedef {import("../../actions/operation.js").Run} Run */
/** @typedef {import("../../actions/operation.js").ImageRecord} ImageRecord */

/** In the strip; all are in the dialog. */
const STRIP_COUNT = 8;
const STRIP_SIDE = 18;
const GRID_SIDE = 42;
/** A picture is loaded in the time of a glance; then the reader wants to know. */
const PATIENCE_MS = 300;

const OWN = {
  parts: {
    kernel: {
      load: () => import("../../views/kernel-dialog.js"),
      make: (/** @type {any} */ { KernelDialog }) => new KernelDialog(),
    },
    digits: {
      load: () => Promise.all([import("../../views/digits-dialog.js"), import("./digits.js")]),
      make: (/** @type {any} */ [{ DigitsDialog }, { digitsOf }]) =>
        Object.assign(new DigitsDialog(), { read: digitsOf }),
    },
  },
  bindings: BINDINGS,
  gestures: [
    "drag",
    "hoverOutput",
    "hoverInput",
    "wheel",
    "pinch",
    "kernelCell",
    "kernelAlt",
    "channelSum",
    "drop",
  ],
};

/** @extends {PageTools<State, Actions>} */
export class OperationTools extends PageTools {
  /** Beside the head of the kernel. */
  kernelWord = new KernelWord();
  /** In the settings, for a kernel that has some of its own. */
  kernelPanel = new KernelSettings();
  #pictureWord = element("button", { type: "button", class: "word opens", "aria-haspopup": "dialog" });
  #exports = new ExportMenu();
  /** The preset that an edited kernel came from. */
  #before = "sobel_x";
  #busySince = 0;

  /**
   * @param {Document} root
   * @param {import("../../core/store.js").Store<State>} store
   * @param {Actions} actions
   */
  constructor(root, store, actions) {
    super(root, store, actions, OWN);
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
    on(root, "cs-longest", ({ side }) => {
      const { run } = store.get();
      if (run) actions.setView({ size: side === 0 ? [0, 0] : fitted(run.image, side) }, { push: true });
    });
    on(root, "cs-kernel", ({ name }) => {
      const { view, kernels, run } = store.get();
      actions.setView(choose(view, name, kernels, run?.weight ?? null), { push: true });
    });
    on(root, "cs-copy", ({ what }) => this.#copy(what));
  }

  /**
   * @param {State} state
   * @override
   */
  update(state) {
    super.update(state);
    const { run, step, view } = state;
    if (!run || !step) return;
    this.#updateDigits(state, run, step);
    if (!this.#hasChanged(state)) return;
    if (view.kernel !== "custom") this.#before = view.kernel;
    this.#updatePictures(state, run);
    this.#updateKernels(state, run);
    this.#exports.update(run.live ? [] : downloadsOf(run, view.cell[0], themeOf(view.theme, view.projector)));
  }

  /**
   * Whether anything here has changed; the row and column of the window are nothing to these tools.
   * @param {State} state
   */
  #hasChanged({ run, view, open, busy, problem, samples, kernels }) {
    const { cell, ...rest } = view;
    const { theme } = document.documentElement.dataset;
    const stale = this.isStale([
      // While only the picture moves, these tools stay as they are.
      run?.live ?? run,
      run?.weight,
      open,
      busy,
      problem,
      samples,
      kernels,
      cell[0],
      theme,
      JSON.stringify(rest),
    ]);
    return stale || busy;
  }

  /**
   * @param {State} state
   * @param {Run} run
   * @param {import("../../core/arithmetic.js").Step} step
   */
  #updateDigits({ open }, run, step) {
    const dialog = this.dialogs.get("digits", open);
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
    const current = picturesOf(state).find((record) => keyOf(record) === run.view.image) ?? run.image;
    const name = run.live ? t(`live.source.${state.live.source?.kind ?? "camera"}`) : nameOf(current);
    setText(this.#pictureWord, name);
    setAttributes(this.#pictureWord, { "aria-label": `${t("picture.choose")}: ${name}` });
    this.dialogs.get("picture", open)?.update({
      open: open === "picture",
      pictures: thumbnailsOf(state),
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
  #statusOf(state) {
    const { busy } = state;
    if (!busy) this.#busySince = 0;
    else if (this.#busySince === 0) {
      this.#busySince = performance.now();
      setTimeout(() => this.update(this.store.get()), PATIENCE_MS + 10);
    }
    if (busy && performance.now() - this.#busySince > PATIENCE_MS)
      return { text: t("picture.busy"), busy: true };
    return { text: told(state), busy: false };
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
    this.dialogs.get("kernel", open)?.update({
      open: open === "kernel" && isChosen,
      swatches: { ...own, side: GRID_SIDE, named: true },
      settings,
    });
  }

  /** @param {import("../../views/export-menu.js").Copied} what */
  async #copy(what) {
    // What is taken along must be there tomorrow.
    if (this.store.get().run?.live) await this.actions.live.freeze();
    const { run, view } = this.store.get();
    if (!run || run.live) return;
    const body = runRequest(run.view, run.view.color === "gray" ? 1 : 3);
    const request = { origin: location.origin, body, run: run.id, node: run.node, cell: view.cell };
    void copy(what, request, this.#exports);
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
