/**
 * The Network page: one model on one picture. State flows from the store into the views, intents flow from the
 * views into the actions; nothing else moves anything.
 */

import { createActions } from "../actions/network.js";
import { schema } from "../core/network-schema.js";
import { createStore } from "../core/store.js";
import { decode } from "../core/url-state.js";
import { setLanguage } from "../i18n/i18n.js";
import { applyAppearance } from "./common/appearance.js";
import { listenForPictures } from "./common/drop.js";
import { listenForKeys } from "./common/keys.js";
import { listenForLanguage } from "./common/language.js";
import { styled } from "./common/lazy.js";
import { listenForIntents } from "./network/intents.js";
import { BINDINGS } from "./network/keys.js";
import { NetworkStage } from "./network/stage.js";

/** @typedef {import("../actions/network.js").State} State */

const store = createStore(
  /** @type {State} */ ({
    view: viewOfAddress(),
    model: null,
    run: null,
    layer: null,
    focus: null,
    explained: null,
    hovered: null,
    open: null,
    busy: true,
    problem: null,
    samples: [],
    models: [],
  }),
);
const actions = createActions(store);
const stage = new NetworkStage(document, actions);
stage.redraw = schedule;
/** @type {{ update: (state: State) => void } | null} */
let tools = null;

let scheduled = false;
/** Draw once per frame, however much has changed. */
function schedule() {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    tools?.update(store.get());
    stage.update(store.get());
  });
}

function viewOfAddress() {
  return decode(schema, new URLSearchParams(location.search)).state;
}

async function start() {
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
  listenForIntents(document, store, actions);
  listenForKeys(document, store, actions, BINDINGS);
  listenForLanguage(document, store, actions);
  listenForPictures(document, actions);
  window.addEventListener("popstate", () => void actions.restore(viewOfAddress()));
  new ResizeObserver(schedule).observe(document.documentElement);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    applyAppearance(store.get().view);
    schedule();
  });
  const ready = actions.refresh();
  // What can be chosen instead comes after what is there.
  await ready;
  await Promise.all([actions.loadLists().catch(actions.fail), startTools()]);
}

/** What stands around the stage comes after the first picture. */
async function startTools() {
  const { NetworkTools } = await styled("dialogs", () => import("./network/tools.js"))();
  const made = new NetworkTools(document, store, actions);
  stage.downloads = made.downloads;
  tools = made;
  schedule();
}

/** @param {string} lang of the address; without one, the language that the server chose for this reader */
function languageOf(lang) {
  return lang === "ja" || (lang === "" && document.documentElement.lang === "ja") ? "ja" : "en";
}

void start();
