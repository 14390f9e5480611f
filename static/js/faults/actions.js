/**
 * What can be done to a node or a link with one press: the dashboard's own table
 * (dashboard/fault_actions.py). A fault that it learns has its place on the page without a line of
 * ours.
 *
 * @typedef {object} Action
 * @property {string} id
 * @property {string} name
 * @property {string} title  what it does, in a sentence
 * @property {"node"|"link"} on
 * @property {boolean} destroys  whether to ask a person first
 * @property {number} most_seconds
 * @property {Record<string, unknown>} wish
 */

import { get } from "../api.js";
import { lasting } from "../panel/words.js";
import { TEXTS } from "../texts.js";

/** Characters of a word of the table: what is longer is not ours. */
const LONGEST = 300;
/** Where a wish says for how long: a node that is killed stays away, all else lasts. */
const DURATIONS = /** @type {const} */ (["down_seconds", "for_seconds"]);

/** The dashboard's answer as what is used of it. @param {any} said @returns {Action[]} */
export function actionsOf(said) {
  const actions = Array.isArray(said?.actions) ? said.actions : [];
  const word = (/** @type {unknown} */ text) => typeof text === "string" && text !== "" && text.length <= LONGEST;
  return actions.filter((/** @type {any} */ one) => word(one?.id) && word(one.name) && word(one.title)
    && (one.on === "node" || one.on === "link") && Number.isFinite(one.most_seconds) && one.wish !== null && typeof one.wish === "object");
}

/** The table, asked for once. @returns {Promise<Action[]>} */
export async function faultActions() {
  return actionsOf(await get("/api/faults/actions"));
}

/** For how long. Seconds; null: it does not say. @param {Action} action */
function secondsOf({ wish }) {
  const found = DURATIONS.map((name) => wish[name]).find((seconds) => typeof seconds === "number");
  return typeof found === "number" ? found : null;
}

/** What it does and for how long. @param {Action} action */
export function inFull(action) {
  const seconds = secondsOf(action);
  if (seconds === null) return action.title;
  return ("down_seconds" in action.wish ? TEXTS.acts.after : TEXTS.acts.lasts)(action.title, lasting(1000 * seconds));
}

/**
 * The same for so long, as far as it can be.
 * @param {Action} action
 * @param {number|undefined} wanted  seconds; without it as long as it says itself
 * @returns {{wish: Record<string, unknown>, seconds: number}}
 */
export function during(action, wanted) {
  const seconds = Math.min(action.most_seconds, wanted ?? secondsOf(action) ?? action.most_seconds);
  const name = DURATIONS.find((one) => one in action.wish) ?? "for_seconds";
  return { wish: { ...action.wish, [name]: seconds }, seconds };
}
