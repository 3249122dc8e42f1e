/**
 * Changed weights as short text in the address, and as the API reads them:
 *
 *     conv1:3,0,1,2=0.5    one number (or, with fewer indices, all numbers under them) becomes 0.5
 *     conv1:3*1.5          all weights of filter 3 times 1.5
 *     conv1:3!             output channel 3 switched off: its weights and its bias are 0
 *
 * Edits are parted by ";", in the order in which they were made; a node's name is percent-encoded.
 */

/**
 * @typedef {object} Edit one change of a node's weight, in the words of the API; exactly one of the last three
 * @property {string} node
 * @property {number[]} index into `weight`; of a channel switched off, that channel
 * @property {number} [value]
 * @property {number} [scale]
 * @property {true} [off]
 */

const NUMBER = "-?(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:e[+-]?\\d+)?";
const INDEX = "\\d{1,8}(?:,\\d{1,8}){0,5}";
const ONE = `[^:;\\s]+:(?:\\d{1,8}!|${INDEX}[=*]${NUMBER})`;
/** What the address may hold. */
export const EDITS = new RegExp(`(?:${ONE}(?:;${ONE}){0,199})?`);

const PARTS = /^([^:]+):([\d,]+)([!=*])(.*)$/;

/**
 * @param {string} text that matches EDITS
 * @returns {Edit[]}
 */
export function parseEdits(text) {
  return text === "" ? [] : text.split(";").map(parseEdit);
}

/**
 * @param {readonly Edit[]} edits
 * @returns {string}
 */
export function formatEdits(edits) {
  return edits.map(formatEdit).join(";");
}

/**
 * A list with one more change. A new value of the same weights takes the place of the one before, so that a
 * dragged number leaves one edit; factors multiply, and where they come to 1 nothing is left.
 * @param {readonly Edit[]} edits
 * @param {Edit} edit
 * @returns {Edit[]}
 */
export function withEdit(edits, edit) {
  const place = placeOf(edit);
  const before = edits.find((known) => placeOf(known) === place);
  const rest = edits.filter((known) => known !== before);
  if (edit.scale === undefined || before?.scale === undefined) return [...rest, edit];
  const scale = before.scale * edit.scale;
  return scale === 1 ? rest : [...rest, { ...edit, scale }];
}

/**
 * @param {readonly Edit[]} edits
 * @param {string} node
 * @param {number} channel
 * @returns {Edit[]} with that channel switched off, or on again if it was off
 */
export function toggleChannel(edits, node, channel) {
  const rest = edits.filter((edit) => !isOff([edit], node, channel));
  return rest.length < edits.length ? rest : [...rest, { node, index: [channel], off: true }];
}

/**
 * @param {readonly Edit[]} edits
 * @param {string} node
 * @param {number} channel
 * @returns {boolean}
 */
export function isOff(edits, node, channel) {
  return edits.some((edit) => edit.off && edit.node === node && edit.index[0] === channel);
}

/** @param {Edit} edit */
function placeOf({ node, index, scale, off }) {
  return JSON.stringify([node, index, scale === undefined ? 0 : 1, off ?? false]);
}

/** @param {string} text @returns {Edit} */
function parseEdit(text) {
  const [, name, places, kind, number] = /** @type {string[]} */ (PARTS.exec(text));
  const node = decodeURIComponent(name);
  const index = places.split(",").map(Number);
  if (kind === "!") return { node, index, off: true };
  return kind === "=" ? { node, index, value: Number(number) } : { node, index, scale: Number(number) };
}

/** @param {Edit} edit */
function formatEdit({ node, index, value, scale, off }) {
  const name = encodeURIComponent(node);
  if (off) return `${name}:${index[0]}!`;
  return `${name}:${index.join(",")}${value === undefined ? `*${scale}` : `=${value}`}`;
}
