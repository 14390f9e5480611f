/**
 * Breaking a node on purpose: what can be done to it, what is set now and for how long, and the
 * way back. The actions are one small table; what stands below them is what the node itself says.
 *
 * The node is asked when the section is opened, after each action, when a fault should have
 * ended, and now and then while the section is open, as somebody else may break it, too. A
 * section that is closed asks nothing and moves nothing.
 */

import { get, post, remove } from "../api.js";
import { arrange, el, setText } from "./dom.js";
import { shape } from "./shapes.js";
import { counted, lasting } from "./words.js";

/**
 * What a person can do with one press. Those that act on what is said between nodes last a
 * minute, those that take the node away some seconds: long enough to see that it is missed.
 */
export const ACTIONS = /** @type {const} */ ([
  { name: "Crash", title: "The process dies without clean-up, and comes back after 10 s", wish: { kind: "crash", down_seconds: 10 } },
  { name: "Freeze", title: "It answers nothing and does nothing for 20 s", wish: { kind: "freeze", for_seconds: 20 } },
  { name: "Isolate", title: "Nothing gets to it or from it for 30 s", wish: { kind: "drop", for_seconds: 30 } },
  { name: "Slow", title: "Everything it hears and says is 300 ms late, for a minute", wish: { kind: "delay", mean_ms: 300, jitter_ms: 50, for_seconds: 60 } },
  { name: "Lossy", title: "Three in ten requests and answers are lost, for a minute", wish: { kind: "drop", probability: 0.3, for_seconds: 60 } },
  { name: "Disk full", title: "It can store nothing for 30 s", wish: { kind: "disk-full", for_seconds: 30 } },
]);

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

/** A fault in a few words. @param {any} fault */
export function faultWords(fault) {
  const peers = Array.isArray(fault.peers) ? fault.peers.map((/** @type {any} */ peer) => String(peer?.name ?? "")).filter(Boolean) : null;
  const whom = peers === null ? "" : peers.length > 3 ? `, towards ${peers.slice(0, 3).join(", ")} and ${counted(peers.length - 3, "other")}` : `, towards ${peers.join(", ")}`;
  const way = fault.direction === "in" ? ", what comes in" : fault.direction === "out" ? ", what goes out" : "";
  switch (fault.kind) {
    case "drop": return `${fault.probability >= 1 ? "cut off" : `loses ${Math.round(100 * Number(fault.probability))} %`}${whom}${way}`;
    case "delay": return `late by ${Number(fault.mean_ms)} ms${whom}${way}`;
    case "disk-full": return "disk full";
    default: return `${fault.kind}${whom}${way}`;
  }
}

export class Breaking {
  details;
  #say;
  #body;
  #list;
  #problem;
  #count;
  /** @type {{id: string, name: string}|null} */
  #node = null;
  /** @type {Shown[]} */
  #faults = [];
  #asked = -Infinity;
  /** @type {ReturnType<typeof setInterval>|undefined} */
  #ticking;
  /** @type {HTMLButtonElement[]} */
  #buttons;

  /** @param {{say: (sentence: string) => void}} parts */
  constructor({ say }) {
    this.#say = say;
    this.#count = el("span", { class: "section-count" });
    this.#problem = el("p", { class: "problem", hidden: true });
    this.#list = el("div", { class: "faults" });
    this.#buttons = ACTIONS.map(({ name, title, wish }) =>
      el("button", { type: "button", class: "button small-button", title, text: name, on: { click: () => void this.#set(name, wish) } }));
    this.#body = el("div", { class: "section-body breaking" },
      el("div", { class: "breaking-actions", role: "group", "aria-label": "Break this node on purpose" }, ...this.#buttons),
      this.#list, this.#problem);
    this.details = el("details", { class: "section", on: { toggle: () => this.#toggled() } },
      el("summary", {}, shape("fold"), el("span", { text: "Break it" }), this.#count), this.#body);
  }

  /** Another node is shown, or none. @param {{id: string, name: string}|null} node */
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
    this.details.hidden = !able;
  }

  #toggled() {
    clearInterval(this.#ticking);
    if (!this.details.open) return;
    this.#ticking = setInterval(() => this.#tick(), TICK);
    void this.#ask();
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
      if (node === this.#node) this.#fail(`It cannot be asked: ${/** @type {Error} */ (failure).message}`);
      return;
    }
    if (node !== this.#node) return;
    this.#fail("");
    this.#faults = faultsOf(said, performance.now());
    this.#paint();
  }

  /** @param {string} name @param {object} wish */
  async #set(name, wish) {
    const node = this.#node;
    if (node === null) return;
    await this.#do(async () => {
      await post("/api/faults", { ...wish, nodes: [node.id], by: "the page" });
      this.#say(`${name}: ${node.name}.`);
    });
  }

  /** @param {Shown} fault */
  #heal(fault) {
    const node = this.#node;
    if (node === null) return;
    void this.#do(async () => {
      await remove(`${path(node)}/${encodeURIComponent(fault.id)}`);
      this.#say(`Healed: ${fault.words} at ${node.name}.`);
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
    setText(this.#count, this.#faults.length === 0 ? "" : counted(this.#faults.length, "fault"));
    const now = performance.now();
    const there = new Map([...this.#list.children].map((row) => [/** @type {HTMLElement} */ (row).dataset.fault, row]));
    arrange(this.#list, this.#faults.map((fault) => {
      const row = there.get(fault.id) ?? el("div", { class: "fault", "data-fault": fault.id },
        el("span", { class: "fault-words", text: fault.words }), el("span", { class: "fault-left" }),
        el("button", { type: "button", class: "button small-button", on: { click: () => this.#heal(fault) } }, shape("again"), "Heal"));
      setText(/** @type {Node} */ (row.children[1]), `${lasting(fault.until - now)} left`);
      return row;
    }));
  }
}

/** @param {{id: string}} node */
function path(node) {
  return `/api/nodes/${encodeURIComponent(node.id)}/faults`;
}
