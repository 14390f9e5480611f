/**
 * Where nodes stand, and how they get there.
 *
 * The rules, in the order of their weight:
 *
 *  1. What a person has dragged stays where he put it.
 *  2. What stands, stays. A newcomer appears at the centre of its neighbours, and only it
 *     and what is in its way move; a dead node keeps its place; links that come and go move
 *     nobody.
 *  3. While the network forms there is nothing to preserve: everything may move. That is so
 *     until the picture has been still for a moment, and again when so many came that half
 *     of the picture is new.
 *  4. The same network gives the same picture to everyone: places start from names (seed.js)
 *     and the worker computes the same everywhere.
 *
 * The worker says where everything ends; `advance` glides there. No DOM; the worker and the
 * storage are handed in.
 *
 * Events: `target` when there are new places to go to, `still` when all have arrived.
 *
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./model.js").Key} Key
 * @typedef {import("./remembered.js").Remembered} Remembered
 *
 * @typedef {object} Place
 * @property {Key} key
 * @property {string} id
 * @property {string} name
 * @property {number} x  now, in world units
 * @property {number} y
 * @property {number} fromX  where the glide began
 * @property {number} fromY
 * @property {number} toX  where it ends
 * @property {number} toY
 * @property {boolean} pinned  dragged by a person
 * @property {boolean} settled  has been through a run together with its links
 * @property {boolean} alone  has been through one without any: it stands there until it has links
 */
import { hash, seed } from "./seed.js";

/** Ticks of a run that may move everything, and of one for newcomers [chosen by eye: more
 * changes nothing that can be seen]. */
const TICKS_ALL = 300;
const TICKS_SOME = 120;
/** Nodes come and links change in bursts: wait for the end of one, but not for ever.
 * Milliseconds [guess]. */
const BURST = 120;
/** The picture counts as formed when nothing was added for so long. Milliseconds [guess]. */
export const QUIET = 4000;
/** How long a glide takes. Milliseconds [chosen by eye]. */
export const GLIDE = 500;
/** Growth since the picture was formed after which it is formed anew [guess]. */
const GROWTH = 1.5;
/** Nodes standing nearer than this to a newcomer may make room. World units. */
const NEARBY = 110;

export class Layout extends EventTarget {
  /** @type {Map<Key, Place>} */
  places = new Map();

  #worker;
  #remembered;
  #now;
  #quiet;
  /** @type {Model|null} */
  #model = null;
  #aspect = 2.6;
  /** Places of nodes of this run that are not there (yet). @type {Map<string, import("./remembered.js").Spot>} */
  #spots = new Map();
  /** @type {string|null} */
  #run = null;
  #formed = false;
  #formedNodes = 0;
  #formedLinks = 0;
  #links = 0;
  #changedAt = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  #dueBy = Infinity;
  #runNumber = 0;
  /** The last run that has ended; a later one is under way. */
  #finished = 0;
  /** Keys in the order in which the worker has them. @type {Key[]} */
  #order = [];
  #glideFrom = -Infinity;
  #gliding = false;
  /** How long a glide takes, in milliseconds; 0 for who wants no motion. */
  glide = GLIDE;
  /** Whether places are worth showing: a first run has ended, or they were remembered. */
  placed = false;

  /**
   * @param {object} parts
   * @param {Pick<Worker, "postMessage"|"onmessage"|"onerror">} parts.worker
   * @param {Remembered} parts.remembered
   * @param {() => number} [parts.now]  milliseconds, never backwards
   * @param {number} [parts.quiet]  milliseconds without news until the picture is formed
   */
  constructor({ worker, remembered, now = () => performance.now(), quiet = QUIET }) {
    super();
    this.#quiet = quiet;
    this.#worker = worker;
    this.#remembered = remembered;
    this.#now = now;
    worker.onmessage = (/** @type {MessageEvent<import("./types.d.ts").LayoutAnswer>} */ { data }) => this.#arrived(data);
    // Without a worker (a file is missing, say; the console has it) nodes stand where their
    // names put them: not pretty, but all there.
    worker.onerror = () => {
      this.placed = true;
      this.dispatchEvent(new Event("target"));
    };
  }

