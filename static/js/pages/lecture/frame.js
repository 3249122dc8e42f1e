/**
 * The page that the room sees, in a frame of the console: it leads the room as any page can, and is spoken to as
 * any window of the same room in this browser. Drawn at the size of a projector, and scaled to fit.
 */

import { t } from "../../i18n/i18n.js";
import { element, setAttributes } from "../../views/dom.js";

/** @typedef {import("../../core/room-state.js").Kind} Kind */

/** What views are prepared for. */
const WIDTH_PX = 1280;
const HEIGHT_PX = 720;
const PAGES = ["/operation", "/network"];

export class RoomFrame {
  /** @type {HTMLIFrameElement | null} */
  #frame = null;
  #look = "";

  /**
   * @param {HTMLElement} place
   * @param {string} code
   * @param {(standing: { kinds: readonly Kind[], address: string }) => void} onStanding
   */
  constructor(place, code, onStanding) {
    this.place = place;
    this.code = code;
    this.channel = new BroadcastChannel(`convscope-room-${code}`);
    this.channel.addEventListener("message", ({ data }) => {
      if (data?.did === "stand") onStanding({ kinds: data.kinds, address: data.address });
    });
    new ResizeObserver(() => this.#fit()).observe(place);
  }

  /** @param {{ do: string } & Record<string, unknown>} command */
  say(command) {
    this.channel.postMessage(command);
  }

  get isThere() {
    return this.#frame !== null;
  }

  /**
   * @param {string} address of the room's view
   * @param {{ lang: string, theme: string }} look of the console, which the page takes over
   */
  show(address, { lang, theme }) {
    const look = `${lang} ${theme}`;
    if (this.#frame && look === this.#look) {
      setAttributes(this.#frame, { title: t("lecture.frame") });
      return;
    }
    this.#look = look;
    // Once there, the page follows the room by itself: only another language or light begins it anew.
    this.#frame?.remove();
    this.#frame = element("iframe", {
      title: t("lecture.frame"),
      src: withParams(address, { room: this.code, as: "lead", lang, theme }),
      allow: "camera; fullscreen",
    });
    this.place.append(this.#frame);
    this.#frame.addEventListener("load", () => this.#arrived(address, { lang, theme }));
    this.#fit();
  }

  /**
   * @param {string} address
   * @param {{ lang: string, theme: string }} look
   */
  #arrived(address, look) {
    const path = this.#frame?.contentWindow?.location.pathname ?? "";
    // A link there has led to a page that is in no room: the console is no place to read it.
    if (PAGES.includes(path)) this.say({ do: "stand" });
    else {
      this.hide();
      this.show(address, look);
    }
  }

  hide() {
    this.#frame?.remove();
    this.#frame = null;
  }

  #fit() {
    if (!this.#frame) return;
    const { width, height } = this.place.getBoundingClientRect();
    const scale = Math.min(1, width / WIDTH_PX, height / HEIGHT_PX);
    // A question below takes height away: then the page stands in the middle, as wide as before.
    const shown = scale < 1 ? Math.min(width, WIDTH_PX * scale) : width;
    const { style } = this.#frame;
    style.width = `${shown / scale}px`;
    style.height = `${height / scale}px`;
    style.transform = `translateX(${(width - shown) / 2}px) scale(${scale})`;
  }
}

/**
 * An address of the room for a window of one's own.
 * @param {string} address
 * @param {Readonly<Record<string, string>>} params empty ones are left out
 */
export function withParams(address, params) {
  const given = new URLSearchParams(Object.entries(params).filter(([, value]) => value !== ""));
  return `${address}${address.includes("?") ? "&" : "?"}${given}`;
}
