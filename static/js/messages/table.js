/**
 * The table of messages: a hundred thousand rows of which some thirty stand in the page.
 *
 * The scroller is as high as all rows would be; the rows that are seen are put where they
 * belong, and a row's element is used again for another message when it leaves. What is
 * looked at does not move: under a pointer, or once the person has scrolled, new messages come
 * in above without pushing.
 *
 * It is a grid for the keyboard (WAI-ARIA Authoring Practices, "Grid"): one stop for Tab, the
 * arrows go from row to row, Enter chooses. Events: `choose` {id|null}, `look` {id|null} (the
 * row under the pointer or the keyboard), `sort`, `end` (somebody scrolled near the end).
 */
import { arrange, el, setAttribute, setText } from "../panel/dom.js";
import { shape } from "../panel/shapes.js";
import { clockTime, count, messageState, promised, wayInWords } from "../panel/words.js";
import { TEXTS } from "../texts.js";
import { revealed, windowOf } from "./window.js";

/** @typedef {import("./row.js").Row} Row */
/** @typedef {{item: HTMLElement, sign: HTMLElement, at: HTMLElement, from: HTMLElement, to: HTMLElement,
 *   text: HTMLElement, how: HTMLElement, reach: HTMLElement, fill: HTMLElement, state: HTMLElement,
 *   hops: HTMLElement, ms: HTMLElement, detour: HTMLElement, row: Row|null, sender: string}} Line */

const HEADS = /** @type {const} */ (["", "time", "from", "to", "text", "state", "hops", "ms", "detour"]);
const MEANINGS = /** @type {Record<string, string>} */ (TEXTS.table.meanings);
/** How near the end, in rows, is near enough to fetch more. */
const NEAR = 12;

export class Table extends EventTarget {
  element;
  rowsHost = el("div", { class: "message-rows", id: "message-rows", role: "rowgroup" });
  #space = el("div", { class: "message-space", role: "presentation" });
  nothing = el("p", { class: "nothing" });
  #listing;
  #rowWith;
  #nodes;
  #nameOf;
  /** @type {Map<string, Line>} */
  #lines = new Map();
  /** @type {Line[]} */
  #spare = [];
  /** As they stand in the page. @type {Line[]} */
  #order = [];
  /** @type {Map<string, HTMLElement>} */
  #heads = new Map();
  #head;
  #frame = 0;
  /** @type {string|null} */
  #chosen = null;
  /** @type {string|null} the row of the keyboard */
  #active = null;
  /** @type {string|null} told with `look` */
  #looked = null;
  #held = false;
  /** Whether the newest are to be followed: it stands at the top. */
  #follows = true;
  /** Where it was scrolled to by ourselves, or by the person and told. */
  #scrolled = 0;
  /** How many have come in above what is held. */
  above = 0;
  /** How high a row is, and the head. CSS pixels. */
  #row = 26;
  #number = 0;

