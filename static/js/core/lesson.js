/**
 * A lesson: views in the order in which they are taught, each with its title, notes for whoever teaches, and
 * perhaps a question. It is read with care, since it may come from a file, and never changed in place.
 */

/** @typedef {"en" | "ja"} Language */
/** @typedef {string | { en: string, ja: string }} Text plain, or in both languages */
/** @typedef {"cell" | "size" | "argmax" | "class"} Kind of a question */

/**
 * @typedef {object} Step
 * @property {string} address of a view
 * @property {Text} [title]
 * @property {Text} [notes]
 * @property {Kind} [question] that this step asks
 */

/** @typedef {{ format: "convscope-lesson", version: 1, title: Text, steps: readonly Step[] }} Lesson */
/** @typedef {{ lesson: Lesson, at: number }} Kept a lesson and the index of the present step */

export const FORMAT = "convscope-lesson";
export const VERSION = 1;
export const KINDS = /** @type {const} */ (["cell", "size", "argmax", "class"]);

/** What a room takes; the server says the same. */
export const LIMITS = { bytes: 256 * 1024, steps: 500, line: 200, notes: 10_000, address: 60_000 };

/** Visible ASCII, as browsers write a query; no fragment. */
const ADDRESS = /^\/(operation|network)(\?[!$-;=?-[\]-~]*)?$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what no text may hold
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]|[\ud800-\udbff](?![\udc00-\udfff])/;

/** A lesson that cannot be, with the place in it that is wrong. */
export class LessonProblem extends Error {
  /**
   * @param {"not-a-lesson" | "lesson-version" | "lesson-too-large" | "lesson-field"} code
   * @param {Readonly<Record<string, string | number>>} [params] `argument`: the field's name, `value`
   */
  constructor(code, params = {}) {
    super([code, ...Object.values(params)].join(" "));
    this.name = "LessonProblem";
    this.code = code;
    this.params = params;
  }
}

/**
 * A lesson from the text of a file.
 * @param {string} text
 * @returns {Lesson}
 * @throws {LessonProblem}
 */
export function parseLesson(text) {
  if (bytesOf(text) > LIMITS.bytes) throw new LessonProblem("lesson-too-large", { bytes: LIMITS.bytes });
  /** @type {unknown} */
  let given;
  try {
    given = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    throw new LessonProblem("not-a-lesson");
  }
  return checkLesson(given);
}

/**
 * @param {any} given anything
 * @returns {Lesson} a copy that holds what a lesson has, and nothing else
 * @throws {LessonProblem}
 */
export function checkLesson(given) {
  if (!isObject(given) || given.format !== FORMAT) throw new LessonProblem("not-a-lesson");
  if (given.version !== VERSION) throw new LessonProblem("lesson-version", { value: String(given.version) });
  onlyFields(given, ["format", "version", "title", "steps"], "");
  const { steps } = given;
  if (!Array.isArray(steps) || steps.length < 1 || steps.length > LIMITS.steps) wrong("steps", steps);
  /** @type {Lesson} */
  const lesson = {
    format: FORMAT,
    version: VERSION,
    title: textOf(given.title, "title", LIMITS.line, false),
    steps: /** @type {any[]} */ (steps).map(checkStep),
  };
  if (bytesOf(JSON.stringify(lesson)) > LIMITS.bytes)
    throw new LessonProblem("lesson-too-large", { bytes: LIMITS.bytes });
  return lesson;
}

/**
 * @param {any} given
 * @param {number} index
 * @returns {Step}
 */
function checkStep(given, index) {
  const place = `steps.${index}`;
  if (!isObject(given)) wrong(place, given);
  const { address, title, notes, question } = given;
  onlyFields(given, ["address", "title", "notes", "question"], `${place}.`);
  if (!isAddress(address)) wrong(`${place}.address`, address);
  if (isThere(question) && !KINDS.includes(question)) wrong(`${place}.question`, question);
  return {
    address,
    ...(isThere(title) ? { title: textOf(title, `${place}.title`, LIMITS.line, false) } : {}),
    ...(isThere(notes) ? { notes: textOf(notes, `${place}.notes`, LIMITS.notes, true) } : {}),
    ...(isThere(question) ? { question } : {}),
  };
}

/**
 * @param {any} given
 * @param {string} argument
 * @param {number} most characters
 * @param {boolean} severalLines
 * @returns {Text}
 */
