/**
 * A net on moving pictures: what the Network page wants of every frame, and the run that it makes of it.
 */

import { netConfiguration } from "../core/live-configuration.js";
import { inPlaces } from "../core/live-order.js";
import { graphOf } from "../core/network-graph.js";
import { createLive } from "./live.js";
import { asMaps, asPicture, explainedOf, FOLD, LAYER_PX, MAP_PX } from "./load-net.js";

/** @typedef {import("./network.js").State} State */
/** @typedef {import("./load-net.js").NetRun} NetRun */
/** @typedef {import("../core/tensor.js").Tensor} Tensor */
/** @typedef {{ graph: import("../core/network-graph.js").Graph }} Base of a configuration */

/** As many as the page has bars for. */
const MOST_CLASSES = 8;
const SIZES = { fold: FOLD, map_px: MAP_PX, layer_px: LAYER_PX };

/**
 * @param {import("../core/store.js").Store<State>} store
 * @param {object} own of the page
 * @param {(patch: any, options: { push: boolean }) => unknown} own.setView
 * @param {() => unknown} own.refresh
 * @param {(run: NetRun, view: State["view"]) => State["view"]} own.inside the view with a cell that the run has
 * @param {ReadonlySet<import("./live-gate.js").FrameListener>} listeners
 */
export function createNetLive(store, { setView, refresh, inside }, listeners) {
  /** The same graph for as long as nothing of the net has changed: the page lays it out once. */
  let known = { key: "", graph: /** @type {Base["graph"] | null} */ (null) };
  /** The classes as they stand on the page. @type {NetRun["top"]} */
  let last = [];

  return createLive(
    store,
    {
      wanted() {
        const { view, model, run } = store.get();
        if (model?.key !== view.model) return null;
        return netConfiguration(view, run?.graph ?? model.graph, SIZES);
      },

      needed() {
        const { view, model } = store.get();
        return view.size[0] && view.size[1] ? view.size : (model?.answer.input.size ?? [0, 0]);
      },

      begin() {
        // One number of a picture that moves on could not be followed.
        if (store.get().view.view === "cell") setView({ view: "net", open: true }, { push: false });
      },

      async prepare({ nodes, input }) {
        const key = JSON.stringify([nodes, input.shape]);
        if (key !== known.key) known = { key, graph: graphOf(nodes, input.shape) };
        return { graph: /** @type {Base["graph"]} */ (known.graph) };
      },

      commit(frame, tensors, { wanted, base, moving }) {
        const { view, model } = store.get();
        if (!model || model.key !== wanted.run.model) return false;
        /** @type {Map<string, Tensor>} */
        const maps = new Map();
        /** @type {State["layer"]} */
        let layer = null;
        /** @type {State["focus"]} */
        let focus = null;
        wanted.outputs.forEach(({ node, channels, fold, max_px }, i) => {
          if (fold) maps.set(node, tensors[i]);
          else if (channels !== undefined) {
            focus = { run: "", node, channel: Number.parseInt(channels, 10), map: asMaps(tensors[i]) };
          } else if (max_px) layer = { run: "", node, maps: asMaps(tensors[i]) };
        });
        // Asked for while the filters were on the page, where no maps are.
        if (maps.size === 0 && view.view === "net") return false;
        const extents = Object.entries(frame.extents).map(([node, [min, max]]) => [node, { min, max }]);
        /** @type {NetRun} */
        const run = {
          id: "",
          live: moving,
          view: { ...view, image: `live ${frame.frame}` },
          model,
          image: moving.image,
          graph: base.graph,
          extents: new Map(/** @type {any} */ (extents)),
          picture: asPicture(tensors[0], model.answer.input.preprocessing),
          maps,
          top: inPlaces(last, frame.top.slice(0, MOST_CLASSES)),
          body: wanted.run,
        };
        const explained = wanted.cell && frame.step ? explainedOf(frame.step, "", wanted.cell.node) : null;
        last = run.top;
        store.set({ run, layer, focus, explained, view: inside(run, view), busy: false });
        return true;
      },

      take(record) {
        const { samples } = store.get();
        store.set({ samples: [...samples.filter(({ id }) => id !== record.id), record] });
        // The very picture that the address names already has moved on since.
        return setView({ image: record.id }, { push: true }) ?? refresh();
      },

      end: refresh,
      setView,
    },
    listeners,
  );
}
