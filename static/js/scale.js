/**
 * The colour scale: what a colour between its two ends stands for.
 *
 *   degree  how many links a node has, from none to the most that any has now
 *   known   how much of the living others it knows, from nothing to all
 *
 * The picture colours by it and the legend writes its ends, so both ask here. No DOM.
 *
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./model.js").NodeView} NodeView
 * @typedef {"state"|"degree"|"known"} Colour
 */

import { TEXTS } from "./texts.js";

/**
 * Where each node is on the scale, 0 … 1; null: it has its state's colour.
 * @param {Model} model @param {Colour} colour
 * @returns {(node: NodeView) => number|null}
 */
export function onScale(model, colour) {
  if (colour === "state") return () => null;
  if (colour === "degree") {
    const most = Math.max(1, mostLinks(model));
    return (node) => model.neighbours(node.key).size / most;
  }
  const others = Math.max(1, livingOf(model) - 1);
  return (node) => Math.min(1, node.knows / others);
}

/**
 * What stands at the scale's ends and in its middle.
 * @param {Model} model @param {Colour} colour
 * @returns {[low: string, middle: string, high: string]}
 */
export function ends(model, colour) {
  if (colour !== "degree") return [TEXTS.legend.scale.nobody, TEXTS.legend.scale.half, TEXTS.legend.scale.everybody];
  const most = mostLinks(model);
  return [TEXTS.legend.scale.none, most > 1 ? String(Math.round(most / 2)) : "", TEXTS.legend.scale.most(most)];
}

/** @param {Model} model */
function mostLinks(model) {
  let most = 0;
  for (const key of model.nodes.keys()) most = Math.max(most, model.neighbours(key).size);
  return most;
}

/** Those whom a node can know: alive, or only suspected not to be. @param {Model} model */
function livingOf(model) {
  let living = 0;
  for (const { state } of model.nodes.values()) if (state === "alive" || state === "suspect") living += 1;
  return living;
}
