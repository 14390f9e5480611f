/** What the network hangs on: static/js/health/cuts.js. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { cuts, cutsOf } from "../../static/js/health/cuts.js";
import { Model } from "../../static/js/model.js";
import { node, snapshot } from "./network.mjs";

const keys = (count) => Array.from({ length: count }, (_, i) => i + 1);
const links = (...pairs) => pairs.map(([a, b]) => ({ a, b }));
const found = (nodes, pairs) => {
  const { points, bridges } = cuts(nodes, links(...pairs));
  return { points: [...points].sort((a, b) => a - b), bridges: [...bridges].sort() };
};

/** How many parts are left without a node, or without a link: asked the slow way. */
function parts(nodes, pairs) {
  const seen = new Set();
  let count = 0;
  for (const start of nodes) {
    if (seen.has(start)) continue;
    count += 1;
    const todo = [start];
    while (todo.length > 0) {
      const here = todo.pop();
      if (seen.has(here)) continue;
      seen.add(here);
      for (const [a, b] of pairs) {
        if (a === here) todo.push(b);
        if (b === here) todo.push(a);
      }
    }
  }
  return count;
}

test("a ring hangs on nobody", () => {
  assert.deepEqual(found(keys(5), [[1, 2], [2, 3], [3, 4], [4, 5], [5, 1]]), { points: [], bridges: [] });
});

test("in a chain everybody but the ends, and each link", () => {
  assert.deepEqual(found(keys(4), [[1, 2], [3, 2], [3, 4]]), { points: [2, 3], bridges: ["1|2", "2|3", "3|4"] });
});

test("two rings that share a node hang on that one, and no link is a bridge", () => {
  assert.deepEqual(found(keys(5), [[1, 2], [2, 3], [3, 1], [3, 4], [4, 5], [5, 3]]), { points: [3], bridges: [] });
});

test("two rings that a link joins hang on its ends and on it", () => {
  assert.deepEqual(
    found(keys(6), [[1, 2], [2, 3], [3, 1], [4, 5], [5, 6], [6, 4], [1, 6]]), { points: [1, 6], bridges: ["1|6"] },
  );
});

test("of random networks it finds what taking each away finds", () => {
  let state = 7;
  const random = (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  let some = 0;
  for (let round = 0; round < 60; round += 1) {
    const nodes = keys(12);
    const pairs = [];
    for (let i = 0; i < 13; i += 1) {
      const [a, b] = [1 + random(12), 1 + random(12)];
      if (a !== b && !pairs.some(([c, d]) => (a === c && b === d) || (a === d && b === c))) pairs.push([a, b]);
    }
    const whole = parts(nodes, pairs);
    const expected = {
      points: nodes.filter((key) => {
        const alone = pairs.every(([a, b]) => a !== key && b !== key);
        const left = pairs.filter(([a, b]) => a !== key && b !== key);
        return !alone && parts(nodes.filter((other) => other !== key), left) > whole;
      }),
      bridges: pairs.filter((pair) => parts(nodes, pairs.filter((other) => other !== pair)) > whole)
        .map(([a, b]) => (a < b ? `${a}|${b}` : `${b}|${a}`)).sort(),
    };
    some += expected.points.length + expected.bridges.length;
    assert.deepEqual(found(nodes, pairs), expected, `round ${round}`);
  }
  assert.ok(some > 100, "the rounds had something to find");
});

test("a chain of five thousand is no deep call", () => {
  const pairs = keys(4999).map((key) => [key, key + 1]);
  assert.equal(cuts(keys(5000), links(...pairs)).points.size, 4998);
});

test("the dead hold nothing together", () => {
  const model = new Model();
  model.applySnapshot(snapshot({
    nodes: [node(1), node(2), node(3), node(4, { state: "dead" })],
    links: [[1, 2], [2, 3], [3, 4], [4, 1]],
  }));
  assert.deepEqual([...cutsOf(model).points], [2]);
  assert.deepEqual([...cutsOf(model).bridges].sort(), ["1|2", "2|3"]);
});
