/**
 * Which rows of a long table stand in the page: those that can be seen and a few more.
 * Every row is equally high, so that this is a division and nothing has to be measured. No DOM.
 */

/** Rows above and below what is seen: a turn of the wheel finds them there [guess]. */
const SPARE = 8;

/**
 * @param {{top: number, height: number, row: number, count: number}} seen
 *   top: how far it is scrolled; row: how high one is; all in CSS pixels
 * @returns {{first: number, end: number}} the places of the rows; end: not included
 */
export function windowOf({ top, height, row, count }) {
  const first = Math.max(0, Math.min(count, Math.floor(top / row) - SPARE));
  const end = Math.min(count, Math.ceil((top + height) / row) + SPARE);
  return { first, end: Math.max(first, end) };
}

/**
 * How far to scroll so that a row can be seen whole; as little as possible.
 * @param {{top: number, height: number, row: number, head: number}} seen head: what covers the top
 * @param {number} index
 */
export function revealed({ top, height, row, head }, index) {
  const [above, below] = [index * row, (index + 1) * row - (height - head)];
  return Math.max(Math.min(top, above), below, 0);
}
