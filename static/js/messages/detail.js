/**
 * One message in full, beside the table: its text, its whole way with times, what became of
 * every try, and the same question as a `curl`.
 *
 * What the page knows is there at once. Who wants all of it asks the dashboard's history what
 * every node said of this message, which also tells the tries that came to nothing.
 */
import { copyLine } from "../panel/copying.js";
import { quoted } from "../panel/curl.js";
import { el, setText } from "../panel/dom.js";
import { shape } from "../panel/shapes.js";
import { clockTime, messageState, took } from "../panel/words.js";
import { TEXTS } from "../texts.js";
import { asText, steps, told } from "./story.js";

/** @typedef {import("./row.js").Row} Row */

const SIGNS = { queued: "queued", hop: "sent", try: "again", there: "received", known: "delivered", failed: "failed", gap: "knows" };
/** Milliseconds before and after what is known in which the history is looked through. */
const AROUND = 5000;
/** Records of one message that are read: a broadcast among a thousand nodes. */
const RECORDS = 2000;

export class Detail extends EventTarget {
  element = el("aside", { class: "message-detail", id: "message-detail", "aria-label": TEXTS.detail.title, hidden: true });
  #get;
  #say;
  #nameOf;
  #nodes;
  #follow;
  /** @type {Row|null} */
  #row = null;
  /** @type {import("./story.js").Step[]|null} what the history told of this message */
  #told = null;
  #asking = false;
  /** @type {string|null} */
  #problem = null;
  #fits = true;

  /**
   * @param {{get: (path: string) => Promise<any>, say: (sentence: string) => void,
   *   nameOf: (key: number|null) => string|undefined,
   *   nodes: () => ReadonlyMap<number, import("../model.js").NodeView>,
   *   follow?: ((id: string) => void)|null}} parts  follow: shows how it went, in slow motion
   */
  constructor({ get, say, nameOf, nodes, follow = null }) {
    super();
    this.#get = get;
    this.#say = say;
    this.#nameOf = nameOf;
    this.#nodes = nodes;
    this.#follow = follow;
  }

