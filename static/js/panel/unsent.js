/**
 * Of a node's outbox what has not arrived: the messages that wait and the dead letters, each
 * with what can be done about it.
 *
 *   Retry     a waiting one is tried now, a failed one is queued anew
 *   Discard   asks once: the same button, pressed a second time within some seconds, does it
 *
 * Rows are kept while their message is there and only their words change, since each try
 * changes them: whoever is on a button with the keyboard stays there. A row that goes hands the
 * focus to the next one.
 */

import { TEXTS } from "../texts.js";
import { arrange, el, setApart, setAttribute, setText } from "./dom.js";
import { shape } from "./shapes.js";
import { clockTime, promised, timeOfDay, waits } from "./words.js";

/** Milliseconds for which a button remembers that it was pressed once [guess: to read and decide]. */
const ASKS_FOR = 5000;
/** Rows shown of each kind before somebody asks for more: as in node-panel.js. */
const AT_FIRST = 5;

/**
 * @typedef {import("../answers.js").Sent} Sent
 * @typedef {Sent & {next: number|null}} Unsent  next: when it is tried again, milliseconds
 *
 * @typedef {object} Row
 * @property {HTMLElement} element
 * @property {HTMLElement} who
 * @property {HTMLElement} state
 * @property {HTMLElement} sign
 * @property {HTMLElement} words
 * @property {HTMLElement} promise
 * @property {HTMLElement} problem
 * @property {HTMLButtonElement} retry
 * @property {HTMLButtonElement} discard
 * @property {Unsent} message
 * @property {ReturnType<typeof setTimeout>|undefined} asking  while Discard was pressed once
 */

export class UnsentList {
  element;
  #title;
  #status;
  #say;
  #act;
  #head;
  #holder;
  #more;
  /** @type {Map<string, Row>} */
  #rows = new Map();
  #all = false;

