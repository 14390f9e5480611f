/**
 * What stands where the network will be: before the first packet, and while there is no node.
 */

import { el } from "./dom.js";

/**
 * @param {HTMLElement} box
 * @param {import("../model.js").Model} model
 */
export function emptyState(box, model) {
  box.append(
    el("h2", { text: "No nodes yet" }),
    el("p", { text: "They appear here by themselves as soon as they run. Start fifty:" }),
    el("pre", {}, el("code", { text: "make up" })),
    el("p", { text: "or put one of your own into the network:" }),
    el("pre", {}, el("code", {
      text: "docker run --network p2p --name mynode your-image",
    })),
  );
  return () => {
    box.hidden = model.number === null || model.nodes.size > 0;
  };
}
