/**
 * Where nodes should stand: d3-force, off the main thread.
 *
 * A classic worker, because d3-force's module has bare imports, which no worker resolves,
 * and import maps do not reach workers. A tick at 1,000 nodes and 5,000 links takes 10 ms
 * (measured), too long for a thread that also draws.
 *
 * The layout is not played as a film. One run computes where everything ends, and the page
 * glides there. So the same input gives the same picture on every computer (d3's random
 * numbers are seeded, and the number of ticks is fixed), nothing wobbles, and afterwards the
 * worker sleeps. Long runs report on their way, four times a second; one that begins with nothing
 * does so very soon, so that there is something to see.
 *
 * In: a `LayoutWish`, out: `LayoutAnswer`s (types.d.ts). A new run replaces the one that is
 * under way.
 *
 * @typedef {import("./types.d.ts").LayoutWish} LayoutWish
 * @typedef {import("./types.d.ts").LayoutAnswer} LayoutAnswer
 * @typedef {import("d3-force").SimulationNodeDatum & {x: number, y: number, ax: number, ay: number}} Place
 *   ax, ay: where its name's hash puts it
 * @typedef {{source: number|Place, target: number|Place}} Pair  d3 puts the places in for their numbers
 */

/* global importScripts, d3, self */

importScripts(
  "../vendor/d3-dispatch.js",
  "../vendor/d3-timer.js",
  "../vendor/d3-quadtree.js",
  "../vendor/d3-force.js",
);

// The forces, in world units: at zoom 1 a unit is a CSS pixel. Chosen by looking at random
// graphs of 12, 50 and 100 nodes with six links each, which is what nodes make by default.
// Such a graph has no shape of its own, and links that pull hard make a ball of wool of it.
// So what counts is that nodes stand evenly, fill a stage that is wider than high, and leave
// room for a name each; links only bring neighbours nearer.
const LINK_LENGTH = 80;
const LINK_STRENGTH = 0.14; // shared by the links of the busier end, as d3 does by default
const REPULSION = -400;
const SPACING = 84; // side of the square that a node gets for itself
const ROOM = 34; // no two nodes nearer than twice this
const ANCHOR = 0.02; // towards where the name's hash puts it: viewers see much the same
// Repulsion is that of charges in a plane (1/r), which a linear pull to the middle spreads
// evenly over an ellipse. Its density is the pulls' sum over 2π times the charge, and the
// ratio of its axes is that of the pulls (Gauss's law); so both can be had by arithmetic.
const PULL = (2 * Math.PI * -REPULSION) / (SPACING * SPACING);

/** Time a piece of a run may take before the worker looks for news. Milliseconds. */
const PIECE = 40;
/** Between two reports of a long run: 4 Hz. Milliseconds [task]. */
const REPORT = 250;
/** Until the first report of a run that begins with nothing. Milliseconds [measured: a hundred
 *  nodes stand within 34 px of their places then (the median); the whole run takes 300 ms]. */
const FIRST = 60;

let current = 0;

self.onmessage = (/** @type {MessageEvent<LayoutWish>} */ { data }) => {
  current = data.run;
  start(data);
};

/** @param {LayoutWish} wish */
function start({ run, nodes, links, ticks, alpha, aspect }) {
  /** @type {Place[]} */
  const places = [];
  for (let i = 0; i < nodes.length; i += 5) {
    /** @type {Place} */
    const place = { x: nodes[i], y: nodes[i + 1], ax: nodes[i + 2], ay: nodes[i + 3] };
    if (nodes[i + 4]) {
      place.fx = place.x;
      place.fy = place.y;
    }
    places.push(place);
  }
  /** @type {Pair[]} */
  const pairs = [];
  const degree = new Float64Array(places.length);
  for (let i = 0; i < links.length; i += 2) {
    pairs.push({ source: links[i], target: links[i + 1] });
    degree[links[i]] += 1;
    degree[links[i + 1]] += 1;
  }
  const degreeOf = (/** @type {number|Place} */ end) => degree[typeof end === "number" ? end : end.index ?? 0];

  const simulation = d3.forceSimulation(places)
    .stop()
    .alpha(alpha)
    .alphaMin(0)
    .alphaDecay(1 - Math.pow(0.002 / alpha, 1 / ticks))
    .velocityDecay(0.45)
    .force("link", d3.forceLink(pairs)
      .distance(LINK_LENGTH)
      .strength(({ source, target }) =>
        LINK_STRENGTH / Math.max(1, Math.min(degreeOf(source), degreeOf(target)))))
    .force("charge", d3.forceManyBody().strength(REPULSION))
    .force("room", d3.forceCollide(ROOM).strength(0.8).iterations(2))
    .force("x", d3.forceX((/** @type {Place} */ node) => node.ax).strength(ANCHOR))
    .force("y", d3.forceY((/** @type {Place} */ node) => node.ay).strength(ANCHOR))
    .force("middleX", d3.forceX(0).strength(PULL / (1 + aspect)))
    .force("middleY", d3.forceY(0).strength((PULL * aspect) / (1 + aspect)));

  let left = ticks;
  let due = performance.now() + (alpha === 1 ? FIRST : REPORT);
  const piece = () => {
    if (run !== current) return;
    const began = performance.now();
    while (left > 0 && performance.now() - began < PIECE) {
      simulation.tick();
      left -= 1;
    }
    if (left === 0 || performance.now() > due) {
      due = performance.now() + REPORT;
      const positions = new Float32Array(places.length * 2);
      places.forEach(({ x, y }, i) => positions.set([x, y], 2 * i));
      /** @type {LayoutAnswer} */
      const answer = { run, positions, done: left === 0 };
      self.postMessage(answer, [positions.buffer]);
    }
    if (left > 0) setTimeout(piece, 0);
  };
  piece();
}
