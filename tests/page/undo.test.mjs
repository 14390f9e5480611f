/** Changes of the layout are taken back and done again, whatever came or went meanwhile. */

import assert from "node:assert/strict";
import test from "node:test";

import { LayoutUndo } from "../../static/js/finding/undo.js";

function places(entries) {
  const spots = new Map(Object.entries(entries).map(([id, x]) => [id, { x, y: 0, pinned: false }]));
  return {
    spots: (ids) => new Map([...spots].filter(([id]) => ids === undefined || [...ids].includes(id)).map(([id, spot]) => [id, { ...spot }])),
    restore: (wanted) => {
      for (const [id, spot] of wanted) if (spots.has(id)) spots.set(id, { ...spot });
    },
    move: (id, x, pinned = true) => spots.set(id, { x, y: 0, pinned }),
    drop: (id) => spots.delete(id),
    xs: () => Object.fromEntries([...spots].map(([id, { x }]) => [id, x])),
    pinned: (id) => spots.get(id).pinned,
  };
}

test("a drag is taken back with its pin, and done again", () => {
  const layout = places({ a: 1, b: 2 });
  const undo = new LayoutUndo(layout);
  undo.remember("moving a", ["a"]);
  layout.move("a", 50);
  assert.equal(undo.undoes, "moving a");
  assert.equal(undo.undo(), "moving a");
  assert.deepEqual([layout.xs(), layout.pinned("a")], [{ a: 1, b: 2 }, false]);
  assert.equal(undo.redo(), "moving a");
  assert.deepEqual([layout.xs(), layout.pinned("a")], [{ a: 50, b: 2 }, true]);
});

test("several steps go back in their order, and a new change ends the way forward", () => {
  const layout = places({ a: 1 });
  const undo = new LayoutUndo(layout);
  for (const x of [10, 20, 30]) {
    undo.remember(`to ${x}`, ["a"]);
    layout.move("a", x);
  }
  assert.deepEqual([undo.undo(), undo.undo()], ["to 30", "to 20"]);
  assert.deepEqual(layout.xs(), { a: 10 });
  undo.remember("elsewhere", ["a"]);
  layout.move("a", 99);
  assert.equal(undo.redoes, null);
  assert.equal(undo.redo(), null);
  undo.undo();
  assert.deepEqual(layout.xs(), { a: 10 });
});

test("who came meanwhile is not touched, and who went is no trouble", () => {
  const layout = places({ a: 1, b: 2 });
  const undo = new LayoutUndo(layout);
  undo.remember("the new layout");
  for (const id of ["a", "b"]) layout.move(id, 70);
  layout.drop("b");
  layout.move("c", 5);
  undo.undo();
  assert.deepEqual(layout.xs(), { a: 1, c: 5 });
});

test("steps are bounded, and another run begins with none", () => {
  const layout = places({ a: 0 });
  const undo = new LayoutUndo(layout);
  for (let x = 1; x <= 80; x += 1) {
    undo.remember(`${x}`, ["a"]);
    layout.move("a", x);
  }
  let steps = 0;
  while (undo.undo() !== null) steps += 1;
  assert.equal(steps, 50);
  assert.deepEqual(layout.xs(), { a: 30 });
  undo.clear();
  assert.deepEqual([undo.undoes, undo.redoes], [null, null]);
});
