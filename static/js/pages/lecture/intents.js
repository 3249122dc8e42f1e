/**
 * What the views of the console ask for, as actions.
 */

import { on } from "../../views/dom.js";

/** @typedef {Record<string, (detail: any) => unknown>} Intents */

/**
 * @param {Document} root
 * @param {import("./actions.js").ConsoleActions} actions
 */
export function listenForIntents(root, actions) {
  /** @type {Intents} */
  const room = {
    previous: () => actions.step(-1),
    next: () => actions.step(1),
    code: () => actions.curtain("code"),
    blank: () => actions.curtain("blank"),
    camera: () => actions.camera(),
    freeze: () => actions.freeze(),
    add: () => actions.add(),
    ask: ({ kind }) => actions.ask(kind),
    reveal: () => actions.reveal(),
    withdraw: () => actions.withdraw(),
    projector: () => actions.projector(),
    lessons: () => actions.toggle("lessons"),
    edit: () => actions.toggleEditing(),
    share: () => actions.toggle("share"),
    close: () => actions.toggle("close"),
    end: () => actions.end(),
  };
  /** @type {Intents} */
  const lesson = {
    choose: ({ name }) => actions.choose(name),
    begin: ({ lesson: chosen }) => actions.begin(chosen),
    create: ({ title }) => actions.create(title),
    file: ({ file }) => actions.openFile(file),
    save: () => actions.save(),
    done: () => actions.toggleEditing(),
    go: ({ index }) => actions.goTo(index),
    add: () => actions.add(),
    up: ({ index }) => actions.move(index, index - 1),
    down: ({ index }) => actions.move(index, index + 1),
    retake: ({ index }) => actions.retake(index),
    remove: ({ index }) => actions.remove(index),
    retitle: ({ title }) => actions.retitle(title),
    rewrite: ({ index, patch }) => actions.rewrite(index, patch),
  };
  on(root, "cs-lecture", (detail) => void room[detail.intent]?.(detail));
  on(root, "cs-lesson", (detail) => void lesson[detail.intent]?.(detail));
  on(root, "cs-close", () => actions.close());
}
