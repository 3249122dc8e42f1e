/**
 * The Operation page: one operation on one picture. State flows from the store into the views, intents flow
 * from the views into the actions; nothing else moves anything.
 */

import { OFF } from "../actions/live-gate.js";
import { createActions } from "../actions/operation.js";
import { KINDS } from "../core/operation-request.js";
import { schema } from "../core/operation-schema.js";
import { createStore } from "../core/store.js";
import { styled, surely } from "./common/lazy.js";
import { oncePerFrame, startPage, viewOfAddress } from "./common/page.js";
import { listenForIntents } from "./operation/intents.js";
import { BINDINGS } from "./operation/keys.js";
import { OperationStage } from "./operation/stage.js";

/** @typedef {import("../actions/operation.js").State} State */

const store = createStore(
  /** @type {State} */ ({
    view: viewOfAddress(schema),
    chosen: null,
    run: null,
    step: null,
    band: null,
    curve: null,
    uses: [],
    lit: null,
    hovered: null,
    pointed: null,
    asked: null,
    open: null,
    playing: false,
    busy: true,
    problem: null,
    samples: [],
    kernels: [],
    live: OFF,
  }),
);
const actions = createActions(store);
const stage = new OperationStage(document, actions);
/** @type {import("./operation/tools.js").OperationTools | null} */
let tools = null;
/** What is shown of the state: in a lecture room an open question hides what would tell its answer. */
let shown = (/** @type {State} */ state) => state;
const schedule = oncePerFrame(() => {
  const state = shown(store.get());
  // First what may change the width of the heads, then what is measured.
  tools?.update(state);
  stage.update(state);
});
stage.redraw = schedule;

async function start() {
  await startPage({ schema, store, actions, bindings: BINDINGS, schedule, room });
  once(
    ({ view }) => view.view === "columns" || view.view === "matrix",
    async () => (await surely(() => import("../actions/views.js"))).watchBands(store),
  );
  once(
    ({ view }) => KINDS[view.op].family === "activation",
    async () => (await surely(() => import("../actions/curve.js"))).watchCurve(store),
  );
  listenForIntents(document, store, actions);
  const ready = actions.refresh();
  await Promise.all([ready, actions.loadLists().catch(actions.fail), ready.then(startTools)]);
}

/** What this page does in a lecture room. */
async function room() {
  const part = await import("./operation/room.js");
  shown = part.masked;
  return part;
}

/** What stands around the stage comes after the first picture. */
async function startTools() {
  const load = styled(["dialogs", "kernels", "choosers"], () => import("./operation/tools.js"));
  const { OperationTools } = await surely(load);
  tools = new OperationTools(document, store, actions);
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

void start();
