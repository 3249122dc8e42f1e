/**
 * What the Lecture page knows.
 */

/**
 * @typedef {object} State
 * @property {import("../../core/lecture-schema.js").View} view
 * @property {string} code of the room that the address names; empty where it names none
 * @property {import("../../core/room-state.js").RoomState | null} room null in the lobby
 * @property {readonly { code: string, title: string, followers: number }[]} rooms of this browser, for the lobby
 * @property {readonly import("../../actions/lesson.js").Entry[]} lessons
 * @property {readonly import("../../core/lesson.js").Lesson[]} ownLessons
 * @property {readonly import("../../core/room-state.js").Kind[]} kinds of questions that can be asked now
 * @property {string} address of the view in the frame; empty while none has told it
 * @property {boolean} isFramed the page that the room sees stands here
 * @property {boolean} isProjecting a window for the projector has been opened from here
 * @property {boolean} editing the lesson instead of reading it
 * @property {string} join address that leads followers into the room
 * @property {"help" | "lessons" | "share" | "close" | null} open the dialog
 * @property {boolean} busy
 * @property {import("../../api/client.js").Problem | null} problem
 */

/**
 * @param {State["view"]} view
 * @param {string} code
 * @returns {State}
 */
export function newState(view, code) {
  return {
    view,
    code,
    room: null,
    rooms: [],
    lessons: [],
    ownLessons: [],
    kinds: [],
    address: "",
    isFramed: false,
    isProjecting: false,
    editing: false,
    join: "",
    open: null,
    busy: false,
    problem: null,
  };
}
