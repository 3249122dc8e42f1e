/**
 * The Lecture page outside of any room: open one, go back into one's own, or join another's. It emits
 * "cs-lecture" with what is asked for.
 */

import { t } from "../i18n/i18n.js";
import { element, emit, setAttributes, setText } from "./dom.js";

/**
 * @typedef {object} LobbyProps
 * @property {readonly { code: string, title: string, followers: number }[]} rooms that this browser may lead
 * @property {boolean} busy
 * @property {string} code of the room that the address names; empty where it names none
 */

const MOST_TITLE = 120;

export class LectureLobby extends HTMLElement {
  #heading = element("h1");
  #what = element("p", { class: "lead" });
  #titleLabel = element("label", { for: "room-title" });
  #title = element("input", {
    id: "room-title",
    maxlength: MOST_TITLE,
    autocomplete: "off",
    class: "text-field",
  });
  #open = element("button", { type: "submit", class: "button strong" });
  #form = element("form", { class: "open-form" }, this.#titleLabel, this.#title, this.#open);
  #mine = element("section", { class: "own-rooms", "aria-labelledby": "own-rooms" });
  #mineHeading = element("h2", { id: "own-rooms" });
  #list = element("ul");
  #joinHeading = element("h2", { id: "join-room" });
  #codeLabel = element("label", { for: "room-code" });
  #code = element("input", {
    id: "room-code",
    name: "code",
    class: "code-field",
    required: true,
    maxlength: 24,
    autocomplete: "off",
    autocapitalize: "characters",
    spellcheck: "false",
  });
  #given = "";
  #enter = element("button", { type: "submit", class: "button" });
  #join = element(
    "section",
    { "aria-labelledby": "join-room" },
    this.#joinHeading,
    // The same form as on the page for telephones.
    element(
      "form",
      { action: "/join", method: "get", class: "join-form" },
      this.#codeLabel,
      this.#code,
      this.#enter,
    ),
  );

  connectedCallback() {
    if (this.#heading.isConnected) return;
    this.#mine.append(this.#mineHeading, this.#list);
    this.append(this.#heading, this.#what, this.#form, this.#mine, this.#join);
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      emit(this, "cs-lecture", { intent: "open", title: this.#title.value.trim() });
    });
  }

  /** @param {LobbyProps} props */
  update({ rooms, busy, code }) {
    if (code !== this.#given) this.#code.value = this.#given = code;
    setText(this.#heading, t("lecture.heading"));
    setText(this.#what, t("lecture.what"));
    setText(this.#titleLabel, t("lecture.titleLabel"));
    setAttributes(this.#title, { placeholder: t("lecture.titleExample") });
    setText(this.#open, t("lecture.open"));
    this.#open.disabled = busy;
    this.#mine.hidden = rooms.length === 0;
    setText(this.#mineHeading, t("lecture.mine"));
    this.#list.replaceChildren(...rooms.map(roomLink));
    setText(this.#joinHeading, t("lecture.join"));
    setText(this.#codeLabel, t("lecture.codeLabel"));
    setText(this.#enter, t("lecture.enter"));
  }
}

/** @param {LobbyProps["rooms"][number]} room */
function roomLink({ code, title, followers }) {
  const count = t(followers === 1 ? "room.follower" : "room.followers", { count: followers });
  return element(
    "li",
    {},
    element(
      "a",
      { href: `/lecture?room=${code}` },
      element("b", { class: "room-code" }, code),
      element("span", {}, title || t("lecture.untitled")),
      element("span", { class: "note" }, count),
    ),
  );
}

customElements.define("cs-lecture-lobby", LectureLobby);
