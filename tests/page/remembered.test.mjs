/** Positions in the browser's memory: static/js/remembered.js. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Remembered } from "../../static/js/remembered.js";

function memory(text = null) {
  const items = new Map(text === null ? [] : [["p2p.positions", text]]);
  return {
    items, getItem: (key) => items.get(key) ?? null, setItem: (key, value) => items.set(key, value),
  };
}

const SPOT = { x: 12, y: -7, pinned: true, alone: false };

test("what is written is read, for its run only", () => {
  const remembered = new Remembered(memory());
  remembered.write("one", [
    ["a", SPOT], ["b", { x: 1.4, y: 2.6, pinned: false, alone: false }], ["c", { x: 1, y: 2, pinned: false, alone: true }],
  ]);
  assert.deepEqual(remembered.read("one").get("a"), SPOT);
  assert.deepEqual(remembered.read("one").get("b"), { x: 1, y: 3, pinned: false, alone: false });
  assert.deepEqual(remembered.read("one").get("c"), { x: 1, y: 2, pinned: false, alone: true });
  assert.equal(remembered.read("two").size, 0);
});

test("the last three runs are kept", () => {
  const remembered = new Remembered(memory());
  for (const run of ["one", "two", "three", "four"]) remembered.write(run, [["a", SPOT]]);
  assert.equal(remembered.read("one").size, 0);
  for (const run of ["two", "three", "four"]) assert.equal(remembered.read(run).size, 1);
});

test("it does not grow with the network", () => {
  const storage = memory();
  const remembered = new Remembered(storage);
  const many = Array.from({ length: 50_000 }, (_, i) => [`00000000-0000-4000-8000-${i}`, SPOT]);
  for (const run of ["one", "two", "three", "four"]) remembered.write(run, many);
  assert.ok(storage.items.get("p2p.positions").length < 1_000_000);
  assert.ok(remembered.read("four").size > 0);
});

for (const [what, text] of Object.entries({
  "no JSON": "{[",
  "no list": '{"run": "one"}',
  "null": "null",
  "a list of nonsense": '[null, 7, {"run": "one"}, {"run": 3, "spots": []}]',
  "nonsense in it": '[{"run": "one", "spots": [null, ["a"], ["a", "1", 2, 0], ["a", 1e300, 2, 0], [3, 1, 2, 0], ["a", null, 2, 1]]}]',
})) {
  test(`${what} is as good as nothing`, () => {
    const remembered = new Remembered(memory(text));
    assert.equal(remembered.read("one").size, 0);
    remembered.write("one", [["a", SPOT]]);
    assert.deepEqual(remembered.read("one").get("a"), SPOT);
  });
}

test("of a half-broken memory the good half is used", () => {
  const remembered = new Remembered(memory('[{"run": "one", "spots": [["a", 1, 2, 0], ["b", "x", 2, 0]]}]'));
  assert.deepEqual([...remembered.read("one").keys()], ["a"]);
});

test("a memory that is full takes nothing down", (t) => {
  const said = t.mock.method(console, "info", () => {});
  const remembered = new Remembered({
    getItem: () => null,
    setItem: () => { throw new Error("QuotaExceededError"); },
  });
  remembered.write("one", [["a", SPOT]]);
  assert.equal(said.mock.callCount(), 1);
});
