/**
 * One operation on moving pictures: what the Operation page wants of every frame, and the run that it makes
 * of it.
 */

import { getJson, getTensor } from "../api/client.js";
import { operationConfiguration } from "../core/live-configuration.js";
import { stagesOf } from "../core/live-stages.js";
import { inputNode, KINDS, NODE } from "../core/operation-request.js";
import { sizeFor } from "../core/picture-size.js";
import { createLive } from "./live.js";
import { geometryQuery, insideOf, spreadingOf, termsOf, windowOf } from "./load-run.js";
import { stepOf } from "./steps.js";

/** @typedef {import("./operation.js").State} State */
/** @typedef {import("./load-run.js").Run} Run */
/** @typedef {import("./load-run.js").NodeDescription} NodeDescription */
/** @typedef {import("../core/tensor.js").Tensor} Tensor */

/**
 * @typedef {object} Base what frames of one configuration have in common
 * @property {State["view"]} view that was wanted
 * @property {string} model
 * @property {NodeDescription} node
 * @property {readonly number[]} inputShape
 * @property {Tensor | null} weight
 * @property {import("./load-run.js").Geometry} geometry
 */

/** Of kernels under the hand many are asked for, and few are seen again. */
const KEPT = 8;

/**
 * @param {import("../core/store.js").Store<State>} store
 * @param {object} own of the page
 * @param {(patch: any, options: { push: boolean }) => unknown} own.setView
 * @param {() => unknown} own.refresh
 * @param {ReadonlySet<import("./live-gate.js").FrameListener>} listeners
 */
export function createOperationLive(store, { setView, refresh }, listeners) {
  /** Weights and geometries by what they depend on. @type {Map<string, Promise<any>>} */
  const known = new Map();
  /** @type {{ image: string, size: State["view"]["size"] } | null} */
  let before = null;

  /**
   * @template T
   * @param {string} key
   * @param {() => Promise<T>} load
   * @returns {Promise<T>}
   */
  function kept(key, load) {
    const asked = known.get(key) ?? load();
    known.delete(key);
    known.set(key, asked);
    if (known.size > 2 * KEPT) known.delete(known.keys().next().value ?? "");
    asked.catch(() => known.delete(key));
    return asked;
  }

  return createLive(
    store,
    {
      wanted: () => operationConfiguration(store.get().view),

      needed: () => store.get().view.size,

      begin(size) {
        const { view } = store.get();
        before = { image: view.image, size: view.size };
        const shown = SHOWN.has(view.view) ? view.view : "arithmetic";
        setView({ view: shown, size: sizeFor(size, view.size) }, { push: false });
      },

      /** @returns {Promise<Base>} */
      async prepare({ model, nodes, input }, _wanted) {
        const { view } = store.get();
        const { op, weighted } = KINDS[view.op];
        const node = /** @type {NodeDescription} */ (nodes.at(-1));
        const inputShape = inputNode(view) === "input" ? input.shape : nodes[0].output_shape;
        const query = geometryQuery(node.attributes, inputShape);
        const [weight, geometry] = await Promise.all([
          weighted
            ? kept(`weight ${model}`, () => getTensor(`/models/${model}/nodes/${NODE}/weight.npy`))
            : null,
          kept(JSON.stringify([op, query]), () => getJson(`/geometry/${op}`, { query })),
        ]);
        return { view, model, node, inputShape, weight, geometry };
      },

      commit(frame, [input, output], { base, moving }) {
        const { view } = store.get();
        const { node, inputShape, weight, geometry } = base;
        const { op } = KINDS[base.view.op];
        const shape = node.output_shape;
        const cell = insideOf(shape, view.cell);
        if (String(cell) !== String(view.cell)) store.set({ view: { ...view, cell } });
        if (!frame.step || base.view.op !== view.op) return false;
        const spreading = op === "conv_transpose2d" ? spreadingOf(node.attributes, geometry) : null;
        /** @type {Run} */
        const run = {
          id: "",
          live: moving,
          model: base.model,
          view: { ...base.view, image: `live ${frame.frame}` },
          image: moving.image,
          input,
          output,
          weight,
          shape,
          terms: termsOf(op, node, /** @type {[number, number, number]} */ (inputShape)),
          geometry,
          window: windowOf(op, node.attributes, geometry),
          stages: spreading && {
            maps: stagesOf(input, spreading, node.attributes.output_padding),
            spreading,
          },
          node: NODE,
          inputName: inputNode(base.view),
        };
        store.set({ run, step: stepOf(frame.step, 0), busy: false });
        return true;
      },

      take(record) {
        const { samples } = store.get();
        store.set({ samples: [...samples.filter(({ id }) => id !== record.id), record] });
        // The very picture that the address names already has moved on since.
        return setView({ image: record.id }, { push: true }) ?? refresh();
      },

      end() {
        // The picture that was there before had a shape of its own.
        const back = before?.image === store.get().view.image ? { size: before.size } : {};
        return setView(back, { push: false }) ?? refresh();
      },

      setView,
    },
    listeners,
  );
}

/** Views of what comes with every frame; the others ask for more. */
const SHOWN = new Set(["arithmetic", "cost"]);
