/** What a modifier, a finger that rests and the right button mean: static/js/input.js; and the layout
 *  and the view as they are put back. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { listen } from "../../static/js/input.js";
import { Layout } from "../../static/js/layout.js";
import { Model } from "../../static/js/model.js";
import { Remembered } from "../../static/js/remembered.js";
import { View } from "../../static/js/view.js";
import { node, ring, snapshot, until } from "./network.mjs";
import { workerHere } from "./worker-here.mjs";

/** A surface with one node, 5, around (100, 100). */
function bench() {
  const surface = new EventTarget();
  surface.getBoundingClientRect = () => ({ left: 0, top: 0 });
  surface.setPointerCapture = () => {};
  const told = [];
  const say = (name) => (...what) => told.push([name, ...what]);
  listen(surface, {
    hit: ({ x, y }) => (Math.hypot(x - 100, y - 100) < 15 ? 5 : null),
    hover: () => {}, picking: () => false, lassoing: () => false,
    ...Object.fromEntries(["click", "doubleClick", "drag", "dragEnd", "line", "lineEnd", "pan", "zoom", "cancel", "hold", "menu", "toggle", "lasso", "lassoEnd"].map((name) => [name, say(name)])),
  });
  const send = (type, x, y, more = {}) => {
    const event = new Event(type, { cancelable: true });
    Object.assign(event, { pointerId: 1, pointerType: "mouse", button: 0, shiftKey: false, altKey: false, clientX: x, clientY: y, ...more });
    surface.dispatchEvent(event);
    return event;
  };
  return { told, send, names: () => told.map(([name]) => name) };
}

const finger = (pointerId = 1) => ({ pointerType: "touch", pointerId });

test("with Alt, a line is drawn from the node", () => {
  const { told, send } = bench();
  send("pointerdown", 100, 100, { altKey: true });
  send("pointermove", 200, 200);
  send("pointerup", 200, 200);
  assert.deepEqual(told, [["line", 5, { x: 200, y: 200 }], ["lineEnd", 5, { x: 200, y: 200 }]]);
});

test("the right button asks for the menu, of a node or of the field, and the browser's own stays away", () => {
  const { told, send } = bench();
  assert.equal(send("contextmenu", 101, 100, { button: 2 }).defaultPrevented, true);
  send("contextmenu", 300, 300, { button: 2 });
  assert.deepEqual(told, [["menu", 5, { x: 101, y: 100 }], ["menu", null, { x: 300, y: 300 }]]);
});

test("a finger that rests on a node and lifts asks for its menu; one that moves then draws a line", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { told, names, send } = bench();
  send("pointerdown", 100, 100, finger());
  t.mock.timers.tick(499);
  assert.deepEqual(told, []);
  t.mock.timers.tick(1);
  assert.deepEqual(told, [["hold", 5]]);
  assert.equal(send("contextmenu", 100, 100, finger()).defaultPrevented, true);
  send("pointerup", 100, 100, finger());
  assert.equal(send("touchend", 100, 100).defaultPrevented, true, "no click of a mouse comes of it");
  assert.deepEqual(told, [["hold", 5], ["menu", 5, { x: 100, y: 100 }]], "once, whatever the browser adds");
  told.length = 0;
  send("pointerdown", 100, 100, finger());
  t.mock.timers.tick(500);
  send("contextmenu", 100, 100, finger()); // the browser's own, in the middle of it
  send("pointermove", 200, 150, finger());
  send("pointerup", 200, 150, finger());
  assert.deepEqual(names(), ["hold", "line", "lineEnd"]);
});

test("a finger that rests on the field asks at once, and lifting it is no click", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { told, send } = bench();
  send("pointerdown", 300, 300, finger());
  t.mock.timers.tick(500);
  send("pointerup", 300, 300, finger());
  assert.equal(send("touchend", 300, 300).defaultPrevented, true);
  assert.deepEqual(told, [["menu", null, { x: 300, y: 300 }]]);
});

