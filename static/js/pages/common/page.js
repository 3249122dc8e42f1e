/**
 * What every page does with its state: show it in the reader's language and light, once per frame, and take in
 * keys, pictures and the browser's Back.
 */

import { placeIn } from "../../core/room-address.js";
import { decode } from "../../core/url-state.js";
import { setLanguage } from "../../i18n/i18n.js";
import { applyAppearance } from "./appearance.js";
import { listenForPictures } from "./drop.js";
import { listenForKeys } from "./keys.js";
import { listenForLanguage } from "./language.js";
import { surely } from "./lazy.js";

/** @typedef {{ lang: "" | "en" | "ja", theme: "auto" | "light" | "dark", projector: boolean }} Appearance of a view */

/**
 * Draw once per frame, however much has changed.
 * @param {() => void} draw
 * @returns {() => void}
 */
export function oncePerFrame(draw) {
  let scheduled = false;
  return () => {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(() => {
      scheduled = false;
      draw();
    });
  };
}

/**
 * @template {import("../../core/url-state.js").Schema} S
 * @param {S} schema
 */
export function viewOfAddress(schema) {
  return decode(schema, new URLSearchParams(location.search)).state;
}

/**
 * @template {{ view: Appearance }} State
 * @param {object} page
 * @param {import("../../core/url-state.js").Schema} page.schema of its view
 * @param {import("../../core/store.js").Store<State>} page.store
 * @param {any} page.actions
 * @param {readonly import("./keys.js").Binding<Readonly<State>, any>[]} page.bindings
 * @param {() => void} page.schedule asks for a drawing
 * @param {() => Promise<import("./room-part.js").RoomPart>} page.room what the page does in a lecture room
 */
export async function startPage({ schema, store, actions, bindings, schedule, room }) {
  await setLanguage(languageOf(store.get().view.lang));
  applyAppearance(store.get().view);
  store.subscribe((state) => state, schedule);
  store.subscribe(
    (state) => state.view.lang,
    async (lang) => {
      await setLanguage(languageOf(lang));
      schedule();
    },
  );
  store.subscribe(
    ({ view: { theme, projector } }) => ({ theme, projector }),
    (now) => {
      applyAppearance(now);
      schedule();
    },
  );
  document.addEventListener("click", ({ target }) => {
    const name = target instanceof Element && target.closest("[data-open]")?.getAttribute("data-open");
    if (name) actions.toggle(name);
  });
  listenForKeys(document, store, actions, bindings);
  listenForLanguage(document, store, actions);
  listenForPictures(document, actions);
  window.addEventListener("popstate", () => void actions.restore(viewOfAddress(schema)));
  new ResizeObserver(schedule).observe(document.documentElement);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    applyAppearance(store.get().view);
    schedule();
  });
  const place = placeIn(location.search);
  if (!place) return;
  try {
    const [{ enterRoom }, part] = await Promise.all([surely(() => import("./room.js")), surely(room)]);
    await enterRoom(place, { schema, store: /** @type {any} */ (store), actions, schedule }, part);
  } catch (failure) {
    actions.fail(failure);
  }
}

/** @param {string} lang of the address; without one, the language that the server chose for this reader */
function languageOf(lang) {
  return lang === "ja" || (lang === "" && document.documentElement.lang === "ja") ? "ja" : "en";
}
