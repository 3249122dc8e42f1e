/**
 * Answers of a room: read as people type them, judged as generously as the shown digits are rounded, and counted
 * for a histogram.
 */

import { formatSize, formatTick } from "./format.js";

/** @typedef {import("./room-state.js").Question} Question */
/** @typedef {import("./room-state.js").Count} Count */

/**
 * @typedef {object} Bar
 * @property {string} label
 * @property {number} count
 * @property {number} share of the longest bar, 0 … 1
 * @property {boolean} isRight
 * @property {boolean} isOwn
 */

/** So many different numbers have bars of their own; more are gathered in bins. */
const MOST_BARS = 8;
const BINS = 8;
/** Beside the last shown digit, half a per cent: rounded products do not add up to the rounded sum. */
const TOLERANCE = 0.005;
const LARGEST = 1e30;
const LONGEST_SIDE = 1_000_000;

/**
 * A number as people type it: comma or point, any minus, full-width digits.
 * @param {string} text
 * @returns {number | null}
 */
export function readNumber(text) {
  const plain = text
    .normalize("NFKC")
    .trim()
    .replace(/[\u2212\u30FC]/g, "-")
    .replace(",", ".");
  const value = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(plain) ? Number(plain) : Number.NaN;
  return Number.isFinite(value) && Math.abs(value) <= LARGEST ? value : null;
}

/**
 * @param {readonly string[]} texts rows and columns
 * @returns {[number, number] | null}
 */
export function readSize(texts) {
  const [rows, columns] = texts.map(readNumber);
  const isSide = (/** @type {number | null | undefined} */ side) =>
    Number.isInteger(side) && Number(side) >= 0 && Number(side) <= LONGEST_SIDE;
  return isSide(rows) && isSide(columns) ? [Number(rows), Number(columns)] : null;
}

/**
 * Whether an answer is as right as what is shown allows.
 * @param {Question} question
 * @param {any} value
 * @param {any} answer
 * @param {number} digits decimals that the page shows
 * @returns {boolean}
 */
export function isRight({ kind, options }, value, answer, digits) {
  if (value === null || value === undefined) return false;
  if (kind === "cell") {
    const room = Math.max(10 ** -digits, TOLERANCE * Math.abs(answer)) * (1 + 1e-9);
    return Math.abs(value - answer) <= room;
  }
  if (kind === "size") return String(value) === String(answer);
  // Cells that show the same number are equally good.
  const isText = typeof options?.[answer] === "string";
  return value === answer || (kind === "argmax" && isText && options[value] === options[answer]);
}

/**
 * An answer in words.
 * @param {Pick<Question, "kind" | "options">} question
 * @param {any} value
 * @param {number} digits decimals at most
 * @param {string} language of the options
 * @returns {string}
 */
export function answerText({ kind, options }, value, digits, language) {
  if (kind === "cell") return formatTick(Number(Number(value).toFixed(digits)));
  if (kind === "size") return formatSize(value);
  const option = options?.[value];
  return typeof option === "object" ? (option[language] ?? option.en ?? "") : String(option ?? "");
}

/**
 * @param {Question} question
 * @param {readonly Count[]} tally
 * @param {object} known
 * @param {any} known.answer undefined while it is not told
 * @param {any} known.own
 * @param {number} known.digits
 * @param {string} known.language
 * @param {string} known.others what rare answers together are called
 * @returns {Bar[]} in an order that a reader expects: by number, by option, the most frequent size first
 */
export function barsOf(question, tally, { answer, own, digits, language, others }) {
  const told = tally.filter(({ value }) => value !== null);
  const groups = groupsOf(question, told, digits);
  const grouped = sumOf(groups.flatMap(({ members }) => members));
  const rest = sumOf(tally) - grouped;
  const counts = groups.map(({ members }) => sumOf(members));
  const longest = Math.max(1, rest, ...counts);
  const bars = groups.map(({ label, members, holds }, i) => ({
    label: label ?? answerText(question, members[0].value, digits, language),
    count: counts[i],
    share: counts[i] / longest,
    isRight:
      answer !== undefined && (holds ? holds(answer) : isRight(question, members[0].value, answer, digits)),
    isOwn:
      own !== null &&
      own !== undefined &&
      (holds ? holds(own) : members.some(({ value }) => String(value) === String(own))),
  }));
  return rest === 0
    ? bars
    : [...bars, { label: others, count: rest, share: rest / longest, isRight: false, isOwn: false }];
}

/**
 * @typedef {object} Group of answers that share a bar
 * @property {string | null} label null for that of its answer
 * @property {readonly Count[]} members
 * @property {((value: number) => boolean) | null} holds of a bin
 */

/**
 * @param {Question} question
 * @param {readonly Count[]} tally
 * @param {number} digits
 * @returns {Group[]}
 */
function groupsOf(question, tally, digits) {
  if (question.kind === "cell") return tally.length > MOST_BARS ? binned(tally, digits) : each(tally);
  if (question.kind === "size") return each(tally, (a, b) => b.count - a.count).slice(0, MOST_BARS);
  return (question.options ?? []).map((_, value) => ({
    label: null,
    members: [{ value, count: tally.find((one) => one.value === value)?.count ?? 0 }],
    holds: null,
  }));
}

/**
 * @param {readonly Count[]} tally
 * @param {(a: Count, b: Count) => number} [order]
 * @returns {Group[]}
 */
function each(tally, order = (a, b) => a.value - b.value) {
  return [...tally].sort(order).map((one) => ({ label: null, members: [one], holds: null }));
}

/**
 * Numbers between whose outer twentieths bins of a round width lie; what is beyond falls into the outer bins.
 * @param {readonly Count[]} tally
 * @param {number} digits
 * @returns {Group[]}
 */
function binned(tally, digits) {
  const sorted = [...tally].sort((a, b) => a.value - b.value);
  const total = sumOf(sorted);
  const [low, high] = [quantile(sorted, total * 0.05), quantile(sorted, total * 0.95)];
  const width = roundUp((high - low) / BINS || 10 ** -digits);
  const first = Math.floor(low / width);
  const last = Math.max(first, Math.floor(high / width));
  return Array.from({ length: last - first + 1 }, (_, i) => {
    const index = first + i;
    const holds = (/** @type {number} */ value) =>
      Math.min(last, Math.max(first, Math.floor(value / width))) === index;
    const edge = (/** @type {number} */ at) => formatTick(Number((at * width).toPrecision(6)));
    const label =
      index === first && sorted[0].value < first * width
        ? `< ${edge(index + 1)}`
        : index === last && (sorted.at(-1)?.value ?? 0) >= (last + 1) * width
          ? `≥ ${edge(index)}`
          : `${edge(index)} … ${edge(index + 1)}`;
    return { label, members: sorted.filter(({ value }) => holds(value)), holds };
  });
}

/** @param {readonly Count[]} counts */
function sumOf(counts) {
  return counts.reduce((sum, { count }) => sum + count, 0);
}

/**
 * @param {readonly Count[]} sorted
 * @param {number} rank
 * @returns {number}
 */
function quantile(sorted, rank) {
  let before = 0;
  for (const { value, count } of sorted) {
    before += count;
    if (before >= rank) return value;
  }
  return sorted.at(-1)?.value ?? 0;
}

/**
 * 1, 2, 2.5 or 5 times a power of ten, not below.
 * @param {number} x above 0
 * @returns {number}
 */
function roundUp(x) {
  const power = 10 ** Math.floor(Math.log10(x));
  const step = [1, 2, 2.5, 5, 10].find((one) => one * power >= x * (1 - 1e-9)) ?? 10;
  return step * power;
}