function textOf(given, argument, most, severalLines) {
  const fits = (/** @type {unknown} */ text) =>
    typeof text === "string" &&
    text.length <= most &&
    !CONTROL.test(text) &&
    (severalLines || !/[\n\t]/.test(text));
  if (typeof given === "string") return fits(given) ? given : wrong(argument, given);
  if (!isObject(given)) wrong(argument, given);
  onlyFields(given, ["en", "ja"], `${argument}.`);
  const { en, ja } = given;
  if (!fits(en)) wrong(`${argument}.en`, en);
  if (!fits(ja)) wrong(`${argument}.ja`, ja);
  return { en, ja };
}

/**
 * @param {string} argument
 * @param {unknown} value
 * @returns {never}
 */
function wrong(argument, value) {
  const text = value === undefined ? "" : String(typeof value === "string" ? value : JSON.stringify(value));
  throw new LessonProblem("lesson-field", { argument, value: text.slice(0, 80) });
}

/**
 * @param {object} given
 * @param {readonly string[]} known
 * @param {string} place
 */
function onlyFields(given, known, place) {
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown !== undefined) wrong(`${place}${unknown}`, "");
}

/**
 * @param {unknown} address
 * @returns {address is string} of a view, as a room takes it
 */
export function isAddress(address) {
  return typeof address === "string" && address.length <= LIMITS.address && ADDRESS.test(address);
}

/** @param {Lesson} lesson @returns {string} a file */
export function serialise(lesson) {
  return `${JSON.stringify(lesson, null, 2)}\n`;
}

/**
 * @param {Text} title
 * @param {Step} step the first; a lesson is never empty
 * @returns {Kept}
 */
export function newLesson(title, step) {
  return { lesson: { format: FORMAT, version: VERSION, title, steps: [step] }, at: 0 };
}

/**
 * A view more, at the end; it is then the present one.
 * @param {Kept} kept
 * @param {Step} step
 * @returns {Kept} as it was where the last step shows this view already
 */
export function withStep({ lesson, at }, step) {
  const { steps } = lesson;
  if (steps.at(-1)?.address === step.address) return { lesson, at: steps.length - 1 };
  if (steps.length >= LIMITS.steps) return { lesson, at };
  return { lesson: { ...lesson, steps: [...steps, step] }, at: steps.length };
}

/**
 * @param {Kept} kept
 * @param {number} index of the step to take out; the last one left stays
 * @returns {Kept}
 */
export function withoutStep({ lesson, at }, index) {
  if (lesson.steps.length === 1) return { lesson, at };
  const steps = lesson.steps.filter((_, i) => i !== index);
  return { lesson: { ...lesson, steps }, at: Math.min(index < at ? at - 1 : at, steps.length - 1) };
}

/**
 * @param {Kept} kept
 * @param {number} from
 * @param {number} to
 * @returns {Kept} whose present step is still the same one
 */
export function withMoved({ lesson, at }, from, to) {
  const steps = [...lesson.steps];
  const [step] = steps.splice(from, 1);
  if (step === undefined || to < 0 || to >= lesson.steps.length) return { lesson, at };
  steps.splice(to, 0, step);
  return { lesson: { ...lesson, steps }, at: steps.indexOf(lesson.steps[at]) };
}

/**
 * @param {Kept} kept
 * @param {number} index
 * @param {{ [K in keyof Step]?: Step[K] | undefined }} patch undefined and empty texts take a field away
 * @returns {Kept}
 */
export function withEdited({ lesson, at }, index, patch) {
  const steps = lesson.steps.map((step, i) => (i === index ? pruned({ ...step, ...patch }) : step));
  return { lesson: { ...lesson, steps }, at };
}

/**
 * @param {Kept} kept
 * @param {Text} title
 * @returns {Kept}
 */
export function withTitle({ lesson, at }, title) {
  return { lesson: { ...lesson, title }, at };
}

/**
 * @param {Text | null | undefined} text a room tells null of what is left out
 * @param {Language} language
 * @returns {string} in the reader's language; empty where there is none
 */
export function localText(text, language) {
  if (text === null || text === undefined || typeof text === "string") return text ?? "";
  return text[language] || text.en || text.ja;
}

/**
 * A text after it was rewritten in one language; what it says in the other stays.
 * @param {Text | null | undefined} text
 * @param {Language} language
 * @param {string} written
 * @returns {Text}
 */
export function rewritten(text, language, written) {
  return text && typeof text === "object" ? { ...text, [language]: written } : written;
}

/** @param {string} text */
function bytesOf(text) {
  return new TextEncoder().encode(text).length;
}

/**
 * @param {any} value
 * @returns {boolean}
 */
function isThere(value) {
  return value !== undefined && value !== null;
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, any>}
 */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * @param {object} step
 * @returns {Step} without what is empty
 */
function pruned(step) {
  const full = Object.entries(step).filter(([, value]) => value !== undefined && value !== "");
  return /** @type {Step} */ (Object.fromEntries(full));
}
