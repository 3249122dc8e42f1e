/**
 * The Lecture page outside of any room.
 */

import { forgetRoom, ownCodes } from "../../actions/own-rooms.js";
import { keepSecret } from "../../actions/room.js";
import { asProblem, getJson, postJson } from "../../api/client.js";
import { on } from "../../views/dom.js";
import { LectureLobby } from "../../views/lecture-lobby.js";
import { pageActions } from "./actions.js";

/** @typedef {import("./state.js").State} State */

export class Lobby {
  #view = new LectureLobby();

  /**
   * @param {HTMLElement} place
   * @param {import("../../core/store.js").Store<State>} store
   * @param {(code: string, secret: string) => void} enter a room just opened
   */
  constructor(place, store, enter) {
    this.store = store;
    this.enter = enter;
    this.actions = pageActions(store);
    place.append(this.#view);
    on(place, "cs-lecture", ({ intent, title }) => {
      if (intent === "open") void this.#open(title);
    });
    void this.#find();
  }

  /** @param {Readonly<State>} state */
  update({ rooms, busy, code }) {
    this.#view.update({ rooms, busy, code });
  }

  /** @param {string} title may be empty */
  async #open(title) {
    this.store.set({ busy: true, problem: null });
    try {
      const { code, secret } = /** @type {{ code: string, secret: string }} */ (
        await postJson("/rooms", title === "" ? {} : { title })
      );
      keepSecret(code, secret);
      this.store.set({ busy: false });
      this.enter(code, secret);
    } catch (failure) {
      this.actions.fail(failure);
    }
  }

  /** Which of the rooms that this browser may lead still stand. */
  async #find() {
    const found = await Promise.all(
      ownCodes().map(async (code) => {
        try {
          return /** @type {State["rooms"][number]} */ (await getJson(`/rooms/${code}`));
        } catch (failure) {
          if (asProblem(failure).code === "unknown-room") forgetRoom(code);
          return null;
        }
      }),
    );
    this.store.set({ rooms: found.filter((room) => room !== null) });
  }
}
