/** Whether the page may act: the token that it asks for, and what it says where there is none. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Acting } from "../../static/js/acting.js";

const answers = (...given) => {
  let asked = 0;
  const ask = async () => {
    const [status, body] = given[Math.min(asked, given.length - 1)];
    asked += 1;
    if (status === 0) throw new TypeError("no dashboard");
    return { ok: status === 200, status, text: async () => body, json: async () => JSON.parse(body) };
  };
  return { ask, count: () => asked };
};

test("the token is asked for once, and again when it was an old one", async () => {
  const { ask, count } = answers([200, "one\n"], [200, "two"]);
  const acting = new Acting({ search: "", ask });
  assert.equal(await acting.token(), "one");
  assert.equal(await acting.token(), "one");
  assert.equal(count(), 1);
  acting.forget();
  assert.equal(await acting.token(), "two");
});

test("a dashboard that gives none makes a page that only looks, with the reason", async () => {
  const { ask } = answers([403, JSON.stringify({ error: "from another machine one can only look" })]);
  const acting = new Acting({ search: "", ask });
  let changed = 0;
  acting.addEventListener("change", () => { changed += 1; });
  assert.equal(acting.allowed, true);
  assert.equal(await acting.token(), null);
  assert.equal(acting.allowed, false);
  assert.equal(changed, 1);
  assert.match(acting.why, /from another machine one can only look/);
});

test("a dashboard that is away is asked again", async () => {
  const { ask, count } = answers([0, ""], [500, "{}"], [200, "there"]);
  const acting = new Acting({ search: "", ask });
  assert.equal(await acting.token(), null);
  assert.equal(await acting.token(), null);
  assert.equal(acting.allowed, true);
  assert.equal(await acting.token(), "there");
  assert.equal(count(), 3);
});

test("the link for looking asks for nothing", async () => {
  for (const search of ["?view", "?view=1", "?x=1&view"]) {
    const { ask, count } = answers([200, "token"]);
    const acting = new Acting({ search, ask });
    assert.equal(acting.allowed, false);
    assert.equal(await acting.token(), null);
    assert.equal(count(), 0);
    assert.match(acting.why, /looking only/);
  }
  assert.equal(new Acting({ search: "?viewer" }).allowed, true);
});
