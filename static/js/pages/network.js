/**
 * The Network page: one model on one picture. State flows from the store into the views, intents flow from the
 * views into the actions; nothing else moves anything.
 */

import { OFF } from "../actions/live-gate.js";
import { createActions } from "../actions/network.js";
import { schema } from "../core/network-schema.js";
import { createStore } from "../core/store.js";
import { styled, surely } from "./common/lazy.js";
import { oncePerFrame, startPage, viewOfAddress } from "./common/page.js";
import { listenForIntents } from "./network/intents.js";
import { BINDINGS } from "./network/keys.js";
import { NetworkStage } from "./network/stage.js";

/** @typedef {import("../actions/network.js").State} State */

const store = createStore(
  /** @type {State} */ ({
    view: viewOfAddress(schema),
    chosen: null,
    model: null,
    run: null,
    layer: null,
    focus: null,
    explained: null,
    hovered: null,
    asked: null,
    open: null,
    busy: true,
    problem: null,
    samples: [],
    models: [],
    live: OFF,
  }),
);
const actions = createActions(store);
const stage = new NetworkStage(document, actions);
/** @type {{ update: (state: State) => void } | null} */
let tools = null;
/** What is shown of the state: in a lecture room an open question hides what would tell its answer. */
let shown = (/** @type {State} */ state) => state;
const schedule = oncePerFrame(() => {
  const state = shown(store.get());
  tools?.update(state);
  stage.update(state);
});
stage.redraw = schedule;

async function start() {
  await startPage({ schema, store, actions, bindings: BINDINGS, schedule, room });
  listenForIntents(document, store, actions);
  await actions.refresh();
  // What can be chosen instead comes after what is there.
  await Promise.all([actions.loadLists().catch(actions.fail), startTools()]);
}

/** What this page does in a lecture room. */
async function room() {
  const part = await import("./network/room.js");
  shown = part.masked;
  return part;
}

/** What stands around the stage comes after the first picture. */
async function startTools() {
  const { NetworkTools } = await surely(styled(["dialogs", "choosers"], () => import("./network/tools.js")));
  const made = new NetworkTools(document, store, actions);
  stage.downloads = made.downloads;
  tools = made;
  schedule();
}

void start();
