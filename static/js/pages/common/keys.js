/**
 * The keyboard: a page's table of keys, and what each does. The same table is what `?` lists.
 */

/**
 * @template State, Actions
 * @typedef {object} Binding
 * @property {readonly string[]} keys as KeyboardEvent.key has them
 * @property {readonly string[]} shown
 * @property {string} text key of what it does, in the reader's language
 * @property {(state: State, actions: Actions, key: string) => void} act
 */

/**
 * @template State, Actions
 * @param {Document} root
 * @param {{ get: () => State }} store
 * @param {Actions} actions
 * @param {readonly Binding<State, Actions>[]} bindings
 */
export function listenForKeys(root, store, actions, bindings) {
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (isTaken(event)) return;
    const binding = bindings.find(({ keys }) => keys.includes(event.key));
    if (!binding) return;
    event.preventDefault();
    binding.act(store.get(), actions, event.key);
  });
}

/**
 * A control under focus keeps the keys that it understands itself.
 * @param {KeyboardEvent} event
 */
function isTaken({ target, key }) {
  if (!(target instanceof Element)) return false;
  if (target.closest("dialog[open], [popover]:popover-open")) return true;
  if (target.closest("input:not([type=range]), select, textarea")) return true;
  if (target.matches("input[type=range]")) return key.startsWith("Arrow") || key === "Home" || key === "End";
  return (key === " " || key === "Enter") && target.matches("button, a, summary");
}
