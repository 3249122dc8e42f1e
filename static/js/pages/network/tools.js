/**
 * What stands around the stage of the Network page: beside what every page has, the choice of a model, and
 * exports.
 */

import { apiUrl } from "../../api/client.js";
import { t } from "../../i18n/i18n.js";
import { on } from "../../views/dom.js";
import { copy } from "../common/copying.js";
import { told } from "../common/message.js";
import { thumbnailsOf } from "../common/pictures.js";
import { PageTools } from "../common/tools.js";
import { BINDINGS } from "./keys.js";

/** @typedef {import("../../actions/network.js").State} State */
/** @typedef {import("../../actions/network.js").Actions} Actions */

const OWN = {
  parts: {
    model: {
      load: () => import("../../views/model-chooser.js"),
      make: (/** @type {any} */ { ModelChooser }) => new ModelChooser(),
    },
  },
  bindings: BINDINGS,
  gestures: ["layer", "map", "cell", "bar"],
};

/** @extends {PageTools<State, Actions>} */
export class NetworkTools extends PageTools {
  /**
   * @param {Document} root
   * @param {import("../../core/store.js").Store<State>} store
   * @param {Actions} actions
   */
  constructor(root, store, actions) {
    super(root, store, actions, OWN);
    on(root, "cs-cancel", () => actions.cancelBringing());
    on(root, "cs-model", ({ key }) => actions.chooseModel(key));
    on(root, "cs-model-file", ({ file }) => void actions.bring(file));
    on(root, "cs-preprocessing", ({ changes }) => {
      const { model } = store.get();
      if (model) void actions.vary(model.answer.id, changes);
    });
    on(root, "cs-copy", ({ what }) => this.#copy(what, root));
  }

  /**
   * @param {State} state
   * @override
   */
  update(state) {
    super.update(state);
    const { open, run, problem, busy, model, models, samples, view } = state;
    if (!this.isStale([open, run?.live ?? run, problem, busy, models, samples, view.model, view.image]))
      return;
    this.dialogs.get("picture", open)?.update({
      open: open === "picture",
      pictures: thumbnailsOf(state),
      chosen: view.image,
      form: null,
      status: { text: busy ? t("picture.busy") : told(state), busy },
    });
    this.dialogs.get("model", open)?.update({
      open: open === "model",
      models,
      chosen: view.model,
      answer: model?.answer ?? null,
      status: { text: told(state), busy },
    });
  }

  /**
   * @param {State} state
   * @returns {import("../../views/export-menu.js").Download[]}
   */
  downloads = ({ run, view }) => {
    if (!run || run.live || view.node === "") return [];
    const path = `/runs/${run.id}/nodes/${encodeURIComponent(view.node)}/output`;
    return [
      { name: "png", url: apiUrl(`${path}.png`, { layout: "mosaic" }), file: `${view.node}.png` },
      { name: "output", url: apiUrl(`${path}.npy`), file: `${view.node}.npy` },
    ];
  };

  /**
   * @param {import("../../views/export-menu.js").Copied} what
   * @param {Document} root
   */
  async #copy(what, root) {
    // What is taken along must be there tomorrow.
    if (this.store.get().run?.live) await this.actions.live.freeze();
    const { run, view } = this.store.get();
    if (!run || run.live) return;
    const node = view.node || (run.graph.nodes.at(-1)?.name ?? "");
    const rank = run.maps.get(node)?.shape.length ?? 3;
    const request = { origin: location.origin, body: run.body, run: run.id, node, cell: view.cell, rank };
    void copy(what, request, /** @type {any} */ (root.querySelector("cs-export-menu")));
  }
}
