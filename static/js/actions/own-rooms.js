/**
 * What this browser keeps of lectures: rooms that it may lead, since when, and the presenter's own lessons.
 */

import { checkLesson } from "../core/lesson.js";

/** @typedef {import("../core/lesson.js").Lesson} Lesson */

const SECRET = "convscope.room.";
const SINCE = "convscope.since.";
const LESSONS = "convscope.lessons";
/** A code as rooms have it; other keys that begin alike are of other things. */
const CODE = /^[0-9A-Z]{6}$/;
const MOST_LESSONS = 40;

/** Codes of the rooms whose secrets are here. @returns {string[]} */
export function ownCodes() {
  return Object.keys(storage() ?? {})
    .filter((key) => key.startsWith(SECRET))
    .map((key) => key.slice(SECRET.length))
    .filter((code) => CODE.test(code))
    .sort();
}

/** @param {string} code of a room that is no more */
export function forgetRoom(code) {
  storage()?.removeItem(SECRET + code);
  storage()?.removeItem(SINCE + code);
}

/**
 * @param {string} code
 * @returns {number} when this browser has been in the room first, in ms since 1970
 */
export function roomSince(code) {
  const known = Number(storage()?.getItem(SINCE + code) ?? Number.NaN);
  if (known > 0) return known;
  const now = Date.now();
  keep(SINCE + code, String(now));
  return now;
}

/** The presenter's own lessons, the newest first. @returns {Lesson[]} */
export function ownLessons() {
  try {
    const given = JSON.parse(storage()?.getItem(LESSONS) ?? "[]");
    return Array.isArray(given) ? given.map(checkLesson) : [];
  } catch {
    return [];
  }
}

/**
 * Keep a lesson in the place of the one that had this title.
 * @param {Lesson} lesson
 * @param {Lesson["title"]} [title] that it had before
 * @returns {Lesson[]}
 */
export function keepLesson(lesson, title = lesson.title) {
  const names = [title, lesson.title].map((each) => JSON.stringify(each));
  const others = ownLessons().filter((each) => !names.includes(JSON.stringify(each.title)));
  const all = [lesson, ...others].slice(0, MOST_LESSONS);
  keep(LESSONS, JSON.stringify(all));
  return all;
}

/** @param {string} key @param {string} value */
function keep(key, value) {
  try {
    storage()?.setItem(key, value);
  } catch {
    // Full, or not wanted: it holds for this visit, and in the room.
  }
}

/** @returns {Storage | null} null in a browser that keeps nothing, by its reader's wish */
function storage() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
