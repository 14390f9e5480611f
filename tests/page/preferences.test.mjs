/** Contrast: what the person chose, else what the system prefers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { wanted } from "../../static/js/display/preferences.js";

test("the system's preference holds until the person chooses", () => {
  assert.equal(wanted("system", false), "normal");
  assert.equal(wanted("system", true), "more");
  assert.equal(wanted("more", false), "more");
  assert.equal(wanted("normal", true), "normal");
});
