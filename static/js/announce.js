/**
 * What a screen reader says: news from the network, politely and not too often.
 *
 * A live region that changes ten times a second is noise. News are collected and told
 * together, at most every few seconds; what the person did is told at once.
 */

import { counted } from "./panel/words.js";

/** Milliseconds between two announcements of news [guess: about one spoken sentence]. */
const EVERY = 3000;
/** Names told one by one; more are counted. */
const NAMED = 3;

export class Announcer {
  #region;
  /** @type {Map<string, string[]>} what happened → to whom */
  #news = new Map();
  /** @type {number|undefined} */
  #timer;

  /** @param {HTMLElement} region the `aria-live` element */
  constructor(region) {
    this.#region = region;
  }

  /** Say something now: the answer to what the person did. @param {string} sentence */
  say(sentence) {
    this.#region.textContent = sentence;
  }

  /**
   * Something happened to a node; told soon, together with the like.
   * @param {string} name
   * @param {string} what `joined`, `is dead` …
   */
  news(name, what) {
    const names = this.#news.get(what) ?? [];
    names.push(name);
    this.#news.set(what, names);
    this.#timer ??= setTimeout(() => this.#tell(), EVERY);
  }

  #tell() {
    this.#timer = undefined;
    const sentences = [...this.#news].map(([what, names]) =>
      names.length <= NAMED ? `${names.join(", ")} ${what}` : `${counted(names.length, "node")}: ${what}`);
    this.#news.clear();
    this.say(`${sentences.join(". ")}.`);
  }
}

/**
 * Watches the model for joins, deaths and returns.
 * @param {import("./model.js").Model} model
 * @param {Announcer} announcer
 */
export function announceNodes(model, announcer) {
  /** @type {Map<number, string>|null} */
  let before = null;
  model.addEventListener("change", (event) => {
    const change = /** @type {CustomEvent<import("./model.js").Change>} */ (event).detail;
    if (!change.nodes) return;
    if (change.jump) before = null; // another moment is no news
    const now = new Map([...model.nodes.values()].map((node) => [node.key, node.state]));
    if (before !== null) {
      for (const [key, state] of now) {
        const was = before.get(key);
        if (was === state) continue;
        const name = model.nodes.get(key)?.name ?? "";
        if (was === undefined) announcer.news(name, "joined");
        else announcer.news(name, state === "alive" ? "is back" : `is ${state === "left" ? "gone, it said goodbye" : state}`);
      }
    }
    before = now;
  });
}
