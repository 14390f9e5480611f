/**
 * The top bar's facts: one sentence about the network, the counts, and how far the network
 * has formed.
 */

import { TEXTS } from "../texts.js";
import { conflictCount } from "./conflicts.js";
import { el, setAttribute, setText } from "./dom.js";
import { count } from "./words.js";

/** Milliseconds between two paintings of the counts: faster cannot be read. */
export const EVERY = 250;

/**
 * @param {{line: HTMLElement, counts: HTMLElement, forming: HTMLElement,
 *          model: import("../model.js").Model}} parts
 */
export function stateLine({ line, counts, forming, model }) {
  const text = /** @type {HTMLElement} */ (line.querySelector(".state-text"));
  const fill = /** @type {HTMLElement} */ (forming.firstElementChild);
  const cells = new Map((/** @type {const} */ (["nodes", "links", "messages", "events"])).map((name) => {
    const [value, of] = [el("dd", { text: "0" }), el("dt", { text: TEXTS.counts[name](0) })];
    counts.append(el("div", { class: "count" }, value, of));
    return [name, { value, of }];
  }));
  const showConflicts = conflictCount(counts);

  return () => {
    const summary = model.summary;
    if (summary === null) return;
    setText(text, summary.line);
    line.title = summary.line;
    setAttribute(line, "data-state", summary.state);
    const shown = {
      nodes: summary.nodes,
      links: model.links.size,
      messages: summary.messages,
      events: Math.round(summary.events_per_second),
    };
    for (const [name, cell] of cells) {
      setText(cell.value, count(shown[name]));
      setText(cell.of, TEXTS.counts[name](shown[name]));
    }
    showConflicts(summary);
    const expected = model.expected ?? 0;
    const here = summary.alive + summary.suspect;
    // First they come, then they get to know each other.
    forming.hidden = summary.state !== "forming";
    if (!forming.hidden) {
      const coming = here < expected;
      setAttribute(forming, "aria-valuemax", String(coming ? expected : 100));
      setAttribute(forming, "aria-valuenow", String(coming ? here : Math.round(100 * summary.coverage)));
      setAttribute(forming, "aria-label", coming ? TEXTS.forming.nodes : TEXTS.forming.knowledge);
      fill.style.width = `${100 * (coming ? here / expected : Math.min(1, summary.coverage))}%`;
    }
  };
}
