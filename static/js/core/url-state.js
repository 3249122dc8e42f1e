/**
 * A view as text: one validated object, and the URL parameters that say the same. What equals its default is
 * left out, so addresses stay short; what cannot be read falls back to its default and is reported.
 */

/**
 * @template T
 * @typedef {import("./fields.js").Field<T>} Field
 */

/** @typedef {Readonly<Record<string, Field<any>>>} Schema */

/**
 * @template {Schema} S
 * @typedef {{ -readonly [K in keyof S]: S[K]["default"] }} StateOf
 */

/** @typedef {{ key: string, param: string, value: unknown }} Invalid what was given and could not be used */

/**
 * @template {Schema} S
 * @typedef {{ state: StateOf<S>, invalid: Invalid[] }} Checked
 */

/**
 * The schema itself, once it is certain that no two fields share a parameter and that every default is a
 * value.
 * @template {Schema} S
 * @param {S} schema
 * @returns {S}
 */
export function defineSchema(schema) {
  const params = new Set();
  for (const [key, field] of Object.entries(schema)) {
    if (params.has(field.param)) throw new Error(`two fields use the parameter ${field.param}`);
    params.add(field.param);
    if (!field.has(field.default)) throw new Error(`the default of ${key} is none of its values`);
  }
  return schema;
}

/**
 * @template {Schema} S
 * @param {S} schema
 * @returns {StateOf<S>}
 */
export function defaults(schema) {
  return stateFrom(schema, (_, field) => field.default);
}

/**
 * The parameters for a state, in the order of the schema.
 * @template {Schema} S
 * @param {S} schema
 * @param {StateOf<S>} state
 * @returns {URLSearchParams}
 */
export function encode(schema, state) {
  const params = new URLSearchParams();
  for (const [key, field] of Object.entries(schema)) {
    const text = field.format(state[key]);
    if (text !== field.format(field.default)) params.set(field.param, text);
  }
  return params;
}

/**
 * The state that parameters stand for. Parameters that the schema does not know are ignored.
 * @template {Schema} S
 * @param {S} schema
 * @param {URLSearchParams} params
 * @returns {Checked<S>}
 */
export function decode(schema, params) {
  /** @type {Invalid[]} */
  const invalid = [];
  const state = stateFrom(schema, (key, field) => {
    const text = params.get(field.param);
    if (text === null) return field.default;
    const value = field.parse(text);
    if (value === undefined) invalid.push({ key, param: field.param, value: text });
    return value ?? field.default;
  });
  return { state, invalid };
}

/**
 * A state made of whatever is valid in an object from elsewhere (a message, a stored setting): absent keys
 * take their default, wrong ones too and are reported, unknown ones are dropped. Arrays are copied.
 * @template {Schema} S
 * @param {S} schema
 * @param {Readonly<Record<string, unknown>>} object
 * @returns {Checked<S>}
 */
export function validate(schema, object) {
  /** @type {Invalid[]} */
  const invalid = [];
  const state = stateFrom(schema, (key, field) => {
    const value = Object.hasOwn(object, key) ? object[key] : undefined;
    if (value === undefined) return field.default;
    // By way of its text, so that a state is the same whether it came as an object or through an address.
    if (field.has(value)) return field.parse(field.format(value));
    invalid.push({ key, param: field.param, value });
    return field.default;
  });
  return { state, invalid };
}

/**
 * Parameters as the text after the "?". Commas, semicolons and slashes are allowed there and kept readable:
 * URLSearchParams would write %2C, three characters for one.
 * @param {URLSearchParams} params
 * @returns {string}
 */
export function toQuery(params) {
  return params.toString().replace(/%(2C|3B|2F|3A)/g, decodeURIComponent);
}

/**
 * @template {Schema} S
 * @param {S} schema
 * @param {(key: string, field: Field<unknown>) => unknown} pick
 * @returns {StateOf<S>}
 */
function stateFrom(schema, pick) {
  const entries = Object.entries(schema).map(([key, field]) => [key, pick(key, field)]);
  return Object.fromEntries(entries);
}
