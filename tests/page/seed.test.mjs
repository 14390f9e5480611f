/** Places that follow from names: static/js/seed.js, and what stands inside: glyph.js. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { hasNumeral, numeral } from "../../static/js/glyph.js";
import { hash, seed } from "../../static/js/seed.js";

test("a name always gives the same place", () => {
  assert.deepEqual(seed("node7", 50, 1.8), seed("node7", 50, 1.8));
  assert.equal(hash("node7"), hash("node7"));
});

test("similar names do not stand together", () => {
  const places = Array.from({ length: 100 }, (_, i) => seed(`node${i + 1}`, 100, 1.8));
  const left = places.filter(({ x }) => x < 0).length;
  const top = places.filter(({ y }) => y < 0).length;
  assert.ok(left > 30 && left < 70, `${left} of 100 on the left`);
  assert.ok(top > 30 && top < 70, `${top} of 100 at the top`);
  assert.equal(new Set(places.map(({ x, y }) => `${x},${y}`)).size, 100);
});

test("more nodes take more room, and a wide stage is filled widely", () => {
  const spread = (count, aspect, axis) => Math.max(
    ...Array.from({ length: count }, (_, i) => Math.abs(seed(`n${i}`, count, aspect)[axis])),
  );
  assert.ok(spread(400, 1, "x") > 1.5 * spread(100, 1, "x"));
  assert.ok(spread(400, 1.8, "x") > 1.4 * spread(400, 1.8, "y"));
});

test("the number inside a node is the one at the end of its name", () => {
  assert.equal(numeral("node7"), "7");
  assert.equal(numeral("node100"), "100");
  assert.equal(numeral("peer-23"), "23");
  assert.equal(numeral("42"), "42");
  for (const name of ["alice", "172.17.0.3", "node1000", "a1b2", ""]) assert.equal(numeral(name), "", name);
});

test("of a hundred nodes on a small screen the hundredth has its number, too", () => {
  const radius = 9.6; // at 1280 by 720
  for (const name of ["node7", "node99", "node100"]) assert.ok(hasNumeral(name, radius), name);
  assert.ok(!hasNumeral("node100", 8), "it could not be read");
});
