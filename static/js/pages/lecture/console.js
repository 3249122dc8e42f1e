/**
 * The presenter's console: the room's state flows into the views, what these ask for into the actions.
 */

import { roomSince } from "../../actions/own-rooms.js";
import { createRoom } from "../../actions/room.js";
import { getJson } from "../../api/client.js";
import { currentLanguage, hasText, t } from "../../i18n/i18n.js";
import { LectureBar } from "../../views/lecture-bar.js";
import { LectureHead } from "../../views/lecture-head.js";
import { LessonEditor } from "../../views/lesson-editor.js";
import { LessonNotes } from "../../views/lesson-notes.js";
import { QuestionCard } from "../../views/question-card.js";
import { Dialogs } from "../common/dialogs.js";
import { listenForKeys } from "../common/keys.js";
import { styled } from "../common/lazy.js";
import { createConsoleActions } from "./actions.js";
import { listenForLessons } from "./drop.js";
import { RoomFrame } from "./frame.js";
import { listenForIntents } from "./intents.js";
import { BINDINGS } from "./keys.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("../../core/room-state.js").RoomState} RoomState */

/** Narrower than this, the notes have the room: the telephone of a lecturer who walks about. */
const NARROW = "(max-width: 720px)";
const NO_PLACE = "/operation";
const LEAST_DIGITS = 2;
const FRAME_MS = 1000 / 60;

const load = (/** @type {() => Promise<any>} */ part) => styled(["dialogs"], part);

const PARTS = {
  help: {
    load: load(() => import("../../views/help-dialog.js")),
    make: (/** @type {any} */ { HelpDialog }) => new HelpDialog(),
  },
  lessons: {
    load: load(() => import("../../views/lesson-chooser.js")),
    make: (/** @type {any} */ { LessonChooser }) => new LessonChooser(),
  },
  share: {
    load: load(() => import("../../views/lecture-dialogs.js")),
    make: (/** @type {any} */ { ShareDialog }) => new ShareDialog(),
  },
  close: {
    load: load(() => import("../../views/lecture-dialogs.js")),
    make: (/** @type {any} */ { CloseDialog }) => new CloseDialog(),
  },
};

export class Console {
  #bar = new LectureBar();
  #head = new LectureHead();
  #notes = new LessonNotes();
  #editor = new LessonEditor();
  #card = new QuestionCard();
  #narrow = matchMedia(NARROW);