  /** Whether places are changing. */
  get moving() { return this.#gliding; }

  /** Whether the picture is still being formed: everything may move. */
  get forming() { return !this.#formed; }

  /**
   * The network has changed.
   * @param {Model} model
   * @param {number} aspect  of the stage, width by height
   */
  update(model, aspect) {
    this.#model = model;
    const first = model.run !== this.#run || this.places.size === 0;
    if (model.run !== this.#run) this.#changeRun(model.run);
    // In few steps, so that two viewers with windows of about one shape see the same. The
    // links pull all together, so the pulls ask for more than the stage has.
    if (first) this.#aspect = aspect > 1.6 ? 2.6 : aspect > 1.2 ? 1.8 : aspect > 0.8 ? 1 : 0.5;

    this.#rekey(model);
    let came = 0;
    const fresh = [];
    for (const node of model.nodes.values()) {
      const place = this.places.get(node.key);
      if (place) {
        place.name = node.name;
      } else {
        came += 1;
        fresh.push(this.#add(node));
      }
    }
    for (const place of fresh) this.#putAmongNeighbours(place);

    const grown = model.links.size > this.#links;
    this.#links = model.links.size;
    // Where most were remembered, the others are newcomers.
    const remembered = came - this.#loose().length;
    if (first && came > 1 && remembered * GROWTH >= came) {
      this.#form();
      this.placed = true;
    }
    if (came || grown) this.#changedAt = this.#now();
    if (this.#formed && (this.places.size > this.#formedNodes * GROWTH
      || model.links.size > this.#formedLinks * GROWTH)) this.#formed = false;

    if (!this.#formed && first && came > 1) this.#start(); // a snapshot is whole: no burst to wait for
    else if (!this.#formed && (came || grown)) this.#schedule(BURST);
    else if (this.#formed && this.#loose().length > 0) this.#schedule(BURST);
    if (this.#loose().length === 0 || this.places.size === 1) this.placed = true;
    if (came) this.dispatchEvent(new Event("target"));
  }

  /** Compute everything anew, from where every viewer starts. Pins are kept. */
  relayout() {
    for (const place of this.places.values()) {
      if (place.pinned) continue;
      const { x, y } = seed(place.name, this.places.size, this.#aspect);
      place.toX = x;
      place.toY = y;
    }
    this.#formed = false;
    this.#changedAt = this.#now() - this.#quiet;
    this.#schedule(0);
  }

  /** A person holds a node. @param {Key} key @param {number} x @param {number} y */
  drag(key, x, y) {
    const place = this.places.get(key);
    if (!place) return;
    Object.assign(place, { x, y, fromX: x, fromY: y, toX: x, toY: y, pinned: true, settled: true });
  }

  /** He lets it go: it stays. */
  dragged() { this.#remember(); }

  /** Let it stay where it stands, as if a person had put it there. @param {Key} key */
  pin(key) {
    const place = this.places.get(key);
    if (!place) return;
    place.pinned = true;
    place.settled = true;
    this.#remember();
  }

  /**
   * Where nodes are, or are going to, by their ids: what `restore` takes.
   * @param {Iterable<string>} [ids]  of all, where they are not named
   * @returns {Map<string, import("./remembered.js").Spot>}
   */
  spots(ids) {
    const wanted = ids === undefined ? null : new Set(ids);
    const spots = new Map();
    for (const place of this.places.values()) {
      if (wanted === null || wanted.has(place.id)) spots.set(place.id, spot(place));
    }
    return spots;
  }

  /**
   * Put nodes back to where they were. What the worker is at is for nothing then.
   * @param {Map<string, import("./remembered.js").Spot>} spots
   */
  restore(spots) {
    const now = this.#now();
    this.advance(now);
    for (const place of this.places.values()) {
      const { x, y, pinned, alone } = spots.get(place.id) ?? spot(place);
      Object.assign(place, { fromX: place.x, fromY: place.y, toX: x, toY: y });
      if (!spots.has(place.id)) continue;
      Object.assign(place, { pinned, alone, settled: !alone });
    }
    this.#runNumber += 1;
    this.#finished = this.#runNumber;
    clearTimeout(this.#timer);
    this.#dueBy = Infinity;
    this.#form();
    this.#glideFrom = now;
    this.#gliding = true;
    this.#remember();
    if (this.#loose().length > 0) this.#schedule(BURST); // who came meanwhile
    this.dispatchEvent(new Event("target"));
  }

  /** Let a pinned node be moved again. @param {Key} key */
  unpin(key) {
    const place = this.places.get(key);
    if (!place?.pinned) return;
    place.pinned = false;
    place.settled = false;
    this.#schedule(0);
  }

  /**
   * Move everything to where it is at this moment of the glide.
   * @param {number} now
   * @returns {boolean} whether it goes on
   */
  advance(now) {
    if (!this.#gliding) return false;
    const t = Math.min(1, Math.max(0, (now - this.#glideFrom) / Math.max(1, this.glide)));
    const eased = 1 - (1 - t) ** 3;
    for (const place of this.places.values()) {
      place.x = t === 1 ? place.toX : place.fromX + (place.toX - place.fromX) * eased;
      place.y = t === 1 ? place.toY : place.fromY + (place.toY - place.fromY) * eased;
    }
    if (t === 1) {
      this.#gliding = false;
      this.dispatchEvent(new Event("still"));
    }
    return this.#gliding;
  }

  /** What everything will fit into, in world units. @returns {import("./view.js").Box|null} */
  bounds() {
    let box = null;
    for (const { toX, toY } of this.places.values()) {
      box ??= { left: toX, top: toY, right: toX, bottom: toY };
      box.left = Math.min(box.left, toX);
      box.right = Math.max(box.right, toX);
      box.top = Math.min(box.top, toY);
      box.bottom = Math.max(box.bottom, toY);
    }
    return box;
  }

  /** @param {string|null} run */
  #changeRun(run) {
    // Who is here keeps its place under another dashboard too; `#rekey` sees to that.
    this.#run = run;
    this.#spots = run === null ? new Map() : this.#remembered.read(run);
  }

  /** Drop who is gone, and follow nodes whose key has changed. @param {Model} model */
  #rekey(model) {
    for (const place of [...this.places.values()]) {
      if (model.nodes.get(place.key)?.id === place.id) continue;
      this.#spots.set(place.id, spot(place));
      this.places.delete(place.key);
    }
    // Nodes that will not come back must not be remembered for ever.
    for (const id of this.#spots.keys()) {
      if (this.#spots.size <= 4000) break;
      this.#spots.delete(id);
    }
  }

  /** @param {import("./model.js").NodeView} node */
  #add(node) {
    const known = this.#spots.get(node.id);
    const { x, y } = known ?? seed(node.name, this.#model?.nodes.size ?? 1, this.#aspect);
    const place = {
      key: node.key, id: node.id, name: node.name,
      x, y, fromX: x, fromY: y, toX: x, toY: y,
      pinned: known?.pinned ?? false, alone: known?.alone ?? false, settled: known !== undefined && !known.alone,
    };
    this.places.set(node.key, place);
    return place;
  }

  /**
   * A newcomer starts in the middle of those that it is linked to, a little to the side that
   * its name says, so that two newcomers with the same neighbours do not stand on each other.
   * @param {Place} place
   */
  #putAmongNeighbours(place) {
    if (place.settled) return;
    let count = 0;
    let x = 0;
    let y = 0;
    for (const key of this.#model?.neighbours(place.key) ?? []) {
      const other = this.places.get(key);
      if (!other?.settled) continue;
      count += 1;
      x += other.toX;
      y += other.toY;
    }
    if (count === 0) return;
    const angle = (hash(place.name) / 2 ** 32) * 2 * Math.PI;
    x = x / count + Math.cos(angle) * 20;
    y = y / count + Math.sin(angle) * 20;
    if (place.x === place.toX && place.y === place.toY && !this.#gliding) {
      Object.assign(place, { x, y, fromX: x, fromY: y });
    }
    Object.assign(place, { toX: x, toY: y });
  }

  /** Whether everybody stands where they will stay until the network changes. */
  get resting() {
    return this.#dueBy === Infinity && this.#finished === this.#runNumber && !this.#gliding;
  }

  /** Newcomers that have not been through a run with their links, or with none if they have none. */
  #loose() {
    return [...this.places.values()].filter(({ key, settled, pinned, alone }) => !settled && !pinned && !(alone && this.#linkless(key)));
  }

  /** @param {Key} key */
  #linkless(key) {
    return (this.#model?.neighbours(key).size ?? 0) === 0;
  }

  /** @param {number} wait  milliseconds */
  #schedule(wait) {
    const now = this.#now();
    this.#dueBy = Math.min(this.#dueBy, now + 3 * wait);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#start(), Math.min(wait, Math.max(0, this.#dueBy - now)));
  }

  #start() {
    clearTimeout(this.#timer);
    this.#dueBy = Infinity;
    const model = this.#model;
    if (!model || this.places.size === 0) return;
    const free = this.#formed ? this.#freed() : null;
    const all = free === null;
    // An order that every viewer has, since sums of forces depend on it in the last digits.
    const places = [...this.places.values()].sort((a, b) => compare(a.name, b.name) || compare(a.id, b.id));
    const index = new Map(places.map((place, i) => [place.key, i]));
    const nodes = new Float64Array(places.length * 5);
    places.forEach((place, i) => {
      const anchor = seed(place.name, places.length, this.#aspect);
      const fixed = place.pinned || (free && !free.has(place.key)) ? 1 : 0;
      nodes.set([place.toX, place.toY, anchor.x, anchor.y, fixed], 5 * i);
    });
    const pairs = [];
    for (const { a, b } of model.links.values()) {
      const [i, j] = [index.get(a), index.get(b)];
      if (i !== undefined && j !== undefined) pairs.push(i < j ? [i, j] : [j, i]);
    }
    pairs.sort((p, q) => p[0] - q[0] || p[1] - q[1]);
    this.#order = places.map((place) => place.key);
    this.#runNumber += 1;
    const untouched = all && places.every((place) => !place.settled);
    /** @type {import("./types.d.ts").LayoutWish} */
    const wish = {
      run: this.#runNumber, nodes, links: new Uint32Array(pairs.flat()), aspect: this.#aspect,
      ticks: all ? TICKS_ALL : TICKS_SOME,
      alpha: untouched ? 1 : 0.3, // a picture that stands already is only eased
    };
    this.#worker.postMessage(wish);
  }

  /** Who may move for the newcomers: they, and who stands where they come to stand. */
  #freed() {
    const free = new Set();
    for (const loose of this.#loose()) {
      this.#putAmongNeighbours(loose);
      free.add(loose.key);
      for (const place of this.places.values()) {
        if (Math.hypot(place.toX - loose.toX, place.toY - loose.toY) < NEARBY) free.add(place.key);
      }
    }
    return free;
  }

  /** @param {import("./types.d.ts").LayoutAnswer} answer */
  #arrived({ run, positions, done }) {
    if (run !== this.#runNumber) return;
    const now = this.#now();
    this.advance(now);
    this.#order.forEach((key, i) => {
      const place = this.places.get(key);
      if (!place) return;
      place.fromX = place.x;
      place.fromY = place.y;
      if (place.pinned) return; // it may have been dragged since
      place.toX = positions[2 * i];
      place.toY = positions[2 * i + 1];
      if (!done) return;
      place.alone = this.#linkless(key);
      if (!place.alone) place.settled = true;
    });
    // The first picture is simply there; only what was seen before glides.
    this.#glideFrom = this.placed ? now : -Infinity;
    this.#gliding = true;
    this.placed = true;
    if (done) this.#finished = run;
    if (done) this.#settle(now);
    this.dispatchEvent(new Event("target"));
  }

  /** After a run: when nothing was added for a while, the picture is formed. @param {number} now */
  #settle(now) {
    this.#remember();
    if (this.#formed) return;
    const rest = this.#changedAt + this.#quiet - now;
    const run = this.#runNumber;
    if (rest <= 0) this.#form();
    else setTimeout(() => run === this.#runNumber && this.#form(), rest);
  }

  /** From now on, what stands, stays. */
  #form() {
    this.#formed = true;
    this.#formedNodes = this.places.size;
    this.#formedLinks = this.#links;
  }

  #remember() {
    if (this.#run === null) return;
    // Who is here first, so that the bound drops the long gone.
    const spots = new Map();
    for (const place of this.places.values()) {
      if (place.settled || place.pinned || place.alone) spots.set(place.id, spot(place));
    }
    for (const [id, gone] of this.#spots) if (!spots.has(id)) spots.set(id, gone);
    this.#remembered.write(this.#run, spots);
  }
}

/** @param {Place} place */
function spot({ toX, toY, pinned, alone, settled }) {
  return { x: toX, y: toY, pinned, alone: alone && !settled };
}

/** By code units: the same order in every language. @param {string} a @param {string} b */
function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}
