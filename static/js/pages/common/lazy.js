/**
 * Parts of the page that only some views need: fetched when they are first asked for, so that the first
 * picture waits for none of them.
 */

/**
 * A style sheet of such a part, and the part itself: shown only when both are there.
 * @template M
 * @param {string} name of a file in static/css
 * @param {() => Promise<M>} load
 * @returns {() => Promise<M>}
 */
export function styled(name, load) {
  return async () => {
    const [module] = await Promise.all([load(), sheet(name)]);
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
    link.addEventListener("error", reject);
  });
  loaded.catch(() => sheets.delete(name));
  sheets.set(name, loaded);
  document.head.append(link);
  return loaded;
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
      loading = load();
      loading.then(
        (loaded) => {
          module = loaded;
          ready();
        },
        // Without the server there is no part; the next time it is asked for again.
        () => {
          loading = null;
        },
      );
    }
    return null;
  };
}
