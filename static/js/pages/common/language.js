/**
 * The language links of the header, at once and without a reload. The choice is remembered for the other pages
 * in a cookie, which the server reads.
 */

import { setAttributes } from "../../views/dom.js";

/** @typedef {{ view: { lang: "" | "en" | "ja" } }} State of any page */

const YEAR_S = 31_536_000;

/**
 * @template {State} S
 * @param {Document} root
 * @param {import("../../core/store.js").Store<S>} store
 * @param {{ setView: (patch: { lang: "en" | "ja" }) => void }} actions
 */
export function listenForLanguage(root, store, actions) {
  const links = /** @type {HTMLElement[]} */ ([...root.querySelectorAll("[data-lang]")]);
  for (const link of links) {
    link.addEventListener("click", (event) => {
      // With a key held, the browser opens the link elsewhere.
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      actions.setView({ lang: link.dataset.lang === "ja" ? "ja" : "en" });
    });
  }
  const mark = (/** @type {string} */ lang) => {
    for (const link of links) {
      setAttributes(link, { "aria-current": link.dataset.lang === lang ? "true" : null });
    }
  };
  mark(store.get().view.lang || root.documentElement.lang);
  store.subscribe(
    ({ view }) => view.lang,
    (lang) => {
      if (lang === "") return;
      mark(lang);
      // The Cookie Store API is missing on insecure origins, a hall's http address among them.
      root.cookie = `lang=${lang}; path=/; max-age=${YEAR_S}; SameSite=Lax`;
    },
  );
}
