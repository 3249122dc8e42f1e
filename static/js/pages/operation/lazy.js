/**
 * Parts of the page that only some views need: fetched when they are first asked for, so that the first
 * picture waits for none of them.
 */

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