  /**
   * @param {HTMLElement} place
   * @param {import("../../core/store.js").Store<State>} store
   * @param {{ code: string, secret: string }} ticket
   * @param {() => void} schedule
   */
  constructor(place, store, { code, secret }, schedule) {
    this.place = place;
    this.store = store;
    this.code = code;
    this.secret = secret;
    this.since = roomSince(code);
    this.room = createRoom({ code, role: "lead", secret });
    const [stage, side] = ["left", "right"].map(
      (name) => /** @type {HTMLElement} */ (place.querySelector(`.${name}`)),
    );
    const screen = /** @type {HTMLElement} */ (stage.querySelector(".screen"));
    this.frame = new RoomFrame(screen, code, (standing) => store.set(standing));
    stage.append(this.#bar, this.#card);
    side.append(this.#head, this.#notes, this.#editor);
    this.actions = createConsoleActions(store, this.room, this.frame, {
      chooseQuestion: () => this.#bar.focusQuestions(),
      // After the dialog has closed, which gives the focus back to the button that opened it.
      leave: () => this.#leaveOnceClosed(),
      read: () => setTimeout(() => this.#notes.focusNotes(), 2 * FRAME_MS),
    });
    this.dialogs = new Dialogs(PARTS, schedule);
    this.room.store.subscribe(
      (state) => state,
      (state) => store.set({ room: state }),
    );
    store.set({ room: this.room.store.get() });
    this.#narrow.addEventListener("change", schedule);
    this.#listen();
    void this.actions.loadLessons();
    void this.#askJoin();
  }

  #listen() {
    const { actions } = this;
    listenForKeys(document, this.store, actions, BINDINGS);
    listenForLessons(document, actions);
    listenForIntents(document, actions);
    // A button that was clicked gives the keys back: the next Space goes on, it does not press once more.
    this.place.addEventListener("click", ({ detail, target }) => {
      if (detail > 0 && target instanceof Element) target.closest("button")?.blur();
    });
  }

  /** @param {Readonly<State>} state */
  update(state) {
    const { room } = state;
    if (!room) return;
    this.#showFrame(state, room);
    this.#updateViews(state, room);
    const { open } = state;
    this.dialogs.get("help", open)?.update({ open: open === "help", bindings: BINDINGS, gestures: [] });
    this.dialogs
      .get("lessons", open)
      ?.update({ open: open === "lessons", lessons: state.lessons, own: state.ownLessons });
    this.dialogs.get("share", open)?.update({ open: open === "share", link: this.#link(state) });
    this.dialogs.get("close", open)?.update({ open: open === "close", followers: room.audience.followers });
  }

  /**
   * The page that the room sees comes once it is known what it sees.
   * @param {Readonly<State>} state
   * @param {RoomState} room
   */
  #showFrame({ view, isFramed }, room) {
    const isOver = room.status === "closed" || room.status === "refused";
    if (this.#narrow.matches || isOver) this.frame.hide();
    else if (room.n >= 0)
      this.frame.show(room.view?.address ?? NO_PLACE, {
        lang: view.lang || currentLanguage(),
        theme: themeParam(view),
      });
    if (isFramed !== this.frame.isThere) {
      const standing = this.frame.isThere ? {} : { kinds: [], address: "" };
      this.store.set({ isFramed: this.frame.isThere, ...standing });
    }
  }

  /**
   * @param {Readonly<State>} state
   * @param {RoomState} room
   */
  #updateViews({ editing, kinds, isFramed, isProjecting, join }, room) {
    const { lesson: kept, question, curtain, live, title } = room;
    const { followers } = room.audience;
    const isOpen = room.status === "open";
    this.#head.update({
      code: this.code,
      title,
      join: join.replace(/^http:\/\//, ""),
      state: isOpen
        ? t(followers === 1 ? "room.follower" : "room.followers", { count: followers })
        : words(room),
      isOpen,
      since: this.since,
      isProjecting,
    });
    const isEditing = editing && kept !== null;
    this.place.toggleAttribute("data-editing", isEditing);
    this.#bar.hidden = room.status === "closed" || room.status === "refused";
    this.#notes.hidden = isEditing;
    this.#editor.hidden = !isEditing;
    this.#notes.update({ kept });
    this.#editor.update({ kept });
    this.#bar.update({
      lesson: kept && { at: kept.at, count: kept.lesson.steps.length },
      curtain,
      live,
      isFramed,
      kinds,
      planned: kept?.lesson.steps[kept.at]?.question ?? null,
      question: question === null ? "none" : question.revealed ? "revealed" : "open",
    });
    this.#card.update({
      question,
      role: "lead",
      place: question ? placeText(question.place) : "",
      own: null,
      answered: room.answered,
      tally: room.tally,
      digits: LEAST_DIGITS,
    });
  }

  /**
   * The link by which another laptop leads: an address that others can open, and the secret behind "#".
   * @param {Readonly<State>} state
   */
  #link({ join }) {
    const isLocal = /^(localhost|127\.|\[::1\])/.test(location.host);
    const origin = isLocal && join ? new URL(join).origin : location.origin;
    return `${origin}/lecture#room=${this.code}&secret=${this.secret}`;
  }

  /** Who has closed the room goes back to where rooms are opened. */
  #leaveOnceClosed() {
    const end = this.room.store.subscribe(
      ({ status }) => status,
      (status) => {
        if (status !== "closed") return;
        end();
        location.assign("/lecture");
      },
    );
  }

  async #askJoin() {
    const known = /** @type {{ join: string[] } | null} */ (
      await getJson(`/rooms/${encodeURIComponent(this.code)}`).catch(() => null)
    );
    if (known?.join[0]) this.store.set({ join: known.join[0] });
  }
}

/** @param {State["view"]} view */
function themeParam({ theme }) {
  return theme === "auto" ? "" : theme;
}

/** @param {RoomState} room */
function words({ status, problem }) {
  if (status !== "refused") return t(`room.${status}`);
  const known = `room.refused.${problem?.code}`;
  return t(hasText(known) ? known : "room.refused.unknown-room");
}

/**
 * Where a question is about, as far as it can be said without the page: layer, row and column.
 * @param {{ node: string, cell?: readonly number[] } | null} place
 */
function placeText(place) {
  if (!place?.cell) return "";
  const [channel, row, column] = place.cell;
  const { node } = place;
  return node === "operation" ? t("place", { row, column }) : t("net.place", { node, channel, row, column });
}
