/** Where nodes stand: the rules of static/js/layout.js, with the real worker. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Layout } from "../../static/js/layout.js";
import { Model } from "../../static/js/model.js";
import { Remembered } from "../../static/js/remembered.js";
import { node, ring, snapshot, until } from "./network.mjs";
import { workerHere } from "./worker-here.mjs";

function memory() {
  const items = new Map();
  return { getItem: (key) => items.get(key) ?? null, setItem: (key, text) => items.set(key, text) };
}

/** A layout, a model that feeds it, and a time that stands until it is moved. */
function bench({ storage = memory() } = {}) {
  const worker = workerHere();
  const time = { now: 0 };
  const layout = new Layout({
    worker, remembered: new Remembered(storage), now: () => time.now, quiet: 20,
  });
  const model = new Model();
  model.addEventListener("change", () => layout.update(model, 1.8));
  const moveOn = (milliseconds) => {
    time.now += milliseconds;
    layout.advance(time.now);
  };
  const finish = async () => {
    const asked = worker.asked.length;
    await until(() => layout.moving || worker.asked.length > asked, "an answer of the worker");
    await until(() => layout.moving && [...layout.places.values()].every((p) => p.settled), "a layout");
    moveOn(600);
  };
  return { layout, model, worker, time, moveOn, finish };
}

/** A layout of a ring that is formed: whatever stands, stays. */
async function formed(count, options) {
  const b = bench(options);
  b.model.applySnapshot(snapshot(ring(count)));
  await b.finish();
  await until(() => !b.layout.forming, "a formed picture");
  return b;
}

const spots = (layout) => new Map([...layout.places.values()].map(({ id, x, y }) => [id, { x, y }]));
const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

test("two viewers of the same network see the same picture", async () => {
  const { nodes, links } = ring(30);
  const one = bench();
  one.model.applySnapshot(snapshot({ nodes, links }));
  const other = bench();
  other.model.applySnapshot(snapshot({
    nodes: [...nodes].reverse(), links: [...links].reverse(), run: "run-of-another-dashboard",
  }));
  await Promise.all([one.finish(), other.finish()]);
  assert.equal(one.layout.places.size, 30);
  assert.deepEqual(spots(one.layout).get("id-7"), spots(other.layout).get("id-7"));
  for (const [id, spot] of spots(one.layout)) {
    assert.ok(distance(spot, spots(other.layout).get(id)) < 0.01, `${id} is somewhere else`);
  }
});

test("no two nodes stand on each other, and the picture is wider than high", async () => {
  const { layout } = await formed(50);
  const all = [...layout.places.values()];
  for (const a of all) {
    for (const b of all) {
      if (a !== b) assert.ok(distance(a, b) > 45, `${a.name} and ${b.name} are ${distance(a, b)} apart`);
    }
  }
  const { left, right, top, bottom } = layout.bounds();
  assert.ok((right - left) / (bottom - top) > 1.3);
});

test("a first picture is told of soon, an eased one when it is worth a look", async () => {
  const firstAnswer = async (alpha) => {
    let clock = 0;
    const worker = workerHere({ now: () => (clock += 10) }); // a slow computer: 10 ms a tick
    const nodes = new Float64Array(5 * 40);
    for (let i = 0; i < 40; i += 1) nodes.set([10 * i, i % 3, 10 * i, i % 3, 0], 5 * i);
    let done = false;
    worker.onmessage = ({ data }) => (done = data.done);
    worker.postMessage({ run: 1, nodes, links: new Uint32Array([0, 1]), aspect: 2, ticks: 300, alpha });
    await until(() => done, "the end of the run");
    return worker.answeredAt[0];
  };
  assert.ok((await firstAnswer(1)) < 200);
  assert.ok((await firstAnswer(0.3)) > 250);
});

