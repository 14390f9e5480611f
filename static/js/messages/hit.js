/**
 * Which message is under the pointer: a dot that flies, or a path that is drawn. No DOM.
 *
 * @typedef {import("../path.js").Arc} Arc
 * @typedef {{x: number, y: number}} Point
 * @typedef {{id: string, from: number|null, to: number|null}} Way
 */
import { along } from "../path.js";

/** How far beside a dot still hits it: dots are small and fly. CSS pixels. */
const DOT = 12;
/** How far beside a line. CSS pixels. */
const LINE = 6;
/** In how many pieces a bent line is looked at. */
const PIECES = 16;

/**
 * @param {Point} at
 * @param {{dots: (Way & {p: number})[], ways: Way[]}} drawn ways: fading and lit paths, the last drawn last
 * @param {(from: number|null, to: number|null) => Arc|undefined} arcOf
 * @returns {string|null} the message's id
 */
export function messageAt(at, { dots, ways }, arcOf) {
  let best = null;
  let least = DOT;
  for (const { id, from, to, p } of dots) {
    const arc = arcOf(from, to);
    if (arc === undefined) continue;
    const { x, y } = along(arc, p);
    const far = Math.hypot(x - at.x, y - at.y);
    if (far <= least) [best, least] = [id, far];
  }
  if (best !== null) return best;
  least = LINE;
  for (const { id, from, to } of ways) {
    const arc = arcOf(from, to);
    const far = arc === undefined ? Infinity : distance(arc, at);
    if (far <= least) [best, least] = [id, far];
  }
  return best;
}

/** @param {Arc} arc @param {Point} at */
function distance(arc, at) {
  let least = Infinity;
  let a = along(arc, 0);
  for (let piece = 1; piece <= PIECES; piece += 1) {
    const b = along(arc, piece / PIECES);
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    const t = Math.max(0, Math.min(1, ((at.x - a.x) * dx + (at.y - a.y) * dy) / (dx * dx + dy * dy || 1)));
    least = Math.min(least, Math.hypot(a.x + t * dx - at.x, a.y + t * dy - at.y));
    a = b;
  }
  return least;
}
