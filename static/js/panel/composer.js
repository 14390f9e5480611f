/**
 * Click-to-send, and broadcast. A few steps, one small window over the picture:
 *
 *   pick     who sends is known; who gets it is clicked in the picture or typed
 *   write    both are known; the cursor is in the text, Enter sends
 *   all      a broadcast: only who sends it is known, and that is enough
 *   told     under the text stands how far each message is, live, and the cursor is in the
 *            text again: type, Enter, type, Enter
 *
 * They leave in the order in which they were typed: the next one is asked for when the node has
 * taken the one before. Two requests under way may overtake each other.
 *
 * Esc goes out. The picture's pick mode is started and ended here and nowhere else.
 */

import { acting } from "../acting.js";
import { ApiFailure, post } from "../api.js";
import { TEXTS } from "../texts.js";
import { el, setAttribute, setText } from "./dom.js";
import { NodeChoice } from "./node-choice.js";
import { nodeShape, shape } from "./shapes.js";
import { messageShape, messageState } from "./words.js";

/** @typedef {{id: string|null, text: string, problem: string|null, line: HTMLElement, said: string}} Send */

/** Messages whose state is told under the text. */
const TOLD = 3;
/** Characters of a message: contract/limits.py, MAX_TEXT. */
const LONGEST = 10_000;

/** Where it may stand, the best first: at which edge, and how far along it, from 0 to 1. */
const PLACES = Array.from({ length: 11 }, (_, step) => [0.5 - step / 20, 0.5 + step / 20]).flat()
  .flatMap((along) => [{ edge: "bottom", along }, { edge: "top", along }]);
/** How high a line is that tells of a message, its own distance from the edges (both as in the CSS,
 *  in pixels), and how far around its middle a node with its name reaches. */
const LINE = 24;
const EDGE = 14;
const NODE = 36;
/** … and how far around it something must be free, so that it can be clicked. */
const HELD = 10;

/** Milliseconds after the view has moved last [guess: a hand that drags pauses for less]. */
const AFTER_MOVING = 200;

export class Composer extends EventTarget {
  /** @type {"closed"|"pick"|"write"|"all"} */
  step = "closed";
  /** @type {number|null} */
  from = null;
  /** @type {number|null} */
  to = null;
  /** How many the nodes have taken. */
  sent = 0;
  /** The last one that a sender was asked for, over when it has answered. @type {Map<string, Promise<void>>} */
  #last = new Map();

  #form;
  #model;
  #picture;
  #say;
  /** Newest first. @type {Send[]} */
  #sends = [];
  #parts;
  #stands = PLACES[0];
  /** @type {ReturnType<typeof setTimeout>|undefined} the view moves, or did just now */
  #moving;

