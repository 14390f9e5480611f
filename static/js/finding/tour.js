/**
 * The guided tour of the first visit: six steps that point at what is really there, and go on by
 * themselves when the person does what they say. Nothing is covered and nothing is blocked; who
 * goes his own way is not called back. It is offered once, remembered, and starts again from the
 * help.
 */

import { el, setText } from "../panel/dom.js";
import { shape } from "../panel/shapes.js";

const ITEM = "p2p.tour";
const SEEN = "1";
/** Free room between the card and what it points at. CSS pixels. */
const GAP = 14;
/** How often the ring follows what it is around, while the tour is on. Milliseconds [by eye]. */
const FOLLOW = 100;

/**
 * @typedef {{left: number, top: number, right: number, bottom: number}} Box  in the window
 *
 * @typedef {object} Step
 * @property {string} title
 * @property {string} text
 * @property {() => Box|null} at  what it points at; null: nothing now
 * @property {() => boolean} [done]  whether the person has done it
 * @property {string} [hint]  what waits for him
 */

export class Tour extends EventTarget {
  #card;
  #ring;
  #storage;
  #steps;
  #stage;
  #say;
  #parts;
  #at = -1;
  /** @type {ReturnType<typeof setInterval>|undefined} */
  #following;
  /** @type {HTMLElement|null} */
  #back = null;

  /**
   * @param {object} parts
   * @param {HTMLElement} parts.card
   * @param {HTMLElement} parts.ring
   * @param {HTMLElement} parts.stage
   * @param {Pick<Storage, "getItem"|"setItem">} parts.storage
   * @param {Step[]} parts.steps
   * @param {(sentence: string) => void} parts.say
   */
  constructor({ card, ring, stage, storage, steps, say }) {
    super();
    this.#card = card;
    this.#ring = ring;
    this.#stage = stage;
    this.#storage = storage;
    this.#steps = steps;
    this.#say = say;
    this.#parts = this.#build();
  }

  /** Whether it is on. */
  get on() {
    return this.#at >= 0;
  }

  /** Which step it is at, from 1; 0: none. */
  get step() {
    return this.#at + 1;
  }

  /** Whether this browser has had it, or somebody said no. */
  get seen() {
    return this.#storage.getItem(ITEM) === SEEN;
  }

  /** For the first visit: it begins, and leaves the keyboard where it is. */
  offer() {
    if (this.seen || this.on) return;
    this.#go(0, false);
  }

  /** Somebody wants it. */
  start() {
    this.#back = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    this.#go(0, true);
  }

