/** Texts and numbers of the panels: pure functions, tried by hand. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { curlLines, quoted } from "../../static/js/panel/curl.js";
import { byName, clockTime, lasting, messageShape, messageState, promised, took, wayInWords } from "../../static/js/panel/words.js";
import { counted } from "../../static/js/texts.js";
import { nextThatWay } from "../../static/js/walking.js";

const MESSAGE = { kind: "message", path: [], hops: 1, state: "sent", attempt: 1, reason: null, queued_at: null, next_at: null, sent_at: 1000, received_at: null, done_at: null };

test("names are sorted as people count", () => {
  const names = ["node10", "node2", "Node1"].map((name) => ({ name }));
  assert.deepEqual(names.sort(byName).map(({ name }) => name), ["Node1", "node2", "node10"]);
});

test("numbers agree with their nouns", () => {
  const forms = { one: "link", other: "links" };
  assert.equal(counted(1, forms), "1 link");
  assert.equal(counted(0, forms), "0 links");
  assert.equal(counted(1234, forms), "1,234 links");
  assert.equal(counted(1, { other: "more" }), "1 more", "a form that a language does not have is the other one");
});

test("durations are told in what fits them", () => {
  assert.equal(took(-3), "under 1 ms");
  assert.equal(took(12.4), "12 ms");
  assert.equal(took(1500), "1.5 s");
  assert.equal(lasting(59_000), "59 s");
  assert.equal(lasting(3_661_000), "1 h 1 min");
  assert.equal(lasting(200_000_000), "2 days 7 h");
});

test("a moment is told to the millisecond", () => {
  assert.match(clockTime(new Date(2026, 0, 2, 3, 4, 5, 6).getTime()), /^03:04:05\.006$/);
});

test("a message says how far it is", () => {
  assert.equal(messageState(MESSAGE), "on its way");
  assert.equal(messageState({ ...MESSAGE, attempt: 3, reason: "no answer" }), "trying again (attempt 3): no answer");
  assert.equal(messageState({ ...MESSAGE, state: "received", received_at: 1007 }), "arrived after 7 ms");
  assert.equal(messageState({ ...MESSAGE, state: "delivered", received_at: 1007, done_at: 1012 }), "delivered in 12 ms");
  assert.equal(messageState({ ...MESSAGE, state: "failed", reason: "nobody there" }), "failed: nobody there");
});

test("a message that waits says since when, why, and when it is tried again", () => {
  const at = (/** @type {number} */ second) => new Date(2026, 0, 2, 3, 4, second).getTime();
  const waits = { ...MESSAGE, state: "waiting", queued_at: at(5), reason: "no connection to it", next_at: at(9), attempt: 3 };
  assert.equal(messageState(waits), "waiting since 03:04:05: no connection to it; next try 03:04:09");
  assert.equal(messageState({ ...waits, next_at: null }), "waiting since 03:04:05: no connection to it");
  assert.equal(messageState({ ...waits, next_at: null, reason: null }), "waiting since 03:04:05 for its turn");
  assert.equal(messageState({ ...waits, queued_at: null }), "waiting: no connection to it; next try 03:04:09", "nothing is made up");
  for (const gone of ["dead", "left"]) {
    assert.equal(messageState(waits, gone), "waiting since 03:04:05: its sender is down, and keeps it on disk", "nobody tries");
  }
  const late = { ...waits, state: "delivered", sent_at: at(50), received_at: at(50) + 4, done_at: at(50) + 9 };
  assert.equal(messageState(late), "delivered in 9 ms, had waited 45 s");
  assert.equal(messageState({ ...MESSAGE, state: "failed", reason: "discarded" }), "discarded");
  assert.match(promised("at-least-once"), /^at least once/);
  assert.match(promised("exactly-once"), /^exactly once/);
  assert.equal(promised(null), "");
});

test("a message over several nodes says how many hops, a broadcast whom it has reached", () => {
  const path = [[1, 3, 1000], [3, 4, 1002], [4, 2, null]];
  const routed = { ...MESSAGE, path, hops: 3 };
  assert.equal(messageState({ ...routed, path: path.slice(0, 2) }), "on its way, hop 2");
  assert.equal(messageState({ ...routed, state: "delivered", received_at: 1007, done_at: 1012 }), "delivered in 12 ms, 3 hops");
  assert.equal(messageState({ ...routed, state: "failed", reason: "nobody there" }), "failed after 3 hops: nobody there");
  assert.equal(messageState({ ...MESSAGE, state: "delivered", done_at: 1012 }), "delivered in 12 ms", "one hop goes without saying");
  const all = { ...MESSAGE, kind: "broadcast", reached: 7, of: 11, hops: 4, done_at: null };
  assert.equal(messageState(all), "reached 7 of 11");
  assert.equal(messageState({ ...all, state: "delivered", reached: 11, done_at: 1040 }), "reached all 11 in 40 ms, 4 hops");
  assert.equal(messageState({ ...all, state: "delivered", reached: 0, of: 0, hops: 0 }), "nobody else is there");
  const nameOf = (/** @type {number|null} */ key) => `node${key}`;
  assert.equal(wayInWords(routed, nameOf), "node1 → node3 → node4 ⇢ node2");
  assert.equal(wayInWords(MESSAGE, nameOf), "");
});

test("what came from outside is at its goal once it is received", () => {
  assert.equal(messageShape({ state: "received", from: null }), "delivered");
  assert.equal(messageShape({ state: "received", from: 3 }), "received");
});

const NODE = { kind: "peer", url: "http://node7:5000", public_url: "http://localhost:5007" };

test("curl lines are those of the assignment", () => {
  const lines = curlLines(NODE, "node23").map(({ line }) => line);
  assert.equal(lines[0], "curl http://localhost:5007/");
  assert.equal(lines[1], "curl http://localhost:5007/peers");
  assert.equal(lines[2], `curl -X POST http://localhost:5007/message -H 'Content-Type: application/json' -d '{"sender":"me","msg":"Hello!"}'`);
  assert.ok(lines.some((line) => line.includes(`"to":"node23"`)));
  assert.ok(lines.includes(`curl -X POST http://localhost:5007/broadcast -H 'Content-Type: application/json' -d '{"msg":"Hello, all!"}'`));
});

test("a plain node has only the assignment's calls", () => {
  assert.deepEqual(curlLines({ ...NODE, kind: "plain" }, "x").map(({ line }) => line.includes("/send") || line.includes("/status")), [false, false, false]);
});

test("nothing in a name or address can leave its word in the shell", () => {
  assert.equal(quoted("it's $(rm) `x`"), `'it'\\''s $(rm) \`x\`'`);
  const [first, , , send] = curlLines({ ...NODE, public_url: "http://x:1/;reboot" }, "a' ; reboot #");
  assert.equal(first.line, "curl 'http://x:1/;reboot/'");
  assert.ok(send.line.includes(`a'\\'' ; reboot #`));
});

test("an arrow key goes to the next node that way", () => {
  const places = new Map([[1, { x: 0, y: 0 }], [2, { x: 50, y: 5 }], [3, { x: 20, y: 90 }], [4, { x: -40, y: 0 }]]);
  const here = { x: 0, y: 0 };
  assert.equal(nextThatWay(places, here, "ArrowRight"), 2);
  assert.equal(nextThatWay(places, here, "ArrowDown"), 3);
  assert.equal(nextThatWay(places, here, "ArrowLeft"), 4);
  assert.equal(nextThatWay(places, here, "ArrowUp"), null);
  assert.equal(nextThatWay(places, here, "Enter"), null);
});
