/**
 * A page that follows a lecture: it shows what the room is shown, until its reader does something else; and it
 * comes back when they want to. A projector's window never goes away.
 */

import { addressOf, goesOwnWay, goOwnWay, showView } from "./room-show.js";

/** @typedef {import("./room-part.js").Page} Page */
/** @typedef {import("./room-part.js").RoomPart} RoomPart */
/** @typedef {import("../../core/room-state.js").RoomState} RoomState */

/** A pointer on the input asks the server what its cell feeds: only where it rests, hundreds do at once. */
const REST_MS = 200;

export class Following {
  isAway;
  /** Whether the lecture has gone on since this page left it. */
  hasMoved = false;
  isStarted = false;
  #shown = /** @type {RoomState["view"]} */ (null);
  #pointer = /** @type {RoomState["pointer"]} */ (null);
  #timer = 0;
  #isLive = false;

  /**
   * @param {Page} page
   * @param {RoomPart} part
   * @param {{ code: string, role: string }} place
   * @param {() => void} changed
   */
  constructor(page, part, { code, role }, changed) {
    this.page = page;
    this.part = part;
    this.code = code;
    this.changed = changed;
    this.isAway = role === "follower" && goesOwnWay(code);
    if (role === "follower") this.#watch();
  }

  /** What the reader does alone leads away. */
  #watch() {
    this.page.store.subscribe(
      ({ view, chosen }) => ({ view, chosen }),
      ({ chosen }, before) => {
        if (chosen === before.chosen || chosen === null) return;
        if (addressOf(this.page, chosen) !== addressOf(this.page, before.view)) this.leave();
      },
    );
    window.addEventListener("popstate", () => this.leave());
  }

  /** @param {RoomState} room */
  update({ view, pointer, status, live }) {
    if (status === "closed") return;
    // The presenter's camera has stopped: what the address says is shown again.
    if (this.#isLive && !live && this.page.store.get().run?.live) void this.page.actions.refresh();
    this.#isLive = live;
    if (view && view !== this.#shown) {
      if (this.isAway && this.#shown !== null) this.hasMoved = true;
      this.#shown = view;
      if (!this.isAway) showView(view.address, this.page, this.isStarted);
    }
    if (pointer !== this.#pointer) {
      this.#pointer = pointer;
      if (!this.isAway) this.#point();
    }
  }

  leave() {
    if (this.isAway) return;
    this.isAway = true;
    this.hasMoved = false;
    goOwnWay(this.code, true);
    clearTimeout(this.#timer);
    this.part.point(null, this.page.store.get(), this.page.actions);
    this.changed();
  }

  comeBack() {
    if (!this.isAway) return;
    this.isAway = false;
    this.hasMoved = false;
    goOwnWay(this.code, false);
    if (this.#shown) showView(this.#shown.address, this.page, this.isStarted);
    this.#point();
    this.changed();
  }

  #point() {
    clearTimeout(this.#timer);
    const { store, actions } = this.page;
    const pointer = this.#pointer;
    if (pointer?.side === "input") {
      this.#timer = window.setTimeout(() => this.part.point(pointer, store.get(), actions), REST_MS);
    } else this.part.point(pointer, store.get(), actions);
  }
}
