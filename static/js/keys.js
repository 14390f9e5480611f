/**
 * The keys. One table, which the help dialog shows too. Keys with Ctrl, Alt or Meta stay
 * the browser's, and while somebody types, only Esc is ours.
 */

/**
 * @typedef {object} Binding
 * @property {string} key as it is shown; several alternatives are parted by a space
 * @property {string} what
 * @property {string[]} [names] what `nameOf` calls them, where that is not what is shown
 * @property {(event: KeyboardEvent) => void} run
 */

/**
 * @param {Record<"find"|"send"|"broadcast"|"fit"|"knows"|"theme"|"messages"|"help"|"escape", () => void>} actions
 * @returns {Binding[]}
 */
export function bindings(actions) {
  return [
    { key: "/", what: "find a node", run: actions.find },
    { key: "s", what: "send a message from the chosen node", run: actions.send },
    { key: "b", what: "send a message from the chosen node to everybody", run: actions.broadcast },
    { key: "f", what: "fit the whole network into the picture", run: actions.fit },
    { key: "k", what: "whom nodes know: of the selected, hidden, of all", run: actions.knows },
    { key: "m", what: "show or fold the messages", run: actions.messages },
    { key: "t", what: "dark or light", run: actions.theme },
    { key: "?", what: "this help", run: actions.help },
    { key: "Esc", what: "close, cancel, choose nothing", run: actions.escape },
  ];
}

/** Keys that the picture and the lists understand while they have the focus. */
export const IN_PLACE = [
  { key: "Tab", what: "to the next part: picture, messages, list" },
  { key: "← → ↑ ↓", what: "from node to node, in the picture and in the list" },
  { key: "Enter", what: "open the node" },
];

/** @param {Binding[]} table */
export function listen(table) {
  const byKey = new Map(table.flatMap((binding) =>
    (binding.names ?? [binding.key === "Esc" ? "Escape" : binding.key]).map((name) => [name, binding])));
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (document.querySelector("dialog[open]") !== null) return; // the dialog has its own Esc
    const binding = byKey.get(nameOf(event));
    if (binding !== undefined && event.key === " " && pressable(event.target)) return; // it presses that
    if (binding === undefined || (event.key !== "Escape" && typing(event.target))) return;
    event.preventDefault();
    binding.run(event);
  });
}

/** A key's name; Shift is told of where it does not make another sign. @param {KeyboardEvent} event */
function nameOf({ key, shiftKey }) {
  return shiftKey && key.startsWith("Arrow") ? `Shift+${key}` : key;
}

/** @param {EventTarget|null} target */
function pressable(target) {
  return target instanceof HTMLElement && target.closest("button, a, summary, [role='button']") !== null;
}

/** @param {EventTarget|null} target */
function typing(target) {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
