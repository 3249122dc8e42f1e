/**
 * What a page brings along into a lecture room: the same few functions on every page.
 */

/** @typedef {import("../../core/room-state.js").Kind} Kind */
/** @typedef {import("../../core/room-state.js").Pointer} Pointer */
/** @typedef {import("../../core/room-state.js").Question} Question */

/**
 * @typedef {object} Asking a question that the present view allows
 * @property {Kind} kind
 * @property {{ node: string, cell: number[] }} place
 * @property {readonly (string | Readonly<Record<string, string>>)[] | null} options
 * @property {any} answer
 */

/**
 * @typedef {object} RoomPart
 * @property {(state: any) => any} masked what is shown while a question is open
 * @property {(state: any) => Pointer | null} pointerOf
 * @property {(pointer: Pointer | null, state: any, actions: any) => void} point
 * @property {(state: any) => Asking[]} questionsOf
 * @property {(state: any, place: { node: string, cell: readonly number[] }) => string} placeText
 * @property {(state: any, place: { node: string, cell: readonly number[] }) => any} viewOf patch of the view that
 *   opens a place; null for one that the page does not have
 */

/**
 * @typedef {object} Page as it starts
 * @property {import("../../core/url-state.js").Schema} schema of its view
 * @property {import("../../core/store.js").Store<any>} store
 * @property {any} actions
 * @property {() => void} schedule asks for a drawing
 */

export {};
