/**
 * Texts by key, in the reader's language. The templates use the same files.
 */

/** @typedef {"en" | "ja"} Language */
/** @typedef {{ [key: string]: string | Texts }} Texts */

export const LANGUAGES = /** @type {const} */ (["en", "ja"]);

/** @type {Map<Language, Promise<Texts>>} */
const loading = new Map();
/** @type {Texts} */
let texts = {};
/** @type {Language} */
let language = "en";

/** @returns {Language} */
export function currentLanguage() {
  return language;
}

/**
 * Load a language and put it in force: `t` answers in it, the document says so, marked elements change.
 * @param {Language} wanted
 * @returns {Promise<void>}
 */
export async function setLanguage(wanted) {
  texts = await load(wanted);
  language = wanted;
  document.documentElement.lang = wanted;
  translate(document);
}

/**
 * @param {Language} wanted
 * @returns {Promise<Texts>}
 */
function load(wanted) {
  const known = loading.get(wanted);
  if (known) return known;
  const loaded = fetch(new URL(`../../locales/${wanted}.json`, import.meta.url)).then((answer) =>
    answer.json(),
  );
  loading.set(wanted, loaded);
  return loaded;
}

/**
 * The text of a key with its places filled in: t("cell.position", { row: 3 }) for "row {row}".
 * @param {string} key dots lead into groups
 * @param {Readonly<Record<string, string | number>>} [values]
 * @returns {string} the key itself if there is no text: visible, and found by a test
 */
export function t(key, values = {}) {
  const text = lookUp(key);
  return (text ?? key).replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place));
}

/**
 * Sentences one after another, as the language sets them apart.
 * @param {readonly string[]} list empty ones are left out
 * @returns {string}
 */
export function sentences(list) {
  return list.filter(Boolean).join(language === "ja" ? "" : " ");
}

/**
 * @param {string} key
 * @returns {boolean}
 */
export function hasText(key) {
  return lookUp(key) !== undefined;
}

/**
 * @param {string} key
 * @returns {string | undefined}
 */
function lookUp(key) {
  /** @type {string | Texts | undefined} */
  let found = texts;
  for (const part of key.split(".")) found = typeof found === "object" ? found[part] : undefined;
  return typeof found === "string" ? found : undefined;
}

/**
 * Elements made by a template carry their keys: data-text for the content, data-label for the spoken name.
 * @param {ParentNode} root
 */
export function translate(root) {
  for (const element of root.querySelectorAll("[data-text]")) {
    element.textContent = t(element.getAttribute("data-text") ?? "");
  }
  for (const element of root.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", t(element.getAttribute("data-label") ?? ""));
  }
}