test("a finger that moves, or a second one, ends the rest: a drag, a pinch, a tap", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { names, told, send } = bench();
  send("pointerdown", 100, 100, finger());
  send("pointermove", 140, 100, finger());
  t.mock.timers.tick(1000);
  send("pointerup", 140, 100, finger());
  assert.deepEqual(names(), ["drag", "dragEnd"]);
  told.length = 0;
  send("pointerdown", 300, 300, finger(1));
  send("pointerdown", 400, 300, finger(2));
  t.mock.timers.tick(1000);
  assert.deepEqual(names(), []);
  send("pointermove", 420, 340, finger(2)); // both: pinched and panned
  assert.deepEqual(names(), ["zoom", "pan"]);
  send("pointerup", 420, 340, finger(2));
  send("pointerup", 300, 300, finger(1));
  told.length = 0;
  send("pointerdown", 100, 100, finger());
  t.mock.timers.tick(200);
  send("pointerup", 100, 100, finger());
  t.mock.timers.tick(1000);
  assert.equal(send("touchend", 100, 100).defaultPrevented, false);
  assert.deepEqual(told, [["click", 5, { x: 100, y: 100 }]]);
});

/** A layout of a ring that is formed. */
async function formed(count) {
  const items = new Map();
  const time = { now: 0 };
  const worker = workerHere();
  const layout = new Layout({
    worker, remembered: new Remembered({ getItem: (key) => items.get(key) ?? null, setItem: (key, text) => items.set(key, text) }),
    now: () => time.now, quiet: 20,
  });
  const model = new Model();
  model.addEventListener("change", () => layout.update(model, 1.8));
  model.applySnapshot(snapshot(ring(count)));
  const arrive = async (what) => {
    await until(() => layout.moving, what);
    time.now += 600;
    layout.advance(time.now);
  };
  await until(() => layout.moving && [...layout.places.values()].every((place) => place.settled), "a layout");
  time.now += 600;
  layout.advance(time.now);
  await until(() => !layout.forming, "a formed picture");
  return { layout, model, time, worker, arrive };
}

test("a layout is put back to where it was, pins and all, whatever the worker still says", async () => {
  const { layout, worker, arrive } = await formed(8);
  const before = layout.spots();
  layout.drag(3, 500, 400);
  layout.dragged();
  const asked = worker.asked.length;
  layout.relayout();
  await until(() => worker.asked.length > asked, "the worker is at it");
  const answers = [];
  const own = worker.onmessage;
  worker.onmessage = (message) => {
    own(message);
    answers.push(message.data);
  };
  layout.restore(before);
  await arrive("the way back");
  await until(() => answers.some(({ done }) => done), "the worker's late answer");
  layout.advance(Infinity);
  for (const [id, spot] of before) {
    const place = [...layout.places.values()].find((one) => one.id === id);
    assert.deepEqual([place.x, place.y, place.pinned], [spot.x, spot.y, spot.pinned], id);
  }
});

test("one node alone is put back, and a node that came meanwhile is laid out", async () => {
  const { layout, model, arrive } = await formed(6);
  const [id] = [...layout.places.values()].filter(({ key }) => key === 2).map((place) => place.id);
  const before = layout.spots([id]);
  assert.deepEqual([...before.keys()], [id]);
  layout.drag(2, 900, 900);
  model.applyDelta({ number: 2, nodes: [node(99, { name: "late" })], links: { add: [[99, 1], [1, 99], [99, 3], [3, 99]] } });
  layout.restore(before);
  await arrive("the way back");
  const place = layout.places.get(2);
  assert.deepEqual([place.toX, place.toY, place.pinned], [before.get(id).x, before.get(id).y, false]);
  await until(() => layout.places.get(99).settled, "the newcomer is laid out");
});

test("a node is pinned where it stands", async () => {
  const { layout } = await formed(5);
  const { x, y } = layout.places.get(1);
  layout.pin(1);
  assert.deepEqual([layout.places.get(1).pinned, layout.places.get(1).x, layout.places.get(1).y], [true, x, y]);
});

test("what is in the middle is the same in another window", () => {
  const view = new View();
  view.resize(800, 600);
  view.show({ x: 40, y: -25, zoom: 1.5 }, 0, false);
  const { look } = view;
  const other = new View();
  other.resize(1600, 900);
  other.show(look, 0, false);
  assert.deepEqual(other.toScreen({ x: 40, y: -25 }), { x: 800, y: 450 });
  assert.equal(other.zoom, 1.5);
  assert.equal(other.following, false);
  other.show({ x: 0, y: 0, zoom: 500 }, 0, false);
  assert.ok(other.zoom <= 4, "an address is no way around the limits");
});

test("on its way the view already says where it goes", () => {
  const view = new View();
  view.resize(800, 600);
  view.show({ x: 100, y: 0, zoom: 2 }, 0, true);
  assert.equal(view.moving, true);
  assert.deepEqual(view.look, { x: 100, y: 0, zoom: 2 });
});
