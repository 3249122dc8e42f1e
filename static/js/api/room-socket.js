/**
 * The connection to a lecture room. It says hello, hands on what comes, and after a loss comes back by itself:
 * at once, then ever more rarely, never with the whole hall in step. What was to be said meanwhile and still
 * counts is said then.
 */

import { apiUrl, asProblem, getJson, Problem } from "./client.js";

/**
 * @typedef {object} Listener
 * @property {() => object} hello the first message
 * @property {(message: any) => void} message
 * @property {() => void} lost the connection is gone, and being sought again
 * @property {(problem: Problem) => void} refused for good
 */

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 8000;
/** Close codes after which there is no use in coming back. */
const REFUSED = new Map([
  [4401, "wrong-secret"],
  [4404, "unknown-room"],
]);

export class RoomSocket {
  /** @type {WebSocket | null} */
  #socket = null;
  /** Whether the room has answered the hello. */
  #isWelcome = false;
  #attempts = 0;
  #timer = 0;
  #isOver = false;
  /** What is said once there is a connection, the newest of each kind. @type {Map<string, object>} */
  #waiting = new Map();

  /**
   * @param {string} code
   * @param {Listener} listener
   */
  constructor(code, listener) {
    this.code = code;
    this.listener = listener;
    // A network that changes leaves connections that are dead and do not say so.
    window.addEventListener("online", this.#renew);
    window.addEventListener("offline", this.#renew);
    document.addEventListener("visibilitychange", this.#look);
    this.#connect();
  }

  /**
   * @param {object} message
   * @returns {boolean} whether there was a connection to send it by
   */
  send(message) {
    if (!this.#isWelcome || this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /**
   * Send now or as soon as can be; of several that wait, the newest alone.
   * @param {string} kind
   * @param {object} message
   */
  sendLatest(kind, message) {
    if (this.send(message)) return;
    this.#waiting.delete(kind);
    this.#waiting.set(kind, message);
  }

  /** Whether something of this kind waits for a connection. @param {string} kind */
  isWaiting(kind) {
    return this.#waiting.has(kind);
  }

  /** Begin again: the room will tell how it stands. */
  renew() {
    this.#renew();
  }

  /** Go, and do not come back. */
  leave() {
    this.#isOver = true;
    clearTimeout(this.#timer);
    window.removeEventListener("online", this.#renew);
    window.removeEventListener("offline", this.#renew);
    document.removeEventListener("visibilitychange", this.#look);
    this.#drop();
  }

  #connect() {
    clearTimeout(this.#timer);
    const url = new URL(apiUrl(`/rooms/${encodeURIComponent(this.code)}`), location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    let wasOpen = false;
    this.#socket = socket;
    socket.addEventListener("open", () => {
      wasOpen = true;
      socket.send(JSON.stringify(this.listener.hello()));
    });
    socket.addEventListener("message", ({ data }) => {
      if (socket === this.#socket) this.#receive(data);
    });
    socket.addEventListener("close", ({ code }) => {
      if (socket === this.#socket) void this.#closed(code, wasOpen);
    });
  }

  /** @param {string} data */
  #receive(data) {
    const message = JSON.parse(data);
    if (message.type === "snapshot") {
      this.#attempts = 0;
      this.#isWelcome = true;
    }
    if (message.type === "closed") this.leave();
    this.listener.message(message);
    // After those who listen, who may ask what waits.
    if (message.type === "snapshot") setTimeout(() => this.#sendWaiting());
  }

  #sendWaiting() {
    if (!this.#isWelcome) return;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const one of waiting) this.send(one);
  }

  /**
   * @param {number} code of the close
   * @param {boolean} wasOpen
   */
  async #closed(code, wasOpen) {
    this.#drop();
    if (this.#isOver) return;
    const refused = REFUSED.get(code);
    if (refused) return this.#refuse(new Problem(refused, ""));
    this.listener.lost();
    // Why a handshake was refused, browsers do not say; the same address, asked plainly, does.
    const problem = wasOpen ? null : await this.#reason();
    if (this.#isOver || this.#socket) return;
    if (problem?.status === 404) this.#refuse(problem);
    else this.#later();
  }

  /** @returns {Promise<Problem | null>} null if it may come right by itself */
  async #reason() {
    try {
      await getJson(`/rooms/${encodeURIComponent(this.code)}`);
      return null;
    } catch (failure) {
      return asProblem(failure);
    }
  }

  /** @param {Problem} problem */
  #refuse(problem) {
    this.leave();
    this.listener.refused(problem);
  }

  #later() {
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#attempts);
    this.#attempts += 1;
    this.#timer = window.setTimeout(() => this.#connect(), longest * (0.5 + Math.random() / 2));
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    this.#isWelcome = false;
    socket?.close();
  }

  #renew = () => {
    if (this.#isOver) return;
    this.#drop();
    this.listener.lost();
    this.#attempts = 0;
    this.#connect();
  };

  /** A phone that was in a pocket tries at once. */
  #look = () => {
    if (document.visibilityState === "visible" && !this.#socket) this.#renew();
  };
}
