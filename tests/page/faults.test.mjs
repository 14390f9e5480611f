/** What is broken as it is to be seen, who is inside a lasso, and where regions are. */

import assert from "node:assert/strict";
import test from "node:test";

import { during, inFull } from "../../static/js/faults/actions.js";
import { atSeveral, commands } from "../../static/js/faults/acts.js";
import { countdown } from "../../static/js/faults/broken-list.js";
import { Chosen } from "../../static/js/faults/chosen.js";
import { SIGNS, signOf } from "../../static/js/faults/kinds.js";
import { caught, howOf, inside } from "../../static/js/faults/lasso.js";
import { mixed, regions } from "../../static/js/faults/regions.js";
import { PATHS } from "../../static/js/faults/signs.js";
import { standing } from "../../static/js/faults/standing.js";
import { Model } from "../../static/js/model.js";
import { node, ring, snapshot } from "./network.mjs";

let ids = 0;
/** A fault's view. */
function fault(kind, more = {}) {
  ids += 1;
  return { id: `f${ids}`, kind, peers: null, direction: "both", until: 60_000, by: "", act: null, ...more };
}

/** A ring of so many with chords, and what is done to whom. */
function network(count, faults = {}) {
  const model = new Model();
  model.applySnapshot(snapshot({ ...ring(count), faults }));
  return model;
}

const drop = (more) => fault("drop", { probability: 1, ...more });

// --- the model ---------------------------------------------------------------------------

test("faults come with a snapshot, change with a delta, and go with their node", () => {
  const model = network(6, { 2: [fault("freeze")] });
  let changes = 0;
  model.addEventListener("change", ({ detail }) => { changes += detail.faults; });
  assert.deepEqual([...model.faults.keys()], [2]);
  model.applyDelta({ number: 2, faults: { 2: [], 3: [fault("freeze")] } });
  assert.deepEqual([...model.faults.keys()], [3]);
  model.applyDelta({ number: 3, nodes: [node(4)] });
  assert.equal(changes, 1);
  model.applyDelta({ number: 4, gone: [3] });
  assert.equal(model.faults.size, 0);
  model.applySnapshot(snapshot({ ...ring(6) }));
  assert.equal(model.faults.size, 0);
});

// --- what stands ---------------------------------------------------------------------------

test("a partition has sides: who must not hear the same others stands on the same one", () => {
  const act = "partition-1";
  const faults = {};
  for (const key of [1, 2]) faults[key] = [drop({ act, peers: [3, 4, 5] })];
  for (const key of [3, 4, 5]) faults[key] = [drop({ act, peers: [1, 2] })];
  const { partitions, signs, entries, marks } = standing(network(6, faults));
  assert.deepEqual(partitions.map(({ sides }) => sides), [[[3, 4, 5], [1, 2]]]);
  assert.equal(partitions[0].ring, false);
  assert.ok(signs.has("partition"));
  assert.deepEqual(entries.map(({ title, id }) => [title, id]), [["Partition 3 | 2", act]]);
  assert.equal(marks.size, 0);
});

test("a newcomer that the others were not told of is on its side all the same", () => {
  const act = "partition-2";
  const faults = {};
  for (const key of [1, 2]) faults[key] = [drop({ act, peers: [3, 4] })];
  for (const key of [3, 4]) faults[key] = [drop({ act, peers: [1, 2] })];
  faults[5] = [drop({ act, peers: [1, 2] })];
  faults[6] = [drop({ act, peers: [3, 4, 5] })];
  const [{ sides }] = standing(network(8, faults)).partitions;
  assert.deepEqual(sides, [[1, 2, 6], [3, 4, 5]]);
  // Also where those who are looked at first were told nothing of it.
  faults[5] = [drop({ act, peers: [3, 4] })];
  faults[6] = [drop({ act, peers: [1, 2, 5] })];
  assert.deepEqual(standing(network(8, faults)).partitions[0].sides, [[1, 2, 5], [3, 4, 6]]);
});

test("in a ring everybody hears two: it has no sides", () => {
  const faults = {};
  for (let key = 1; key <= 6; key += 1) {
    faults[key] = [drop({ act: "partition-3", peers: [1, 2, 3, 4, 5, 6].filter((other) => ![0, 1, 5].includes((other - key + 6) % 6)) })];
  }
  const { partitions, entries } = standing(network(6, faults));
  assert.equal(partitions[0].ring, true);
  assert.equal(entries[0].title, "Ring of 6");
});

