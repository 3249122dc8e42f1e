/**
 * What covers a page while the hall is to look at nothing of it: a blank sheet, or the way into the room, as
 * large as the last row needs it.
 */

import { t } from "../i18n/i18n.js";
import { element, setAttributes, setText } from "./dom.js";

/**
 * @typedef {object} CurtainProps
 * @property {"none" | "code" | "blank"} curtain
 * @property {string} code
 * @property {string} title
 * @property {string} join address without its scheme, as it is typed
 * @property {string} qr address of the picture
 * @property {number} followers
 */

export class RoomCurtain extends HTMLElement {
  #title = element("p", { class: "room-title" });
  #how = element("p", { class: "how" });
  #join = element("p", { class: "join" });
  #code = element("p", { class: "code" });
  #count = element("p", { class: "count" });
  #qr = element("img", { class: "qr", alt: "", width: 460, height: 460 });
  #card = element(
    "div",
    { class: "code-card" },
    element("div", {}, this.#title, this.#how, this.#join, this.#code, this.#count),
    this.#qr,
  );

  connectedCallback() {
    if (!this.#card.isConnected) this.append(this.#card);
    setAttributes(this, { role: "region" });
  }

  /** @param {CurtainProps} props */
  update({ curtain, code, title, join, qr, followers }) {
    this.hidden = curtain === "none";
    this.#card.hidden = curtain !== "code";
    setAttributes(this, { "aria-label": t(curtain === "code" ? "room.code" : "room.blank") });
    if (curtain !== "code") return;
    setText(this.#title, title);
    setText(this.#how, t("room.how"));
    setText(this.#join, join);
    // Two threes are remembered more easily than one six.
    setText(this.#code, `${code.slice(0, 3)} ${code.slice(3)}`);
    setText(this.#count, t(followers === 1 ? "room.follower" : "room.followers", { count: followers }));
    setAttributes(this.#qr, { src: qr, alt: t("room.qr", { address: join }) });
  }
}

customElements.define("cs-room-curtain", RoomCurtain);
