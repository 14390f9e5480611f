/**
 * Where a node stands before anything is known about it: a place that follows from its name.
 *
 * Two people who open the page must see the same picture, so nothing about it may be random.
 * A hash of the name gives a point in an ellipse around the middle. The size of the ellipse
 * grows with the number of nodes, so that there is room for all.
 */

/** World units between two neighbours, on average [chosen by eye, as the forces are]. */
const SPACING = 84;

/** FNV-1a, 32 bits: short, and spreads similar names well enough once it is mixed.
 * @param {string} text */
export function hash(text) {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  }
  // The finaliser of MurmurHash3: names that differ in the last digit part ways.
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

/**
 * @param {string} name
 * @param {number} count  how many nodes there are
 * @param {number} aspect  width by height
 */
export function seed(name, count, aspect) {
  const angle = (hash(name) / 2 ** 32) * 2 * Math.PI;
  // The square root spreads the points evenly over the area.
  const far = Math.sqrt(hash(`${name}/far`) / 2 ** 32) * radius(count);
  return {
    x: Math.cos(angle) * far * Math.sqrt(aspect),
    y: (Math.sin(angle) * far) / Math.sqrt(aspect),
  };
}

/** Radius of the circle that has room for so many nodes. @param {number} count */
function radius(count) {
  return SPACING * Math.sqrt(Math.max(1, count) / Math.PI);
}
