/**
 * Which part of the world is seen: a zoom and a shift, and how they change.
 *
 *     screen = world * zoom + shift        (CSS pixels; world units are pixels at zoom 1)
 *
 * As long as the person has not moved the view, it keeps everything in sight while the
 * network grows. As soon as he pans or zooms, it is his, until he asks for `fit` again.
 * No DOM.
 *
 * @typedef {{left: number, top: number, right: number, bottom: number}} Box
 * @typedef {{x: number, y: number}} Point
 */

/** Smallest and largest zoom: 1,000 nodes in sight … a node as large as a coin [by eye]. */
const ZOOM_LEAST = 0.08;
const ZOOM_MOST = 4;
/** A few nodes are not blown up to fill the stage [by eye]. */
const ZOOM_FIT_MOST = 1.9;
/** Free room at the edges of the stage for rings and labels, CSS pixels. */
const MARGIN = { left: 44, top: 34, right: 44, bottom: 46 };
/** How long the view glides. Milliseconds [by eye]; as long as the layout does. */
const GLIDE = 500;

export class View {
  zoom = 1;
  x = 0;
  y = 0;
  width = 1;
  height = 1;
  /** How much larger than usual letters and nodes are: so much more room they need. */
  scale = 1;
  /** Whether it keeps everything in sight by itself. */
  following = true;

  /** @type {{from: number[], to: number[], since: number}|null} */
  #glide = null;

  get moving() { return this.#glide !== null; }

  /** @param {number} width @param {number} height */
  resize(width, height) {
    // What was in the middle stays in the middle.
    this.x += (width - this.width) / 2;
    this.y += (height - this.height) / 2;
    this.width = width;
    this.height = height;
  }

  /** @param {Point} world @returns {Point} */
  toScreen({ x, y }) {
    return { x: x * this.zoom + this.x, y: y * this.zoom + this.y };
  }

  /** @param {Point} screen @returns {Point} */
  toWorld({ x, y }) {
    return { x: (x - this.x) / this.zoom, y: (y - this.y) / this.zoom };
  }

  /** What is in the middle, in world units, and the zoom: where it is, or glides to. */
  get look() {
    const [zoom, x, y] = this.#glide?.to ?? [this.zoom, this.x, this.y];
    return { x: (this.width / 2 - x) / zoom, y: (this.height / 2 - y) / zoom, zoom };
  }

  /** See this. @param {{x: number, y: number, zoom: number}} look @param {number} now @param {boolean} glide */
  show({ x, y, zoom }, now, glide) {
    const fits = clamp(zoom, ZOOM_LEAST, ZOOM_MOST);
    this.following = false;
    this.#go([fits, this.width / 2 - x * fits, this.height / 2 - y * fits], now, glide);
  }

  /** Bring a box into sight. @param {Box|null} box @param {number} now @param {boolean} glide */
  fit(box, now, glide = true) {
    const { left, top, right, bottom } = box ?? { left: 0, top: 0, right: 0, bottom: 0 };
    const { scale } = this;
    const wide = Math.max(1, this.width - scale * (MARGIN.left + MARGIN.right));
    const high = Math.max(1, this.height - scale * (MARGIN.top + MARGIN.bottom));
    const zoom = clamp(
      Math.min(wide / (right - left || 1), high / (bottom - top || 1)), ZOOM_LEAST, scale * ZOOM_FIT_MOST,
    );
    this.#go([
      zoom,
      scale * MARGIN.left + wide / 2 - ((left + right) / 2) * zoom,
      scale * MARGIN.top + high / 2 - ((top + bottom) / 2) * zoom,
    ], now, glide);
  }

  /** Whether a box is in sight already, with some room around. @param {Box|null} box */
  shows(box) {
    if (!box) return true;
    const a = this.toScreen({ x: box.left, y: box.top });
    const b = this.toScreen({ x: box.right, y: box.bottom });
    const room = 0.35; // of the margin: a ring and the edge of the stage
    return a.x >= MARGIN.left * room && a.y >= MARGIN.top * room
      && b.x <= this.width - MARGIN.right * room && b.y <= this.height - MARGIN.bottom * room;
  }

  /** Pan no further than needed until a point is well inside. @param {Point} world @param {number} now */
  reveal(world, now) {
    const { x, y } = this.toScreen(world);
    const edge = Math.min(44, this.width / 4, this.height / 4); // a disc, its ring and its name
    const dx = clamp(x, edge, this.width - edge) - x;
    const dy = clamp(y, edge, this.height - edge) - y;
    if (dx === 0 && dy === 0) return;
    this.following = false;
    this.#go([this.zoom, this.x + dx, this.y + dy], now, true);
  }

  /** @param {number} dx @param {number} dy */
  panBy(dx, dy) {
    this.following = false;
    this.#glide = null;
    this.x += dx;
    this.y += dy;
  }

  /** Zoom around a point of the screen. @param {Point} at @param {number} factor */
  zoomBy(at, factor) {
    this.following = false;
    this.#glide = null;
    const zoom = clamp(this.zoom * factor, ZOOM_LEAST, ZOOM_MOST);
    const real = zoom / this.zoom;
    this.x = at.x - (at.x - this.x) * real;
    this.y = at.y - (at.y - this.y) * real;
    this.zoom = zoom;
  }

  /** @param {number} now @returns {boolean} whether it goes on */
  advance(now) {
    if (!this.#glide) return false;
    const { from, to, since } = this.#glide;
    const t = clamp((now - since) / GLIDE, 0, 1);
    const eased = 1 - (1 - t) ** 3;
    [this.zoom, this.x, this.y] = t === 1
      ? to : to.map((value, i) => from[i] + (value - from[i]) * eased);
    if (t === 1) this.#glide = null;
    return this.#glide !== null;
  }

  /** @param {number[]} to @param {number} now @param {boolean} glide */
  #go(to, now, glide) {
    if (!glide) {
      this.#glide = null;
      [this.zoom, this.x, this.y] = to;
      return;
    }
    const from = [this.zoom, this.x, this.y];
    if (to.every((value, i) => Math.abs(value - from[i]) < 1e-3)) return;
    this.#glide = { from, to, since: now };
  }
}

/** @param {number} value @param {number} least @param {number} most */
function clamp(value, least, most) {
  return Math.max(least, Math.min(most, value));
}
