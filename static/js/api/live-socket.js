/**
 * The connection by which pictures go up and maps come down. It connects when there is something to send,
 * and after a loss not before a while has passed: longer each time.
 */

import { backoff_ms } from "../core/live-flow.js";
import { packPicture } from "../core/live-frame.js";
import { apiUrl, Problem } from "./client.js";

/** @typedef {import("../core/live-configuration.js").Configuration} Configuration */

/**
 * @typedef {object} Listener
 * @property {(buffer: ArrayBuffer) => void} frame
 * @property {(message: any) => void} message "configured" or "problem"
 * @property {(state: "open" | "lost" | "unreachable") => void} state "unreachable": it never opened
 */

/** What waits to be sent: more than this, and the network is slower than the camera. */
const MOST_BUFFERED = 1 << 20;

export class LiveSocket {
  /** @type {WebSocket | null} */
  #socket = null;
  #attempts = 0;
  #notBefore = 0;
  #number = 0;
  /** @type {Configuration | null} */
  #wanted = null;

  /** @param {Listener} listener */
  constructor(listener) {
    this.listener = listener;
  }

  /**
   * Whether a picture can be sent now. Where there is no connection, one is begun.
   * @returns {boolean}
   */
  isReady() {
    if (!this.#socket && performance.now() >= this.#notBefore) this.#connect();
    return this.#socket?.readyState === WebSocket.OPEN && this.#socket.bufferedAmount < MOST_BUFFERED;
  }

  /**
   * What is wanted of the pictures sent from now on.
   * @param {Configuration} wanted
   * @returns {number} by which the answers name it
   */
  configure(wanted) {
    this.#wanted = wanted;
    this.#number += 1;
    this.#tell();
    return this.#number;
  }

  /**
   * @param {number} frame
   * @param {ArrayBuffer} file
   * @returns {boolean} whether there was a connection to send it by
   */
  send(frame, file) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(packPicture(frame, file));
    return true;
  }

  /** Give the connection up; the next picture begins another. */
  drop() {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #tell() {
    if (this.#socket?.readyState !== WebSocket.OPEN || !this.#wanted) return;
    const message = { type: "configure", configuration: this.#number, ...this.#wanted };
    this.#socket.send(JSON.stringify(message));
  }

  #connect() {
    const url = new URL(apiUrl("/live"), location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    let wasOpen = false;
    socket.addEventListener("open", () => {
      wasOpen = true;
      this.#tell();
      this.listener.state("open");
    });
    socket.addEventListener("message", ({ data }) => {
      if (socket !== this.#socket) return;
      this.#attempts = 0;
      if (typeof data === "string") this.listener.message(JSON.parse(data));
      else this.listener.frame(data);
    });
    socket.addEventListener("close", () => {
      if (socket !== this.#socket) return;
      this.#socket = null;
      this.#notBefore = performance.now() + backoff_ms(this.#attempts, Math.random());
      this.#attempts += 1;
      this.listener.state(wasOpen ? "lost" : "unreachable");
    });
  }
}

/**
 * Why a handshake was refused, browsers do not say. A server that answers otherwise has no place left, most
 * likely.
 * @returns {Promise<Problem>}
 */
export async function reasonOfRefusal() {
  const answer = await fetch("/healthz").catch(() => null);
  return answer?.ok ? new Problem("live-full", "") : new Problem("live-unreachable", "");
}