test("a newcomer appears among its neighbours and moves only who is near", async () => {
  const { layout, model, moveOn } = await formed(50);
  const before = spots(layout);
  model.applyDelta({ number: 2, nodes: [node(60)], links: { add: [[60, 3], [60, 8]], remove: [] } });
  const place = layout.places.get(60);
  const middle = {
    x: (before.get("id-3").x + before.get("id-8").x) / 2,
    y: (before.get("id-3").y + before.get("id-8").y) / 2,
  };
  assert.ok(distance(place, middle) < 25, "that is where it is seen first");
  await until(() => place.settled, "a place for the newcomer");
  moveOn(600);
  assert.ok(distance(place, middle) < 120, `it stands ${distance(place, middle)} from its neighbours' centre`);
  let moved = 0;
  for (const [id, spot] of before) {
    const now = spots(layout).get(id);
    if (distance(spot, middle) > 160) assert.deepEqual(now, spot, `${id} was far away and has moved`);
    else if (distance(spot, now) > 0.01) moved += 1;
  }
  assert.ok(moved < 15, `${moved} nodes have moved`);
});

test("a newcomer whose links come later moves to them", async () => {
  const { layout, model, moveOn } = await formed(50);
  model.applyDelta({ number: 2, nodes: [node(60)] });
  const { x, y } = layout.places.get(60);
  const far = [...layout.places.values()].filter(({ key }) => key !== 60)
    .sort((a, b) => distance(b, { x, y }) - distance(a, { x, y }));
  const [one, other] = far;
  const middle = { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
  model.applyDelta({ number: 3, links: { add: [[60, one.key], [60, other.key]], remove: [] } });
  await until(() => layout.places.get(60).settled, "a place for the newcomer");
  moveOn(600);
  assert.ok(distance(layout.places.get(60), middle) < 120);
});

test("links that come and go, and nodes that die, move nobody", async () => {
  const { layout, model, worker } = await formed(20);
  const before = spots(layout);
  const asked = worker.asked.length;
  model.applyDelta({
    number: 2, nodes: [node(4, { state: "dead" })],
    links: { add: [[1, 11]], remove: [[1, 2], [2, 1]] },
  });
  await new Promise((resolve) => { setTimeout(resolve, 400); }); // longer than any burst
  assert.equal(worker.asked.length, asked);
  assert.deepEqual(spots(layout), before);
});

test("what was dragged stays, even when everything is laid out anew", async () => {
  const { layout, worker, moveOn } = await formed(20);
  layout.drag(5, 700, -300);
  layout.dragged();
  const asked = worker.asked.length;
  const before = spots(layout);
  layout.relayout();
  await until(() => worker.asked.length > asked && layout.moving, "a new layout");
  moveOn(600);
  assert.deepEqual(spots(layout).get("id-5"), { x: 700, y: -300 });
  // The others were laid out around it, not around where it might have drifted to.
  const { nodes } = worker.asked.at(-1);
  const fixed = [];
  for (let i = 0; i < nodes.length; i += 5) if (nodes[i + 4] === 1) fixed.push([nodes[i], nodes[i + 1]]);
  assert.deepEqual(fixed, [[700, -300]]);
  assert.notDeepEqual(spots(layout), before);
});

test("positions survive a reload, and nothing is computed again", async () => {
  const storage = memory();
  const one = await formed(20, { storage });
  one.layout.drag(5, 700, -300);
  one.layout.dragged();
  const again = bench({ storage });
  again.model.applySnapshot(snapshot(ring(20)));
  assert.equal(again.layout.forming, false);
  for (const [id, spot] of spots(one.layout)) {
    assert.ok(distance(spot, spots(again.layout).get(id)) <= 1, `${id} has moved`);
  }
  assert.equal(again.layout.places.get(5).pinned, true);
  await new Promise((resolve) => { setTimeout(resolve, 400); });
  assert.equal(again.worker.asked.length, 0);
});

/** A formed ring, and a plain node that nobody has a link to. */
async function withLoner(options) {
  const b = await formed(20, options);
  b.model.applyDelta({ number: 2, nodes: [node(60, { kind: "plain" })] });
  await until(() => b.layout.places.get(60).alone, "a place for it");
  b.moveOn(600);
  return b;
}

const loners = () => {
  const { nodes, links } = ring(20);
  return { nodes: [...nodes, node(60, { kind: "plain" })], links };
};

test("who has no links stands, and news about it make no work", async () => {
  const { layout, model, worker } = await withLoner();
  const [before, asked] = [spots(layout), worker.asked.length];
  model.applyDelta({ number: 3, nodes: [node(60, { kind: "plain", inbox: 1 }), node(3, { sent: 4 })] });
  await new Promise((resolve) => { setTimeout(resolve, 400); }); // longer than any burst
  assert.equal(worker.asked.length, asked);
  assert.deepEqual(spots(layout), before);
});

test("it survives a reload where it stands, and moves when it gets links", async () => {
  const storage = memory();
  const one = await withLoner({ storage });
  const again = bench({ storage });
  again.model.applySnapshot(snapshot(loners()));
  assert.equal(again.layout.forming, false);
  await new Promise((resolve) => { setTimeout(resolve, 400); });
  assert.equal(again.worker.asked.length, 0);
  for (const [id, spot] of spots(one.layout)) {
    assert.ok(distance(spot, spots(again.layout).get(id)) <= 1, `${id} has moved`);
  }
  const [a, b] = [again.layout.places.get(3), again.layout.places.get(8)];
  again.model.applyDelta({ number: 2, links: { add: [[60, 3], [60, 8]], remove: [] } });
  await until(() => again.layout.places.get(60).settled, "a place among its neighbours");
  again.moveOn(600);
  const middle = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  assert.ok(distance(again.layout.places.get(60), middle) < 120);
});

test("who came while the page was closed is a newcomer to the others", async () => {
  const storage = memory();
  const one = await formed(20, { storage });
  const again = bench({ storage });
  const { nodes, links } = ring(20);
  again.model.applySnapshot(snapshot({ nodes: [...nodes, node(60)], links: [...links, [60, 3], [60, 8]] }));
  assert.equal(again.layout.forming, false);
  assert.equal(again.layout.placed, true); // those that are known are seen at once
  await until(() => again.layout.places.get(60).settled, "a place for the newcomer");
  again.moveOn(600);
  const far = [...spots(one.layout)].filter(([id, spot]) => distance(spot, again.layout.places.get(60)) > 250);
  assert.ok(far.length > 3);
  for (const [id, spot] of far) assert.ok(distance(spot, spots(again.layout).get(id)) <= 1, `${id} has moved`);
});

test("the same nodes under new keys keep their places", async () => {
  const { layout, model } = await formed(12);
  const before = spots(layout);
  const { nodes, links } = ring(12);
  model.applySnapshot(snapshot({
    run: "after-a-restart",
    nodes: nodes.map((one) => ({ ...one, key: one.key + 100 })),
    links: links.map(([a, b]) => [a + 100, b + 100]),
  }));
  assert.deepEqual(spots(layout), before);
  assert.equal(layout.places.get(101).id, "id-1");
});

test("while the network forms, everything is laid out again and again, and glides", async () => {
  const { layout, model, moveOn } = bench();
  const { nodes, links } = ring(10);
  model.applySnapshot(snapshot());
  assert.equal(layout.bounds(), null);
  nodes.forEach((one, i) => {
    const ready = links.filter(([a, b]) => Math.max(a, b) === one.key);
    model.applyDelta({ number: 2 + i, nodes: [one], links: { add: ready, remove: [] } });
  });
  assert.equal(layout.forming, true);
  await until(() => layout.moving, "a first layout");
  moveOn(600);
  const before = spots(layout);
  model.applyDelta({ number: 12, nodes: [node(11)], links: { add: [[11, 1], [11, 2]], remove: [] } });
  await until(() => layout.moving, "a second layout");
  moveOn(1);
  const during = spots(layout);
  moveOn(600);
  for (const [id, spot] of before) assert.ok(distance(spot, during.get(id)) < 5, `${id} jumped`);
});
