/**
 * What a page can do in a lecture room, whichever page it is, and the room's state as a store.
 */

import { RoomSocket } from "../api/room-socket.js";
import { canonicalCode } from "../core/room-address.js";
import { answered, changed, newRoom, received } from "../core/room-state.js";
import { createStore } from "../core/store.js";

/** @typedef {import("../core/room-state.js").RoomState} RoomState */
/** @typedef {import("../core/room-state.js").Role} Role */
/** @typedef {ReturnType<typeof createRoom>} Room */

/** A drag changes the view with every frame; the room is told so often. */
const PAUSE_MS = 50;

/**
 * Enter a room.
 * @param {object} ticket
 * @param {string} ticket.code
 * @param {Role} ticket.role
 * @param {string | null} [ticket.secret] of a lead
 * @param {string} [ticket.participant] random name of a follower
 */
export function createRoom({ code, role, secret = null, participant = participantName() }) {
  const store = createStore(newRoom(code, role));
  const socket = new RoomSocket(code, {
    hello: () => ({
      type: "hello",
      role,
      ...(role === "lead" ? { secret: secret ?? "" } : {}),
      ...(role === "follower" ? { participant } : {}),
    }),
    message(message) {
      store.set(received(store.get(), message));
      if (store.get().isStale) socket.renew();
    },
    lost: () => store.set({ status: "lost" }),
    refused: ({ code: name, message, params }) =>
      store.set({ status: "refused", problem: { code: name, detail: message, params } }),
  });
  /** @type {Map<string, { value: unknown, isNew: boolean }>} */
  const pausing = new Map();

  /** @param {string} slice @param {unknown} value */
  function tell(slice, value) {
    pausing.set(slice, { value, isNew: false });
    socket.sendLatest(`set ${slice}`, { type: "set", slice, value });
    setTimeout(() => {
      const last = pausing.get(slice);
      pausing.delete(slice);
      if (last?.isNew) tell(slice, last.value);
    }, PAUSE_MS);
  }

  /**
   * Show the room something: at most twenty times a second, and the last of it always.
   * @param {"view" | "pointer" | "curtain" | "live"} slice
   * @param {unknown} value
   */
  function set(slice, value) {
    if (pausing.has(slice)) pausing.set(slice, { value, isNew: true });
    else tell(slice, value);
  }

  return {
    store,
    set,

    /**
     * Draw the curtain, or draw it back. Known here at once, so that the next press means the opposite.
     * @param {"code" | "blank"} name
     */
    curtain(name) {
      const curtain = store.get().curtain === name ? "none" : name;
      store.set(changed(store.get(), { curtain }));
      set("curtain", curtain);
    },

    /** Whether a view waits for the connection to come back. */
    hasUnsentView: () => socket.isWaiting("set view") || pausing.get("view")?.isNew === true,

    /**
     * @param {{ kind: import("../core/room-state.js").Kind, place: { node: string, cell: readonly number[] },
     *   options: readonly unknown[] | null, answer: unknown }} question
     */
    ask: (question) => socket.send({ type: "ask", ...question }),
    reveal: () => socket.send({ type: "reveal" }),
    withdraw: () => socket.send({ type: "withdraw" }),

    /** @param {unknown} value */
    answer(value) {
      const { question } = store.get();
      if (!question || question.revealed) return;
      store.set(answered(store.get(), value));
      socket.sendLatest("answer", { type: "answer", question: question.id, value });
    },

    /**
     * Leave a lesson in the room. Known here at once, so that the next change is one of this lesson.
     * @param {unknown} lesson
     * @param {number} at index of the present step
     */
    lesson(lesson, at) {
      store.set(changed(store.get(), { lesson: { lesson, at } }));
      socket.sendLatest("lesson", { type: "lesson", lesson, at });
    },

    /** End the room for all. */
    close: () => socket.send({ type: "close" }),

    /** Go, while the room stays. */
    leave: () => socket.leave(),
  };
}

/**
 * The secret of a room that this browser may lead.
 * @param {string} code
 * @returns {string | null}
 */
export function secretOf(code) {
  return remembered(secretKey(code));
}

/** @param {string} code @param {string} secret */
export function keepSecret(code, secret) {
  remember(secretKey(code), secret);
}

/** @param {string} code */
function secretKey(code) {
  return `convscope.room.${canonicalCode(code)}`;
}

/** A name that says nothing of anybody, the same on every visit: one person has one answer. */
export function participantName() {
  const known = remembered("convscope.participant");
  if (known) return known;
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const name = `prt_${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  remember("convscope.participant", name);
  return name;
}

/** @param {string} key @returns {string | null} */
function remembered(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    // A browser that keeps nothing, by its reader's wish.
    return null;
  }
}

/** @param {string} key @param {string} value */
function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // It holds for this visit.
  }
}
