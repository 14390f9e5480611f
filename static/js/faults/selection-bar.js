/**
 * The bar over the picture while several nodes are chosen: how many, for how long, and what to do.
 * What destroys asks first, in the bar itself; Esc says no.
 */

import { el, setText } from "../panel/dom.js";
import { shape } from "../panel/shapes.js";
import { TEXTS } from "../texts.js";
import { able } from "./acts.js";
import { sign } from "./signs.js";

/** For how long. Seconds [guess: a look, a minute, a part of a lesson; a fault lasts an hour at most]. */
const LASTS = /** @type {const} */ ([10, 30, 60, 300, 1800]);
/** Characters of a message: contract/limits.py, MAX_TEXT. */
const LONGEST = 10_000;
/** Messages that are asked for side by side [guess: a browser has six connections]. */
const AT_ONCE = 5;

export class SelectionBar {
  #host;
  #model;
  #chosen;
  #commands;
  #say;
  #post;
  #parts;
  /** @type {"acts"|"ask"|"send"} */
  #showing = "acts";
  #allowed = true;

  /**
   * @param {{host: HTMLElement, model: import("../model.js").Model, chosen: import("./chosen.js").Chosen,
   *   commands: import("./acts.js").Command[], say: (sentence: string) => void,
   *   post: (path: string, body: object) => Promise<any>}} parts
   */
  constructor({ host, model, chosen, commands, say, post }) {
    this.#host = host;
    this.#model = model;
    this.#chosen = chosen;
    this.#say = say;
    this.#post = post;
    this.#commands = commands.filter((command) => command.on === "selection");
    this.#parts = this.#build();
    chosen.addEventListener("change", () => {
      this.#show("acts");
      this.#fail("");
      this.render();
    });
    host.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      if (!this.back()) chosen.clear();
    });
    this.render();
  }

  /** What else can be done to the chosen nodes. @param {import("./acts.js").Command[]} commands */
  add(commands) {
    this.#commands.push(...commands);
    this.#parts.acts.lastElementChild?.before(...commands.map((command) => this.#button(command)));
    this.render();
  }

  /** Whether faults can be set at all. @param {boolean} allowed */
  allow(allowed) {
    this.#allowed = allowed;
    this.render();
  }

  /** One step back; false where there is none. */
  back() {
    if (this.#showing === "acts") return false;
    this.#show("acts");
    this.#parts.acts.querySelector("button")?.focus();
    return true;
  }

  #build() {
    const parts = {
      count: el("strong", { class: "chosen-count" }),
      lasts: el("select", { class: "choice", "aria-label": TEXTS.chosen.lastsWhat, title: TEXTS.chosen.lastsWhat },
        ...LASTS.map((seconds) => el("option", { value: String(seconds), text: TEXTS.chosen.spans[seconds], selected: seconds === 60 }))),
      acts: el("div", { class: "chosen-acts", role: "group", "aria-label": TEXTS.chosen.acts }),
      ask: el("div", { class: "chosen-ask", role: "alertdialog", "aria-label": TEXTS.chosen.really }),
      send: el("form", { class: "chosen-send", autocomplete: "off", on: { submit: (/** @type {Event} */ event) => {
        event.preventDefault();
        void this.#send();
      } } }),
      text: el("input", { type: "text", class: "field", maxlength: String(LONGEST), placeholder: TEXTS.chosen.placeholder, "aria-label": TEXTS.chosen.text }),
      from: el("select", { class: "choice", "aria-label": TEXTS.chosen.fromWhat }),
      problem: el("p", { class: "problem", role: "alert", hidden: true }),
    };
    parts.acts.append(...this.#commands.map((command) => this.#button(command)), el("button", { type: "button", class: "button small-button", title: TEXTS.chosen.sendWhat, "data-act": "send-all", on: { click: () => this.#show("send") } },
      shape("send"), TEXTS.chosen.send));
    parts.send.append(el("label", { class: "chosen-from" }, `${TEXTS.chosen.from} `, parts.from), parts.text, el("button", { type: "submit", class: "button primary small-button", text: TEXTS.chosen.go }),
      el("button", { type: "button", class: "button small-button quiet-button", text: TEXTS.chosen.cancel, on: { click: () => this.back() } }));
    this.#host.append(
      el("div", { class: "chosen-head" }, parts.count, el("label", { class: "chosen-lasts" }, `${TEXTS.chosen.lasts} `, parts.lasts), parts.acts,
        el("button", { type: "button", class: "button icon-button quiet-button small-button chosen-close", "aria-label": TEXTS.chosen.close, title: TEXTS.chosen.close, on: { click: () => this.#chosen.clear() } }, shape("close"))),
      parts.ask, parts.send, parts.problem);
    return parts;
  }

  /** @param {import("./acts.js").Command} command */
  #button(command) {
    return el("button", { type: "button", class: "button small-button", title: command.what, "data-act": command.id, on: { click: () => this.#press(command) } },
      sign(command.sign), command.confirm === null ? command.title : TEXTS.chosen.asks(command.title));
  }

  render() {
    const nodes = this.#nodes();
    this.#host.hidden = nodes.length === 0;
    if (nodes.length === 0) return;
    setText(this.#parts.count, TEXTS.nodes(nodes.length));
    for (const button of this.#parts.acts.querySelectorAll("button")) {
      const command = this.#commands.find(({ id }) => id === button.dataset.act);
      button.hidden = command !== undefined && !this.#allowed;
      const why = command?.refuses({ nodes }) ?? null;
      button.disabled = why !== null;
      if (command !== undefined) button.title = why ?? command.what;
    }
    this.#parts.lasts.parentElement?.toggleAttribute("hidden", !this.#allowed);
  }

  #nodes() {
    return [...this.#chosen.keys].flatMap((key) => this.#model.nodes.get(key) ?? []);
  }

  /** @param {"acts"|"ask"|"send"} what */
  #show(what) {
    this.#showing = what;
    this.#host.dataset.showing = what;
    if (what !== "send") return;
    const senders = able([...this.#model.nodes.values()]);
    const before = this.#parts.from.value;
    this.#parts.from.replaceChildren(...senders.map((node) => el("option", { value: node.id, text: node.name })));
    const outside = senders.find((node) => !this.#chosen.has(node.key)) ?? senders[0];
    this.#parts.from.value = senders.some((node) => node.id === before) ? before : outside?.id ?? "";
    this.#parts.text.focus();
  }

  /** @param {import("./acts.js").Command} command */
  #press(command) {
    const nodes = this.#nodes();
    if (command.confirm === null) {
      void this.#run(command);
      return;
    }
    const yes = el("button", { type: "button", class: "button small-button danger", text: TEXTS.chosen.yes(command.title, nodes.length), on: { click: () => {
      this.#show("acts");
      void this.#run(command);
    } } });
    this.#parts.ask.replaceChildren(el("p", { text: command.confirm({ nodes }) }), yes,
      el("button", { type: "button", class: "button small-button quiet-button", text: TEXTS.chosen.cancel, on: { click: () => this.back() } }));
    this.#show("ask");
    yes.focus();
  }

  /** @param {import("./acts.js").Command} command */
  async #run(command) {
    await this.#busy(async () => {
      this.#say(await command.run({ nodes: this.#nodes(), seconds: Number(this.#parts.lasts.value) }));
      this.#chosen.clear();
    });
  }

  /** One message to each of them. */
  async #send() {
    const from = this.#parts.from.value;
    const text = this.#parts.text.value.trim();
    const left = this.#nodes().filter((node) => node.id !== from);
    if (text === "" || from === "") return;
    const all = left.length;
    /** @type {string[]} */
    const refused = [];
    await this.#busy(async () => {
      const work = async () => {
        for (let node = left.pop(); node !== undefined; node = left.pop()) {
          try {
            await this.#post("/api/send", { from, to: node.id, msg: text });
          } catch (failure) {
            refused.push(TEXTS.chosen.refused(node.name, /** @type {Error} */ (failure).message));
          }
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      this.#say(TEXTS.chosen.toldSent(all - refused.length, all));
      if (refused.length > 0) throw new Error(TEXTS.chosen.notSent(refused.length, refused[0]));
      this.#parts.text.value = "";
      this.back();
    });
  }

  /** @param {() => Promise<void>} work */
  async #busy(work) {
    this.#host.ariaBusy = "true";
    this.#fail("");
    try {
      await work();
    } catch (failure) {
      this.#fail(/** @type {Error} */ (failure).message);
    } finally {
      this.#host.ariaBusy = null;
    }
  }

  /** @param {string} sentence */
  #fail(sentence) {
    this.#parts.problem.hidden = sentence === "";
    setText(this.#parts.problem, sentence);
  }
}
