/**
 * The Lecture page: without a room, the way to one; with a room and its secret, the presenter's console.
 */

import { keepSecret, secretOf } from "../actions/room.js";
import { Problem } from "../api/client.js";
import { schema, ticketIn } from "../core/lecture-schema.js";
import { canonicalCode } from "../core/room-address.js";
import { createStore } from "../core/store.js";
import { setLanguage } from "../i18n/i18n.js";
import { applyAppearance } from "./common/appearance.js";
import { listenForLanguage } from "./common/language.js";
import { surely } from "./common/lazy.js";
import { MessageLine } from "./common/message.js";
import { oncePerFrame, viewOfAddress } from "./common/page.js";
import { pageActions } from "./lecture/actions.js";
import { newState } from "./lecture/state.js";

/** @typedef {import("./lecture/state.js").State} State */

const main = /** @type {HTMLElement} */ (document.querySelector("main"));
const ticket = takeTicket();
const store = createStore(newState(viewOfAddress(schema), ticket.code));
const actions = pageActions(store);
const message = new MessageLine(/** @type {HTMLElement} */ (main.querySelector(".message")), actions);
/** @type {{ update: (state: State) => void } | null} */
let shown = null;
const schedule = oncePerFrame(() => {
  message.update({ ...store.get(), busy: false });
  shown?.update(store.get());
});

async function start() {
  const { view } = store.get();
  await setLanguage(languageOf(view.lang));
  applyAppearance({ theme: view.theme, projector: false });
  store.subscribe((state) => state, schedule);
  store.subscribe(
    (state) => state.view.lang,
    async (lang) => {
      await setLanguage(languageOf(lang));
      schedule();
    },
  );
  store.subscribe(
    (state) => state.view.theme,
    (theme) => applyAppearance({ theme, projector: false }),
  );
  listenForLanguage(document, store, actions);
  document.addEventListener("click", ({ target }) => {
    const name = target instanceof Element && target.closest("[data-open]")?.getAttribute("data-open");
    if (name) actions.toggle(name);
  });
  const secret = ticket.code && (ticket.secret || secretOf(ticket.code));
  if (secret) await enter(ticket.code, secret);
  else await wait();
  // Whoever comes with a code alone may follow.
  if (ticket.code && !secret) actions.fail(new Problem("wrong-secret", ""));
  // Back from a room to the lobby, or the other way, begins anew.
  window.addEventListener("popstate", () => location.reload());
}

/** The lobby. */
async function wait() {
  const { Lobby } = await surely(() => import("./lecture/lobby.js"));
  shown = new Lobby(part("lobby"), store, (code, secret) => {
    const { lang, theme } = store.get().view;
    const params = new URLSearchParams({
      room: code,
      ...(theme !== "auto" && { theme }),
      ...(lang && { lang }),
    });
    history.pushState(null, "", `${location.pathname}?${params}`);
    void enter(code, secret);
  });
  schedule();
}

/**
 * The console of a room.
 * @param {string} code
 * @param {string} secret
 */
async function enter(code, secret) {
  const { Console } = await surely(() => import("./lecture/console.js"));
  shown = new Console(part("console"), store, { code, secret }, schedule);
  schedule();
}

/**
 * The one of the page's two parts that is shown from now on.
 * @param {"console" | "lobby"} name
 */
function part(name) {
  document.body.dataset.lecture = name;
  const parts = /** @type {HTMLElement[]} */ ([...main.querySelectorAll(":scope > section")]);
  for (const each of parts) each.hidden = !each.classList.contains(name);
  return /** @type {HTMLElement} */ (main.querySelector(`:scope > .${name}`));
}

/**
 * The room and its secret. The secret is kept in this browser and leaves the address at once: what stands there
 * is on the projector soon.
 */
function takeTicket() {
  const { room, secret } = ticketIn(location);
  const code = canonicalCode(room);
  if (secret && code) keepSecret(code, secret);
  if (location.hash) {
    const params = new URLSearchParams(location.search);
    if (code) params.set("room", code);
    history.replaceState(null, "", `${location.pathname}?${params}`);
  }
  return { code, secret };
}

/** @param {string} lang of the address; without one, the language that the server chose for this reader */
function languageOf(lang) {
  return lang === "ja" || (lang === "" && document.documentElement.lang === "ja") ? "ja" : "en";
}

void start();
