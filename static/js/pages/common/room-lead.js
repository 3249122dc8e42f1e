/**
 * A page that leads a lecture: the room is shown what it shows, asked what it asks, and led through a lesson.
 */

import { addressThere, pageOf } from "../../core/room-address.js";
import { withStep } from "../../core/room-lesson.js";
import { addressOf, goesOwnWay, goOwnWay, showView } from "./room-show.js";

/** @typedef {import("./room-part.js").Page} Page */
/** @typedef {import("./room-part.js").RoomPart} RoomPart */
/** @typedef {import("../../core/room-state.js").RoomState} RoomState */
/** @typedef {import("../../core/room-state.js").Kind} Kind */

export class Leading {
  isStarted = false;
  #isIn = false;
  /** What the room has been told last, or has told last. */
  #told = "";
  #shown = /** @type {RoomState["view"]} */ (null);

  /**
   * @param {Page} page
   * @param {RoomPart} part
   * @param {import("../../actions/room.js").Room} room
   * @param {string} code
   */
  constructor(page, part, room, code) {
    this.page = page;
    this.part = part;
    this.room = room;
    this.code = code;
    const { store } = page;
    store.subscribe(
      ({ view }) => view,
      () => this.#tell(),
    );
    store.subscribe(
      (state) => JSON.stringify(part.pointerOf(state)),
      (pointer) => this.#isIn && room.set("pointer", JSON.parse(pointer)),
    );
    store.subscribe(
      ({ live }) => isRunning(live),
      (live) => this.#isIn && room.set("live", live),
    );
  }

  /** @param {RoomState} state of the room */
  update({ status, view, viewBy, you, live }) {
    if (status !== "open") return;
    const isNew = view !== this.#shown;
    this.#shown = view;
    if (!this.#isIn) {
      this.#isIn = true;
      // Who came here by a link or by Back wants to be here; who reloads, to go on.
      const isWanted = goesOwnWay(this.code) || cameBack();
      goOwnWay(this.code, false);
      if (view && !isWanted) this.#show(view.address);
      else this.#tell();
      // What the camera did before a reload it does no more.
      const runs = isRunning(this.page.store.get().live);
      if (live !== runs) this.room.set("live", runs);
      this.room.set("pointer", null);
      return;
    }
    // Another lead's view; one's own comes back as well, and what waits to be told is newer.
    if (isNew && view && viewBy !== you && !this.room.hasUnsentView()) this.#show(view.address);
  }

  /** Of the present view, as the room is told. */
  get address() {
    return addressOf(this.page, this.page.store.get().view);
  }

  /** The questions that the present view allows. @returns {Kind[]} */
  get kinds() {
    return this.part.questionsOf(this.page.store.get()).map(({ kind }) => kind);
  }

  /** @param {Kind} kind */
  ask(kind) {
    const question = this.part.questionsOf(this.page.store.get()).find((each) => each.kind === kind);
    if (question) this.room.ask(question);
  }

  /** The truth, and how it was made. */
  reveal() {
    const { question } = this.room.store.get();
    if (!question || question.revealed) return;
    this.room.reveal();
    const opens = question.kind === "cell" || question.kind === "argmax";
    const patch = opens && question.place ? this.part.viewOf(this.page.store.get(), question.place) : null;
    if (patch) this.page.actions.setView(patch);
  }

  /** @param {1 | -1} by */
  step(by) {
    const { lesson } = this.room.store.get();
    const to = (lesson?.at ?? 0) + by;
    const step = lesson?.lesson.steps[to];
    if (!lesson || !step) return;
    this.room.lesson(lesson.lesson, to);
    this.#go(step.address);
  }

  /** Put the present view at the end of the lesson. */
  add() {
    const { lesson, title } = this.room.store.get();
    const grown = withStep(lesson?.lesson ?? null, this.address, title);
    this.room.lesson(grown, grown.steps.length - 1);
  }

  #tell() {
    const { address } = this;
    if (!this.#isIn || address === this.#told) return;
    this.#told = address;
    this.room.set("view", { address });
  }

  /** @param {string} address of the room */
  #show(address) {
    this.#told = address;
    showView(address, this.page, this.isStarted);
  }

  /** @param {string} address that this page leads the room to */
  #go(address) {
    const { schema, store } = this.page;
    const path = pageOf(address);
    if (path === null) return;
    if (path === location.pathname) {
      showView(address, this.page, this.isStarted);
      return;
    }
    this.room.set("view", { address });
    goOwnWay(this.code, true);
    location.assign(addressThere(address, location.search, schema, store.get().view));
  }
}

/** @param {import("../../actions/live-gate.js").LiveState} live */
function isRunning(live) {
  return live.state === "live";
}

function cameBack() {
  const [entry] = performance.getEntriesByType("navigation");
  return /** @type {PerformanceNavigationTiming | undefined} */ (entry)?.type === "back_forward";
}
