/**
 * The way of a message across the picture: a flat arc from ring to ring.
 *
 * Links are straight, messages bend a little to the right of their direction. So a message
 * is not mistaken for a link, one and its answer do not cover each other, and a path that
 * crosses the network misses most of the nodes between. Quadratic Bézier curves, since a
 * canvas draws them natively. All numbers are CSS pixels.
 *
 * @typedef {{ax: number, ay: number, cx: number, cy: number, bx: number, by: number}} Arc
 */

/** Height of the control point over the line, as a part of its length [chosen by eye]. */
const BEND = 0.12;
/** However long the way, it does not bend further out than this [chosen by eye]. */
const BEND_MOST = 60;
/** How far outside a message from nowhere begins. */
const STREAK = 130;

/**
 * From the ring of one node to the ring of another.
 * @param {{x: number, y: number}} a
 * @param {{x: number, y: number}} b
 * @param {number} gapA  left free at the start
 * @param {number} gapB  left free at the end
 * @returns {Arc}
 */
export function arc(a, b, gapA, gapB) {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const length = Math.hypot(dx, dy) || 1;
  const bend = Math.min(BEND * length, BEND_MOST) / length;
  const cx = (a.x + b.x) / 2 - dy * bend;
  const cy = (a.y + b.y) / 2 + dx * bend;
  // The ends leave along the tangents, so that the arc meets both rings squarely.
  const half = Math.hypot(cx - a.x, cy - a.y) || 1;
  const fits = Math.min(1, (length * 0.8) / (gapA + gapB || 1));
  const ta = (gapA * fits) / half;
  const tb = (gapB * fits) / half;
  return {
    ax: a.x + (cx - a.x) * ta, ay: a.y + (cy - a.y) * ta, cx, cy,
    bx: b.x + (cx - b.x) * tb, by: b.y + (cy - b.y) * tb,
  };
}

/**
 * From outside onto a node, or from a node to outside: along the ray from the middle.
 * @param {{x: number, y: number}} node
 * @param {{x: number, y: number}} middle  of the network
 * @param {number} gap
 * @param {boolean} inward
 * @returns {Arc}
 */
export function streak(node, middle, gap, inward) {
  let dx = node.x - middle.x;
  let dy = node.y - middle.y;
  const length = Math.hypot(dx, dy);
  if (length < 1) [dx, dy] = [0, -1];
  else [dx, dy] = [dx / length, dy / length];
  const near = { x: node.x + dx * gap, y: node.y + dy * gap };
  const far = { x: near.x + dx * STREAK, y: near.y + dy * STREAK };
  const [from, to] = inward ? [far, near] : [near, far];
  return {
    ax: from.x, ay: from.y, bx: to.x, by: to.y,
    cx: (from.x + to.x) / 2, cy: (from.y + to.y) / 2,
  };
}

/**
 * The point a part of the way along.
 * @param {Arc} way
 * @param {number} p  0 … 1
 */
export function along(way, p) {
  const q = 1 - p;
  return {
    x: q * q * way.ax + 2 * q * p * way.cx + p * p * way.bx,
    y: q * q * way.ay + 2 * q * p * way.cy + p * p * way.by,
  };
}

/**
 * Add the piece between two parts of the way to a canvas path (de Casteljau's subdivision).
 * @param {CanvasRenderingContext2D} context
 * @param {Arc} way
 * @param {number} from
 * @param {number} to
 */
export function trace(context, way, from, to) {
  const start = along(way, from);
  const end = along(way, to);
  // The control point of the piece: the blossom of the curve at (from, to).
  const q = 1 - from;
  const r = 1 - to;
  const cx = q * r * way.ax + (q * to + from * r) * way.cx + from * to * way.bx;
  const cy = q * r * way.ay + (q * to + from * r) * way.cy + from * to * way.by;
  context.moveTo(start.x, start.y);
  context.quadraticCurveTo(cx, cy, end.x, end.y);
}

/**
 * The direction at the end of the way, in radians.
 * @param {Arc} way
 */
export function heading(way) {
  return Math.atan2(way.by - way.cy, way.bx - way.cx);
}
