/** The one table of what can be done: who reads it, what is asked first, what is not done. */

import assert from "node:assert/strict";
import test from "node:test";

import { Commands } from "../../static/js/finding/commands.js";

function table({ chosen = null, answer = { yes: true, always: false } } = {}) {
  const said = [];
  const questions = [];
  const commands = new Commands({
    targetOf: (on) => (on === "node" ? chosen : on === "picture" ? { on } : null),
    ask: async (question, yes) => {
      questions.push([question, yes]);
      return answer;
    },
    tell: (sentence, failed) => said.push([sentence, failed]),
  });
  return { commands, said, questions };
}

test("a command is done to what is chosen, or to what is given", async () => {
  const { commands } = table({ chosen: { on: "node", node: 7 } });
  const done = [];
  commands.add({ id: "send", title: "Send", group: "Send", on: "node", run: (target) => void done.push(target.node) });
  assert.equal(await commands.run(commands.get("send")), true);
  assert.equal(await commands.run(commands.get("send"), { on: "node", node: 3 }), true);
  assert.deepEqual(done, [7, 3]);
});

test("where nothing is chosen it is said what to do, with the key", async () => {
  const { commands, said } = table();
  commands.add({ id: "send", title: "Send", group: "Send", on: "node", keys: ["s"], run: () => assert.fail("nothing to send from") });
  assert.equal(await commands.run(commands.get("send")), false);
  assert.deepEqual(said, [["Choose a node first, then press s.", false]]);
});

test("what cannot be done says why and is not done", async () => {
  const { commands, said } = table();
  commands.add({ id: "undo", title: "Undo", group: "Picture", cannot: () => "nothing was changed", run: () => assert.fail("there is nothing") });
  assert.equal(await commands.run(commands.get("undo")), false);
  assert.deepEqual(said, [["nothing was changed", false]]);
});

test("who may only look does nothing that changes the network, and everything else", async () => {
  const said = [];
  const commands = new Commands({ targetOf: () => null, ask: async () => ({ yes: true, always: false }), tell: (sentence) => said.push(sentence), mayNot: () => "This page is for looking only." });
  const done = [];
  commands.add({ id: "send", title: "Send", group: "Send", acts: true, run: () => void done.push("send") }, { id: "fit", title: "Fit", group: "Picture", run: () => void done.push("fit") });
  await commands.run(commands.get("send"));
  await commands.run(commands.get("fit"));
  assert.deepEqual([done, said], [["fit"], ["This page is for looking only."]]);
});

test("what destroys asks, and a no does nothing", async () => {
  const { commands, questions } = table({ chosen: { on: "node", node: 1 }, answer: { yes: false, always: true } });
  commands.add({ id: "crash", title: () => "Crash node1", group: "Break it", on: "node", asks: () => "Crash node1?", run: () => assert.fail("he said no") });
  assert.equal(await commands.run(commands.get("crash")), false);
  assert.equal(await commands.run(commands.get("crash")), false);
  assert.deepEqual(questions, [["Crash node1?", "Crash node1"], ["Crash node1?", "Crash node1"]]);
});

test("who does not want to be asked again is asked once, and for that alone", async () => {
  const { commands, questions } = table({ answer: { yes: true, always: true } });
  let done = 0;
  for (const id of ["crash", "wipe"]) commands.add({ id, title: id, group: "Break it", asks: () => `${id}?`, run: () => void (done += 1) });
  for (const id of ["crash", "crash", "wipe"]) assert.equal(await commands.run(commands.get(id)), true);
  assert.equal(done, 3);
  assert.deepEqual(questions.map(([question]) => question), ["crash?", "wipe?"]);
});

test("a failure is told with what failed", async () => {
  const { commands, said } = table();
  commands.add({ id: "heal", title: "Heal", group: "Break it", run: async () => {
    throw new Error("nobody answers");
  } });
  assert.equal(await commands.run(commands.get("heal")), false);
  assert.deepEqual(said, [["Heal: nobody answers", true]]);
});

test("two commands have no key in common, and one may be replaced", () => {
  const { commands } = table();
  commands.add({ id: "fit", title: "Fit", group: "Picture", keys: ["f"], run: () => {} });
  assert.throws(() => commands.add({ id: "find", title: "Find", group: "Find", keys: ["f"], run: () => {} }), /f is the key of fit/);
  commands.add({ id: "fit", title: "Fit all", group: "Picture", keys: ["f"], run: () => {} });
  assert.equal(commands.ofKey("f").title, "Fit all");
});

test("a menu has what is on such things, by its headings, and nothing unlisted", () => {
  const { commands } = table();
  const add = (id, group, more) => commands.add({ id, title: id, group, run: () => {}, ...more });
  add("freeze", "Break it", { on: "node" });
  add("send", "Send", { on: "node" });
  add("fit", "Picture", { on: "picture" });
  add("hidden", "Node", { on: "node", unlisted: true });
  add("own", "A part of its own", { on: "node" });
  assert.deepEqual(commands.on("node").map(({ id }) => id), ["send", "freeze", "own"]);
  assert.deepEqual(commands.on("picture").map(({ id }) => id), ["fit"]);
});
