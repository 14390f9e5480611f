/** Pan, zoom and fit: static/js/view.js. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { View } from "../../static/js/view.js";

function view(width = 1000, height = 600) {
  const made = new View();
  made.resize(width, height);
  return made;
}

const near = (a, b) => Math.abs(a.x - b.x) < 1e-6 && Math.abs(a.y - b.y) < 1e-6;
const BOX = { left: -800, top: -300, right: 1200, bottom: 500 };

test("screen and world are inverse to each other", () => {
  const v = view();
  v.zoomBy({ x: 300, y: 200 }, 1.7);
  v.panBy(-40, 12);
  const point = { x: 123, y: -45 };
  assert.ok(near(v.toWorld(v.toScreen(point)), point));
});

test("zooming keeps what is under the pointer", () => {
  const v = view();
  const at = { x: 700, y: 100 };
  const under = v.toWorld(at);
  v.zoomBy(at, 1.5);
  assert.ok(near(v.toScreen(under), at));
  v.zoomBy(at, 1e9); // the zoom is bounded, and the point still does not move
  assert.ok(near(v.toScreen(under), at));
  assert.ok(v.zoom <= 4);
});

test("fit brings everything into sight, with room at the edges", () => {
  const v = view();
  v.fit(BOX, 0, false);
  assert.ok(v.shows(BOX));
  const a = v.toScreen({ x: BOX.left, y: BOX.top });
  const b = v.toScreen({ x: BOX.right, y: BOX.bottom });
  assert.ok(a.x >= 20 && a.y >= 20 && b.x <= 980 && b.y <= 580);
  assert.ok(b.x - a.x > 850 || b.y - a.y > 450, "it uses the stage");
});

test("one node is put in the middle and not blown up", () => {
  const v = view();
  v.fit({ left: 70, top: 70, right: 70, bottom: 70 }, 0, false);
  const at = v.toScreen({ x: 70, y: 70 });
  assert.ok(Math.abs(at.x - 500) < 20 && Math.abs(at.y - 300) < 20);
  assert.ok(v.zoom < 2);
  v.fit(null, 0, false);
  assert.ok(Number.isFinite(v.x));
});

test("it glides, and ends exactly there", () => {
  const v = view();
  const goal = view();
  goal.fit(BOX, 0, false);
  v.fit(BOX, 1000);
  assert.equal(v.moving, true);
  assert.equal(v.advance(1100), true);
  assert.notEqual(v.zoom, goal.zoom);
  assert.equal(v.advance(9000), false);
  assert.deepEqual([v.zoom, v.x, v.y], [goal.zoom, goal.x, goal.y]);
});

test("a person's hand ends the glide and the following", () => {
  const v = view();
  v.fit(BOX, 0);
  v.panBy(5, 5);
  assert.equal(v.moving, false);
  assert.equal(v.following, false);
});

test("reveal pans only when it must", () => {
  const v = view();
  v.reveal(v.toWorld({ x: 200, y: 300 }), 0);
  assert.equal(v.moving, false);
  assert.equal(v.following, true);
  v.reveal({ x: 5000, y: 300 }, 0);
  v.advance(9000);
  const at = v.toScreen({ x: 5000, y: 300 });
  assert.ok(at.x > 0 && at.x < 1000);
});

test("what was in the middle stays there when the window changes", () => {
  const v = view();
  const middle = v.toWorld({ x: 500, y: 300 });
  v.resize(400, 800);
  assert.ok(near(v.toScreen(middle), { x: 200, y: 400 }));
});

test("larger letters and nodes need more room at the edges, and few nodes may be larger", () => {
  const [usual, large] = [1, 2].map((scale) => {
    const view = new View();
    view.resize(1000, 600);
    view.scale = scale;
    view.fit({ left: -200, top: -100, right: 200, bottom: 100 }, 0, false);
    return view;
  });
  assert.equal(usual.zoom, 1.9);
  assert.ok(large.zoom > 1.9, `${large.zoom}`);
  const wide = { left: -2000, top: -100, right: 2000, bottom: 100 };
  for (const view of [usual, large]) view.fit(wide, 0, false);
  assert.equal(usual.toScreen({ x: -2000, y: 0 }).x, 44);
  assert.equal(large.toScreen({ x: -2000, y: 0 }).x, 88);
});
