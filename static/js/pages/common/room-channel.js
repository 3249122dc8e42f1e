/**
 * Windows of one room in one browser speak to each other: the console and the projector's window ask for what
 * the page that leads can do; that page says how it stands.
 */

import { t } from "../../i18n/i18n.js";

/** @typedef {import("./room-keys.js").RoomIntents} RoomIntents */

/**
 * @typedef {object} Command
 * @property {"ask" | "reveal" | "freeze" | "camera" | "add" | "step" | "curtain" | "stand"} do
 * @property {import("../../core/room-state.js").Kind} [kind]
 * @property {1 | -1} [by]
 * @property {"code" | "blank"} [name]
 */

/** @typedef {{ kinds: readonly string[], address: string }} Standing the questions that can be asked, and the view */

/** @param {string} code */
function channelOf(code) {
  return new BroadcastChannel(`convscope-room-${code}`);
}

/**
 * @param {string} code
 * @param {RoomIntents & { ask: (kind: any) => void }} intents
 * @param {any} actions of the page; the camera's, where it has one
 * @returns {{ tell: (standing: Standing) => void }}
 */
export function listenForCommands(code, intents, actions) {
  const channel = channelOf(code);
  /** @type {Standing} */
  let standing = { kinds: [], address: "" };
  const say = () => channel.postMessage({ did: "stand", ...standing });
  channel.addEventListener("message", ({ data }) => {
    const command = /** @type {Command} */ (data ?? {});
    switch (command.do) {
      case "ask":
        return command.kind ? intents.ask(command.kind) : intents.chooseQuestion();
      case "reveal":
        return intents.reveal();
      case "add":
        return intents.add();
      case "step":
        return intents.step(command.by === -1 ? -1 : 1);
      case "curtain":
        return intents.curtain(command.name === "blank" ? "blank" : "code");
      case "freeze":
        return void actions.live.hold();
      case "camera":
        return void actions.live.toggle(t("live.source.camera"));
      case "stand":
        return say();
    }
  });
  return {
    tell(now) {
      if (JSON.stringify(now) === JSON.stringify(standing)) return;
      standing = now;
      say();
    },
  };
}

/**
 * The presenter's camera in the projector's window: frames are too many for the room, and both windows are here.
 * @param {string} code
 * @param {any} live actions of the page
 * @param {"lead" | "screen" | "follower"} role
 */
export function shareFrames(code, live, role) {
  if (role === "follower") return;
  const channel = new BroadcastChannel(`convscope-live-${code}`);
  if (role === "lead") {
    live.onFrame((/** @type {ArrayBuffer} */ buffer, /** @type {unknown} */ about) =>
      channel.postMessage({ buffer, about }),
    );
    return;
  }
  channel.addEventListener("message", ({ data }) => void live.show(data.buffer, data.about));
}

/**
 * The same intents, handed on to the page that leads.
 * @param {string} code
 * @returns {RoomIntents}
 */
export function handedOn(code) {
  const channel = channelOf(code);
  const say = (/** @type {Command} */ command) => channel.postMessage(command);
  return {
    step: (by) => say({ do: "step", by }),
    chooseQuestion: () => say({ do: "ask" }),
    reveal: () => say({ do: "reveal" }),
    curtain: (name) => say({ do: "curtain", name }),
    add: () => say({ do: "add" }),
    comeBack() {},
  };
}
