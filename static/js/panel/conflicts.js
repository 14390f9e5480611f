/**
 * What others say of a node, or it of others, that does not fit together (dashboard/conflicts.py):
 * a note in its panel, and how many there are in the whole network, beside the other counts.
 */

import { TEXTS } from "../texts.js";
import { arrange, el, setText } from "./dom.js";
import { count } from "./words.js";

/** The note of one node. */
export function conflictNote() {
  const list = el("ul", {});
  const element = el("div", { class: "conflicts", hidden: true }, el("p", { text: TEXTS.node.contradicted }), list);
  return {
    element,
    /** @param {import("../model.js").NodeView} node */
    render(node) {
      const texts = node.conflicts ?? [];
      element.hidden = texts.length === 0;
      const there = new Map([...list.children].map((line) => [line.textContent, line]));
      arrange(list, texts.map(TEXTS.node.contradiction).map((text) => there.get(text) ?? el("li", { text })));
    },
  };
}

/**
 * The count in the top bar; it is there only while there is something to count.
 * @param {HTMLElement} counts
 */
export function conflictCount(counts) {
  const value = el("dd", { text: "0" });
  const word = el("dt");
  const cell = el("div", { class: "count conflict-count", hidden: true,
    title: TEXTS.counts.conflictsWhat }, value, word);
  counts.append(cell);
  /** @param {Record<string, any>} summary */
  return (summary) => {
    const found = Number(summary.conflicts) || 0;
    cell.hidden = found === 0;
    setText(value, count(found));
    setText(word, TEXTS.counts.conflicts(found));
  };
}
