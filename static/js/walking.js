/**
 * Going through the picture with the arrow keys: the next node in that direction.
 */

const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** A node straight ahead beats a nearer one at the side by this factor [guess]. */
const SIDEWAYS = 2;
/** Half of what counts as "that way", as aside : ahead: 60 degrees, so that every node can
 *  be reached by some arrow (the four sectors overlap). */
const WIDEST = Math.tan(Math.PI / 3);

/**
 * @param {Iterable<[number, {x: number, y: number}]>} places keys and where they are
 * @param {{x: number, y: number}} here
 * @param {string} key the name of an arrow key
 * @returns {number|null} the key of the node to go to
 */
export function nextThatWay(places, here, key) {
  const direction = DIRECTIONS[/** @type {keyof typeof DIRECTIONS} */ (key)];
  if (direction === undefined) return null;
  const [dx, dy] = direction;
  let best = null;
  let least = Infinity;
  for (const [node, { x, y }] of places) {
    const ahead = (x - here.x) * dx + (y - here.y) * dy;
    if (ahead <= 1) continue; // beside, behind, or the node itself
    const aside = Math.abs((x - here.x) * dy) + Math.abs((y - here.y) * dx);
    if (aside > WIDEST * ahead) continue;
    const cost = ahead + SIDEWAYS * aside;
    if (cost < least) {
      least = cost;
      best = node;
    }
  }
  return best;
}

/**
 * The node to begin with.
 * @param {Iterable<[number, {x: number, y: number}]>} places keys and where they are
 * @param {{x: number, y: number}} to
 * @returns {number|null} the key of the one that is nearest; null: there is none
 */
export function nearest(places, to) {
  let best = null;
  let least = Infinity;
  for (const [key, { x, y }] of places) {
    const far = Math.hypot(x - to.x, y - to.y);
    if (far < least) [best, least] = [key, far];
  }
  return best;
}

/** @param {string} key */
export function isArrow(key) {
  return key in DIRECTIONS;
}
