/** The arcs of messages: static/js/path.js. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { along, arc, heading, streak, trace } from "../../static/js/path.js";

const A = { x: 100, y: 100 };
const B = { x: 400, y: 200 };
const far = (p, q) => Math.hypot(p.x - q.x, p.y - q.y);

test("an arc goes from ring to ring", () => {
  const way = arc(A, B, 12, 20);
  assert.ok(Math.abs(far(along(way, 0), A) - 12) < 1e-9);
  assert.ok(Math.abs(far(along(way, 1), B) - 20) < 1e-9);
});

test("a message and its answer take different ways", () => {
  const there = along(arc(A, B, 10, 10), 0.5);
  const back = along(arc(B, A, 10, 10), 0.5);
  assert.ok(far(there, back) > 20);
});

test("a long way does not bend out of the picture", () => {
  const middle = along(arc({ x: 0, y: 0 }, { x: 5000, y: 0 }, 10, 10), 0.5);
  assert.ok(Math.abs(middle.y) < 40);
});

test("nodes that stand on each other, or in one place, make no nonsense", () => {
  for (const b of [A, { x: 101, y: 100 }, { x: 110, y: 110 }]) {
    const way = arc(A, b, 15, 15);
    for (const value of Object.values(way)) assert.ok(Number.isFinite(value));
  }
});

test("a message from outside comes from outside, one to outside goes there", () => {
  const node = { x: 500, y: 300 };
  const middle = { x: 300, y: 300 };
  const into = streak(node, middle, 12, true);
  assert.ok(far(along(into, 0), middle) > far(along(into, 1), middle));
  assert.ok(Math.abs(far(along(into, 1), node) - 12) < 1e-9);
  const out = streak(node, middle, 12, false);
  assert.deepEqual(along(out, 0), along(into, 1));
  assert.ok(Number.isFinite(streak(node, node, 12, true).ax));
});

test("a piece of the way lies on the way", () => {
  const way = arc(A, B, 12, 12);
  const calls = [];
  trace({ moveTo: (x, y) => calls.push({ x, y }), quadraticCurveTo: (cx, cy, x, y) => calls.push({ x: cx, y: cy }, { x, y }) }, way, 0.2, 0.7);
  const [start, control, end] = calls;
  const piece = { ax: start.x, ay: start.y, cx: control.x, cy: control.y, bx: end.x, by: end.y };
  assert.ok(far(along(piece, 0), along(way, 0.2)) < 1e-9);
  assert.ok(far(along(piece, 1), along(way, 0.7)) < 1e-9);
  assert.ok(far(along(piece, 0.5), along(way, 0.45)) < 1e-9);
});

test("the head of an arrow points where the way ends", () => {
  const angle = heading(arc({ x: 0, y: 0 }, { x: 300, y: 0 }, 5, 5));
  assert.ok(Math.abs(angle) < 0.5);
});
