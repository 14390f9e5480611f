/**
 * What a node told last, as the recording has it: up to now, or up to the moment that is shown.
 *
 * The recording is asked while the section is open: when another node or another moment is shown,
 * and now and then, as things go on happening. A section that is closed asks nothing.
 */

import { recordsOf } from "../answers.js";
import { get } from "../api.js";
import { TEXTS } from "../texts.js";
import { clock, recorded } from "../time/words.js";
import { arrange, el, setText } from "./dom.js";
import { shape } from "./shapes.js";

/** Events that are shown at most: a few glances. */
const SHOWN = 30;
/** Milliseconds between two questions while the section is open [guess]. */
const ASK_EVERY = 2000;

/** @typedef {{at: number, run: string|null}} Past */

export class RecentEvents {
  details;
  #past;
  #list = el("ol", { class: "recent-events" });
  #line = el("p", { class: "nothing", text: TEXTS.recent.asking });
  /** @type {string|null} */
  #node = null;
  /** What was asked for last, and when. */
  #asked = { query: "", at: -Infinity };
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /** @param {{past: () => Past|null}} parts  the moment that is shown; null: the present */
  constructor({ past }) {
    this.#past = past;
    this.details = el("details", { class: "section", on: { toggle: () => this.#look() } },
      el("summary", {}, shape("fold"), el("span", { text: TEXTS.recent.title })),
      el("div", { class: "section-body" }, this.#line, this.#list));
  }

  /** Another node is shown, or none. @param {string|null} node its id */
  choose(node) {
    if (node === this.#node) return;
    this.#node = node;
    this.#asked = { query: "", at: -Infinity };
    this.#list.replaceChildren();
    this.#say(TEXTS.recent.asking);
    this.#look();
  }

  /** Another moment may be shown. */
  render() {
    if (this.#query() !== this.#asked.query) this.#look();
  }

  /** @param {string} sentence "": there is something to read */
  #say(sentence) {
    this.#line.hidden = sentence === "";
    setText(this.#line, sentence);
  }

  #query() {
    const past = this.#past();
    const until = past === null ? "" : `&to=${Math.floor(past.at)}${past.run === null ? "" : `&run=${encodeURIComponent(past.run)}`}`;
    return this.#node === null ? "" : `/api/history?newest=1&limit=${SHOWN}&node=${encodeURIComponent(this.#node)}${until}`;
  }

  /** Ask as soon as it is time, and go on as long as somebody may see it. */
  #look() {
    clearTimeout(this.#timer);
    if (this.#node === null || !this.details.open) return;
    this.#timer = setTimeout(() => void this.#ask(), Math.max(0, this.#asked.at + ASK_EVERY - performance.now()));
  }

  async #ask() {
    const query = this.#query();
    if (document.visibilityState !== "visible" || !this.details.checkVisibility()) {
      this.#timer = setTimeout(() => void this.#ask(), ASK_EVERY);
      return;
    }
    this.#asked = { query, at: performance.now() };
    try {
      const answer = await get(query);
      if (query === this.#query()) this.#paint(recordsOf(answer));
    } catch (failure) {
      this.#list.replaceChildren();
      this.#say(TEXTS.recent.unread(/** @type {Error} */ (failure).message));
    }
    // What was stays as it was; now more happens.
    if (this.#past() === null || query !== this.#query()) this.#look();
  }

  /** @param {import("../answers.js").Told[]} records */
  #paint(records) {
    this.#say(records.length === 0 ? TEXTS.recent.none : "");
    const there = new Map([...this.#list.children].map((row) => [/** @type {HTMLElement} */ (row).dataset.place, row]));
    arrange(this.#list, records.toReversed().map((record) => there.get(record.place)
      ?? el("li", { "data-place": record.place }, el("time", { text: clock(record.at, 1) }), " ", el("span", { text: recorded(record) }))));
  }
}
