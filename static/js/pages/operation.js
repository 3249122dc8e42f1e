/**
 * The Operation page: one operation on one picture. State flows from the store into the views, intents flow
 * from the views into the actions; nothing else moves anything.
 */

import { createActions } from "../actions/operation.js";
import { KINDS } from "../core/operation-request.js";
import { schema } from "../core/operation-schema.js";
import { createStore } from "../core/store.js";
import { decode } from "../core/url-state.js";
import { setLanguage } from "../i18n/i18n.js";
import { applyAppearance } from "./common/appearance.js";
import { listenForPictures } from "./common/drop.js";
import { listenForKeys } from "./common/keys.js";
import { listenForLanguage } from "./common/language.js";
import { styled } from "./common/lazy.js";
import { listenForIntents } from "./operation/intents.js";
import { BINDINGS } from "./operation/keys.js";
import { OperationStage } from "./operation/stage.js";

/** @typedef {import("../actions/operation.js").State} State */

const store = createStore(
  /** @type {State} */ ({
    view: viewOfAddress(),
    run: null,
    step: null,
    band: null,
    curve: null,
    uses: [],
    lit: null,
    hovered: null,
    open: null,
    playing: false,
    busy: true,
    problem: null,
    samples: [],
    kernels: [],
  }),
);
const actions = createActions(store);
const stage = new OperationStage(document, actions);
stage.redraw = schedule;
/** @type {import("./operation/tools.js").Tools | null} */
let tools = null;

let scheduled = false;
/** Draw once per frame, however much has changed. */
function schedule() {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    // First what may change the width of the heads, then what is measured.
    tools?.update(store.get());
    stage.update(store.get());
  });
}

function viewOfAddress() {
  return decode(schema, new URLSearchParams(location.search)).state;
}

/** @param {State["view"]} view */
function appearanceOf({ theme, projector }) {
  return { theme, projector };
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
    (state) => appearanceOf(state.view),
    (now) => {
      applyAppearance(now);
      schedule();
    },
  );
  once(
    ({ view }) => view.view === "columns" || view.view === "matrix",
    async () => (await import("../actions/views.js")).watchBands(store),
  );
  once(
    ({ view }) => KINDS[view.op].family === "activation",
    async () => (await import("../actions/curve.js")).watchCurve(store),
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
  await Promise.all([ready, actions.loadLists().catch(actions.fail), ready.then(startTools)]);
}

/** What stands around the stage comes after the first picture. */
async function startTools() {
  const { Tools } = await styled("dialogs", () => import("./operation/tools.js"))();
  tools = new Tools(document, store, actions);
  stage.kernelWord = tools.kernelWord;
  stage.kernelPanel = tools.kernelPanel;
  schedule();
}

/**
 * Start something when the state first calls for it.
 * @param {(state: State) => boolean} calls
 * @param {() => Promise<unknown>} work
 */
function once(calls, work) {
  const begin = () => {
    end();
    void work();
  };
  const end = store.subscribe(calls, begin);
  if (calls(store.get())) begin();
}

/** @param {string} lang of the address; without one, the language that the server chose for this reader */
function languageOf(lang) {
  return lang === "ja" || (lang === "" && document.documentElement.lang === "ja") ? "ja" : "en";
}

void start();