  /**
   * @param {{form: HTMLFormElement, model: import("../model.js").Model,
   *   picture: import("../picture.js").Picture, say: (sentence: string) => void}} parts
   */
  constructor({ form, model, picture, say }) {
    super();
    this.#form = form;
    this.#model = model;
    this.#picture = picture;
    this.#say = say;
    this.#parts = this.#build();
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send();
    });
    // The nodes have moved since, and the one that is looked for may lie under it now. Not under
    // a hand, though: what somebody is about to press stays where it is.
    const makeWay = () => {
      if (this.step === "pick" && !form.matches(":hover")) this.#place(true);
    };
    picture.addEventListener("rest", makeWay);
    picture.addEventListener("view", () => {
      clearTimeout(this.#moving);
      this.#moving = setTimeout(makeWay, AFTER_MOVING);
    });
    form.addEventListener("pointerleave", makeWay);
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.close();
    });
  }

  #build() {
    const parts = {
      from: el("span", { class: "end" }),
      to: el("button", { type: "button", class: "end end-button", title: TEXTS.composer.receiver, on: { click: () => {
        if (this.from !== null) this.pick(this.from);
      } } }),
      all: el("span", { class: "end", id: "everybody" }, shape("broadcast"), el("span", { class: "end-name", text: TEXTS.composer.everybody })),
      text: el("input", { type: "text", class: "field", id: "message-text", "aria-label": TEXTS.composer.text, placeholder: TEXTS.composer.placeholder, maxlength: String(LONGEST), autocomplete: "off" }),
      go: el("button", { type: "submit", class: "button primary", id: "message-send" }, TEXTS.composer.send),
      problem: el("p", { class: "problem", role: "alert", hidden: true }),
      told: el("ul", { class: "told", id: "told", "aria-label": TEXTS.composer.told }),
      choice: new NodeChoice({
        label: TEXTS.composer.who,
        candidates: () => [...this.#model.nodes.values()].filter((node) => node.key !== this.from && node.state !== "left"),
        chosen: (key) => {
          if (this.from !== null) this.write(this.from, key);
        },
        failed: (sentence) => this.#problem(sentence),
      }),
      write: /** @type {HTMLElement|null} */ (null),
    };
    parts.write = el("div", { class: "composer-write" }, parts.text, parts.go);
    const close = el("button", { type: "button", class: "button icon-button quiet-button", id: "composer-close", "aria-label": TEXTS.composer.close, title: TEXTS.composer.close, on: { click: () => this.close() } }, shape("close"));
    this.#form.append(el("div", { class: "composer-rows" },
      el("div", { class: "composer-pair" }, parts.from, el("span", { class: "arrow", text: "→" }), parts.choice.element, parts.to, parts.all),
      parts.write, close, parts.problem, parts.told));
    return parts;
  }

  /** Ask who should get a message from this node. @param {number} from */
  pick(from) {
    const node = this.#model.nodes.get(from);
    if (node === undefined || this.#onlyLooks()) return;
    this.#enter("pick", from, null);
    this.#parts.choice.clear();
    this.#parts.choice.input.focus();
    this.#picture.startPick(from);
    this.#say(TEXTS.composer.picking(node.name));
  }

  /** Both ends are known: write. @param {number} from @param {number} to */
  write(from, to) {
    if (!this.#model.nodes.has(from) || !this.#model.nodes.has(to) || this.#onlyLooks()) return;
    this.#picture.cancelPick();
    this.#enter("write", from, to);
    this.#parts.text.focus();
  }

  /** Write to everybody. @param {number} from */
  broadcast(from) {
    const node = this.#model.nodes.get(from);
    if (node === undefined || this.#onlyLooks()) return;
    this.#picture.cancelPick();
    this.#enter("all", from, null);
    this.#parts.text.focus();
    this.#say(TEXTS.composer.broadcasting(node.name));
  }

  /** Whether nothing can be sent from this page; says why. */
  #onlyLooks() {
    if (!acting.allowed) this.#say(acting.why);
    return !acting.allowed;
  }

  close() {
    if (this.step === "closed") return;
    this.#picture.cancelPick();
    this.#enter("closed", null, null);
    this.#parts.text.value = "";
    for (const send of this.#sends) send.line.remove();
    this.#sends = [];
  }

  /**
   * @param {"closed"|"pick"|"write"|"all"} step
   * @param {number|null} from
   * @param {number|null} to
   */
  #enter(step, from, to) {
    const had = this.#form.contains(document.activeElement);
    this.step = step;
    this.from = from;
    this.to = to;
    this.#problem("");
    this.#form.hidden = step === "closed";
    setAttribute(this.#form, "data-step", step);
    this.#parts.choice.element.hidden = step !== "pick";
    this.#parts.to.hidden = step !== "write";
    this.#parts.all.hidden = step !== "all";
    if (this.#parts.write !== null) this.#parts.write.hidden = step !== "write" && step !== "all";
    setText(this.#parts.go, step === "all" ? TEXTS.composer.broadcast : TEXTS.composer.send);
    this.#parts.text.placeholder = step === "all" ? TEXTS.composer.placeholderAll : TEXTS.composer.placeholder;
    setAttribute(this.#form, "aria-label", step === "all" ? TEXTS.composer.titleAll : TEXTS.composer.title);
    this.render();
    if (step !== "closed") this.#place();
    this.dispatchEvent(new CustomEvent("step", { detail: { step, had } }));
  }

  /**
   * Stand where neither end of the message is covered, and of the others as few as can be; as long
   * as the receiver is looked for, any node may be it.
   * @param {boolean} [stays] where it is, if every node can be clicked there
   */
  #place(stays = false) {
    const stage = /** @type {HTMLElement} */ (this.#form.offsetParent);
    const picking = this.step === "pick";
    const places = (/** @type {Iterable<number|null>} */ keys) => [...keys]
      .flatMap((key) => (key === null ? [] : this.#picture.screenPosition(key) ?? []));
    const all = places(this.#model.nodes.keys());
    const ends = picking ? all : places([this.from, this.to]);
    const { width, height: now } = this.#form.getBoundingClientRect(); // as it is seen, zoomed
    const height = picking ? now : now + (TOLD - this.#sends.length) * LINE; // more will be told
    const covered = (/** @type {typeof PLACES[number]} */ { edge, along }) => {
      const left = EDGE + along * (stage.clientWidth - width - 2 * EDGE);
      const top = edge === "top" ? EDGE : stage.clientHeight - height - EDGE;
      const within = (/** @type {number} */ room, of = ends) => of.filter(({ x, y }) =>
        x > left - room && x < left + width + room && y > top - room && y < top + height + room).length;
      // One whose middle is free can be clicked, if need be.
      return picking ? 10_000 * within(0) + 100 * within(HELD) + within(NODE) : 10_000 * within(NODE) + within(HELD, all);
    };
    if (stays && covered(this.#stands) < 100) return;
    this.#stands = PLACES.reduce((a, b) => (covered(b) < covered(a) ? b : a));
    setAttribute(this.#form, "data-edge", this.#stands.edge);
    this.#form.style.setProperty("--along", String(this.#stands.along));
  }

  /** Paint names and the state of what was sent; called when the model changed. */
  render() {
    if (this.step === "closed") return;
    this.#end(this.#parts.from, this.from);
    this.#end(this.#parts.to, this.to);
    for (const send of this.#sends) this.#tell(send);
  }

  /** @param {HTMLElement} element @param {number|null} key */
  #end(element, key) {
    const node = key === null ? undefined : this.#model.nodes.get(key);
    const mark = node === undefined ? "" : `${node.name}/${nodeShape(node)}`;
    if (element.dataset.mark === mark) return;
    element.dataset.mark = mark;
    element.replaceChildren(...(node === undefined ? [] : [shape(nodeShape(node)), el("span", { class: "end-name", text: node.name })]));
  }

  async #send() {
    const text = this.#parts.text.value;
    const from = this.from === null ? undefined : this.#model.nodes.get(this.from);
    const to = this.to === null ? undefined : this.#model.nodes.get(this.to);
    const toAll = this.step === "all";
    if (this.step !== "write" && !toAll) return;
    if (from === undefined || (to === undefined && !toAll)) return this.#problem(TEXTS.composer.gone);
    if (text.trim() === "") return this.#problem(TEXTS.composer.nothing);
    this.#problem("");
    const line = el("li", { class: "told-line" });
    /** @type {Send} */
    const send = { id: null, text, problem: null, line, said: "" };
    this.#sends.unshift(send);
    for (const old of this.#sends.splice(TOLD)) old.line.remove();
    this.#parts.told.prepend(line);
    this.#parts.text.value = "";
    this.#tell(send);
    const before = this.#last.get(from.id);
    const asked = (async () => {
      await before;
      await this.#ask(send, from, to);
    })();
    this.#last.set(from.id, asked);
    await asked;
    if (this.#last.get(from.id) === asked) this.#last.delete(from.id);
    this.#tell(send);
  }

  /**
   * Have a node send it, or say what hinders it.
   * @param {Send} send
   * @param {import("../types.d.ts").NodeView} from
   * @param {import("../types.d.ts").NodeView|undefined} to undefined: to everybody
   */
  async #ask(send, from, to) {
    try {
      const answer = to === undefined ? await post("/api/broadcast", { from: from.id, msg: send.text })
        : await post("/api/send", { from: from.id, to: to.id, msg: send.text });
      send.id = String(answer.id);
      this.sent += 1;
    } catch (failure) {
      // The page sees all of the network, the sender only what it has heard of.
      const unheard = failure instanceof ApiFailure && failure.status === 404 && failure.field === "to";
      send.problem = unheard && to !== undefined
        ? TEXTS.composer.unheard(from.name, to.name)
        : /** @type {Error} */ (failure).message;
      // What was typed is not lost: it stands there to be sent again.
      if (this.#parts.text.value === "") this.#parts.text.value = send.text;
    }
  }

  /** @param {Send} send */
  #tell(send) {
    const message = send.id === null ? undefined : this.#model.messages.get(send.id);
    const state = send.problem !== null ? "failed" : message === undefined ? "queued" : messageShape(message);
    const words = send.problem !== null ? TEXTS.composer.notSent(send.problem)
      : message !== undefined ? messageState(message) : send.id === null ? TEXTS.composer.sending : TEXTS.composer.queued;
    if (send.said === words) return;
    send.said = words;
    setAttribute(send.line, "data-state", state);
    send.line.replaceChildren(shape(state), el("span", { class: "told-text", text: send.text }), el("span", { class: "told-how", text: words }));
    // Each try changes the words of one that waits; that it waits is said once.
    const first = state !== send.line.dataset.told;
    if (state === "delivered" || state === "failed" || (state === "waiting" && first)) this.#say(TEXTS.composer.toldHow(send.text.slice(0, 60), words));
    send.line.dataset.told = state;
  }

  /** @param {string} sentence */
  #problem(sentence) {
    this.#parts.problem.hidden = sentence === "";
    setText(this.#parts.problem, sentence);
  }
}
