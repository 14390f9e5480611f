/**
 * What a screen reader says: news from the network, politely and not too often.
 *
 * A live region that changes ten times a second is noise. News are collected and told
 * together, at most every few seconds; what the person did is told at once, where nothing was
 * told in the last half second, and else the last of it after that: so whatever happens, there
 * are at most two sentences a second, and the last one is always told.
 */

import { TEXTS } from "./texts.js";

/** Milliseconds between two announcements of news [guess: about one spoken sentence]. */
const EVERY = 3000;
/** Milliseconds between any two sentences: a reader that is given more drops the first ones
 * unspoken [guess]. */
const GAP = 500;
/** Names told one by one; more are counted. */
const NAMED = 3;

/** @type {Readonly<Partial<Record<string, (who: string, n: number) => string>>>} */
const BECAME = TEXTS.news.became;

export class Announcer {
  #region;
  /** @type {Map<string, string[]>} what happened → to whom */
  #news = new Map();
  /** What is to be said of the whole network; "" for nothing. */
  #line = "";
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  /** Set while a sentence is fresh. @type {ReturnType<typeof setTimeout>|undefined} */
  #fresh;
  /** What is to be said after that. @type {string|null} */
  #next = null;

  /** @param {Pick<HTMLElement, "textContent">} region the `aria-live` element */
  constructor(region) {
    this.#region = region;
  }

  /** Say something now: the answer to what the person did. @param {string} sentence */
  say(sentence) {
    if (this.#fresh !== undefined) {
      this.#next = sentence;
      return;
    }
    this.#region.textContent = sentence;
    this.#fresh = setTimeout(() => {
      this.#fresh = undefined;
      const next = this.#next;
      this.#next = null;
      if (next !== null) this.say(next);
    }, GAP);
  }

  /**
   * Something happened to a node; told soon, together with the like.
   * @param {string} name
   * @param {string} what  `joined`, or the state that it has now
   */
  news(name, what) {
    const names = this.#news.get(what) ?? [];
    names.push(name);
    this.#news.set(what, names);
    this.#timer ??= setTimeout(() => this.#tell(), EVERY);
  }

  /** The network as a whole is different; told with the news. @param {string} line */
  tidings(line) {
    this.#line = line;
    this.#timer ??= setTimeout(() => this.#tell(), EVERY);
  }

  #tell() {
    this.#timer = undefined;
    const sentences = [...this.#news].flatMap(([what, names]) => {
      const told = BECAME[what];
      if (told === undefined) return []; // a state that this page does not know
      const who = TEXTS.news.who(names.length <= NAMED ? names.join(", ") : "", names.length);
      return [told(who, names.length)];
    });
    this.#news.clear();
    if (this.#line !== "") sentences.push(this.#line);
    this.#line = "";
    if (sentences.length === 0) return;
    this.say(`${sentences.join(". ")}.`);
  }
}

/**
 * Watches the model for joins, deaths and returns, and for a network that falls apart or is
 * whole again.
 * @param {import("./model.js").Model} model
 * @param {Announcer} announcer
 */
export function announceNodes(model, announcer) {
  /** @type {Map<number, string>|null} */
  let before = null;
  /** @type {string|undefined} */
  let whole;
  model.follow((change) => {
    if (change.jump) { // another moment is no news
      before = null;
      whole = undefined;
    }
    const { summary } = model;
    if (summary !== null && summary.state !== whole) {
      if (whole !== undefined) announcer.tidings(summary.line);
      whole = summary.state;
    }
    if (!change.nodes) return;
    const now = new Map([...model.nodes.values()].map((node) => [node.key, node.state]));
    if (before !== null) {
      for (const [key, state] of now) {
        const was = before.get(key);
        if (was === state) continue;
        const name = model.nodes.get(key)?.name ?? "";
        if (was === undefined) announcer.news(name, "joined");
        else announcer.news(name, state);
      }
    }
    before = now;
  });
}
