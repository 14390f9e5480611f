/**
 * Short notices at the foot of the picture: what was just done, with the way back, or what
 * somebody should know and do. A screen reader hears each once.
 */

import { el } from "../panel/dom.js";
import { shape } from "../panel/shapes.js";
import { TEXTS } from "../texts.js";

/** Milliseconds that one is shown which asks for nothing [guess: to be read twice]. */
const SHOWN = 6000;
/** More at once are a wall. */
const MOST = 3;

/**
 * @typedef {object} Notice
 * @property {string} text
 * @property {string} [id]  a second one with the same takes the place of the first
 * @property {"done"|"problem"} [kind]
 * @property {{label: string, run: () => void}[]} [acts]
 * @property {boolean} [stays]  until somebody closes it
 */

export class Notices {
  #host;
  /** @type {Map<string, {element: HTMLElement, timer: ReturnType<typeof setTimeout>|undefined}>} */
  #shown = new Map();
  #number = 0;

  /** @param {HTMLElement} host  a live region */
  constructor(host) {
    this.#host = host;
  }

  /** @param {Notice} notice */
  show({ text, id = `notice-${this.#number += 1}`, kind = "done", acts = [], stays = false }) {
    this.close(id);
    while (this.#shown.size >= MOST) this.close(/** @type {string} */ (this.#shown.keys().next().value));
    const close = () => this.close(id);
    const element = el("div", { class: "notice", "data-kind": kind, "data-notice": id },
      el("p", { text }),
      ...acts.map(({ label, run }) => el("button", { type: "button", class: "button small-button", text: label, on: { click: () => {
        close();
        run();
      } } })),
      el("button", { type: "button", class: "button icon-button quiet-button", "aria-label": TEXTS.notices.close, on: { click: close } }, shape("close")));
    this.#host.append(element);
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    let timer;
    const begin = () => {
      if (!stays) timer = setTimeout(close, SHOWN);
      this.#shown.set(id, { element, timer });
    };
    // Who reads it, or is on his way to its button, has the time that he needs.
    element.addEventListener("pointerenter", () => clearTimeout(this.#shown.get(id)?.timer));
    element.addEventListener("pointerleave", begin);
    element.addEventListener("focusin", () => clearTimeout(this.#shown.get(id)?.timer));
    element.addEventListener("focusout", begin);
    begin();
  }

  /** @param {string} id */
  close(id) {
    const shown = this.#shown.get(id);
    if (shown === undefined) return;
    clearTimeout(shown.timer);
    this.#shown.delete(id); // first: removing what has the focus tells `focusout`
    shown.element.remove();
  }
}
