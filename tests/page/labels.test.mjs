/** Names that never lie on each other: static/js/labels.js. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { labelBox, placeLabels } from "../../static/js/labels.js";

function named(key, x, y, more = {}) {
  return { key, x, y, radius: 10, width: 44, height: 14, weight: 1, numbered: false, ...more };
}

/** 400 nodes at places that a small generator gives, always the same. */
function crowd(width, height) {
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 32;
  };
  return Array.from({ length: 400 }, (_, key) => named(key, random() * width, random() * height));
}

const overlap = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

test("there is room for all: each name is under its node", () => {
  const sides = placeLabels([named(1, 50, 50), named(2, 150, 50), named(3, 50, 150)]);
  assert.deepEqual([...sides.values()], ["below", "below", "below"]);
});

test("in a crowd no name touches another name or another node", () => {
  const nodes = crowd(900, 600);
  const sides = placeLabels(nodes);
  assert.ok(sides.size > 50 && sides.size < 400, `${sides.size} of 400 are named`);
  const boxes = nodes.filter(({ key }) => sides.has(key))
    .map((node) => ({ key: node.key, ...labelBox(node, sides.get(node.key)) }));
  for (const box of boxes) {
    for (const other of boxes) {
      assert.ok(box.key === other.key || !overlap(box, other), `names ${box.key} and ${other.key}`);
    }
    for (const { key, x, y, radius } of nodes) {
      const disc = { left: x - radius, right: x + radius, top: y - radius, bottom: y + radius };
      assert.ok(box.key === key || !overlap(box, disc), `name ${box.key} on node ${key}`);
    }
  }
});

test("the edge of the picture cuts no name of a node that is in sight", () => {
  const room = { width: 300, height: 200 };
  const nodes = [named(1, 290, 100), named(2, 10, 100), named(3, 150, 190), named(4, 305, 50)];
  const right = new Map([[1, /** @type {const} */ ("right")], [4, /** @type {const} */ ("right")]]);
  const sides = placeLabels(nodes, right, room);
  assert.deepEqual([sides.get(1), sides.get(2), sides.get(3)], ["left", "right", "above"]);
  assert.equal(sides.get(4), "right"); // it is half out itself
  assert.equal(placeLabels(nodes, right).get(1), "right"); // without an edge
});

test("a name stays on its side while it can", () => {
  const nodes = [named(1, 50, 50)];
  assert.equal(placeLabels(nodes, new Map([[1, "right"]])).get(1), "right");
  const blocked = [...nodes, named(2, 85, 50)];
  assert.notEqual(placeLabels(blocked, new Map([[1, "right"]])).get(1), "right");
});

test("the more important one is named where only one can be", () => {
  const nodes = [
    named(1, 100, 100, { width: 300, weight: 1 }), named(2, 100, 122, { width: 300, weight: 2 }),
    ...[78, 144].map((y, i) => named(10 + i, 100, y, { width: 1e6, weight: 0 })),
  ];
  const sides = placeLabels(nodes);
  assert.ok(sides.has(2));
});

test("names of numbered nodes are written for nearly all of them or for none", () => {
  const nodes = crowd(900, 600).map((node) => ({ ...node, numbered: node.key % 10 !== 0 }));
  const sides = placeLabels(nodes);
  assert.ok([...sides.keys()].every((key) => key % 10 === 0));
  assert.ok(sides.size > 10);
  const roomy = [1, 2, 3].map((key) => named(key, key * 200, 50, { numbered: true }));
  assert.equal(placeLabels(roomy).size, 3);
});

test("no nodes, no names", () => {
  assert.equal(placeLabels([]).size, 0);
});
