/**
 * What the presenter wants, as the keys, the buttons and the dialogs of the console say it.
 */

import { remember } from "../../actions/address.js";
import { createLessonActions } from "../../actions/lesson.js";
import { forgetRoom } from "../../actions/own-rooms.js";
import { asProblem, Problem } from "../../api/client.js";
import { schema } from "../../core/lecture-schema.js";
import { checkLesson, LessonProblem, localText, serialise } from "../../core/lesson.js";
import { currentLanguage } from "../../i18n/i18n.js";
import { withParams } from "./frame.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {ReturnType<typeof pageActions>} PageActions */
/** @typedef {PageActions & ReturnType<typeof createConsoleActions>} ConsoleActions */

/**
 * What can be done inside a room and outside.
 * @param {import("../../core/store.js").Store<State>} store
 */
export function pageActions(store) {
  return {
    /** @param {Partial<State["view"]>} patch */
    setView(patch) {
      const view = { ...store.get().view, ...patch };
      store.set({ view });
      remember(schema, view, false);
    },
    /** @param {string} name */
    toggle: (name) =>
      store.set({ open: /** @type {State["open"]} */ (store.get().open === name ? null : name) }),
    close: () => store.set({ open: null }),
    dismiss: () => store.set({ problem: null }),
    cancel() {},
    /** @param {unknown} failure */
    fail(failure) {
      const problem =
        failure instanceof LessonProblem
          ? new Problem(failure.code, failure.message, failure.params)
          : asProblem(failure);
      store.set({ problem, busy: false });
    },
  };
}

/**
 * @param {import("../../core/store.js").Store<State>} store
 * @param {import("../../actions/room.js").Room} room
 * @param {import("./frame.js").RoomFrame} frame
 * @param {{ chooseQuestion: () => void, read: () => void, leave: () => void }} view
 */
export function createConsoleActions(store, room, frame, view) {
  const page = pageActions(store);
  const lesson = createLessonActions(room, store);
  const { code } = room.store.get();

  /** @param {() => unknown} work that may find the lesson wrong, or the server gone */
  async function attempt(work) {
    store.set({ problem: null, open: null });
    try {
      await work();
    } catch (failure) {
      page.fail(failure);
    }
  }

  return {
    ...page,
    loadLessons: () => lesson.loadLessons().catch(page.fail),
    step: lesson.step,
    goTo: lesson.goTo,
    /** @param {string} name */
    choose: (name) => attempt(() => lesson.choose(name)).then(view.read),
    /** @param {import("../../core/lesson.js").Lesson} chosen */
    begin: (chosen) => attempt(() => lesson.begin(chosen)).then(view.read),
    /** @param {File} file */
    openFile: (file) => attempt(() => lesson.open(file)).then(view.read),
    /** @param {string} title */
    create: (title) => attempt(() => lesson.create(title)),
    add: () => attempt(() => lesson.add(room.store.get().title)),
    /** @param {import("../../core/lesson.js").Text} title */
    retitle: (title) => attempt(() => lesson.retitle(title)),
    /** @param {number} index @param {object} patch */
    rewrite: (index, patch) => attempt(() => lesson.rewrite(index, patch)),
    /** @param {number} index */
    remove: (index) => attempt(() => lesson.remove(index)),
    /** @param {number} from @param {number} to */
    move: (from, to) => attempt(() => lesson.move(from, to)),
    /** @param {number} index */
    retake: (index) => attempt(() => lesson.retake(index)),
    toggleEditing: () => store.set({ editing: !store.get().editing }),

    /** The lesson as a file. */
    save() {
      const kept = room.store.get().lesson;
      if (kept) download(checkLesson(kept.lesson));
    },

    curtain: room.curtain,

    /** @param {import("../../core/room-state.js").Kind} kind */
    ask: (kind) => frame.say({ do: "ask", kind }),
    /** The question that the step has planned, or the only one there is; else the presenter chooses. */
    askPlanned() {
      const { kinds, room: now } = store.get();
      const planned = now?.lesson?.lesson.steps[now.lesson.at]?.question;
      const kind = kinds.find((each) => each === planned) ?? (kinds.length === 1 ? kinds[0] : null);
      if (now?.question && !now.question.revealed) return;
      if (kind) frame.say({ do: "ask", kind });
      else view.chooseQuestion();
    },
    /** Where the page of the room is here, it opens the arithmetic as well. */
    reveal: () => (frame.isThere ? frame.say({ do: "reveal" }) : room.reveal()),
    withdraw: () => room.withdraw(),
    freeze: () => frame.say({ do: "freeze" }),
    camera: () => frame.say({ do: "camera" }),

    /** A window for the projector, which follows the room. */
    projector() {
      const address = room.store.get().view?.address ?? "/operation";
      const { lang } = store.get().view;
      const url = withParams(address, { room: code, as: "screen", projector: "1", lang });
      window.open(url, `convscope-screen-${code}`, "popup,width=1280,height=720")?.focus();
      store.set({ isProjecting: true });
    },

    /** The room is over for all. */
    end() {
      room.close();
      forgetRoom(code);
      page.close();
      view.leave();
    },
  };
}

/** @param {import("../../core/lesson.js").Lesson} lesson */
function download(lesson) {
  const title = localText(lesson.title, currentLanguage()) || "lesson";
  // What some systems allow in no name.
  const name = title.replace(/[\\/:*?"<>|\s]+/g, "-").slice(0, 80);
  const link = document.createElement("a");
  const url = URL.createObjectURL(new Blob([serialise(lesson)], { type: "application/json" }));
  link.href = url;
  link.download = `${name}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url));
}
