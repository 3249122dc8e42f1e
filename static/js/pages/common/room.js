/**
 * A page in a lecture room: it leads, follows, or is the projector's window. Made only where the address names
 * a room.
 */

import { addressOf } from "../../actions/address.js";
import { createRoom, secretOf } from "../../actions/room.js";
import { apiUrl, getJson } from "../../api/client.js";
import { placeIn, withoutRoom, withRoom } from "../../core/room-address.js";
import { currentLanguage, hasText, t } from "../../i18n/i18n.js";
import { on } from "../../views/dom.js";
import { QuestionCard } from "../../views/question-card.js";
import { RoomBar } from "../../views/room-bar.js";
import { RoomCurtain } from "../../views/room-code.js";
import { addBindings, listenForKeys } from "./keys.js";
import { handedOn, listenForCommands, shareFrames } from "./room-channel.js";
import { Following } from "./room-follow.js";
import { BINDINGS } from "./room-keys.js";
import { Leading } from "./room-lead.js";
import { goOwnWay } from "./room-show.js";

/** @typedef {import("./room-part.js").Page} Page */
/** @typedef {import("./room-part.js").RoomPart} RoomPart */
/** @typedef {import("../../core/room-state.js").RoomState} RoomState */
/** @typedef {{ code: string, role: import("../../core/room-state.js").Role }} Place */

/** A page waits so long for its room before it shows what its own address says. */
const PATIENCE_MS = 1500;
const LEAST_DIGITS = 2;

/**
 * @param {Place} place
 * @param {Page} page
 * @param {RoomPart} part
 * @returns {Promise<void>} when the room has said what to show, or keeps silent
 */
