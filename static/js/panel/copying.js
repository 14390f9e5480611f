/**
 * A line of text with a button that copies it, and says that it did.
 */

import { el, setText } from "./dom.js";
import { shape } from "./shapes.js";

/** Milliseconds for which "copied" is shown [guess: long enough to be read]. */
const SHOWN = 1500;

/**
 * @param {string} what
 * @param {string} line
 * @param {(sentence: string) => void} say
 */
export function copyLine(what, line, say) {
  const label = el("span", { class: "copy-label", text: "Copy" });
  /** @type {number|undefined} */
  let timer;
  const tell = (/** @type {string} */ word) => {
    setText(label, word);
    say(word === "Copied" ? `Copied: ${what}` : "Copying is not allowed here; the line is selected instead");
    clearTimeout(timer);
    timer = setTimeout(() => setText(label, "Copy"), SHOWN);
  };
  const code = el("code", { text: line, tabindex: "0" });
  const button = el("button", {
    type: "button", class: "copy", "aria-label": `Copy the line: ${what}`,
    on: {
      click: async () => {
        try {
          await navigator.clipboard.writeText(line);
          tell("Copied");
        } catch {
          // Browsers forbid the clipboard outside localhost and HTTPS: the person copies it.
          getSelection()?.selectAllChildren(code);
          tell("Selected");
        }
      },
    },
  }, shape("copy"), label);
  return el("div", { class: "copy-line" }, el("span", { class: "copy-what", text: what }), button, code);
}