  /** It is over, and not offered again. */
  end() {
    if (!this.on) return;
    const had = this.#card.contains(document.activeElement);
    this.#at = -1;
    clearInterval(this.#following);
    this.#following = undefined;
    this.#card.hidden = this.#ring.hidden = true;
    try {
      this.#storage.setItem(ITEM, SEEN);
    } catch (error) {
      console.info("that the tour was seen is not remembered:", error); // full, or a private window
    }
    if (had) (this.#back?.isConnected ? this.#back : this.#stage).focus({ preventScroll: true });
    this.#back = null;
    this.dispatchEvent(new Event("end"));
  }

  #build() {
    const title = el("h2", { id: "tour-title" });
    const text = el("p", { id: "tour-text" });
    const hint = el("p", { class: "tour-hint" });
    const where = el("span", { class: "tour-where" });
    const dots = el("span", { class: "tour-dots", "aria-hidden": "true" }, ...this.#steps.map(() => el("i")));
    const before = el("button", { type: "button", class: "button small-button quiet-button", text: "Back", on: { click: () => this.#go(this.#at - 1, true) } });
    const next = el("button", { type: "button", class: "button small-button primary", on: { click: () => this.#next(true) } });
    const skip = el("button", { type: "button", class: "button small-button quiet-button", text: "Skip the tour", on: { click: () => this.end() } });
    const close = el("button", { type: "button", class: "button icon-button quiet-button tour-close", "aria-label": "End the tour", title: "End the tour (Esc)", on: { click: () => this.end() } }, shape("close"));
    this.#card.append(close, title, text, hint, el("div", { class: "tour-buttons" }, dots, where, skip, before, next));
    this.#card.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.end();
      else if (event.key === "ArrowRight") this.#next(true);
      else if (event.key === "ArrowLeft" && this.#at > 0) this.#go(this.#at - 1, true);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    return { title, text, hint, where, dots, before, next, skip };
  }

  /** @param {boolean} focus */
  #next(focus) {
    if (this.#at + 1 < this.#steps.length) this.#go(this.#at + 1, focus);
    else this.end();
  }

  /** @param {number} to @param {boolean} focus  whether the keyboard goes along */
  #go(to, focus) {
    const step = this.#steps[to];
    if (step === undefined) return;
    this.#at = to;
    const { title, text, hint, where, dots, before, next, skip } = this.#parts;
    const last = to === this.#steps.length - 1;
    setText(title, step.title);
    setText(text, step.text);
    setText(hint, step.hint ?? "");
    hint.hidden = step.hint === undefined;
    setText(where, `${to + 1} of ${this.#steps.length}`);
    [...dots.children].forEach((dot, i) => dot.classList.toggle("here", i === to));
    before.hidden = to === 0;
    skip.hidden = last;
    setText(next, last ? "Done" : step.done === undefined ? "Next" : "Next step");
    this.#card.hidden = false;
    this.#place();
    this.#following ??= setInterval(() => this.#follow(), FOLLOW);
    if (focus) next.focus({ preventScroll: true });
    // Who hears the page hears the whole step at once; the card itself is no live region.
    this.#say(`Tour, step ${to + 1} of ${this.#steps.length}. ${step.title}. ${step.text}`);
    this.dispatchEvent(new Event("step"));
  }

  #follow() {
    const step = this.#steps[this.#at];
    if (step === undefined) return;
    if (step.done?.() === true) return this.#next(this.#card.contains(document.activeElement));
    this.#place();
  }

  /** The ring around what is meant, and the card beside it, where it covers neither. */
  #place() {
    const box = this.#steps[this.#at]?.at() ?? null;
    this.#ring.hidden = box === null;
    const { offsetWidth: wide, offsetHeight: high } = this.#card;
    const stage = this.#stage.getBoundingClientRect();
    let place = { left: stage.left + GAP, top: stage.top + GAP };
    if (box !== null) {
      const pad = 5;
      put(this.#ring, { left: box.left - pad, top: box.top - pad });
      this.#ring.style.width = `${box.right - box.left + 2 * pad}px`;
      this.#ring.style.height = `${box.bottom - box.top + 2 * pad}px`;
      place = beside(box, wide, high, stage);
    }
    put(this.#card, place);
  }
}

/** @param {HTMLElement} element @param {{left: number, top: number}} at */
function put(element, { left, top }) {
  const wanted = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  if (element.style.transform !== wanted) element.style.transform = wanted;
}

/**
 * Where a card stands: left of what it is about, else right, above, below; within the window.
 * What lies on the picture gets it into the nearest corner of the picture, off the crowd.
 * @param {Box} box @param {number} wide @param {number} high @param {Box} stage
 */
export function beside(box, wide, high, stage) {
  const within = box.left >= stage.left && box.right <= stage.right && box.top >= stage.top && box.bottom <= stage.bottom;
  const middle = (box.top + box.bottom) / 2;
  if (within) {
    const left = (box.left + box.right) / 2 > (stage.left + stage.right) / 2 ? stage.left + GAP : stage.right - wide - GAP;
    return { left: Math.max(GAP, left), top: stage.top + GAP };
  }
  const top = Math.max(GAP, Math.min(middle - high / 2, innerHeight - high - GAP));
  if (box.left - wide - GAP >= GAP) return { left: box.left - wide - GAP, top };
  if (box.right + wide + 2 * GAP <= innerWidth) return { left: box.right + GAP, top };
  const left = Math.max(GAP, Math.min((box.left + box.right) / 2 - wide / 2, innerWidth - wide - GAP));
  return box.top - high - GAP >= GAP ? { left, top: box.top - high - GAP } : { left, top: Math.min(box.bottom + GAP, innerHeight - high - GAP) };
}
