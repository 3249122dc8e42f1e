/**
 * Kinds of fields that a state in the address can have. A field knows its values (`has`) and writes them as
 * short text; whatever it reads, it answers with one of its values or with undefined.
 */

/**
 * @template T
 * @typedef {object} Field
 * @property {string} param name of the URL parameter
 * @property {T} default
 * @property {(value: unknown) => value is T} has
 * @property {(text: string) => T | undefined} parse
 * @property {(value: T) => string} format parse gives the same value back
 */

/** @typedef {{ min?: number, max?: number }} Limits both inclusive */
/** @typedef {readonly (readonly (readonly number[])[])[]} Planes */

const INTEGER = /^-?\d{1,16}$/;
const NUMBER = /^-?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
/** Between numbers, between rows, between planes. */
const SEPARATORS = /** @type {const} */ ([",", ";", "/"]);

/**
 * @template T
 * @param {string} param
 * @param {T} fallback
 * @param {(value: unknown) => boolean} has
 * @param {(text: string) => unknown} read what `has` refuses is not a value
 * @param {(value: T) => string} format
 * @returns {Field<T>}
 */
function field(param, fallback, has, read, format) {
  const isValue = /** @type {(value: unknown) => value is T} */ (has);
  const parse = (/** @type {string} */ text) => {
    const value = read(text);
    return isValue(value) ? value : undefined;
  };
  return { param, default: fallback, has: isValue, parse, format };
}

/**
 * @param {Limits & { param: string, default: number }} options
 * @returns {Field<number>}
 */
export function int({ param, default: fallback, ...limits }) {
  const has = (/** @type {unknown} */ value) => Number.isSafeInteger(value) && isWithin(value, limits);
  return field(param, fallback, has, readInteger, formatNumber);
}

/**
 * @param {Limits & { param: string, default: number }} options
 * @returns {Field<number>}
 */
export function number({ param, default: fallback, ...limits }) {
  return field(param, fallback, (value) => isWithin(value, limits), readNumber, formatNumber);
}

/**
 * @template {string} T
 * @param {{ param: string, default: NoInfer<T>, choices: readonly T[] }} options
 * @returns {Field<T>}
 */
export function choice({ param, default: fallback, choices }) {
  const has = (/** @type {unknown} */ value) => choices.some((known) => known === value);
  return field(param, fallback, has, (text) => text, String);
}

/**
 * @param {{ param: string, default: boolean }} options
 * @returns {Field<boolean>}
 */
export function bool({ param, default: fallback }) {
  const read = (/** @type {string} */ text) => ({ 1: true, 0: false })[text];
  return field(
    param,
    fallback,
    (value) => typeof value === "boolean",
    read,
    (value) => (value ? "1" : "0"),
  );
}

/**
 * @param {{ param: string, default: string, pattern: RegExp }} options the pattern must match the whole text
 * @returns {Field<string>}
 */
export function string({ param, default: fallback, pattern }) {
  const whole = new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gy]/g, ""));
  const has = (/** @type {unknown} */ value) => typeof value === "string" && whole.test(value);
  return field(param, fallback, has, (text) => text, String);
}

/**
 * Two integers, rows before columns: "3x5", or "3" for "3x3".
 * @param {Limits & { param: string, default: readonly [number, number] }} options
 * @returns {Field<readonly [number, number]>}
 */
export function pair({ param, default: fallback, ...limits }) {
  const has = (/** @type {unknown} */ value) =>
    isArrayOf(value, (item) => Number.isSafeInteger(item) && isWithin(item, limits)) && value.length === 2;
  const read = (/** @type {string} */ text) => {
    const parts = text.split("x").map(readInteger);
    return parts.length === 1 ? [parts[0], parts[0]] : parts;
  };
  return field(param, fallback, has, read, ([rows, columns]) =>
    rows === columns ? formatNumber(rows) : `${formatNumber(rows)}x${formatNumber(columns)}`,
  );
}

/**
 * A list of numbers: "1,0,-1".
 * @param {Limits & { param: string, default: readonly number[], maxCount?: number }} options
 * @returns {Field<readonly number[]>}
 */
export function list(options) {
  return nested(1, options);
}

/**
 * Rows of numbers, equally long: "1,0,-1;2,0,-2".
 * @param {Limits & { param: string, default: readonly (readonly number[])[], maxCount?: number }} options
 * @returns {Field<readonly (readonly number[])[]>}
 */
export function matrix(options) {
  return nested(2, options);
}

/**
 * Planes of rows of numbers, all of one size: "1,0;0,1/0,1;1,0".
 * @param {Limits & { param: string, default: Planes, maxCount?: number }} options
 * @returns {Field<Planes>}
 */
export function volume(options) {
  return nested(3, options);
}

/**
 * @template T
 * @param {number} depth
 * @param {Limits & { param: string, default: T, maxCount?: number }} options
 * @returns {Field<T>}
 */
function nested(depth, { param, default: fallback, maxCount = 1024, ...limits }) {
  const has = (/** @type {unknown} */ value) => {
    const shape = regularShape(value, depth, limits);
    return shape !== undefined && shape.reduce((product, extent) => product * extent, 1) <= maxCount;
  };
  return field(
    param,
    fallback,
    has,
    (text) => readNested(text, depth),
    (value) => formatNested(value, depth),
  );
}

/**
 * @param {unknown} value
 * @param {number} depth
 * @param {Limits} limits
 * @returns {number[] | undefined} the shape, if rows are equally long, none empty, all numbers within limits
 */
function regularShape(value, depth, limits) {
  if (depth === 0) return isWithin(value, limits) ? [] : undefined;
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const shapes = value.map((item) => regularShape(item, depth - 1, limits));
  const first = shapes[0];
  return first && shapes.every((shape) => String(shape) === String(first))
    ? [value.length, ...first]
    : undefined;
}

/**
 * @param {string} text
 * @param {number} depth
 * @returns {unknown}
 */
function readNested(text, depth) {
  const separator = SEPARATORS[depth - 1];
  if (separator === undefined) return readNumber(text);
  return text.split(separator).map((part) => readNested(part, depth - 1));
}

/**
 * @param {unknown} value
 * @param {number} depth
 * @returns {string}
 */
function formatNested(value, depth) {
  if (!Array.isArray(value)) return formatNumber(/** @type {number} */ (value));
  return value.map((item) => formatNested(item, depth - 1)).join(SEPARATORS[depth - 1]);
}

/**
 * @param {string} text
 * @returns {number | undefined}
 */
function readInteger(text) {
  return INTEGER.test(text) ? withoutMinusZero(Number(text)) : undefined;
}

/**
 * @param {string} text
 * @returns {number | undefined}
 */
function readNumber(text) {
  return NUMBER.test(text) ? withoutMinusZero(Number(text)) : undefined;
}

/**
 * @param {number} value
 * @returns {number}
 */
function withoutMinusZero(value) {
  return value === 0 ? 0 : value;
}

/**
 * The shortest text that reads back as the same double.
 * @param {number} value
 * @returns {string}
 */
function formatNumber(value) {
  return String(value);
}

/**
 * @param {unknown} value
 * @param {Limits} limits
 * @returns {boolean}
 */
function isWithin(value, { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }) {
  return typeof value === "number" && Number.isFinite(value) && value >= min && value <= max;
}

/**
 * @param {unknown} value
 * @param {(item: unknown) => boolean} hasItem
 * @returns {value is unknown[]}
 */
function isArrayOf(value, hasItem) {
  return Array.isArray(value) && value.every(hasItem);
}
