/** The numbers beside nodes: static/js/badges.js. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { badgeBox, badgeText, badgeWidth, placeBadges } from "../../static/js/badges.js";

const WIDE = badgeWidth(6);
const at = (key, x, y) => ({ key, x, y, radius: 12 });
const badge = (disc) => ({ ...disc, width: WIDE });
const overlap = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

test("with room around it a badge hangs at the upper right", () => {
  const disc = at(1, 100, 100);
  assert.deepEqual([...placeBadges([badge(disc)], [disc], [])], [[1, "ne"]]);
  const box = badgeBox(disc, WIDE, "ne");
  assert.ok(box.left > 100 && box.bottom < 100 && box.left < 112 && box.bottom > 88, "on the rim");
});

test("it goes round what stands there, and stays where it was", () => {
  const disc = at(1, 100, 100);
  const other = at(2, 124, 82);
  const places = placeBadges([badge(disc)], [disc, other], []);
  assert.equal(places.get(1), "nw");
  assert.equal(placeBadges([badge(disc)], [disc], [], places).get(1), "nw", "although there is room now");
});

test("names come first, its own node's too", () => {
  const disc = at(1, 100, 100);
  const above = { key: 1, left: 78, right: 122, top: 70, bottom: 84 };
  assert.equal(placeBadges([badge(disc)], [disc], [above]).get(1), "se");
});

test("in a crowd nothing lies on anything: who has no room has a mark without a number", () => {
  let state = 1;
  const random = (most) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state / 2 ** 32) * most;
  };
  const nodes = Array.from({ length: 300 }, (_, key) => at(key, random(800), random(500)));
  const corners = placeBadges(nodes.map(badge), nodes, []);
  assert.equal(corners.size, 300, "each is told in some way");
  const boxes = nodes.flatMap((disc) => {
    const corner = corners.get(disc.key);
    return corner ? [{ key: disc.key, ...badgeBox(disc, WIDE, corner) }] : [];
  });
  assert.ok(boxes.length > 50 && boxes.length < 300, `${boxes.length} have a number`);
  for (const box of boxes) {
    for (const other of boxes) assert.ok(box.key === other.key || !overlap(box, other));
    for (const { key, x, y, radius } of nodes) {
      const disc = { left: x - radius, right: x + radius, top: y - radius, bottom: y + radius };
      assert.ok(box.key === key || !overlap(box, disc));
    }
  }
});

test("a number stays short", () => {
  assert.deepEqual([1, 42, 999, 1000, 10_000].map(badgeText), ["1", "42", "999", "999+", "999+"]);
  assert.equal(badgeWidth(2), 15, "never narrower than high");
});
