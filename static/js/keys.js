/**
 * The keys. Which key does what stands in the one table of commands (finding/commands.js); here
 * a press becomes a word of that table, and the word something to read.
 *
 * `Mod` is Ctrl, and on a Mac the command key. What the browser has with Ctrl, Alt or Meta stays
 * the browser's where no command has it, and while somebody types only Esc is ours, and what
 * says so.
 */

import { TEXTS, wordFor } from "./texts.js";

/** Keys that the picture and the lists understand while they have the focus. */
export const IN_PLACE = [
  { keys: [TEXTS.keys.caps.Tab], what: TEXTS.keys.next },
  { keys: ["←", "→", "↑", "↓"], what: TEXTS.keys.walk },
  { keys: [TEXTS.keys.caps.Enter], what: TEXTS.keys.open },
  { keys: [TEXTS.keys.caps.Shift, "F10"], what: TEXTS.keys.menu },
];

/** Whether this is a Mac, where Ctrl is another key. */
const MAC = globalThis.navigator !== undefined && /Mac|iP(hone|ad|od)/.test(navigator.platform ?? "");

/**
 * A press as the table writes it: `s`, `?`, `Esc`, `Mod+K`, `Mod+Shift+Z`. Shift counts only
 * where the character does not tell it already. Null: a modifier alone, or with Alt.
 * @param {{key: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean, shiftKey: boolean}} event
 * @param {boolean} [mac]
 */
export function combo(event, mac = MAC) {
  const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
  if (altKey || ["Control", "Meta", "Shift", "Alt"].includes(key)) return null;
  const mod = mac ? metaKey : ctrlKey;
  if (mac ? ctrlKey : metaKey) return null;
  const name = { Escape: "Esc", " ": "Space" }[key] ?? key;
  if (!mod) return shiftKey && name.startsWith("Arrow") ? `Shift+${name}` : name;
  return `Mod+${shiftKey ? "Shift+" : ""}${name.length === 1 ? name.toUpperCase() : name}`;
}

/** What stands on keys that have another name here. @type {Record<string, string>} */
const CAPS = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓" };

/**
 * What stands on the keyboard: `Mod+Shift+Z` is Ctrl, Shift, Z.
 * @param {string} keys
 * @param {boolean} [mac]
 * @returns {string[]}
 */
export function caps(keys, mac = MAC) {
  if (keys === "+") return ["+"];
  return keys.split("+").map((part) => CAPS[part] ?? (part === "Mod" && mac ? "⌘" : wordFor(TEXTS.keys.caps, part === "Mod" ? "Ctrl" : part)));
}

/** @param {import("./finding/commands.js").Commands} commands */
export function listen(commands) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (document.querySelector("dialog[open]") !== null) return; // the dialog has its own keys
    const pressed = combo(event);
    const command = pressed === null ? undefined : commands.ofKey(pressed);
    if (pressed === null || command === undefined) return;
    if (pressed === "Space" && pressable(event.target)) return; // it presses that
    // A single character is a letter of what is typed, whatever else it may be. A field whose
    // dialog has just closed keeps the focus until the next frame: nobody types there.
    if (typing(event.target) && shown(event.target) && !(command.whileTyping && pressed.length > 1)) return;
    event.preventDefault();
    void commands.run(command);
  });
}

/** @param {EventTarget|null} target */
function pressable(target) {
  return target instanceof HTMLElement && target.closest("button, a, summary, [role='button']") !== null;
}

/** @param {EventTarget|null} target */
function shown(target) {
  return target instanceof HTMLElement && target.checkVisibility();
}

/** @param {EventTarget|null} target */
export function typing(target) {
  return (target instanceof HTMLInputElement && target.type !== "range" && target.type !== "checkbox")
    || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
