/**
 * Who lies inside a line that a hand drew. No DOM.
 *
 * @typedef {{x: number, y: number}} Point
 * @typedef {"only"|"add"|"remove"} How
 */

/**
 * Even-odd rule (a ray to the right), as the eye has it: a loop within the loop is outside.
 * @param {readonly Point[]} polygon @param {Point} point
 */
export function inside(polygon, { x, y }) {
  let within = false;
  for (let at = 0, before = polygon.length - 1; at < polygon.length; before = at, at += 1) {
    const [a, b] = [polygon[at], polygon[before]];
    if ((a.y > y) !== (b.y > y) && x < a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x)) within = !within;
  }
  return within;
}

/**
 * What is chosen after a lasso.
 * @param {readonly Point[]} polygon
 * @param {ReadonlyMap<number, Point>} spots
 * @param {ReadonlySet<number>} before
 * @param {How} how
 * @returns {Set<number>}
 */
export function caught(polygon, spots, before, how) {
  const found = [...spots].filter(([, spot]) => inside(polygon, spot)).map(([key]) => key);
  if (how === "only") return new Set(found);
  const after = new Set(before);
  for (const key of found) how === "add" ? after.add(key) : after.delete(key);
  return after;
}

/** Whether a drag is a lasso, and what it does. @param {{shiftKey: boolean, altKey: boolean}} event @param {boolean} tool @returns {How|null} */
export function howOf({ shiftKey, altKey }, tool) {
  if (altKey) return "remove";
  if (shiftKey) return "add";
  return tool ? "only" : null;
}
