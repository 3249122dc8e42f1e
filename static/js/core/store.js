/**
 * One object of state and those who want to know of its changes. Changes within one task are told together,
 * in a microtask: before the next frame, and only to those for whom something is different.
 */

/**
 * @template {object} S
 * @typedef {object} Store
 * @property {() => Readonly<S>} get
 * @property {(patch: Partial<S>) => void} set replaces the keys of the patch
 * @property {Subscribe<S>} subscribe gives back the function that ends the subscription
 * @property {(work: () => void) => void} batch runs `work`, then tells of its changes at once
 */

/**
 * Either a function that selects from the state, or the keys to watch; the listener gets what was selected,
 * now and before. Arrays and objects are compared by their elements, one level deep.
 * @template {object} S
 * @typedef {{
 *   <T>(select: (state: Readonly<S>) => T, listener: (now: T, before: T) => void): () => void,
 *   <K extends keyof S>(
 *     keys: readonly K[],
 *     listener: (now: Pick<S, K>, before: Pick<S, K>) => void,
 *   ): () => void,
 * }} Subscribe
 */

/**
 * @template {object} S
 * @param {S} initial copied
 * @returns {Store<S>}
 */
export function createStore(initial) {
  /** @type {Readonly<S>} */
  let state = Object.freeze({ ...initial });
  /** @type {Set<() => void>} */
  const checks = new Set();
  let isScheduled = false;
  let openBatches = 0;

  function flush() {
    isScheduled = false;
    runAll([...checks].map((check) => () => checks.has(check) && check()));
  }

  function schedule() {
    if (isScheduled) return;
    isScheduled = true;
    // Where a batch has told everything by then, the microtask finds nothing to tell.
    queueMicrotask(flush);
  }

  return {
    get: () => state,
    set(patch) {
      const next = { ...state, ...patch };
      if (isShallowEqual(state, next)) return;
      state = Object.freeze(next);
      schedule();
    },
    subscribe(/** @type {any} */ selection, /** @type {any} */ listener) {
      const check = watcher(() => state, selectorOf(selection), listener);
      checks.add(check);
      return () => void checks.delete(check);
    },
    batch(work) {
      openBatches += 1;
      try {
        work();
      } finally {
        openBatches -= 1;
        if (openBatches === 0 && isScheduled) flush();
      }
    },
  };
}

/**
 * @template S, T
 * @param {() => S} get
 * @param {(state: S) => T} select
 * @param {(now: T, before: T) => void} listener
 * @returns {() => void} calls the listener if the selection has changed since the last call
 */
function watcher(get, select, listener) {
  let before = select(get());
  return () => {
    const now = select(get());
    if (isShallowEqual(before, now)) return;
    const last = before;
    before = now;
    listener(now, last);
  };
}

/**
 * @param {((state: any) => unknown) | readonly PropertyKey[]} selection
 * @returns {(state: any) => unknown}
 */
function selectorOf(selection) {
  if (typeof selection === "function") return selection;
  return (state) => Object.fromEntries(selection.map((key) => [key, state[key]]));
}

/**
 * One listener that fails must not keep the others in the past: all run, then the failures are thrown.
 * @param {readonly (() => void)[]} tasks
 */
function runAll(tasks) {
  /** @type {unknown[]} */
  const failures = [];
  for (const task of tasks) {
    try {
      task();
    } catch (failure) {
      failures.push(failure);
    }
  }
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures);
}

/**
 * Equal themselves, or two plain objects or arrays with equal elements.
 * @param {unknown} a
 * @param {unknown} b
 * @returns {boolean}
 */
export function isShallowEqual(a, b) {
  if (Object.is(a, b)) return true;
  if (!isPlain(a) || !isPlain(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && Object.is(a[key], b[key]));
}

/**
 * Others (typed arrays, maps, dates) hold content that their keys do not show, or too much of it to compare.
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isPlain(value) {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null;
}
