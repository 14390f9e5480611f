/**
 * The part of the picture that is seen, as a word of the address: `-120,40,1.5` is what stands
 * in the middle, in the layout's own units, and the zoom. Whoever opens it has another window,
 * and sees the same middle; places are the same for everyone (layout.js). No DOM.
 *
 * @typedef {{x: number, y: number, zoom: number}} Look
 */

/** Further out nothing ever stands: remembered.js. */
const FARTHEST = 100_000;

/** @param {Look} look */
export function lookText({ x, y, zoom }) {
  return `${Math.round(x)},${Math.round(y)},${Number(zoom.toPrecision(3))}`;
}

/**
 * @param {string|null} text  from an address, so anything
 * @returns {Look|null} null: it says nothing of use
 */
export function lookOf(text) {
  if (text === null || !/^-?\d{1,6},-?\d{1,6},\d{1,2}(\.\d{1,6})?$/.test(text)) return null;
  const [x, y, zoom] = text.split(",").map(Number);
  return Math.abs(x) <= FARTHEST && Math.abs(y) <= FARTHEST && zoom > 0 ? { x, y, zoom } : null;
}