  /**
   * @param {{title: string, status: "queued"|"failed", say: (sentence: string) => void,
   *   act: {retry: (id: string) => Promise<void>, discard: (id: string) => Promise<void>}}} parts
   *   both throw where the node refuses, with words for a person
   */
  constructor({ title, status, say, act }) {
    this.#title = title;
    this.#status = status;
    this.#say = say;
    this.#act = act;
    this.#head = el("h3", { class: "unsent-head", tabindex: "-1" });
    this.#holder = el("div", { class: "entries", role: "list", "aria-label": TEXTS.unsent.list[status] });
    this.#more = el("button", { type: "button", class: "button quiet-button more", hidden: true, on: { click: () => {
      this.#all = true;
      this.#paintMore();
    } } });
    this.element = el("div", { class: `unsent unsent-${status}`, hidden: true }, this.#head, this.#holder, this.#more);
  }

  /** Another node is shown. */
  clear() {
    for (const row of this.#rows.values()) clearTimeout(row.asking);
    this.#rows.clear();
    this.#holder.replaceChildren();
    this.#all = false;
    this.element.hidden = true;
  }

  /**
   * @param {Unsent[]} messages newest first, as many as were asked for
   * @param {number} total how many there are
   * @param {{who: (message: Sent) => HTMLElement, sender: string}} about `sender`: the node's state
   */
  render(messages, total, { who, sender }) {
    setText(this.#head, TEXTS.unsent.title(this.#title, Math.max(total, messages.length)));
    const focused = document.activeElement;
    const had = [...this.#holder.children].findIndex((child) => child.contains(focused));
    const ids = new Set(messages.map(({ id }) => id));
    for (const [id, row] of this.#rows) {
      if (ids.has(id)) continue;
      clearTimeout(row.asking);
      this.#rows.delete(id);
    }
    for (const message of messages) {
      const row = this.#rows.get(message.id) ?? this.#make(message, who(message));
      this.#rows.set(message.id, row);
      if (row.message.attempts !== message.attempts || row.message.underWay !== message.underWay) this.#problem(row, "");
      row.message = message;
      this.#paint(row, sender);
    }
    const wanted = messages.map(({ id }) => /** @type {Row} */ (this.#rows.get(id)).element);
    const lost = had >= 0 && !wanted.includes(/** @type {HTMLElement} */ (this.#holder.children[had]));
    arrange(this.#holder, wanted);
    this.element.hidden = messages.length === 0;
    this.#paintMore();
    if (lost) this.#focusNear(had);
  }

  /** @param {Unsent} message @param {HTMLElement} who @returns {Row} */
  #make(message, who) {
    const sign = el("span", { class: "sign" });
    const words = el("span");
    const state = el("p", { class: "letter-state" }, sign, words);
    const promise = el("p", { class: "letter-promise", hidden: true });
    const problem = el("p", { class: "problem", role: "alert", hidden: true });
    const about = /** @type {const} */ ([message.name, message.text.slice(0, 40)]);
    const retry = el("button", { type: "button", class: "button small-button", "aria-label": TEXTS.unsent.retryWhat(...about) }, shape("again"), TEXTS.unsent.retry);
    const discard = el("button", { type: "button", class: "button small-button discard", "aria-label": TEXTS.unsent.discardWhat(...about) }, shape("bin"), el("span", { text: TEXTS.unsent.discard }));
    const element = el("div", { class: "letter", role: "listitem", "data-id": message.id },
      el("header", {}, el("span", { class: "letter-who" }, ...setApart(TEXTS.letter.to, () => [who])), el("time", { text: clockTime(message.at) })),
      el("p", { class: "letter-text", text: message.text }), state, promise, problem,
      el("div", { class: "letter-actions" }, retry, discard));
    /** @type {Row} */
    const row = { element, who, state, sign, words, promise, problem, retry, discard, message, asking: undefined };
    retry.addEventListener("click", () => void this.#do(row, "retry"));
    discard.addEventListener("click", () => {
      if (row.asking === undefined) this.#ask(row);
      else void this.#do(row, "discard");
    });
    discard.addEventListener("blur", () => this.#calm(row));
    discard.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || row.asking === undefined) return;
      event.stopPropagation();
      this.#calm(row);
    });
    return row;
  }

  /** @param {Row} row @param {string} sender */
  #paint({ message, state, sign, words, promise }, sender) {
    const { status, underWay, attempts, reason, at, next, doneAt } = message;
    const shown = status === "failed" ? "failed" : underWay ? "sent" : "waiting";
    if (sign.dataset.shape !== shown) {
      sign.dataset.shape = shown;
      sign.replaceChildren(shape(shown));
      setAttribute(state, "class", `letter-state message-${shown}`);
    }
    setText(words, status === "failed" ? TEXTS.unsent.failedHow(doneAt === null ? "" : timeOfDay(doneAt), attempts, reason ?? TEXTS.unsent.noReason)
      : underWay ? TEXTS.unsent.underWay(attempts) : TEXTS.unsent.waits(waits({ since: at, reason, next }, sender), attempts));
    const least = message.promise === "at-least-once";
    promise.hidden = !least;
    setText(promise, least ? TEXTS.unsent.atLeastOnce : "");
    promise.title = promised(message.promise);
  }

  #paintMore() {
    const rest = this.#rows.size - AT_FIRST;
    this.#more.hidden = this.#all || rest <= 0;
    setText(this.#more, TEXTS.node.more(rest));
    this.#holder.classList.toggle("few", !this.#more.hidden);
  }

  /** A first press of Discard. @param {Row} row */
  #ask(row) {
    row.asking = setTimeout(() => this.#calm(row), ASKS_FOR);
    setText(/** @type {Node} */ (row.discard.lastChild), TEXTS.unsent.really);
    setAttribute(row.discard, "data-asks", "true");
    this.#say(TEXTS.unsent.toldReally);
  }

  /** @param {Row} row */
  #calm(row) {
    clearTimeout(row.asking);
    row.asking = undefined;
    setText(/** @type {Node} */ (row.discard.lastChild), TEXTS.unsent.discard);
    setAttribute(row.discard, "data-asks", null);
  }

  /** @param {Row} row @param {"retry"|"discard"} what */
  async #do(row, what) {
    if (row.element.ariaBusy === "true") return;
    this.#calm(row);
    this.#problem(row, "");
    row.element.ariaBusy = "true"; // and not disabled: the focus stays where it is
    try {
      await this.#act[what](row.message.id);
      this.#say(what === "discard" ? TEXTS.unsent.toldDiscarded : this.#status === "failed" ? TEXTS.unsent.toldQueued : TEXTS.unsent.toldTrying);
    } catch (failure) {
      this.#problem(row, /** @type {Error} */ (failure).message);
    } finally {
      row.element.ariaBusy = null;
    }
  }

  /** @param {Row} row @param {string} sentence */
  #problem(row, sentence) {
    row.problem.hidden = sentence === "";
    setText(row.problem, sentence);
  }

  /** The focus was in a row that is gone. @param {number} at where that stood */
  #focusNear(at) {
    const near = this.#holder.children[Math.min(at, this.#holder.children.length - 1)];
    const button = near?.querySelector("button.small-button");
    if (button instanceof HTMLElement && button.offsetParent !== null) button.focus();
    else this.element.closest("details")?.querySelector("summary")?.focus();
  }
}
