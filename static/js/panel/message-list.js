/**
 * The messages of the whole network, newest first, linked with the picture both ways: a
 * click shows the message's path, and the filter takes the words that one would say.
 */

import { arrange, el, setAttribute, setText } from "./dom.js";
import { parseFilter } from "./message-filter.js";
import { shape } from "./shapes.js";
import { clockTime, count, counted, messageShape, messageState, promised, wayInWords } from "./words.js";

/** Rows in the page; the model keeps more, the filter finds them [guess: ten screens]. */
const ROWS = 200;
/** Milliseconds between two renderings while many messages pass [guess: an eye reads no faster]. */
export const EVERY = 200;

/**
 * @param {{host: HTMLElement, model: import("../model.js").Model,
 *   selection: import("../selection.js").Selection,
 *   settings: import("../settings.js").Settings}} parts
 */
export function messageList({ host, model, selection, settings }) {
  const filter = el("input", {
    type: "search", class: "field", id: "message-filter", placeholder: "Filter:  text,  from:node7,  to:node2,  state:waiting",
    "aria-label": "Filter messages", "aria-controls": "message-rows", spellcheck: "false", autocomplete: "off",
  });
  const shown = el("span", { class: "messages-shown", role: "status" });
  const fold = el("button", { type: "button", class: "button icon-button quiet-button", "aria-controls": "message-body" }, shape("fold"));
  const rowsHost = el("div", { class: "message-rows", id: "message-rows", role: "list", "aria-label": "Messages, newest first" });
  const nothing = el("p", { class: "nothing" });
  const body = el("div", { class: "messages-body", id: "message-body" }, nothing, rowsHost);
  host.append(el("header", { class: "messages-head" }, el("h2", { text: "Messages" }), shown, filter, fold), body);

  /** @typedef {{item: HTMLElement, button: HTMLButtonElement, sign: HTMLElement, at: HTMLElement,
   *   from: HTMLElement, to: HTMLElement, text: HTMLElement, how: HTMLElement,
   *   reach: HTMLElement, fill: HTMLElement, state: HTMLElement,
   *   seen: unknown, sender: string}} Row */
  /** @type {Map<string, Row>} */
  const rows = new Map();
  /** Whether a pointer is over the rows. */
  let held = false;

  /** @param {string} id @returns {Row} */
  const makeRow = (id) => {
    const sign = el("span", { class: "sign" });
    const at = el("time", { class: "message-at" });
    const from = el("span", { class: "message-from" });
    const to = el("span", { class: "message-to" });
    const text = el("span", { class: "message-text" });
    const fill = el("span", { class: "reach-fill" });
    const reach = el("span", { class: "reach", hidden: true }, fill);
    const state = el("span", { class: "message-state" });
    const how = el("span", { class: "message-how" }, reach, state);
    const button = el("button", { type: "button", class: "message-row", "data-id": id,
      on: { click: () => selection.chooseMessage(selection.message === id ? null : id) } },
    sign, at, el("span", { class: "message-pair" }, from, el("span", { class: "arrow", text: "→" }), to), text, how);
    return { item: el("div", { role: "listitem" }, button), button, sign, at, from, to, text, how, reach, fill, state, seen: null, sender: "" };
  };

  const nameOf = (/** @type {number|null} */ key, /** @type {string} */ otherwise) =>
    (key === null ? undefined : model.nodes.get(key)?.name) ?? otherwise;

  /** What does not fit into the row: all of why it waits, its way, what it is promised. */
  const explained = (/** @type {import("../model.js").MessageView} */ message) => {
    const plain = message.kind === "message" && model.nodes.get(message.to ?? -1)?.kind === "plain";
    return [message.state === "waiting" ? messageState(message, model.nodes.get(message.from ?? -1)?.state) : "",
      wayInWords(message, (key) => nameOf(key, "?")), plain && message.from !== null ? promised("at-least-once") : ""].filter(Boolean).join("\n");
  };

  const receiverOf = (/** @type {import("../model.js").MessageView} */ message) =>
    (message.kind === "broadcast" ? "everybody" : nameOf(message.to, "?"));

  const render = () => {
    if (settings.get("messages") === "folded") return setText(shown, counted(model.messages.size, "message"));
    const fits = parseFilter(filter.value, nameOf);
    const all = [...model.messages.values()].reverse();
    const found = filter.value.trim() === "" ? all : all.filter(fits);
    // Under a pointer nothing moves: what is aimed at must still be there for the click.
    const first = held ? found.findIndex((message) => message.id === rowsHost.querySelector("button")?.dataset.id) : 0;
    const waiting = Math.max(0, first);
    const visible = found.slice(waiting, waiting + ROWS);
    const ids = new Set(visible.map((message) => message.id));
    for (const id of rows.keys()) if (!ids.has(id)) rows.delete(id);
    for (const message of visible) {
      let row = rows.get(message.id);
      if (row === undefined) rows.set(message.id, row = makeRow(message.id));
      const sender = model.nodes.get(message.from ?? -1)?.state ?? "alive";
      if (row.seen !== message || row.sender !== sender) {
        row.seen = message; // the model replaces a message that changed
        row.sender = sender;
        const how = messageState(message, sender);
        const toAll = message.kind === "broadcast";
        row.sign.replaceChildren(shape(toAll ? "broadcast" : messageShape(message)));
        setAttribute(row.button, "data-kind", message.kind);
        row.reach.hidden = !toAll;
        if (toAll) row.fill.style.width = `${100 * (message.of ? (message.reached ?? 0) / message.of : 1)}%`;
        setAttribute(row.button, "data-state", messageShape(message));
        setText(row.at, clockTime(message.queued_at ?? message.sent_at ?? message.received_at ?? message.done_at ?? 0));
        setText(row.text, message.text);
        setText(row.state, how);
      }
      // Names come and go with the nodes, not with the message.
      setText(row.from, nameOf(message.from, `${message.sender} (outside)`));
      setText(row.to, receiverOf(message));
      // The way in names, where there is one to tell.
      setAttribute(row.how, "title", explained(message) || null);
      setAttribute(row.button, "aria-pressed", selection.message === message.id ? "true" : "false");
    }
    arrange(rowsHost, visible.map((message) => /** @type {Row} */ (rows.get(message.id)).item));
    nothing.hidden = visible.length > 0;
    setText(nothing, all.length === 0
      ? "No message yet. Choose a node, press s, choose another, type, Enter. Or b: to everybody."
      : "No message fits the filter.");
    setText(shown, waiting > 0 ? `${counted(waiting, "new one", "new ones")} above, held while you point` : visible.length < found.length
      ? `newest ${count(visible.length)} of ${count(found.length)}`
      : found.length === all.length ? "" : `${count(found.length)} of ${count(all.length)}`);
  };

  rowsHost.addEventListener("pointerenter", (event) => {
    held = event.pointerType === "mouse"; // a finger does not rest on anything
  });
  rowsHost.addEventListener("pointerleave", () => {
    held = false;
    render();
  });

  const foldNow = () => {
    const folded = settings.get("messages") === "folded";
    host.classList.toggle("folded", folded);
    setAttribute(fold, "aria-expanded", String(!folded));
    setAttribute(fold, "aria-label", folded ? "Show the messages" : "Fold the messages away");
    fold.title = folded ? "Show the messages" : "Fold the messages away";
    render();
  };
  fold.addEventListener("click", () => settings.next("messages"));
  settings.addEventListener("change", (event) => {
    if (/** @type {CustomEvent} */ (event).detail.name === "messages") foldNow();
  });
  filter.addEventListener("input", render);
  filter.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && filter.value !== "") {
      event.stopPropagation();
      filter.value = "";
      render();
    }
  });
  rowsHost.addEventListener("keydown", (event) => {
    const item = /** @type {HTMLElement} */ (event.target).closest("[role=listitem]");
    const next = event.key === "ArrowDown" ? item?.nextElementSibling : event.key === "ArrowUp" ? item?.previousElementSibling : undefined;
    if (next === undefined) return;
    event.preventDefault();
    next?.querySelector("button")?.focus();
  });
  foldNow();
  return { render, filter };
}
