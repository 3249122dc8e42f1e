/**
 * Parts of the page that only some views need: fetched when they are first asked for, so that the first
 * picture waits for none of them.
 */

/** Between a try and the next, where the network itself does not say that it is back. */
const AGAIN_MS = 3000;

/**
 * A part that the page cannot do without: sought again until it is there, since a hall's network comes and goes.
 * @template M
 * @param {() => Promise<M>} load
 * @returns {Promise<M>}
 */
export async function surely(load) {
  for (;;) {
    try {
      return await load();
    } catch (failure) {
      // What browsers throw where a module could not be fetched; all else would only fail again.
      if (!(failure instanceof TypeError)) throw failure;
      await back();
    }
  }
}

/** @returns {Promise<unknown>} */
function back() {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, AGAIN_MS);
    window.addEventListener("online", () => resolve(clearTimeout(timer)), { once: true });
  });
}

/**
 * The style sheets of such a part, and the part itself: shown only when all are there.
 * @template M
 * @param {readonly string[]} names of files in static/css, in the order of their cascade
 * @param {() => Promise<M>} load
 * @returns {() => Promise<M>}
 */
export function styled(names, load) {
  return async () => {
    const [module] = await Promise.all([load(), ...names.map(sheet)]);
    return module;
  };
}

/** @type {Map<string, Promise<unknown>>} */
const sheets = new Map();

/** @param {string} name */
function sheet(name) {
  const known = sheets.get(name);
  if (known) return known;
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL(`../../../css/${name}.css`, import.meta.url).href;
  const loaded = new Promise((resolve, reject) => {
    link.addEventListener("load", resolve);
    link.addEventListener("error", () => reject(new TypeError(`Failed to fetch ${link.href}`)));
  });
  loaded.catch(() => sheets.delete(name));
  sheets.set(name, loaded);
  // In the place of a try that failed: the order of the cascade stays.
  const failed = document.head.querySelector(`link[href="${link.href}"]`);
  if (failed) failed.replaceWith(link);
  else document.head.append(link);
  return loaded;
}

/** Parts that are on their way: until they are there, the page shows what it showed before. */
let awaited = 0;

/** @param {1 | -1} by */
function countAwaited(by) {
  awaited += by;
  document.body.toggleAttribute("data-awaiting", awaited > 0);
}

/**
 * @template M
 * @param {() => Promise<M>} load
 * @returns {(ready: () => void) => M | null} the module; until it is there null, and `ready` will be called
 */
export function lazily(load) {
  /** @type {M | null} */
  let module = null;
  /** @type {Promise<M> | null} */
  let loading = null;
  return (ready) => {
    if (module) return module;
    if (!loading) {
      countAwaited(1);
      loading = load();
      loading
        .then(
          (loaded) => {
            module = loaded;
            ready();
          },
          // Without the server there is no part; the next time it is asked for again.
          () => {
            loading = null;
          },
        )
        .finally(() => countAwaited(-1));
    }
    return null;
  };
}
