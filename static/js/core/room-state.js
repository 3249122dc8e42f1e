/**
 * A lecture room as one of its pages knows it: what the server has told so far, message by message. Pure, so
 * that every order of messages can be tried.
 */

/** @typedef {"lead" | "follower" | "screen"} Role */
/** @typedef {"cell" | "size" | "argmax" | "class"} Kind of a question */
/** @typedef {"none" | "code" | "blank"} Curtain */

/** @typedef {{ value: any, count: number }} Count of one answer; a null value stands for all rare ones */

/**
 * @typedef {object} Pointer
 * @property {"input" | "output"} side
 * @property {string} node
 * @property {readonly number[]} cell channel, row, column
 */

/**
 * @typedef {object} Question
 * @property {string} id
 * @property {Kind} kind
 * @property {{ node: string, cell: readonly number[] }} place
 * @property {readonly (string | Readonly<Record<string, string>>)[] | null} options
 * @property {any} [answer] told to leads alone
 * @property {{ answer: any, answered: number, tally: readonly Count[] } | null} revealed
 */

/**
 * @typedef {object} RoomState
 * @property {"connecting" | "open" | "lost" | "closed" | "refused"} status lost: it is being sought again
 * @property {string} code
 * @property {string} title
 * @property {Role} role
 * @property {string} you the connection's own name
 * @property {number} n of the last update; -1 before the first snapshot
 * @property {boolean} isStale an update is missing: only a new snapshot helps
 * @property {{ address: string } | null} view
 * @property {string} viewBy whose view it is; empty after a snapshot
 * @property {Pointer | null} pointer
 * @property {Curtain} curtain
 * @property {boolean} live
 * @property {Question | null} question
 * @property {{ followers: number, present: boolean }} audience
 * @property {number} answered
 * @property {readonly Count[] | null} tally told to leads alone, until the answer is revealed
 * @property {any} own this participant's answer to the present question; null while there is none
 * @property {{ lesson: any, at: number } | null} lesson told to leads alone
 * @property {Readonly<Record<string, boolean>>} ahead what this page was the last to change, so far as it has heard
 * @property {{ code: string, detail: string, params: Readonly<Record<string, unknown>> } | null} problem
 */

const SLICES = new Set(["view", "pointer", "curtain", "live", "question"]);

/**
 * @param {string} code
 * @param {Role} role
 * @returns {RoomState}
 */
export function newRoom(code, role) {
  return {
    status: "connecting",
    code,
    title: "",
    role,
    you: "",
    n: -1,
    isStale: false,
    view: null,
    viewBy: "",
    pointer: null,
    curtain: "none",
    live: false,
    question: null,
    audience: { followers: 0, present: false },
    answered: 0,
    tally: null,
    own: null,
    lesson: null,
    ahead: {},
    problem: null,
  };
}

/**
 * The room after a message of the server. What a page does not know of, it passes over.
 * @param {RoomState} room
 * @param {any} message
 * @returns {RoomState} the same object if nothing has changed
 */
export function received(room, message) {
  switch (message?.type) {
    case "snapshot":
      return fromSnapshot(room, message);
    case "update":
      return updated(room, message);
    case "audience":
      return { ...room, audience: { followers: message.followers, present: message.present } };
    case "tally":
      if (message.question !== room.question?.id) return room;
      return { ...room, answered: message.answered, tally: message.tally ?? null };
    case "lesson":
      if (isOvertaken(room, "lesson", message.by)) return room;
      return {
        ...room,
        lesson: message.lesson && { lesson: message.lesson, at: message.at },
        ahead: { ...room.ahead, lesson: false },
      };
    case "problem":
      return { ...room, problem: problemOf(message) };
    case "closed":
      return { ...room, status: "closed", question: null, pointer: null, curtain: "none", live: false };
    default:
      return room;
  }
}

/**
 * The room after one's own answer was sent: shown at once, and told by the server after a new connection.
 * @param {RoomState} room
 * @param {any} value
 * @returns {RoomState}
 */
export function answered(room, value) {
  return room.question === null || room.question.revealed ? room : { ...room, own: value };
}

/**
 * The room after a change by this page: known here at once, and confirmed by the room.
 * @param {RoomState} room
 * @param {Partial<Pick<RoomState, "curtain" | "lesson">>} change
 * @returns {RoomState}
 */
export function changed(room, change) {
  const ahead = Object.fromEntries(Object.keys(change).map((name) => [name, true]));
  return { ...room, ...change, ahead: { ...room.ahead, ...ahead } };
}

/**
 * Whether the room confirms what this page has long done again, and nobody else meanwhile.
 * @param {RoomState} room
 * @param {string} name of what has changed
 * @param {string} by
 */
function isOvertaken({ ahead, you }, name, by) {
  return ahead[name] === true && by === you;
}

/**
 * @param {RoomState} room
 * @param {any} message
 * @returns {RoomState}
 */
function fromSnapshot(room, { n, you, code, title, role, state, audience, own_answer, lesson, tally }) {
  const { view, pointer, curtain, live, question } = state;
  return {
    ...room,
    status: "open",
    code,
    title: title ?? "",
    role,
    you,
    n,
    isStale: false,
    view,
    viewBy: "",
    pointer,
    curtain,
    live,
    question,
    audience,
    answered: countOf(question, tally),
    tally: tallyOf(tally),
    own: own_answer ?? null,
    lesson: lesson ?? null,
    ahead: {},
    problem: null,
  };
}

/**
 * @param {RoomState} room
 * @param {any} message
 * @returns {RoomState}
 */
function updated(room, { n, slice, value, by }) {
  // What a snapshot held already comes once more where both were under way.
  if (n <= room.n || room.n < 0) return room;
  if (n > room.n + 1) return { ...room, isStale: true };
  if (!SLICES.has(slice)) return { ...room, n };
  if (isOvertaken(room, slice, by)) return { ...room, n };
  const next = { ...room, n, [slice]: value, ahead: { ...room.ahead, [slice]: false } };
  if (slice === "view") return { ...next, viewBy: by ?? "" };
  if (slice !== "question") return next;
  if (value === null || value.id !== room.question?.id)
    return { ...next, answered: 0, tally: null, own: null };
  return value.revealed ? { ...next, answered: value.revealed.answered, tally: value.revealed.tally } : next;
}

/**
 * The tally of a snapshot: as in its own message, or the counts alone.
 * @param {any} tally
 * @returns {readonly Count[] | null}
 */
function tallyOf(tally) {
  return Array.isArray(tally) ? tally : (tally?.tally ?? null);
}

/**
 * @param {Question | null} question
 * @param {any} tally
 */
function countOf(question, tally) {
  if (question?.revealed) return question.revealed.answered;
  if (typeof tally?.answered === "number") return tally.answered;
  return (tallyOf(tally) ?? []).reduce((sum, { count }) => sum + count, 0);
}

/** @param {any} message */
function problemOf({ code, detail, params }) {
  return { code: String(code), detail: String(detail ?? ""), params: params ?? {} };
}
