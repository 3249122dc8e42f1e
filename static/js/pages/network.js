/**
 * The Network page: one model on one picture. State flows from the store into the views, intents flow from the
 * views into the actions; nothing else moves anything.
 */

import { createActions } from "../actions/network.js";
import { schema } from "../core/network-schema.js";
import { createStore } from "../core/store.js";
import { styled } from "./common/lazy.js";
import { oncePerFrame, startPage, viewOfAddress } from "./common/page.js";
import { listenForIntents } from "./network/intents.js";
import { BINDINGS } from "./network/keys.js";
import { NetworkStage } from "./network/stage.js";

/** @typedef {import("../actions/network.js").State} State */

const store = createStore(
  /** @type {State} */ ({
    view: viewOfAddress(schema),
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
/** @type {{ update: (state: State) => void } | null} */
let tools = null;
const schedule = oncePerFrame(() => {
  tools?.update(store.get());
  stage.update(store.get());
});
stage.redraw = schedule;

async function start() {
  await startPage({ schema, store, actions, bindings: BINDINGS, schedule });
  listenForIntents(document, store, actions);
  await actions.refresh();
  // What can be chosen instead comes after what is there.
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

void start();
