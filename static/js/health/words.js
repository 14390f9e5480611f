/**
 * The network's health in words and numbers. Pure functions, no DOM.
 *
 * What the dashboard worked out (ANALYSIS of docs/api.md) is told with how it was: distances are
 * exact up to 200 nodes, and above that taken from some nodes only, so that the diameter is at
 * least what is said. The page never says more than it knows: "–" is what nobody has told yet.
 */
import { count, counted } from "../panel/words.js";

/** Below this the page is as live as an eye can tell. Milliseconds [guess: two deltas and a frame]. */
export const LIVE = 200;

/**
 * How far the page is behind the network.
 * @param {{connected: boolean, lag: number|null, silent: number|null, past: number|null}} how
 *   lag: by how much the last packet came later than the quickest; silent: since the last packet,
 *   while not connected; past: how long ago what is shown was; all milliseconds
 */
export function behind({ connected, lag, silent, past }) {
  if (past !== null && past > LIVE) return `${ago(past)} in the past`;
  if (!connected) return silent === null ? "not connected" : `${ago(silent)} behind: not connected`;
  if (lag === null || lag < LIVE) return "live";
  return `${ago(lag)} behind`;
}

/** @param {number} ms */
function ago(ms) {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`;
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
    { key: "components", text: counted(summary.components, "component") },
    { key: "diameter", text: `diameter ${diameter}` },
    { key: "path", text: `mean path ${path}` },
    { key: "clustering", text: `clustering ${clustering}` },
    { key: "events", text: `${count(Math.round(summary.events_per_second))} events/s` },
    { key: "dots", text: counted(dots, "dot") },
    { key: "behind", text: late },
  ];
}

/** @param {Record<string, any>} summary */
function members(summary) {
  const living = counted(summary.alive + summary.suspect, "member");
  const rest = [[summary.suspect, "suspect"], [summary.dead, "dead"]].filter(([n]) => n > 0).map(([n, word]) => `${n} ${word}`);
  return rest.length > 0 ? `${living} (${rest.join(", ")})` : living;
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
  const part = analysis?.components.length > 1 ? ` Of the largest component, ${counted(told.of, "node")}.` : "";
  return told.exact ? `Distances are exact.${part}`
    : `Distances are sampled, from ${count(told.from)} of ${count(told.of)} nodes: the diameter is at least that.${part}`;
}

/** 0 … 1 as a person reads it; never 100 % of what is not all. @param {number|null|undefined} share */
export function percent(share) {
  if (share === null || share === undefined) return "–";
  if (share >= 1) return "100 %";
  return `${Math.min(99.9, Math.floor(share * 1000) / 10)} %`;
}

/** What the network hangs on. @param {number} points @param {number} bridges */
export function hangsOn(points, bridges) {
  if (points === 0 && bridges === 0) return "No single node or link holds it together.";
  const parts = [];
  if (points > 0) parts.push(counted(points, "node"));
  if (bridges > 0) parts.push(counted(bridges, "link"));
  return `It hangs on ${parts.join(" and ")}: without ${points + bridges === 1 ? "it" : "one of them"} it falls apart.`;
}

/** A number of a chart. @param {number|null|undefined} value @param {string} unit */
export function value(value, unit) {
  if (value === null || value === undefined) return "–";
  if (unit === "%") return percent(value);
  const text = value >= 100 || Number.isInteger(value) ? count(Math.round(value)) : value.toFixed(value < 10 ? 1 : 0);
  return unit ? `${text} ${unit}` : text;
}
