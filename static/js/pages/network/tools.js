/**
 * What stands around the stage of the Network page: the choice of model and picture, exports, help. Turns the
 * state into their properties, and what they ask for into actions.
 */

import { keyOf } from "../../actions/pictures.js";
import { apiUrl } from "../../api/client.js";
import { isShallowEqual } from "../../core/store.js";
import { currentLanguage, hasText, t } from "../../i18n/i18n.js";
import { listenForDrawing } from "../common/drawing.js";
import { lazily } from "../common/lazy.js";
import { sentence } from "../common/message.js";
import { BINDINGS } from "./keys.js";

/** @typedef {import("../../actions/network.js").State} State */
/** @typedef {import("../../actions/load-run.js").ImageRecord} ImageRecord */

/** Twice the thumbnail's width, for dense screens. */
const THUMBNAIL_PX = 192;
const GESTURES = ["layer", "map", "cell", "bar"];

/** Dialogs are fetched when they are first opened. */
const PARTS = {
  picture: lazily(() => import("../../views/picture-chooser.js")),
  model: lazily(() => import("../../views/model-chooser.js")),
  help: lazily(() => import("../../views/help-dialog.js")),
};

export class NetworkTools {
  /** @type {Map<string, any>} */
  #dialogs = new Map();
  #shown = /** @type {unknown[]} */ ([]);

  /**
   * @param {Document} root
   * @param {import("../../core/store.js").Store<State>} store
   * @param {import("../../actions/network.js").Actions} actions
   */
  constructor(root, store, actions) {
    this.store = store;
    this.actions = actions;
    const on = (/** @type {string} */ name, /** @type {(detail: any) => void} */ act) =>
      root.addEventListener(name, (event) => act(/** @type {CustomEvent} */ (event).detail));
    on("cs-open", ({ name }) => actions.toggle(name));
    on("cs-close", () => actions.close());
    on("cs-cancel", () => {
      actions.cancelBringing();
      actions.cancel();
    });
    on("cs-file", ({ file }) => void actions.upload(file));
    listenForDrawing(root, actions);
    on("cs-picture", ({ key }) => {
      const image = picturesOf(store.get()).find((record) => keyOf(record) === key);
      if (image) actions.choosePicture(image);
      actions.close();
    });
    on("cs-model", ({ key }) => actions.chooseModel(key));
    on("cs-model-file", ({ file }) => void actions.bring(file));
    on("cs-preprocessing", ({ changes }) => {
      const { model } = store.get();
      if (model) void actions.vary(model.answer.id, changes);
    });
    on("cs-copy", ({ what }) => void this.#copy(what, root));
  }

  /** @param {State} state */
  update(state) {
    const { open, run, problem, busy, models, samples, view } = state;
    this.#dialog("help", ({ HelpDialog }) => new HelpDialog())?.update({
      open: open === "help",
      bindings: BINDINGS,
      gestures: GESTURES,
    });
    const now = [
      open,
      run,
      problem,
      busy,
      models,
      samples,
      view.model,
      view.image,
      currentLanguage(),
      this.#dialogs.size,
    ];
    if (isShallowEqual(now, this.#shown)) return;
    this.#shown = now;
    this.#dialog("picture", ({ PictureChooser }) => new PictureChooser())?.update({
      open: open === "picture",
      pictures: picturesOf(state).map((record) => ({
        key: keyOf(record),
        name: nameOf(record),
        url: apiUrl(`/images/${keyOf(record)}.png`, { max_px: THUMBNAIL_PX }),
      })),
      chosen: view.image,
      form: null,
      status: { text: problem && !busy ? sentence(problem) : busy ? t("picture.busy") : "", busy },
    });
    this.#dialog("model", ({ ModelChooser }) => new ModelChooser())?.update({
      open: open === "model",
      models,
      chosen: view.model,
      answer: state.model?.answer ?? null,
      status: { text: problem && !busy ? sentence(problem) : "", busy },
    });
  }

  /**
   * @param {State} state
   * @returns {import("../../views/export-menu.js").Download[]}
   */
  downloads = ({ run, view }) => {
    if (!run || view.node === "") return [];
    const path = `/runs/${run.id}/nodes/${encodeURIComponent(view.node)}/output`;
    return [
      { name: "png", url: apiUrl(`${path}.png`, { layout: "mosaic" }), file: `${view.node}.png` },
      { name: "output", url: apiUrl(`${path}.npy`), file: `${view.node}.npy` },
    ];
  };

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

  /**
   * @param {import("../../views/export-menu.js").Copied} what
   * @param {Document} root
   */
  async #copy(what, root) {
    const { run, view } = this.store.get();
    if (!run) return;
    const menu = /** @type {import("../../views/export-menu.js").ExportMenu} */ (
      root.querySelector("cs-export-menu")
    );
    const text = await textOf(what, run, view);
    try {
      // Absent on insecure origins other than the machine itself: a hall's http address.
      await navigator.clipboard.writeText(text);
      menu.say(what);
    } catch {
      menu.offer(text);
    }
  }
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
 * @param {import("../../views/export-menu.js").Copied} what
 * @param {import("../../actions/load-net.js").NetRun} run
 * @param {State["view"]} view
 * @returns {Promise<string>}
 */
async function textOf(what, run, view) {
  if (what === "link") return location.href;
  const node = view.node || (run.graph.nodes.at(-1)?.name ?? "");
  const rank = run.maps.get(node)?.shape.length ?? 3;
  const request = { origin: location.origin, body: run.body, run: run.id, node, cell: view.cell, rank };
  const { curlSnippet, pythonSnippet } = await import("../../core/snippets.js");
  if (what === "curl") return curlSnippet(request);
  return pythonSnippet(request, {
    needs: t("snippet.needs"),
    own: t("snippet.own"),
    axes: t("snippet.axes"),
  });
}
