/**
 * A line of text with a button that copies it, and says that it did.
 */

import { TEXTS } from "../texts.js";
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
  const label = el("span", { class: "copy-label", text: TEXTS.copy.copy });
  /** @type {number|undefined} */
  let timer;
  const tell = (/** @type {string} */ word) => {
    setText(label, word);
    say(word === TEXTS.copy.copied ? TEXTS.copy.toldCopied(what) : TEXTS.copy.toldSelected);
    clearTimeout(timer);
    timer = setTimeout(() => setText(label, TEXTS.copy.copy), SHOWN);
  };
  const code = el("code", { text: line, tabindex: "0" });
  const button = el("button", {
    type: "button", class: "copy", "aria-label": TEXTS.copy.button(what),
    on: {
      click: async () => {
        try {
          await navigator.clipboard.writeText(line);
          tell(TEXTS.copy.copied);
        } catch {
          // Browsers forbid the clipboard outside localhost and HTTPS: the person copies it.
          getSelection()?.selectAllChildren(code);
          tell(TEXTS.copy.selected);
        }
      },
    },
  }, shape("copy"), label);
  return el("div", { class: "copy-line" }, el("span", { class: "copy-what", text: what }), button, code);
}