  /**
   * @param {{listing: import("./sorted.js").Listing, rowWith: (id: string) => Row|undefined,
   *   nodes: ReadonlyMap<number, import("../model.js").NodeView>|(() => ReadonlyMap<number, import("../model.js").NodeView>),
   *   nameOf: (key: number|null) => string|undefined}} parts
   */
  constructor({ listing, rowWith, nodes, nameOf }) {
    super();
    this.#listing = listing;
    this.#rowWith = rowWith;
    this.#nodes = typeof nodes === "function" ? nodes : () => nodes;
    this.#nameOf = nameOf;
    this.#head = el("div", { class: "message-line message-columns", role: "row", "aria-rowindex": "1" }, ...HEADS.map((name) => {
      if (name === "") return el("span", { role: "columnheader", class: "message-sign" }, el("span", { class: "quiet", text: TEXTS.table.sign }));
      const word = TEXTS.table.heads[name];
      const head = el("span", { role: "columnheader", class: `message-column column-${name}`, "aria-sort": "none" },
        el("button", { type: "button", class: "sort", tabindex: "-1", title: MEANINGS[name] ?? TEXTS.table.sortBy(word), on: { click: () => this.#sort(name) } }, word, shape("fold")));
      this.#heads.set(name, head);
      return head;
    }));
    this.element = el("div", { class: "message-grid", id: "message-grid", role: "grid", tabindex: "0", "aria-label": TEXTS.table.title, "aria-readonly": "true" },
      el("div", { role: "rowgroup", class: "message-top" }, this.#head), this.nothing, this.#space);
    this.#space.append(this.rowsHost);
    this.#listen();
    this.#showSort();
  }

  /** The rows have changed. @param {boolean} [anew] another filter or order: begin at the top */
  changed(anew = false) {
    const { element } = this;
    const size = this.#listing.size;
    this.#notice(); // what was scrolled a moment ago has not been told yet
    const stays = !anew && (this.#held || !this.#follows);
    const anchor = stays ? this.#anchor() : null;
    setAttribute(element, "aria-rowcount", String(size + 1));
    this.#space.style.height = `${size * this.#row}px`;
    if (anew) {
      this.#scrollTo(0);
      this.#follows = true;
    } else if (anchor !== null) {
      const index = this.#listing.indexOf(this.#rowWith(anchor.id));
      if (index >= 0) {
        // A short table cannot be scrolled; while it is held it is as long as that takes.
        if (this.#held) this.#space.style.height = `${Math.max(size, index + 1 + Math.ceil(element.clientHeight / this.#row)) * this.#row}px`;
        this.#scrollTo(index * this.#row + anchor.offset);
      }
      this.above = this.#held && this.#follows ? Math.max(0, index) : 0;
    } else if (this.#follows) {
      this.#scrollTo(0);
    }
    if (!stays) this.above = 0;
    this.render();
  }

  /** Mark a message as the chosen one, and bring it into sight. @param {string|null} id */
  choose(id) {
    this.#chosen = id;
    if (id !== null) {
      this.#active = id;
      this.reveal(id);
    }
    this.render();
  }

  /** @param {string} id @returns {boolean} whether it is in the table */
  reveal(id) {
    const index = this.#listing.indexOf(this.#rowWith(id));
    if (index < 0) return false;
    const { element } = this;
    const top = revealed({ top: element.scrollTop, height: element.clientHeight, row: this.#row, head: this.#head.offsetHeight }, index);
    if (top !== element.scrollTop) {
      this.#scrollTo(top);
      this.#follows = top < 2;
    }
    return true;
  }

  /** Scroll by ourselves: nobody has left the top by that. @param {number} top */
  #scrollTo(top) {
    if (this.element.scrollTop !== top) this.element.scrollTop = top;
    this.#scrolled = this.element.scrollTop;
  }

  /** Whoever scrolled away from the top is not taken back there. */
  #notice() {
    const { scrollTop } = this.element;
    if (Math.abs(scrollTop - this.#scrolled) <= 1) return;
    this.#scrolled = scrollTop;
    this.#follows = scrollTop < 2;
  }

  /** Ask for a painting with the next frame. */
  #ask() {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.render());
  }

  // --- painting -------------------------------------------------------------------------------

  render() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const { element } = this;
    if (element.clientHeight === 0) return; // folded away
    const wanted = windowOf({ top: element.scrollTop, height: element.clientHeight, row: this.#row, count: this.#listing.size });
    const shown = /** @type {Row[]} */ ([]);
    for (let at = wanted.first; at < wanted.end; at += 1) {
      const row = this.#listing.at(at);
      if (row !== undefined) shown.push(row);
    }
    if (!shown.some((row) => this.#lines.has(row.id))) {
      // A leap: all say something else, and stay where they are.
      this.#lines = new Map(this.#order.flatMap((line, index) => {
        if (index < shown.length) return [[shown[index].id, line]];
        line.item.remove();
        this.#spare.push(line);
        return [];
      }));
    }
    const ids = new Set(shown.map((row) => row.id));
    for (const [id, line] of this.#lines) {
      if (ids.has(id)) continue;
      this.#lines.delete(id);
      line.item.remove(); // or all others would be moved around the one that is used again
      this.#spare.push(line);
    }
    shown.forEach((row, index) => {
      let line = this.#lines.get(row.id);
      if (line === undefined) this.#lines.set(row.id, line = this.#spare.pop() ?? this.#make());
      this.#fill(line, row);
      setAttribute(line.item, "aria-rowindex", String(wanted.first + index + 2));
    });
    this.#order = shown.map((row) => /** @type {Line} */ (this.#lines.get(row.id)));
    arrange(this.rowsHost, this.#order.map((line) => line.item));
    this.rowsHost.style.transform = `translateY(${wanted.first * this.#row}px)`;
    const active = this.#active === null ? undefined : this.#lines.get(this.#active);
    setAttribute(element, "aria-activedescendant", active?.item.id ?? null);
    this.nothing.hidden = this.#listing.size > 0;
  }

  /** @returns {Line} */
  #make() {
    const cell = (/** @type {string} */ name, /** @type {Node[]} */ ...children) => el("span", { role: "gridcell", class: name }, ...children);
    const fill = el("span", { class: "reach-fill" });
    const reach = el("span", { class: "reach", hidden: true }, fill);
    const state = el("span", { class: "message-state" });
    const line = /** @type {Line} */ ({
      sign: cell("message-sign"), at: cell("message-at"), from: cell("message-from"), to: cell("message-to"), text: cell("message-text"),
      fill, reach, state, how: cell("message-how", reach, state), hops: cell("message-number message-hops"), ms: cell("message-number message-ms"),
      detour: cell("message-number message-detour"), row: null, sender: "",
    });
    line.item = el("div", { role: "row", class: "message-line message-row", id: `message-line-${this.#number += 1}` },
      line.sign, line.at, line.from, line.to, line.text, line.how, line.hops, line.ms, line.detour);
    return line;
  }

  /** @param {Line} line @param {Row} row */
  #fill(line, row) {
    const sender = this.#nodes().get(row.view.from ?? -1)?.state ?? "alive";
    if (line.row !== row || line.sender !== sender) {
      const other = line.row?.id !== row.id;
      const { view } = row;
      const how = messageState(view, sender);
      if (other || line.row?.state !== row.state) line.sign.replaceChildren(shape(row.kind === "broadcast" ? "broadcast" : row.state));
      line.row = row;
      line.sender = sender;
      setAttribute(line.item, "data-id", row.id);
      setAttribute(line.item, "data-kind", row.kind);
      setAttribute(line.item, "data-state", row.state);
      setText(line.at, clockTime(row.at));
      setText(line.from, row.from);
      setText(line.to, row.to);
      setText(line.text, view.text);
      setText(line.state, how);
      line.reach.hidden = row.kind !== "broadcast";
      if (row.kind === "broadcast") line.fill.style.width = `${100 * (view.of ? (view.reached ?? 0) / view.of : 1)}%`;
      setText(line.hops, row.state === "waiting" ? "" : String(row.hops));
      setText(line.ms, row.ms === null ? "" : row.ms < 1 ? "<1" : count(Math.round(row.ms)));
      setText(line.detour, row.detour > 0 ? `+${row.detour}` : "");
      setAttribute(line.how, "title", this.#explained(row) || null);
    }
    setAttribute(line.item, "aria-selected", row.id === this.#chosen ? "true" : "false");
    line.item.classList.toggle("active", row.id === this.#active);
  }

  /** What does not fit into the row: all of why it waits, its way, what it is promised. @param {Row} row */
  #explained({ view }) {
    const plain = view.kind === "message" && this.#nodes().get(view.to ?? -1)?.kind === "plain";
    return [view.state === "waiting" ? messageState(view, this.#nodes().get(view.from ?? -1)?.state) : "",
      wayInWords(view, (key) => this.#nameOf(key) ?? "?"), plain && view.from !== null ? promised("at-least-once") : ""].filter(Boolean).join("\n");
  }

  // --- order ----------------------------------------------------------------------------------

  /** @param {string} column */
  #sort(column) {
    const listing = this.#listing;
    // The second press turns it round; numbers and times begin with the largest.
    const down = column === listing.column ? !listing.descending : ["time", "hops", "ms", "detour"].includes(column);
    listing.column = column;
    listing.descending = down;
    this.#showSort();
    this.dispatchEvent(new CustomEvent("sort"));
  }

  #showSort() {
    const { column, descending } = this.#listing;
    for (const [name, head] of this.#heads) {
      setAttribute(head, "aria-sort", name !== column ? "none" : descending ? "descending" : "ascending");
      head.querySelector("button")?.setAttribute("tabindex", name === column ? "0" : "-1");
    }
  }

  // --- hands ----------------------------------------------------------------------------------

  /** What stands at the top, and how much of it is hidden. */
  #anchor() {
    const top = this.element.scrollTop;
    const row = this.#listing.at(0) === undefined ? undefined : this.#rowAtTop(top);
    return row === undefined ? null : { id: row, offset: top % this.#row };
  }

  /** Of what was painted last, as the listing has changed by now; what is not painted yet is
   * not looked at either. @param {number} top */
  #rowAtTop(top) {
    const painted = [...this.rowsHost.children];
    const first = Number(painted[0]?.getAttribute("aria-rowindex") ?? 2) - 2;
    return painted[Math.floor(top / this.#row) - first]?.getAttribute("data-id") ?? undefined;
  }

  #listen() {
    const { element, rowsHost } = this;
    element.addEventListener("scroll", () => {
      this.#notice();
      this.#ask();
      if (element.scrollTop + element.clientHeight > (this.#listing.size - NEAR) * this.#row) this.dispatchEvent(new CustomEvent("end"));
    }, { passive: true });
    rowsHost.addEventListener("click", (event) => {
      const id = idOf(event.target);
      if (id === null) return;
      this.#active = id;
      this.dispatchEvent(new CustomEvent("choose", { detail: { id: id === this.#chosen ? null : id } }));
    });
    rowsHost.addEventListener("pointermove", (event) => {
      if (event.pointerType === "mouse") this.#look(idOf(event.target));
    });
    rowsHost.addEventListener("pointerenter", (event) => {
      this.#held = event.pointerType === "mouse"; // a finger does not rest on anything
    });
    rowsHost.addEventListener("pointerleave", () => {
      this.#held = false;
      this.#look(null);
      this.dispatchEvent(new CustomEvent("released"));
    });
    element.addEventListener("keydown", (event) => this.#key(event));
    this.#head.addEventListener("keydown", (event) => {
      const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
      if (step === 0) return;
      event.preventDefault();
      const buttons = [...this.#head.querySelectorAll("button")];
      buttons[buttons.indexOf(/** @type {HTMLButtonElement} */ (event.target)) + step]?.focus();
    });
    element.addEventListener("blur", () => this.#look(null));
    new ResizeObserver(() => {
      const high = Number.parseFloat(getComputedStyle(element).getPropertyValue("--message-row")) || 26;
      if (high !== this.#row) {
        this.#row = high;
        this.changed();
      } else {
        this.render();
      }
    }).observe(element);
  }

  /** @param {string|null} id */
  #look(id) {
    if (id === this.#looked) return;
    this.#looked = id;
    this.dispatchEvent(new CustomEvent("look", { detail: { id } }));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const size = this.#listing.size;
    const here = this.#active === null ? -1 : this.#listing.indexOf(this.#rowWith(this.#active));
    const page = Math.max(1, Math.floor((this.element.clientHeight - this.#head.offsetHeight) / this.#row) - 1);
    const steps = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -size, End: size });
    if (event.key in steps && size > 0) {
      event.preventDefault();
      const index = Math.max(0, Math.min(size - 1, (here < 0 && steps[event.key] > 0 && event.key !== "End" ? -1 : here) + steps[event.key]));
      const row = this.#listing.at(index);
      if (row === undefined) return;
      this.#active = row.id;
      this.reveal(row.id);
      this.render();
      this.#look(row.id);
      if (index > size - NEAR) this.dispatchEvent(new CustomEvent("end"));
    } else if ((event.key === "Enter" || event.key === " ") && here >= 0 && event.target === this.element) {
      event.preventDefault();
      event.stopPropagation();
      this.dispatchEvent(new CustomEvent("choose", { detail: { id: this.#active === this.#chosen ? null : this.#active } }));
    }
  }
}

/** @param {EventTarget|null} target */
function idOf(target) {
  return target instanceof Element ? target.closest(".message-row")?.getAttribute("data-id") ?? null : null;
}