test("a link shows what is wrong with it, and in which direction", () => {
  const wires = (faults) => [...standing(network(6, faults)).wires.values()].map(({ a, b, kind, open }) => [a, b, kind, open]);
  assert.deepEqual(wires({ 1: [drop({ peers: [2] })] }), [[1, 2, "cut", null]]);
  assert.deepEqual(wires({ 1: [drop({ peers: [2], direction: "out" })] }), [[1, 2, "oneway", 1]]);
  assert.deepEqual(wires({ 1: [drop({ peers: [2], direction: "in" })] }), [[1, 2, "oneway", 2]]);
  // Two halves of a cut, one at each end, are a whole one.
  assert.deepEqual(wires({ 1: [drop({ peers: [2], direction: "out" })], 2: [drop({ peers: [1], direction: "out" })] }), [[1, 2, "cut", null]]);
  assert.deepEqual(wires({ 1: [drop({ peers: [2], direction: "out" })], 2: [drop({ peers: [1], direction: "in" })] }), [[1, 2, "oneway", 1]]);
  assert.deepEqual(wires({ 2: [fault("delay", { mean_ms: 300, peers: [1] })] }), [[1, 2, "slow", null]]);
  assert.deepEqual(wires({ 2: [drop({ probability: 0.3, peers: [1] })] }), [[1, 2, "lossy", null]]);
  // Towards everybody: at each link that there is, and nowhere else.
  assert.equal(wires({ 1: [fault("delay", { mean_ms: 300 })] }).length, network(6).neighbours(1).size);
});

test("a cut between two without a link is shown too, a partition's only where there is one", () => {
  const model = network(12, { 1: [drop({ peers: [4] })] });
  assert.ok(!model.neighbours(1).has(4));
  assert.deepEqual([...standing(model).wires.values()].map(({ link }) => link), [false]);
  assert.equal(standing(network(12, { 1: [drop({ act: "partition-9", peers: [4] })] })).wires.size, 0);
});

test("what is wrong with a node stands at it, what explains most first", () => {
  const { marks, signs } = standing(network(6, { 1: [fault("delay", { mean_ms: 5 }), fault("freeze")], 2: [drop({})], 3: [drop({ peers: [1] })] }));
  assert.deepEqual([...marks], [[1, ["frozen", "slow"]], [2, ["isolated"]]]);
  assert.ok(["frozen", "slow", "isolated", "cut"].every((sign) => signs.has(sign)));
  assert.ok(!signs.has("disk"));
});

test("an act at many nodes is one line, and what ends first is first", () => {
  const frozen = (until) => fault("freeze", { act: "freeze-1", until });
  const { entries } = standing(network(6, { 1: [frozen(50_000)], 2: [frozen(51_000)], 3: [frozen(50_000)], 4: [fault("disk-full", { until: 20_000 })] }));
  assert.deepEqual(entries.map(({ title, until, act, nodes }) => [title, until, act, nodes.length]),
    [["Disk full: node4", 20_000, false, 1], ["Frozen: 3 nodes", 51_000, true, 3]]);
});

test("each kind has a sign, each sign a picture and words", () => {
  for (const kind of ["drop", "delay", "throttle", "duplicate", "reorder", "freeze", "crash", "leave", "disk-full", "clock-skew", "who knows"]) {
    assert.ok(Object.hasOwn(SIGNS, signOf(fault(kind))), kind);
  }
  for (const sign of Object.keys(SIGNS)) assert.ok(Object.hasOwn(PATHS, sign), sign);
});

test("the time left is a clock that runs down, and never below nought", () => {
  assert.deepEqual([59_001, 60_000, 61_000, 100, 0, -5000].map(countdown), ["1:00", "1:00", "1:01", "0:01", "0:00", "0:00"]);
});

// --- choosing ------------------------------------------------------------------------------

const SQUARE = [{ x: 0, y: 0 }, { x: 10, y: 0 }, { x: 10, y: 10 }, { x: 0, y: 10 }];

