/**
 * What a presenter does with the lesson of a room: choose it, go through it, change it. It lives in the room, so
 * that another laptop finds it there; own lessons are also kept in this browser.
 */

import { getJson } from "../api/client.js";
import {
  checkLesson,
  newLesson,
  parseLesson,
  withEdited,
  withMoved,
  withoutStep,
  withStep,
  withTitle,
} from "../core/lesson.js";
import { keepLesson, ownLessons } from "./own-rooms.js";

/** @typedef {import("../core/lesson.js").Kept} Kept */
/** @typedef {import("../core/lesson.js").Lesson} Lesson */
/** @typedef {import("../core/lesson.js").Step} Step */
/** @typedef {import("../core/lesson.js").Text} Text */
/** @typedef {{ name: string, title: Text, steps: number }} Entry of GET /lessons */
/** @typedef {{ lessons: readonly Entry[], ownLessons: readonly Lesson[] }} Lists */

/** What is shown where nothing has been shown yet. */
const FIRST_VIEW = "/operation";

/**
 * @param {import("./room.js").Room} room
 * @param {{ get: () => { address: string }, set: (patch: Partial<Lists>) => void }} store
 */
export function createLessonActions(room, store) {
  const kept = () => /** @type {Kept | null} */ (room.store.get().lesson);

  /**
   * @param {Kept} next
   * @param {Text} [title] that the lesson had before
   */
  function change(next, title) {
    // What is written here is checked as a file would be: a room takes neither more nor other things.
    const lesson = checkLesson(next.lesson);
    room.lesson(lesson, next.at);
    store.set({ ownLessons: keepLesson(lesson, title) });
  }

  /** @param {(now: Kept) => Kept} edited */
  function edit(edited) {
    const now = kept();
    if (now) change(edited(now), now.lesson.title);
  }

  /** @param {number} at */
  function goTo(at) {
    const now = kept();
    const step = now?.lesson.steps[at];
    if (!now || !step) return;
    room.lesson(now.lesson, at);
    room.set("view", { address: step.address });
  }

  /** @param {Lesson} lesson */
  function begin(lesson) {
    room.lesson(lesson, 0);
    goTo(0);
  }

  /** What the presenter sees; where that is not here, what the room was told last. */
  const present = () => store.get().address || room.store.get().view?.address || FIRST_VIEW;

  return {
    async loadLessons() {
      const { lessons } = /** @type {{ lessons: Entry[] }} */ (await getJson("/lessons"));
      store.set({ lessons, ownLessons: ownLessons() });
    },
    goTo,
    /** @param {1 | -1} by */
    step: (by) => goTo((kept()?.at ?? 0) + by),
    /** @param {string} name of one that comes with the server */
    async choose(name) {
      begin(checkLesson(await getJson(`/lessons/${encodeURIComponent(name)}`)));
    },
    begin,
    /** @param {File} file */
    async open(file) {
      const lesson = parseLesson(await file.text());
      store.set({ ownLessons: keepLesson(lesson) });
      begin(lesson);
    },
    /** @param {string} title */
    create: (title) => change(newLesson(title, { address: present() })),
    /** @param {string} title of a new lesson, where there is none yet */
    add(title) {
      const now = kept();
      if (now) change(withStep(now, { address: present() }));
      else change(newLesson(title, { address: present() }));
    },
    /** @param {Text} title */
    retitle: (title) => edit((now) => withTitle(now, title)),
    /** @param {number} index @param {{ [K in keyof Step]?: Step[K] | undefined }} patch */
    rewrite: (index, patch) => edit((now) => withEdited(now, index, patch)),
    /** @param {number} index */
    remove: (index) => edit((now) => withoutStep(now, index)),
    /** @param {number} from @param {number} to */
    move: (from, to) => edit((now) => withMoved(now, from, to)),
    /** The present view in the place of the one that a step had. @param {number} index */
    retake: (index) => edit((now) => withEdited(now, index, { address: present() })),
  };
}

/** @typedef {ReturnType<typeof createLessonActions>} LessonActions */
