import assert from "node:assert/strict";
import { test } from "node:test";

import { format, onAddress, parse, read, write } from "../../static/js/address.js";

test("what is written is what is read, whatever it is", () => {
  const parts = new Map([["node", "a&b=c #d"], ["at", "2026-11-29T14:03:07.120Z"], ["filter", "from:node7, näh+"]]);
  assert.deepEqual(parse(`#${format(parts)}`), parts);
});

test("a time can be read in the address", () => {
  assert.equal(format(new Map([["at", "2026-11-29T14:03:07Z"]])), "at=2026-11-29T14:03:07Z");
});

test("nonsense is nothing", () => {
  assert.deepEqual(parse("#&&=x&node="), new Map());
  assert.equal(parse(`#node=${"x".repeat(9000)}`).get("node")?.length, 2000);
});

/** A browser's address, as far as the page uses it: somebody else's change is told in a moment. */
function browser() {
  const told = [];
  globalThis.location = { hash: "", pathname: "/", search: "" };
  globalThis.history = { replaceState: (_state, _title, url) => { location.hash = url.slice(1); } };
  globalThis.addEventListener = (_type, listener) => told.push(listener);
  return {
    somebodyWrites: (hash) => { location.hash = hash; },
    tellsOfIt: () => told.forEach((listener) => listener()),
  };
}

test("what somebody has just written is not written over, also before the page hears of it", () => {
  const { somebodyWrites, tellsOfIt } = browser();
  const heard = [];
  onAddress(() => heard.push([read("node"), read("at")]));
  write({ at: "2026-11-29T14:03:07Z" });
  assert.equal(location.hash, "#at=2026-11-29T14:03:07Z");
  const { now } = performance;
  performance.now = () => now.call(performance) + 1000; // the next change may be written at once
  try {
    somebodyWrites("#node=node2");
    write({ at: "2026-11-29T14:03:08Z" });
    assert.equal(location.hash, "#node=node2");
    tellsOfIt();
    assert.deepEqual(heard, [["node2", null]]);
    write({ at: "2026-11-29T14:03:09Z" });
    assert.equal(location.hash, "#node=node2&at=2026-11-29T14:03:09Z", "from then on as before");
  } finally {
    performance.now = now;
  }
});