  /**
   * @param {Row|null} row
   * @param {boolean} fits whether the filter lets it through
   */
  show(row, fits) {
    if (row === this.#row && fits === this.#fits) return;
    const other = row?.id !== this.#row?.id;
    if (other) {
      this.#told = this.#problem = null;
      this.#asking = false;
    } else if (row?.state !== this.#row?.state) {
      this.#told = null; // there is more to tell
    }
    this.#row = row;
    this.#fits = fits;
    this.#render();
    if (other) this.element.scrollTop = 0;
  }

  async #ask() {
    const row = this.#row;
    if (row === null || this.#asking) return;
    this.#asking = true;
    this.#problem = null;
    this.#render();
    const { view } = row;
    const ends = [view.queued_at, view.sent_at, view.received_at, view.done_at, ...view.path.map((leg) => leg[2])].filter((at) => at !== null);
    const from = Math.min(...ends, Date.now()) - AROUND;
    const open = row.state === "sent" || row.state === "waiting" || ends.length === 0;
    const until = open ? "" : `&to=${Math.ceil(Math.max(...ends) + AROUND)}`;
    const found = /** @type {import("./story.js").Told[]} */ ([]);
    try {
      let after = "";
      do {
        const page = await this.#get(`/api/history?message=${encodeURIComponent(row.id)}&from=${Math.max(0, Math.floor(from))}${until}&limit=${RECORDS}${after}`);
        found.push(...page.records);
        after = page.next === null ? "" : `&after=${encodeURIComponent(page.next)}`;
      } while (after !== "" && found.length < RECORDS && this.#row?.id === row.id);
      if (this.#row?.id !== row.id) return;
      this.#told = told(found);
      if (found.length === 0) this.#problem = TEXTS.detail.noHistory;
    } catch (error) {
      if (this.#row?.id !== row.id) return;
      this.#problem = error instanceof Error ? error.message : String(error);
    }
    this.#asking = false;
    this.#render();
  }

  #render() {
    const { element } = this;
    const row = this.#row;
    element.hidden = row === null;
    if (row === null) {
      element.replaceChildren();
      return;
    }
    const { view } = row;
    const list = this.#told?.length ? this.#told : steps(view, this.#nameOf);
    const first = list.find((step) => step.at !== null)?.at ?? null;
    const facts = [messageState(view, this.#nodes().get(view.from ?? -1)?.state),
      row.detour > 0 ? TEXTS.detail.detour(row.detour, row.shortest ?? 0) : "",
      row.tries > 1 ? TEXTS.tries(row.tries) : ""].filter(Boolean);
    const copy = el("button", { type: "button", class: "button small-button", on: { click: () => this.#copy(copy, asText(row, list)) } }, shape("copy"), TEXTS.copy.copy);
    const scroll = element.scrollTop;
    element.replaceChildren(
      el("header", { class: "detail-head" },
        el("h3", {}, el("span", { text: row.from }), el("span", { class: "arrow", text: "→" }), el("span", { text: row.to })),
        el("button", { type: "button", class: "button icon-button quiet-button", "aria-label": TEXTS.detail.close, on: { click: () => this.dispatchEvent(new CustomEvent("close")) } }, shape("close"))),
      el("p", { class: "detail-text", text: view.text }),
      el("p", { class: "detail-state", "data-state": row.state }, shape(row.kind === "broadcast" ? "broadcast" : row.state), el("span", { text: facts.join("; ") })),
      ...(this.#fits ? [] : [el("p", { class: "detail-note" }, TEXTS.detail.hidden,
        el("button", { type: "button", class: "chip", text: TEXTS.detail.showAll, on: { click: () => this.dispatchEvent(new CustomEvent("unfilter")) } }))]),
      el("ol", { class: "story", "aria-label": TEXTS.detail.way }, ...list.map((step) => el("li", { "data-sign": step.sign },
        shape(SIGNS[step.sign]), el("time", { text: step.at === null ? "" : clockTime(step.at) }),
        el("span", { class: "story-after", text: step.at === null || first === null || step.at === first ? "" : `+${took(step.at - first)}` }),
        el("span", { class: "story-what", text: step.what })))),
      el("p", { class: "detail-actions" }, copy,
        this.#follow === null ? null : el("button", { type: "button", class: "button small-button", title: TEXTS.detail.followWhat, on: { click: () => this.#follow?.(row.id) } }, shape("sent"), TEXTS.detail.follow),
        this.#told?.length ? null : el("button", { type: "button", class: "button small-button", disabled: this.#asking, title: TEXTS.detail.askWhat, on: { click: () => this.#ask() } },
          shape("again"), this.#asking ? TEXTS.detail.asking : TEXTS.detail.ask)),
      ...(this.#problem === null ? [] : [el("p", { class: "problem", role: "status", text: this.#problem })]),
      ...this.#curl(row),
    );
    element.scrollTop = scroll;
  }

  /** @param {Row} row */
  #curl(row) {
    const node = this.#nodes().get(row.view.from ?? -1);
    if (node === undefined || node.kind === "plain") return [];
    const base = node.public_url ?? node.url;
    const place = row.kind === "broadcast" ? "broadcast" : "send";
    return [copyLine(TEXTS.detail.askNode(node.name), `curl ${quoted(`${base}/${place}/${encodeURIComponent(row.id)}`)}`, this.#say)];
  }

  /** @param {HTMLElement} button @param {string} text */
  async #copy(button, text) {
    try {
      await navigator.clipboard.writeText(text);
      this.#say(TEXTS.detail.toldCopied);
      setText(button.lastChild ?? button, TEXTS.copy.copied);
    } catch {
      // Browsers forbid the clipboard outside localhost and HTTPS: the person copies it.
      const story = this.element.querySelector(".story");
      if (story !== null) getSelection()?.selectAllChildren(story);
      this.#say(TEXTS.detail.toldSelected);
    }
  }
}
