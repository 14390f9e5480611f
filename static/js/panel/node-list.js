/**
 * The nodes as a list: the picture in words, for finding, for the keyboard and for screen
 * readers. One row is in the Tab order; the arrow keys go through the rest.
 */

import { TEXTS, wordFor } from "../texts.js";
import { arrange, el, setAttribute, setText } from "./dom.js";
import { nodeShape, shape } from "./shapes.js";
import { byName, nodeState } from "./words.js";

/** Milliseconds between two renderings while the network is busy [guess]. */
export const EVERY = 250;

/**
 * @param {{host: HTMLElement, model: import("../model.js").Model,
 *          selection: import("../selection.js").Selection,
 *          waitingAt: (key: number) => number,
 *          open: (key: number) => void}} parts `open` shows the node's panel
 */
export function nodeList({ host, model, selection, waitingAt, open }) {
  const find = el("input", {
    type: "search", id: "find", class: "field", placeholder: TEXTS.list.find,
    "aria-label": TEXTS.list.findWhat, "aria-controls": "node-list", spellcheck: "false", autocomplete: "off",
  });
  const list = el("ul", { class: "node-list", id: "node-list", "aria-label": TEXTS.list.title });
  const none = el("p", { class: "nothing" });
  host.append(el("div", { class: "side-find" }, find), list, none);

  /** @typedef {{item: HTMLLIElement, button: HTMLButtonElement, sign: HTMLElement, name: HTMLElement,
   *             detail: HTMLElement, shape: string}} Row */
  /** @type {Map<number, Row>} */
  const rows = new Map();
  /** @type {number[]} keys as they stand */
  let order = [];

  /** @param {number} key @returns {Row} */
  const makeRow = (key) => {
    const sign = el("span", { class: "sign" });
    const name = el("span", { class: "node-name" });
    const detail = el("span", { class: "node-detail" });
    const button = el("button", { type: "button", class: "node-row", "data-key": key, tabindex: "-1",
      on: { click: () => open(key) } }, sign, name, detail);
    return { item: el("li", {}, button), button, sign, name, detail, shape: "" };
  };

  const render = () => {
    const wanted = find.value.trim().toLowerCase();
    const nodes = [...model.nodes.values()].filter((node) => matches(node, wanted)).sort(byName);
    for (const key of rows.keys()) if (!model.nodes.has(key)) rows.delete(key);
    for (const node of nodes) {
      let row = rows.get(node.key);
      if (row === undefined) rows.set(node.key, row = makeRow(node.key));
      const kind = nodeShape(node);
      if (row.shape !== kind) {
        row.sign.replaceChildren(shape(kind, nodeState(node)));
        row.shape = kind;
      }
      setText(row.name, node.name);
      setText(row.detail, detailOf(node, waitingAt(node.key)));
      setAttribute(row.button, "data-state", node.state);
      setAttribute(row.button, "aria-current", selection.node === node.key ? "true" : null);
    }
    order = nodes.map((node) => node.key);
    arrange(list, order.map((key) => /** @type {Row} */ (rows.get(key)).item));
    rove();
    none.hidden = order.length > 0;
    setText(none, model.nodes.size === 0 ? TEXTS.list.nobody : TEXTS.list.noneFits(find.value.trim()));
  };

  /** Exactly one row can be reached by Tab: the focused one, else the chosen one, else the first. */
  const rove = () => {
    const focused = document.activeElement instanceof HTMLElement ? Number(document.activeElement.dataset.key) : NaN;
    const reachable = order.includes(focused) ? focused
      : selection.node !== null && order.includes(selection.node) ? selection.node : order[0];
    for (const key of order) rows.get(key)?.button.setAttribute("tabindex", key === reachable ? "0" : "-1");
  };

  list.addEventListener("keydown", (event) => {
    const at = order.indexOf(Number(/** @type {HTMLElement} */ (event.target).dataset.key));
    const steps = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: order.length - 1 };
    const to = steps[/** @type {keyof typeof steps} */ (event.key)];
    if (to === undefined) return;
    event.preventDefault();
    if (to < 0) find.focus();
    else if (to < order.length) {
      rows.get(order[to])?.button.focus();
      rove();
    }
  });
  find.addEventListener("input", render);
  find.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && order.length > 0) {
      event.preventDefault();
      rows.get(order[0])?.button.focus();
      rove();
    } else if (event.key === "Enter" && order.length > 0) {
      event.preventDefault();
      open(order[0]);
    } else if (event.key === "Escape" && find.value !== "") {
      event.stopPropagation();
      find.value = "";
      render();
    }
  });

  return { render, find, focusRow: (/** @type {number} */ key) => rows.get(key)?.button.focus() };
}

/** @param {import("../model.js").NodeView} node @param {string} wanted */
function matches(node, wanted) {
  return wanted === "" || node.name.toLowerCase().includes(wanted) || node.url.toLowerCase().includes(wanted)
    || node.state === wanted || node.kind === wanted || node.id.startsWith(wanted);
}

/** @param {import("../model.js").NodeView} node @param {number} waiting */
function detailOf(node, waiting) {
  const parts = [node.state !== "alive" ? wordFor(TEXTS.states, node.state) : node.kind === "plain" ? TEXTS.states.plain : TEXTS.links(node.links)];
  if (waiting > 0) parts.push(TEXTS.list.waiting(waiting));
  return parts.join(" · ");
}
