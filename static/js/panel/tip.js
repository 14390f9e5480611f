/**
 * The small card beside a node under the pointer.
 */

import { TEXTS } from "../texts.js";
import { setText } from "./dom.js";
import { nodeState } from "./words.js";

/**
 * @param {HTMLElement} tip
 * @param {HTMLElement} stage
 * @param {import("../model.js").Model} model
 */
export function hoverTip(tip, stage, model) {
  return (/** @type {number|null} */ key, /** @type {number} */ x, /** @type {number} */ y) => {
    const node = key === null ? undefined : model.nodes.get(key);
    tip.hidden = node === undefined;
    if (node === undefined) return;
    const parts = [node.state === "alive" && node.kind === "peer" ? "" : nodeState(node), TEXTS.links(node.links), TEXTS.tip.knows(node.knows),
      node.inbox > 0 ? TEXTS.tip.inbox(node.inbox) : "", node.waiting > 0 ? TEXTS.tip.waiting(node.waiting) : "",
      node.failed > 0 ? TEXTS.tip.failed(node.failed) : ""];
    setText(tip, TEXTS.tip.node(node.name, parts.filter(Boolean).join(", ")));
    // Beside the pointer, on the side that has room.
    const right = x < stage.clientWidth - tip.offsetWidth - 24;
    tip.style.left = `${right ? x + 16 : Math.max(0, x - tip.offsetWidth - 16)}px`;
    tip.style.top = `${Math.min(Math.max(4, y + 14), stage.clientHeight - tip.offsetHeight - 4)}px`;
  };
}
