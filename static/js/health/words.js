/**
 * The network's health in words and numbers. Pure functions, no DOM.
 *
 * What the dashboard worked out (ANALYSIS of docs/api.md) is told with how it was: distances are
 * exact up to 200 nodes, and above that taken from some nodes only, so that the diameter is at
 * least what is said. The page never says more than it knows: "–" is what nobody has told yet.
 */
import { TEXTS, count } from "../texts.js";

const LINE = TEXTS.health.line;

/** Below this the page is as live as an eye can tell. Milliseconds [guess: two deltas and a frame]. */
export const LIVE = 200;

/**
 * How far the page is behind the network.
 * @param {{connected: boolean, lag: number|null, silent: number|null, past: number|null}} how
 *   lag: by how much the last packet came later than the quickest; silent: since the last packet,
 *   while not connected; past: how long ago what is shown was; all milliseconds
 */
export function behind({ connected, lag, silent, past }) {
  if (past !== null && past > LIVE) return TEXTS.health.past(ago(past));
  if (!connected) return silent === null ? TEXTS.health.disconnected : TEXTS.health.behindDisconnected(ago(silent));
  if (lag === null || lag < LIVE) return TEXTS.health.live;
  return TEXTS.health.behind(ago(lag));
}

/** @param {number} ms */
function ago(ms) {
  if (ms < 9950) return TEXTS.span.s((ms / 1000).toFixed(1));
  if (ms < 120_000) return TEXTS.span.s(Math.round(ms / 1000));
  return ms < 7_200_000 ? TEXTS.span.min(Math.round(ms / 60_000)) : TEXTS.span.h((ms / 3_600_000).toFixed(1));
}

/**
 * The line over the picture.
 * @param {Record<string, any>|null} summary  SUMMARY
 * @param {Record<string, any>|null} analysis  ANALYSIS
 * @param {{dots: number, behind: string}} page
 * @returns {{key: string, text: string}[]}
 */
export function line(summary, analysis, { dots, behind: late }) {
  if (summary === null) return [{ key: "behind", text: late }];
  const { diameter, path, clustering } = distances(analysis);
  return [
    { key: "members", text: members(summary) },
    { key: "components", text: LINE.components(summary.components) },
    { key: "diameter", text: LINE.diameter(diameter) },
    { key: "path", text: LINE.path(path) },
    { key: "clustering", text: LINE.clustering(clustering) },
    { key: "events", text: LINE.events(Math.round(summary.events_per_second)) },
    { key: "dots", text: LINE.dots(dots) },
    { key: "behind", text: late },
  ];
}

/** @param {Record<string, any>} summary */
function members(summary) {
  const living = LINE.members(summary.alive + summary.suspect);
  const rest = (/** @type {const} */ (["suspect", "dead"])).filter((state) => summary[state] > 0).map((state) => LINE[state](summary[state]));
  return rest.length > 0 ? LINE.membersAnd(living, rest.join(", ")) : living;
}

/** @param {Record<string, any>|null} analysis */
export function distances(analysis) {
  const told = analysis?.distances;
  const sampled = told?.exact === false;
  return {
    diameter: told?.diameter == null ? "–" : `${sampled ? "≥ " : ""}${told.diameter}`,
    path: told?.mean_path == null ? "–" : `${sampled ? "≈ " : ""}${told.mean_path.toFixed(2)}`,
    clustering: analysis?.clustering == null ? "–" : analysis.clustering.toFixed(2),
  };
}

/** How the distances were found. @param {Record<string, any>|null} analysis */
export function exactness(analysis) {
  const told = analysis?.distances;
  if (!told || told.diameter === null) return "";
  const how = told.exact ? TEXTS.health.exact : TEXTS.health.sampled(told.from, told.of);
  return analysis?.components.length > 1 ? `${how} ${TEXTS.health.ofLargest(told.of)}` : how;
}

/** 0 … 1 as a person reads it; never 100 % of what is not all. @param {number|null|undefined} share */
export function percent(share) {
  if (share === null || share === undefined) return "–";
  if (share >= 1) return TEXTS.health.percent(100);
  return TEXTS.health.percent(Math.min(99.9, Math.floor(share * 1000) / 10));
}

/** What the network hangs on. @param {number} points @param {number} bridges */
export function hangsOn(points, bridges) {
  if (points === 0 && bridges === 0) return TEXTS.health.holds;
  const parts = [];
  if (points > 0) parts.push(TEXTS.nodes(points));
  if (bridges > 0) parts.push(TEXTS.links(bridges));
  return (points + bridges === 1 ? TEXTS.health.hangsOn : TEXTS.health.hangsOnMany)(parts.length === 2 ? TEXTS.and(parts[0], parts[1]) : parts[0]);
}

/** A number of a chart. @param {number|null|undefined} value @param {string} unit */
export function value(value, unit) {
  if (value === null || value === undefined) return "–";
  if (unit === "%") return percent(value);
  const text = value >= 100 || Number.isInteger(value) ? count(Math.round(value)) : value.toFixed(value < 10 ? 1 : 0);
  return unit ? TEXTS.health.unit(text, unit) : text;
}
