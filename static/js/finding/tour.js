/**
 * The guided tour of the first visit: six steps that point at what is really there, and go on by
 * themselves when the person does what they say. Nothing is covered and nothing is blocked; who
 * goes his own way is not called back. It is offered once, remembered, and starts again from the
 * help.
 */

import { el, setText } from "../panel/dom.js";
import { shape } from "../panel/shapes.js";
import { TEXTS } from "../texts.js";

const ITEM = "p2p.tour";
const SEEN = "1";
/** Free room between the card and what it points at. CSS pixels. */
const GAP = 14;
/** How far around its middle a node with its name reaches. CSS pixels. */
const NODE = 22;
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
 * @property {() => void} [act]  does it for him, where he presses Next instead
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
  #around;
  /** @type {{left: number, top: number, cost: number, step: number}|null} */
  #placed = null;
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
   * @param {() => {avoid: Box[], crowd: {x: number, y: number}[]}} parts.around  what the card should not
   *   lie on, and where nodes are, in the window
   */
  constructor({ card, ring, stage, storage, steps, say, around }) {
    super();
    this.#card = card;
    this.#ring = ring;
    this.#stage = stage;
    this.#storage = storage;
    this.#steps = steps;
    this.#say = say;
    this.#around = around;
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
    const before = el("button", { type: "button", class: "button small-button quiet-button", text: TEXTS.tour.back, on: { click: () => this.#go(this.#at - 1, true) } });
    const next = el("button", { type: "button", class: "button small-button primary", on: { click: () => this.#press() } });
    const skip = el("button", { type: "button", class: "button small-button quiet-button", text: TEXTS.tour.skip, on: { click: () => this.end() } });
    const close = el("button", { type: "button", class: "button icon-button quiet-button tour-close", "aria-label": TEXTS.tour.end, title: TEXTS.tour.endWhat, on: { click: () => this.end() } }, shape("close"));
    this.#card.append(close, title, text, hint, el("div", { class: "tour-buttons" }, dots, where, skip, before, next));
    this.#card.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.end();
      else if (event.key === "ArrowRight") this.#press();
      else if (event.key === "ArrowLeft" && this.#at > 0) this.#go(this.#at - 1, true);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    return { title, text, hint, where, dots, before, next, skip };
  }

  /** He presses Next: where the step waits for something, that is done for him. */
  #press() {
    const step = this.#steps[this.#at];
    if (step?.act === undefined || step.done?.() === true) return this.#next(true);
    step.act();
    this.#next(this.#card.contains(document.activeElement));
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
    setText(where, TEXTS.tour.where(to + 1, this.#steps.length));
    [...dots.children].forEach((dot, i) => dot.classList.toggle("here", i === to));
    before.hidden = to === 0;
    skip.hidden = last;
    setText(next, last ? TEXTS.tour.done : TEXTS.tour.next);
    this.#card.hidden = false;
    this.#place();
    this.#following ??= setInterval(() => this.#follow(), FOLLOW);
    if (focus) next.focus({ preventScroll: true });
    // Who hears the page hears the whole step at once; the card itself is no live region.
    this.#say(TEXTS.tour.told(to + 1, this.#steps.length, step.title, step.text));
    this.dispatchEvent(new Event("step"));
  }

  #follow() {
    const step = this.#steps[this.#at];
    if (step === undefined) return;
    if (step.done?.() === true) return this.#next(this.#card.contains(document.activeElement));
    this.#place();
  }

  /** The ring around what is meant, and the card beside it. */
  #place() {
    const box = this.#steps[this.#at]?.at() ?? null;
    this.#ring.hidden = box === null;
    const { offsetWidth: wide, offsetHeight: high } = this.#card;
    const stage = this.#stage.getBoundingClientRect();
    const about = box ?? { left: stage.left, top: stage.top, right: stage.left, bottom: stage.top };
    const round = about.right - about.left < 60 && Math.abs(about.right - about.left - about.bottom + about.top) < 2;
    const pad = round ? 0 : 5; // a node's name stands close below it
    put(this.#ring, { left: about.left - pad, top: about.top - pad });
    this.#ring.style.width = `${about.right - about.left + 2 * pad}px`;
    this.#ring.style.height = `${about.bottom - about.top + 2 * pad}px`;
    this.#ring.classList.toggle("round", round);
    const { avoid, crowd } = this.#around();
    const place = beside(about, wide, high, { stage, window: { left: 0, top: 0, right: innerWidth, bottom: innerHeight }, avoid, crowd });
    // It does not run about after every node that moves by a little.
    const kept = this.#placed !== null && this.#placed.step === this.#at && place.cost > this.#placed.cost - 1
      && covers(this.#placed, wide, high, [about, ...avoid]) === 0;
    if (!kept) this.#placed = { ...place, step: this.#at };
    put(this.#card, this.#placed ?? place);
  }
}

/** @param {HTMLElement} element @param {{left: number, top: number}} at */
function put(element, { left, top }) {
  const wanted = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  if (element.style.transform !== wanted) element.style.transform = wanted;
}

/**
 * Where a card stands: near what it is about, never on it, rather not on what else is in use, and
 * on as few nodes as can be; within the window. No DOM.
 * @param {Box} box @param {number} wide @param {number} high
 * @param {{stage: Box, window: Box, avoid?: readonly Box[], crowd?: readonly {x: number, y: number}[]}} around
 * @returns {{left: number, top: number, cost: number}}
 */
export function beside(box, wide, high, { stage, window, avoid = [], crowd = [] }) {
  const middle = { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 };
  const candidates = [
    { left: box.left - wide - GAP, top: middle.y - high / 2 }, { left: box.right + GAP, top: middle.y - high / 2 },
    { left: middle.x - wide / 2, top: box.bottom + GAP }, { left: middle.x - wide / 2, top: box.top - high - GAP },
    ...[stage.left + GAP, stage.right - wide - GAP].flatMap((left) => [stage.top + GAP, stage.bottom - high - GAP].map((top) => ({ left, top }))),
  ].map(({ left, top }) => ({
    left: Math.max(window.left + GAP, Math.min(left, window.right - wide - GAP)), top: Math.max(window.top + GAP, Math.min(top, window.bottom - high - GAP)),
  }));
  const cost = (/** @type {{left: number, top: number}} */ at) => {
    const hidden = crowd.filter(({ x, y }) => x > at.left - NODE && x < at.left + wide + NODE && y > at.top - NODE && y < at.top + high + NODE).length;
    const far = Math.hypot(at.left + wide / 2 - middle.x, at.top + high / 2 - middle.y);
    return 1000 * covers(at, wide, high, [box]) + 100 * covers(at, wide, high, avoid) + hidden + far / 400;
  };
  return candidates.map((at) => ({ ...at, cost: cost(at) })).reduce((a, b) => (b.cost < a.cost ? b : a));
}

/** How many boxes a card lies on. @param {{left: number, top: number}} at @param {number} wide @param {number} high @param {readonly Box[]} boxes */
function covers({ left, top }, wide, high, boxes) {
  return boxes.filter((box) => left < box.right && left + wide > box.left && top < box.bottom && top + high > box.top).length;
}
