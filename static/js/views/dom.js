/**
 * Making elements, without markup in texts.
 */

/** @typedef {Readonly<Record<string, string | number | boolean | null | undefined>>} Attributes */
/** @typedef {Node | string | null | undefined | false} Child */

/**
 * An element with attributes (true: present, false or null: absent) and children.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  setAttributes(made, attributes);
  append(made, children);
  return made;
}

/**
 * The same in another vocabulary.
 * @param {string} namespace
 * @returns {(tag: string, attributes?: Attributes, ...children: Child[]) => Element}
 */
function maker(namespace) {
  return (tag, attributes = {}, ...children) => {
    const made = document.createElementNS(namespace, tag);
    setAttributes(made, attributes);
    append(made, children);
    return made;
  };
}

export const svg = maker("http://www.w3.org/2000/svg");
export const math = maker("http://www.w3.org/1998/Math/MathML");

/**
 * @param {Element} target
 * @param {Attributes} attributes
 */
export function setAttributes(target, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) target.removeAttribute(name);
    else if (target.getAttribute(name) !== (value === true ? "" : String(value))) {
      target.setAttribute(name, value === true ? "" : String(value));
    }
  }
}

/**
 * @param {Element} target
 * @param {readonly Child[]} children
 */
function append(target, children) {
  for (const child of children) if (child) target.append(child);
}

/**
 * Change a text only if it differs: an unchanged node costs no layout.
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * @template T
 * @param {EventTarget} target
 * @param {string} name
 * @param {T} detail
 */
export function emit(target, name, detail) {
  target.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
}

/**
 * Hear what is emitted at `target` or within.
 * @param {EventTarget} target
 * @param {string} name
 * @param {(detail: any, origin: Element) => void} act
 */
export function on(target, name, act) {
  target.addEventListener(name, (event) => {
    act(/** @type {CustomEvent} */ (event).detail, /** @type {Element} */ (event.target));
  });
}
