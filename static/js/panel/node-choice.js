/**
 * A field in which a node is chosen by typing its name: a combobox with a list of what
 * fits (WAI-ARIA Authoring Practices, "Editable combobox with list autocomplete").
 */

import { TEXTS } from "../texts.js";
import { el, setAttribute } from "./dom.js";
import { nodeShape, shape } from "./shapes.js";
import { byName } from "./words.js";

/** Suggestions at once [guess: fits above the composer at 720 pixels of height]. */
const SHOWN = 7;

export class NodeChoice {
  /** @type {HTMLInputElement} */
  input;
  /** @type {HTMLElement} */
  element;
  #list;
  #candidates;
  #chosen;
  /** @type {import("../model.js").NodeView[]} */
  #shown = [];
  #active = -1;

  /**
   * @param {{label: string, candidates: () => import("../model.js").NodeView[],
   *   chosen: (key: number) => void, failed: (sentence: string) => void}} parts
   */
  constructor({ label, candidates, chosen, failed }) {
    this.#candidates = candidates;
    this.#chosen = chosen;
    this.#list = el("ul", { class: "suggestions", role: "listbox", id: "receiver-suggestions", "aria-label": label, hidden: true });
    this.input = el("input", {
      type: "text", class: "field", id: "receiver", role: "combobox", "aria-label": label, "aria-autocomplete": "list",
      "aria-expanded": "false", "aria-controls": "receiver-suggestions", placeholder: TEXTS.choice.placeholder, autocomplete: "off", spellcheck: "false", maxlength: "256",
    });
    this.element = el("div", { class: "node-choice" }, this.input, this.#list);
    this.input.addEventListener("input", () => this.#suggest());
    this.input.addEventListener("blur", () => this.#fold());
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (this.#list.hidden) this.#suggest();
        this.#point(this.#active + (event.key === "ArrowDown" ? 1 : -1));
      } else if (event.key === "Enter") {
        event.preventDefault();
        const node = this.#resolve();
        if (node !== undefined) this.#take(node);
        else failed(this.input.value.trim() === "" ? TEXTS.choice.missing : TEXTS.choice.noneFits(this.input.value.trim()));
      }
    });
  }

  /** Empty it for the next choice. */
  clear() {
    this.input.value = "";
    this.#fold();
  }

  /** The node that Enter means: the one pointed at, the exact name, or the only one that fits. */
  #resolve() {
    if (this.#active >= 0) return this.#shown[this.#active];
    const text = this.input.value.trim().toLowerCase();
    if (text === "") return undefined;
    const nodes = this.#candidates();
    return nodes.find((node) => node.name.toLowerCase() === text) ?? this.#fitting(text)[0];
  }

  /** @param {string} text */
  #fitting(text) {
    const rank = (/** @type {string} */ name) => (name === text ? 0 : name.startsWith(text) ? 1 : name.includes(text) ? 2 : 3);
    return this.#candidates()
      .map((node) => ({ node, rank: rank(node.name.toLowerCase()) }))
      .filter((entry) => entry.rank < 3)
      .sort((a, b) => a.rank - b.rank || byName(a.node, b.node))
      .map((entry) => entry.node);
  }

  #suggest() {
    this.#shown = this.#fitting(this.input.value.trim().toLowerCase()).slice(0, SHOWN);
    this.#list.replaceChildren(...this.#shown.map((node, index) =>
      el("li", { role: "option", id: `suggestion-${index}`, on: {
        // Before the field loses the focus and the list with it.
        mousedown: (event) => {
          event.preventDefault();
          this.#take(node);
        },
      } }, shape(nodeShape(node)), node.name)));
    this.#active = -1;
    this.#list.hidden = this.#shown.length === 0;
    setAttribute(this.input, "aria-expanded", String(!this.#list.hidden));
    this.input.removeAttribute("aria-activedescendant");
  }

  /** @param {number} index */
  #point(index) {
    const n = this.#shown.length;
    if (n === 0) return;
    this.#active = (index + n) % n;
    [...this.#list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === this.#active)));
    this.input.setAttribute("aria-activedescendant", `suggestion-${this.#active}`);
  }

  /** @param {import("../model.js").NodeView} node */
  #take(node) {
    this.clear();
    this.#chosen(node.key);
  }

  #fold() {
    this.#list.hidden = true;
    this.#active = -1;
    setAttribute(this.input, "aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}
