/**
 * What is broken at the moment that is shown, over the picture: one line an act, with the time
 * until it heals by itself, and a way to heal it now. In the page's bar stands one button that
 * heals everything. Neither is there while nothing is broken, and what heals is not there in the
 * past. The seconds are counted only as long as they are seen.
 */

import { arrange, el, setText } from "../panel/dom.js";
import { shape } from "../panel/shapes.js";
import { TEXTS } from "../texts.js";
import { sign } from "./signs.js";

/** Lines before the rest is folded: the picture is what people came for. */
const AT_FIRST = 3;
/** Milliseconds between two looks at the clock. */
const TICK = 1000;

export class BrokenList {
  #host;
  #button;
  #now;
  #say;
  #remove;
  #heal;
  #show;
  #list;
  #more;
  #problem;
  /** @type {import("./standing.js").Entry[]} */
  #entries = [];
  #open = false;
  #allowed = true;
  /** @type {ReturnType<typeof setInterval>|undefined} */
  #ticking;

  /**
   * @param {{host: HTMLElement, bar: HTMLElement, now: () => number, say: (sentence: string) => void,
   *   remove: (path: string) => Promise<any>, heal: import("./acts.js").Command,
   *   show: (keys: number[]) => void}} parts  now: the moment that is shown; show: make nodes stand out
   */
  constructor({ host, bar, now, say, remove, heal, show }) {
    this.#host = host;
    this.#now = now;
    this.#say = say;
    this.#remove = remove;
    this.#heal = heal;
    this.#show = show;
    this.#button = el("button", { type: "button", class: "button heal-button acts", id: "heal", hidden: true, title: heal.what, on: { click: () => void this.#healAll() } },
      sign("heal"), el("span", { text: heal.title }));
    bar.prepend(this.#button);
    this.#list = el("ul", { class: "broken-list", "aria-label": TEXTS.broken.list });
    this.#more = el("button", { type: "button", class: "button small-button quiet-button", on: { click: () => {
      this.#open = !this.#open;
      this.#paint();
    } } });
    this.#problem = el("p", { class: "problem", role: "alert", hidden: true });
    host.append(this.#list, this.#more, this.#problem);
  }

  /** Whether faults can be healed from here. @param {boolean} allowed */
  allow(allowed) {
    this.#allowed = allowed;
    this.#paint();
  }

  /** @param {import("./standing.js").Entry[]} entries */
  render(entries) {
    this.#entries = entries;
    if (entries.length === 0) this.#fail("");
    clearInterval(this.#ticking);
    if (entries.length > 0) this.#ticking = setInterval(() => {
      if (!document.hidden) this.#paint();
    }, TICK);
    this.#paint();
  }

  #paint() {
    const entries = this.#entries;
    this.#host.hidden = entries.length === 0;
    this.#button.hidden = entries.length === 0 || !this.#allowed;
    const shown = this.#open ? entries : entries.slice(0, AT_FIRST);
    const there = new Map([...this.#list.children].map((row) => [/** @type {HTMLElement} */ (row).dataset.entry, /** @type {HTMLLIElement} */ (row)]));
    const now = this.#now();
    arrange(this.#list, shown.map((entry) => {
      const row = there.get(entry.id) ?? this.#row(entry);
      row.dataset.sign = entry.sign;
      setText(/** @type {Node} */ (row.querySelector(".broken-title")), entry.title);
      setText(/** @type {Node} */ (row.querySelector(".broken-left")), countdown(entry.until - now));
      /** @type {HTMLElement} */ (row.querySelector(".broken-heal")).hidden = !this.#allowed || entry.sign === "down";
      return row;
    }));
    this.#more.hidden = entries.length <= AT_FIRST;
    setText(this.#more, this.#open ? TEXTS.broken.fewer : TEXTS.broken.more(entries.length - AT_FIRST));
  }

  /** @param {import("./standing.js").Entry} entry */
  #row(entry) {
    return el("li", { class: "broken-row", "data-entry": entry.id },
      el("button", { type: "button", class: "broken-what", title: TEXTS.broken.asked(entry.by || TEXTS.broken.somebody), on: { click: () => this.#show(this.#entries.find(({ id }) => id === entry.id)?.nodes ?? []) } },
        sign(entry.sign), el("span", { class: "broken-title" })),
      el("span", { class: "broken-left", title: TEXTS.broken.until }),
      el("button", { type: "button", class: "button icon-button quiet-button small-button broken-heal acts", "aria-label": TEXTS.broken.heal, title: TEXTS.broken.heal, on: { click: () => void this.#healOne(entry) } }, shape("close")));
  }

  /** @param {import("./standing.js").Entry} entry */
  async #healOne(entry) {
    await this.#try(async () => {
      await this.#remove(entry.act ? `/api/faults/${encodeURIComponent(entry.id)}` : `/api/nodes/${encodeURIComponent(entry.node)}/faults/${encodeURIComponent(entry.id)}`);
      this.#say(TEXTS.broken.healed(entry.title));
    });
  }

  async #healAll() {
    this.#button.disabled = true;
    await this.#try(async () => this.#say(await this.#heal.run({})));
    this.#button.disabled = false;
  }

  /** @param {() => Promise<void>} work */
  async #try(work) {
    try {
      await work();
      this.#fail("");
    } catch (failure) {
      this.#fail(/** @type {Error} */ (failure).message);
    }
  }

  /** @param {string} sentence */
  #fail(sentence) {
    this.#problem.hidden = sentence === "";
    setText(this.#problem, sentence);
  }
}

/** As a clock that runs down: 0:43. @param {number} ms */
export function countdown(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
