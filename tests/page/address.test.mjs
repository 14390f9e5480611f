import assert from "node:assert/strict";
import { test } from "node:test";

import { format, parse } from "../../static/js/address.js";

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
