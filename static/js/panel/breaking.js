/**
 * Breaking a node on purpose: what can be done to it, what is set now and for how long, and the
 * way back. The actions are the dashboard's own table (faults/actions.js); what stands below them
 * is what the node itself says.
 *
 * The node is asked when the section is opened, after each action, when a fault should have
 * ended, and now and then while the section is open, as somebody else may break it, too. A
 * section that is closed asks nothing and moves nothing.
 */

import { get, remove } from "../api.js";
import { inFull } from "../faults/actions.js";
import { faultWords } from "../faults/kinds.js";
import { TEXTS } from "../texts.js";
import { arrange, el, setText } from "./dom.js";
import { shape } from "./shapes.js";
import { lasting } from "./words.js";

/** Milliseconds between two questions while the section is open [guess]. */
const ASK_EVERY = 3000;
/** Milliseconds between two paintings of the seconds that are left. */
const TICK = 1000;

/** @typedef {{id: string, kind: string, words: string, until: number}} Shown  until: `performance.now()` */

/**
 * A node's answer as what is shown; what makes no sense is left out.
 * @param {any} said
 * @param {number} now
 * @returns {Shown[]}
 */
export function faultsOf(said, now) {
  /** @type {any[]} */
  const faults = Array.isArray(said?.faults) ? said.faults : [];
  return faults.filter((fault) => typeof fault?.id === "string" && typeof fault.kind === "string" && Number.isFinite(fault.left_seconds))
    .map((fault) => ({ id: fault.id, kind: fault.kind, words: faultWords(fault), until: now + 1000 * fault.left_seconds }));
}

export class Breaking {
  details;
  #say;
  #body;
  #list;
  #problem;
  #count;
  /** @type {{id: string, key: number, name: string}|null} */
  #node = null;
  #can;
  /** Whether the buttons are there. */
  #filled = false;
  #actions = el("div", { class: "breaking-actions", role: "group", "aria-label": TEXTS.breaking.group });
  /** @type {Shown[]} */
  #faults = [];
  #asked = -Infinity;
  #able = true;
  #forbidden = false;
  /** @type {ReturnType<typeof setInterval>|undefined} */
  #ticking;

  /**
   * @typedef {object} Can
   * @property {() => Promise<import("../faults/actions.js").Action[]>} actions
   * @property {(id: string, key: number) => Promise<boolean>} run  does one to a node, and tells
   *
   * @param {{say: (sentence: string) => void, can: () => Can}} parts
   */
  constructor({ say, can }) {
    this.#say = say;
    this.#can = can;
    this.#count = el("span", { class: "section-count" });
    this.#problem = el("p", { class: "problem", hidden: true });
    this.#list = el("div", { class: "faults" });
    this.#body = el("div", { class: "section-body breaking" },
      this.#actions, this.#list, this.#problem);
    this.details = el("details", { class: "section", on: { toggle: () => this.#toggled() } },
      el("summary", {}, shape("fold"), el("span", { text: TEXTS.breaking.title }), this.#count), this.#body);
  }

  /** Another node is shown, or none. @param {{id: string, key: number, name: string}|null} node */
  choose(node) {
    if (node?.id === this.#node?.id) return;
    this.#node = node;
    this.#faults = [];
    this.#asked = -Infinity;
    this.#fail("");
    this.#paint();
    if (this.details.open) void this.#ask();
  }

  /** Whether anything can be done to it. @param {boolean} able */
  allow(able) {
    this.#able = able;
    this.details.hidden = !able || this.#forbidden;
  }

  /** Whether faults are switched off here, and why. @param {string|null} why null: they are not */
  forbid(why) {
    this.#forbidden = why !== null;
    this.allow(this.#able);
  }

  #toggled() {
    clearInterval(this.#ticking);
    if (!this.details.open) return;
    this.#ticking = setInterval(() => this.#tick(), TICK);
    void this.#fill();
    void this.#ask();
  }

  /** The buttons, the first time that somebody looks. */
  async #fill() {
    if (this.#filled) return;
    this.#filled = true;
    try {
      this.#actions.replaceChildren(...(await this.#can().actions()).map((action) =>
        el("button", { type: "button", class: "button small-button", title: inFull(action), text: action.name, on: { click: () => void this.#set(action.id) } })));
    } catch (failure) {
      this.#filled = false; // asked again when it is opened again
      this.#fail(TEXTS.breaking.unknown(/** @type {Error} */ (failure).message));
    }
  }

  #tick() {
    if (document.hidden || this.details.offsetParent === null) return;
    const now = performance.now();
    const over = this.#faults.some((fault) => fault.until <= now);
    this.#faults = this.#faults.filter((fault) => fault.until > now);
    this.#paint();
    if (over || now - this.#asked >= ASK_EVERY) void this.#ask();
  }

  async #ask() {
    const node = this.#node;
    if (node === null) return;
    this.#asked = performance.now();
    let said;
    try {
      said = await get(path(node));
    } catch (failure) {
      if (node === this.#node) this.#fail(TEXTS.breaking.unasked(/** @type {Error} */ (failure).message));
      return;
    }
    if (node !== this.#node) return;
    this.#fail("");
    this.#faults = faultsOf(said, performance.now());
    this.#paint();
  }

  /** @param {string} id */
  async #set(id) {
    const node = this.#node;
    if (node === null) return;
    await this.#do(async () => void await this.#can().run(id, node.key));
  }

  /** @param {Shown} fault */
  #heal(fault) {
    const node = this.#node;
    if (node === null) return;
    void this.#do(async () => {
      await remove(`${path(node)}/${encodeURIComponent(fault.id)}`);
      this.#say(TEXTS.breaking.healed(fault.words, node.name));
    });
  }

  /** @param {() => Promise<void>} act */
  async #do(act) {
    this.#body.ariaBusy = "true";
    try {
      await act();
      this.#fail("");
      await this.#ask();
    } catch (failure) {
      this.#fail(/** @type {Error} */ (failure).message);
    } finally {
      this.#body.ariaBusy = null;
    }
  }

  /** @param {string} sentence */
  #fail(sentence) {
    this.#problem.hidden = sentence === "";
    setText(this.#problem, sentence);
  }

  #paint() {
    setText(this.#count, this.#faults.length === 0 ? "" : TEXTS.faults(this.#faults.length));
    const now = performance.now();
    const there = new Map([...this.#list.children].map((row) => [/** @type {HTMLElement} */ (row).dataset.fault, row]));
    arrange(this.#list, this.#faults.map((fault) => {
      const row = there.get(fault.id) ?? el("div", { class: "fault", "data-fault": fault.id },
        el("span", { class: "fault-words", text: fault.words }), el("span", { class: "fault-left" }),
        el("button", { type: "button", class: "button small-button", on: { click: () => this.#heal(fault) } }, shape("again"), TEXTS.breaking.heal));
      setText(/** @type {Node} */ (row.children[1]), TEXTS.breaking.left(lasting(fault.until - now)));
      return row;
    }));
  }
}

/** @param {{id: string}} node */
function path(node) {
  return `/api/nodes/${encodeURIComponent(node.id)}/faults`;
}