test("who is inside a lasso is caught, also where it is bent", () => {
  assert.ok(inside(SQUARE, { x: 5, y: 5 }));
  assert.ok(!inside(SQUARE, { x: 11, y: 5 }));
  assert.ok(!inside(SQUARE, { x: 5, y: -1 }));
  const bent = [{ x: 0, y: 0 }, { x: 10, y: 0 }, { x: 10, y: 10 }, { x: 8, y: 10 }, { x: 8, y: 2 }, { x: 0, y: 2 }];
  assert.ok(!inside(bent, { x: 4, y: 6 }));
  assert.ok(inside(bent, { x: 9, y: 6 }));
});

test("a lasso chooses, adds and takes away", () => {
  const spots = new Map([[1, { x: 5, y: 5 }], [2, { x: 6, y: 5 }], [3, { x: 50, y: 5 }]]);
  assert.deepEqual([...caught(SQUARE, spots, new Set([3]), "only")], [1, 2]);
  assert.deepEqual([...caught(SQUARE, spots, new Set([3]), "add")], [3, 1, 2]);
  assert.deepEqual([...caught(SQUARE, spots, new Set([1, 3]), "remove")], [3]);
  assert.equal(howOf({ shiftKey: false, altKey: false }, false), null);
  assert.equal(howOf({ shiftKey: false, altKey: false }, true), "only");
  assert.equal(howOf({ shiftKey: true, altKey: true }, true), "remove");
});

test("the chosen tell when they change, and only then", () => {
  const chosen = new Chosen();
  let told = 0;
  chosen.addEventListener("change", () => { told += 1; });
  chosen.add([1, 2]);
  chosen.add([2]);
  chosen.toggle(3);
  chosen.toggle(1);
  chosen.keep((key) => key !== 3);
  assert.deepEqual([...chosen.keys], [2]);
  assert.equal(told, 4);
});

// --- regions -------------------------------------------------------------------------------

/** So many points on a grid, from a corner. */
const block = (x, y, count) => Array.from({ length: count }, (_, n) => ({ x: x + 40 * (n % 4), y: y + 40 * Math.floor(n / 4) }));
const STAGE = { width: 800, height: 600 };

/** Whether one of the polygons holds a point. */
const holds = ({ cells }, point) => cells.some((cell) => inside(Array.from({ length: cell.length / 2 }, (_, n) => ({ x: cell[2 * n], y: cell[2 * n + 1] })), point));

test("a region holds its nodes and none of another side, and the border lies between", () => {
  const sides = [block(100, 100, 12), block(265, 100, 12)]; // nearer than a hill reaches
  assert.ok(!mixed(sides));
  const { regions: made, border } = regions(sides, STAGE);
  for (const [side, other] of [[0, 1], [1, 0]]) {
    for (const point of sides[side]) {
      const near = { x: point.x + 0.3, y: point.y + 0.3 }; // off the grid's own lines
      assert.ok(holds(made[side], near));
      assert.ok(!holds(made[other], near));
    }
  }
  const all = border.flat();
  assert.ok(all.length > 5);
  for (const { x } of all) assert.ok(x > 220 && x < 265, `the border is at ${x}`);
  // One wall, not a heap of pieces nor two: only so can it be dashed.
  assert.equal(border.length, 1);
  assert.equal(new Set(all.map(({ x, y }) => `${x.toFixed(2)} ${y.toFixed(2)}`)).size, all.length);
});

test("sides that lie through each other are no regions", () => {
  const all = block(100, 100, 24);
  assert.ok(mixed([all.filter((_, n) => n % 2 === 0), all.filter((_, n) => n % 2 === 1)]));
});

test("a thousand nodes in two sides take the computer no longer than a few frames", () => {
  const many = Array.from({ length: 1000 }, (_, n) => ({ x: (n * 37) % 1600, y: (n * 91) % 900 }));
  const sides = [many.filter(({ x }) => x < 800), many.filter(({ x }) => x >= 800)];
  regions(sides, { width: 1600, height: 900 });
  const before = process.cpuUsage(); // others use this machine, too
  for (let round = 0; round < 5; round += 1) {
    mixed(sides);
    regions(sides, { width: 1600, height: 900 });
  }
  const took = process.cpuUsage(before).user / 5000;
  assert.ok(took < 150, `${took} ms`); // 35 on a busy machine
});

