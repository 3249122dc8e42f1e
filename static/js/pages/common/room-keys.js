/**
 * Keys that only pages in a lecture room have. A clicker sends PageDown and PageUp.
 */

/** @typedef {import("./keys.js").Binding<any, RoomIntents>} Binding */

/**
 * @typedef {object} RoomIntents
 * @property {(by: 1 | -1) => void} step
 * @property {() => void} chooseQuestion
 * @property {() => void} reveal
 * @property {(name: "code" | "blank") => void} curtain
 * @property {() => void} add
 * @property {() => void} comeBack
 */

/** @type {readonly Binding[]} */
const LEAD = [
  {
    keys: ["PageDown", "PageUp"],
    shown: ["PageDown", "PageUp"],
    text: "room.keys.step",
    act: (_, intents, key) => intents.step(key === "PageDown" ? 1 : -1),
  },
  { keys: ["q"], shown: ["Q"], text: "room.keys.ask", act: (_, intents) => intents.chooseQuestion() },
  { keys: ["r"], shown: ["R"], text: "room.keys.reveal", act: (_, intents) => intents.reveal() },
  { keys: ["o"], shown: ["O"], text: "room.keys.code", act: (_, intents) => intents.curtain("code") },
  { keys: ["b"], shown: ["B"], text: "room.keys.blank", act: (_, intents) => intents.curtain("blank") },
  { keys: ["w"], shown: ["W"], text: "room.keys.add", act: (_, intents) => intents.add() },
];

/** @type {readonly Binding[]} */
const FOLLOWER = [
  { keys: ["g"], shown: ["G"], text: "room.keys.back", act: (_, intents) => intents.comeBack() },
];

/** A clicker may speak to the projector's window: that hands it on to the one that leads. */
export const BINDINGS = { lead: LEAD, screen: LEAD, follower: FOLLOWER };
