/** The dashboard's time in the browser: static/js/clock.js. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock } from "../../static/js/clock.js";

const OFFSET = 1_800_000_000_000;

/** A clock on a time that stands until it is moved. */
function bench() {
  const local = { now: 1000 };
  const clock = new Clock(() => local.now);
  /** A packet that was `delay` milliseconds on its way. */
  const packet = (delay, offset = OFFSET) => clock.observe(local.now - delay + offset);
  return { local, clock, packet };
}

test("the quickest packet tells the time", () => {
  const { local, clock, packet } = bench();
  for (const delay of [80, 3, 40, 200]) {
    packet(delay);
    local.now += 50;
  }
  assert.equal(clock.now() - OFFSET, local.now - 3);
});

test("it never runs backwards for a small correction, and ends up right", () => {
  const { local, clock, packet } = bench();
  packet(0, OFFSET + 400); // a sample that was too good: the clock was set back
  let before = clock.now();
  for (let i = 0; i < 2000; i += 1) {
    local.now += 50;
    packet(2);
    const now = clock.now();
    assert.ok(now > before, "time ran backwards");
    assert.ok(now - before < 100, "time jumped");
    before = now;
  }
  assert.equal(before, local.now + OFFSET - 2);
});

test("a clock that is far off is jumped to, in both directions", () => {
  const { local, clock, packet } = bench();
  packet(0);
  assert.equal(clock.now(), local.now + OFFSET);
  packet(0, OFFSET + 3_600_000);
  assert.equal(clock.now(), local.now + OFFSET + 3_600_000);
  local.now += 10;
  packet(0, OFFSET - 3_600_000);
  assert.equal(clock.now(), local.now + OFFSET - 3_600_000);
});

test("a packet that was held up for seconds does not turn the time", () => {
  const { local, clock, packet } = bench();
  packet(1);
  clock.now();
  local.now += 5000;
  packet(4000);
  assert.equal(clock.now(), local.now + OFFSET - 1);
});

test("what is no time is not believed", () => {
  const { local, clock, packet } = bench();
  packet(0);
  clock.observe(NaN);
  clock.observe(Infinity);
  clock.observe(undefined);
  assert.equal(clock.now(), local.now + OFFSET);
});