// --- the table of acts -----------------------------------------------------------------------

const KILL = { id: "crash", name: "Kill", title: "It dies", on: "node", destroys: true, most_seconds: 600, wish: { kind: "crash", down_seconds: 10 } };
const LOSSY = { id: "lossy", name: "Lossy", title: "Some is lost", on: "node", destroys: false, most_seconds: 3600, wish: { kind: "drop", probability: 0.3, for_seconds: 60 } };
const CUT = { id: "cut", name: "Cut", title: "Nothing gets through", on: "link", destroys: false, most_seconds: 3600, wish: { kind: "drop" } };

/** The table, and what it asks for. */
function table(answer = {}) {
  const asked = [];
  const told = { act: { nodes: [{ name: "x" }], groups: [[1], [2, 3]], left_out: [], ...answer } };
  const post = async (path, body) => { asked.push([path, body]); return told; };
  const all = [...commands(post, async (path) => { asked.push([path]); return { cleared: 3, not_reached: [] }; }),
    ...atSeveral([KILL, LOSSY, CUT], post)];
  return { asked, all, get: (id) => all.find((command) => command.id === id) };
}

test("each command has an id of its own, a title, what it does, a picture and a place", () => {
  const { all } = table();
  assert.equal(new Set(all.map(({ id }) => id)).size, all.length);
  for (const { title, what, sign, on, run, refuses } of all) {
    assert.ok(title.length > 2 && what.length > 5);
    assert.ok(Object.hasOwn(PATHS, sign));
    assert.ok(["picture", "selection"].includes(on));
    assert.equal(typeof run, "function");
    assert.equal(typeof refuses, "function");
  }
});

test("what the dashboard offers for one node is there for several, as each is shown, and nothing for links", () => {
  const found = atSeveral([KILL, LOSSY, CUT], async () => ({}));
  assert.deepEqual(found.map(({ id, title, sign, on }) => [id, title, sign, on]), [["crash-all", "Kill", "down", "selection"], ["lossy-all", "Lossy", "lossy", "selection"]]);
});

test("for how long is the person's choice, as far as it can be", async () => {
  const { get, asked } = table();
  await get("lossy-all").run({ nodes: [node(1), node(2)], seconds: 300 });
  assert.deepEqual(asked[0], ["/api/faults", { kind: "drop", probability: 0.3, for_seconds: 300, nodes: ["id-1", "id-2"], by: "the page" }]);
  assert.equal(await get("crash-all").run({ nodes: [node(1)], seconds: 1800 }), "Kill: 1 node, for 10 min 0 s.");
  assert.equal(asked[1][1].down_seconds, 600);
  assert.deepEqual(during(CUT, undefined), { wish: { kind: "drop", for_seconds: 3600 }, seconds: 3600 });
  assert.deepEqual([KILL, LOSSY, CUT].map(inFull), ["It dies, after 10 s", "Some is lost, for 1 min 0 s", "Nothing gets through"]);
});

test("a partition of chosen nodes is one act, and leaves out who is dead", async () => {
  const { get, asked } = table();
  const said = await get("partition").run({ nodes: [node(1), node(2), node(3, { state: "dead" })], seconds: 60 });
  assert.deepEqual(asked, [["/api/faults", { kind: "partition", groups: [["id-1", "id-2"]], for_seconds: 60, by: "the page" }]]);
  assert.equal(said, "Partition: 1 node and 2 hear nothing of each other, for 1 min 0 s.");
});

test("what destroys many asks before, and nothing else does", () => {
  const { all, get } = table();
  assert.deepEqual(all.filter(({ confirm }) => confirm !== null).map(({ id }) => id), ["crash-all"]);
  assert.match(get("crash-all").confirm({ nodes: [node(1), node(2), node(3)] }), /^Kill 3 nodes\?/);
});

test("a command says why it cannot be done", () => {
  const { get } = table();
  const { refuses } = get("lossy-all");
  assert.equal(refuses({ nodes: [node(1)] }), null);
  assert.match(refuses({ nodes: [node(1, { kind: "plain" })] }), /plain/);
  assert.match(refuses({ nodes: [node(1, { state: "dead" })] }), /not there/);
  assert.match(refuses({ nodes: [] }), /first/);
});