export async function enterRoom(place, page, part) {
  const entered = new RoomPage(place, page, part);
  await Promise.race([entered.heard, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
  entered.start();
}

/** The projector's window has no tools to ask for it, and no keyboard near. */
function fillScreen() {
  const asked = document.fullscreenElement
    ? document.exitFullscreen()
    : document.documentElement.requestFullscreen();
  // A browser may refuse: its own key is still there.
  asked.catch(() => {});
}

class RoomPage {
  #bar = new RoomBar();
  #card = new QuestionCard();
  #curtain = new RoomCurtain();
  /** @type {Leading | null} */
  #leading = null;
  /** @type {Following | null} */
  #following = null;
  /** @type {{ tell: (standing: import("./room-channel.js").Standing) => void } | null} */
  #channel = null;
  #join = "";
  #hear = () => {};
  /** When the room has been heard of first. */
  heard = new Promise((resolve) => {
    this.#hear = () => resolve(undefined);
  });

  /**
   * @param {Place} place
   * @param {Page} page
   * @param {RoomPart} part
   */
  constructor(place, page, part) {
    this.place = place;
    this.page = page;
    this.part = part;
    const { code, role } = place;
    if (role === "screen") page.store.set({ view: { ...page.store.get().view, projector: true } });
    this.room = createRoom({ code, role, secret: role === "lead" ? secretOf(code) : null });
    const draw = () => this.draw();
    if (role === "lead") this.#leading = new Leading(page, part, this.room, code);
    else this.#following = new Following(page, part, place, draw);
    this.#put();
    this.#listen();
    this.room.store.subscribe(
      (state) => state,
      () => this.#update(),
    );
    page.store.subscribe((state) => state, draw);
    this.draw();
  }

  /** The page asks for its first run now: from here on views are shown by asking for another. */
  start() {
    for (const one of [this.#leading, this.#following]) if (one) one.isStarted = true;
  }

  #put() {
    const place = document.querySelector("body > .room");
    place?.append(this.#bar, this.#card);
    document.body.append(this.#curtain);
    document.body.dataset.room = this.place.role;
    if (window !== window.parent) document.body.dataset.framed = "";
    if (place instanceof HTMLElement) place.hidden = false;
    // Only pages of a room fade into each other.
    window.addEventListener("pageswap", (event) => {
      const { viewTransition, activation } = /** @type {any} */ (event);
      for (const end of ["ready", "finished", "updateCallbackDone"]) viewTransition?.[end].catch(() => {});
      const { search } = new URL(activation?.entry?.url ?? "", location.href);
      if (!placeIn(search)) viewTransition?.skipTransition();
    });
    // Who goes to the other page stays in the room, and wants to be there.
    for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (
      document.querySelectorAll(".header a[href='/operation'], .header a[href='/network']")
    )) {
      link.href = withRoom(link.getAttribute("href") ?? "", location.search);
      link.addEventListener("click", (event) => {
        const isHere = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
        if (isHere) goOwnWay(this.place.code, true);
      });
    }
  }

  #listen() {
    const { code, role } = this.place;
    const leading = this.#leading;
    const intents = leading
      ? {
          step: (/** @type {1 | -1} */ by) => leading.step(by),
          chooseQuestion: () => this.#bar.askFor(),
          reveal: () => leading.reveal(),
          curtain: this.room.curtain,
          add: () => leading.add(),
          comeBack() {},
        }
      : { ...handedOn(code), comeBack: () => this.#following?.comeBack() };
    if (leading) {
      const commands = { ...intents, ask: (/** @type {any} */ kind) => leading.ask(kind) };
      this.#channel = listenForCommands(code, commands, this.page.actions);
    }
    shareFrames(code, this.page.actions.live, role);
    if (role === "screen") document.addEventListener("dblclick", fillScreen);
    listenForKeys(document, this.page.store, intents, BINDINGS[role]);
    addBindings(BINDINGS[role]);
    on(this.#card, "cs-answer", ({ value }) => this.room.answer(value));
    on(this.#bar, "cs-room", ({ intent, kind }) => {
      if (intent === "ask") leading?.ask(kind);
      else if (intent === "reveal") leading?.reveal();
      else if (intent === "withdraw") this.room.withdraw();
      else if (intent === "code" || intent === "blank") this.room.curtain(intent);
      else if (intent === "previous" || intent === "next") leading?.step(intent === "next" ? 1 : -1);
      else if (intent === "add") leading?.add();
      else if (intent === "back") this.#following?.comeBack();
      else if (intent === "leave") location.assign(withoutRoom(this.#address()));
      else if (intent === "follow") location.assign(`${withoutRoom(location.pathname)}?room=${code}`);
    });
  }

  /** Of the present view: the address bar is a moment behind. */
  #address() {
    return addressOf(this.page.schema, this.page.store.get().view);
  }

  #update() {
    const state = this.room.store.get();
    this.#leading?.update(state);
    this.#following?.update(state);
    if (state.status === "open" || state.status === "refused") this.#hear();
    this.draw();
  }

  draw() {
    const state = this.room.store.get();
    const isAway = this.#following?.isAway ?? false;
    this.#ask(state, isAway);
    this.#drawBar(state, isAway);
    this.#drawCard(state);
    this.#drawCurtain(state);
  }

  /**
   * What would tell the answer is hidden wherever the lecture is shown; who explores may find it out.
   * @param {RoomState} state
   * @param {boolean} isAway
   */
  #ask({ question }, isAway) {
    const isHidden = question !== null && question.revealed === null && question.place !== null && !isAway;
    const { asked, open } = this.page.store.get();
    // Nor does it open by itself once the answer is told.
    if (isHidden && open === "digits") this.page.actions.close();
    if (!isHidden) {
      if (asked) this.page.store.set({ asked: null });
    } else if (asked?.id !== question.id) this.page.store.set({ asked: question });
  }

  /**
   * @param {RoomState} state
   * @param {boolean} isAway
   */
  #drawBar(state, isAway) {
    const { role, code } = this.place;
    const { status, problem, question, lesson, title, curtain } = state;
    const isOver = status === "closed" || status === "refused";
    const leads = role === "lead" && !isOver;
    const kinds = leads ? (this.#leading?.kinds ?? []) : [];
    if (this.#leading) this.#channel?.tell({ kinds, address: this.#leading.address });
    this.#bar.update({
      role,
      code,
      title,
      state: this.#words(state, isAway),
      mood: status === "open" ? (isAway ? "away" : "quiet") : "trouble",
      isAway,
      isOver,
      isRefused: status === "refused" && role === "lead" && problem?.code === "wrong-secret",
      question: question === null ? "none" : question.revealed ? "revealed" : "open",
      kinds,
      curtain,
      lesson: lesson && {
        at: lesson.at,
        count: lesson.lesson.steps.length,
        title: textIn(lesson.lesson.steps[lesson.at]?.title ?? lesson.lesson.title),
      },
    });
  }

  /**
   * @param {RoomState} state
   * @param {boolean} isAway
   */
  #words({ status, problem, audience: { followers, present } }, isAway) {
    if (status === "refused") {
      const known = `room.refused.${problem?.code}`;
      return t(hasText(known) ? known : "room.refused.unknown-room");
    }
    if (status !== "open") return t(`room.${status}`);
    if (this.place.role === "lead")
      return t(followers === 1 ? "room.follower" : "room.followers", { count: followers });
    if (isAway) return t(this.#following?.hasMoved ? "room.moved" : "room.exploring");
    return t(present ? "room.following" : "room.absent");
  }

  /** @param {RoomState} state */
  #drawCard({ question, own, answered, tally, role }) {
    const shown = this.page.store.get();
    this.#card.update({
      question,
      role,
      place: question?.place ? this.part.placeText(shown, question.place) : "",
      own,
      answered,
      tally,
      digits: Math.max(LEAST_DIGITS, shown.view.digits),
    });
  }

  /** @param {RoomState} state */
  #drawCurtain({ curtain, code, title, audience }) {
    const covers = this.place.role === "screen" || (this.place.role === "lead" && window === window.parent);
    if (covers && curtain === "code" && this.#join === "") void this.#askJoin();
    this.#curtain.update({
      curtain: covers ? curtain : "none",
      code,
      title,
      join: this.#join,
      qr: apiUrl(`/rooms/${encodeURIComponent(code)}/qr.svg`, { join: 0 }),
      followers: audience.followers,
    });
  }

  /** The address that is typed into telephones; the one of this window, as long as no better one is known. */
  async #askJoin() {
    const { code } = this.place;
    this.#join = `${location.host}/r/${code}`;
    const { join } = /** @type {{ join: string[] }} */ (
      await getJson(`/rooms/${encodeURIComponent(code)}`).catch(() => ({ join: [] }))
    );
    if (join[0]) this.#join = join[0].replace(/^http:\/\//, "");
    this.draw();
  }
}

/** @param {any} text plain, or in several languages */
function textIn(text) {
  if (typeof text === "string") return text;
  return String(text?.[currentLanguage()] ?? text?.en ?? "");
}
