/**
 * The curve of an activation, as the engine computes it: asked for once per function, settings and reach.
 */

import { asProblem, getJson } from "../api/client.js";
import { reachOf } from "../core/curve.js";
import { KINDS, settingsOf } from "../core/operation-request.js";
import { extremes } from "../core/range.js";
import { planes } from "../core/tensor.js";

/** @typedef {import("./operation.js").State} State */
/** @typedef {import("./operation.js").Run} Run */
/** @typedef {import("../core/curve.js").Curve} Curve */

const POINTS = 481;
/** Curves whose shape shows only over a few units; the others are straight lines at any scale. */
const BENDS = new Set([
  "sigmoid",
  "tanh",
  "gelu",
  "elu",
  "celu",
  "selu",
  "softplus",
  "silu",
  "mish",
  "softsign",
  "hard_sigmoid",
  "hard_swish",
  "clip",
  "erf",
]);
/** The API draws no curve further than this. */
const FURTHEST = 1e6;

/**
 * Keeps `curve` of the state in step with the run; null for what is no function of one number.
 * @param {import("../core/store.js").Store<State>} store
 */
export function watchCurve(store) {
  /** @type {Map<string, Promise<Curve>>} */
  const curves = new Map();

  async function refresh() {
    const { run, curve } = store.get();
    if (!run) return;
    if (KINDS[run.view.op].family !== "activation") {
      if (curve) store.set({ curve: null });
      return;
    }
    try {
      const answer = await kept(run);
      if (store.get().run === run) store.set({ curve: answer });
    } catch (failure) {
      const problem = asProblem(failure);
      if (store.get().run === run) store.set({ curve: null, problem });
    }
  }

  /** @param {Run} run */
  function kept(run) {
    const { op } = KINDS[run.view.op];
    const { min, max } = extremes(run.input.data);
    const reach = curveReach(op, Math.max(Math.abs(min), Math.abs(max)));
    const settings = settingsOf(run.view, planes(run.input)[0]);
    const key = JSON.stringify([op, settings, reach]);
    const asked = curves.get(key) ?? loadCurve(op, settings, reach);
    curves.set(key, asked);
    asked.catch(() => curves.delete(key));
    return asked;
  }

  void refresh();
  return store.subscribe(
    ({ run }) => run,
    () => void refresh(),
  );
}

/**
 * How far a curve is drawn, so that it holds the numbers that there are.
 * @param {string} op
 * @param {number} most magnitude
 */
export function curveReach(op, most) {
  return Math.min(FURTHEST, reachOf(most, BENDS.has(op) ? undefined : 1));
}

/**
 * @param {string} op
 * @param {Readonly<Record<string, unknown>>} settings
 * @param {number} reach of x, on both sides of 0
 * @returns {Promise<Curve>}
 */
export async function loadCurve(op, settings, reach) {
  const query = { start: -reach, stop: reach, count: POINTS, ...settings };
  const { points } = /** @type {{ points: Curve["points"] }} */ (
    await getJson(`/operations/${op}/curve`, { query })
  );
  return { op, reach, points };
}
