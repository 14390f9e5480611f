/** Keys as words, the search, what the palette lists, what was used last, the view as a word. */

import assert from "node:assert/strict";
import test from "node:test";

import { Commands } from "../../static/js/finding/commands.js";
import { actionsOf } from "../../static/js/faults/actions.js";
import { actCommands, faultCommands } from "../../static/js/finding/faults.js";
import { everything, targets } from "../../static/js/finding/found.js";
import { fit } from "../../static/js/finding/fuzzy.js";
import { lookOf, lookText } from "../../static/js/finding/look.js";
import { Recent } from "../../static/js/finding/recent.js";
import { trafficWords } from "../../static/js/finding/traffic.js";
import { beside } from "../../static/js/finding/tour.js";
import { caps, combo } from "../../static/js/keys.js";
import { emptiness } from "../../static/js/panel/empty.js";

const press = (key, more = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });

test("a press is a word of the table", () => {
  assert.equal(combo(press("s"), false), "s");
  assert.equal(combo(press("?", { shiftKey: true }), false), "?");
  assert.equal(combo(press("Escape"), false), "Esc");
  assert.equal(combo(press("k", { ctrlKey: true }), false), "Mod+K");
  assert.equal(combo(press("Z", { ctrlKey: true, shiftKey: true }), false), "Mod+Shift+Z");
  assert.equal(combo(press("k", { metaKey: true }), true), "Mod+K");
  assert.equal(combo(press("k", { ctrlKey: true }), true), null, "Ctrl on a Mac is the browser's");
  assert.equal(combo(press("k", { metaKey: true }), false), null);
  assert.equal(combo(press("s", { altKey: true }), false), null);
  assert.equal(combo(press("Control", { ctrlKey: true }), false), null);
  assert.deepEqual(caps("Mod+Shift+Z", false), ["Ctrl", "Shift", "Z"]);
  assert.deepEqual(caps("Mod+K", true), ["⌘", "K"]);
  assert.deepEqual(caps("+", false), ["+"]);
});

test("a search finds letters in their order, and starts of words first", () => {
  assert.equal(fit("xyz", "Lay out anew"), null);
  assert.equal(fit("tuo", "out"), null);
  assert.deepEqual(fit("loa", "Lay out anew").marks, [0, 4, 8]);
  assert.ok(fit("lay", "Lay out anew").score > fit("lay", "Play it").score);
  assert.ok(fit("n7", "node7").score > fit("n7", "node17").score);
  assert.ok(fit("node1", "node1").score > fit("node1", "node12").score);
  assert.ok(fit("anew lay", "Lay out anew") !== null, "words in any order");
  assert.deepEqual(fit("", "anything").marks, []);
});

function node(key, name, more = {}) {
  return { key, id: `id-${name}`, name, url: `http://10.0.0.${key}:5000`, public_url: `http://localhost:500${key}`, kind: "peer", state: "alive", links: 3, ...more };
}

function palette(chosen = null) {
  const commands = new Commands({ targetOf: (on) => (on === "node" ? chosen : null), ask: async () => ({ yes: true, always: false }), tell: () => {} });
  const name = (target) => `node${target.node}`;
  commands.add(
    { id: "send", title: (target) => (target === null ? "Send a message from a node" : `Send a message from ${name(target)}`), group: "Send", on: "node", keys: ["s"], run: () => {} },
    { id: "fit", title: "Fit the whole network into the picture", group: "Picture", words: "zoom", run: () => {} },
    { id: "theme", title: "Dark or light", group: "Page", run: () => {} },
    { id: "escape", title: "close", group: "Page", unlisted: true, run: () => {} },
    { id: "freeze", title: (target) => `Freeze ${target === null ? "a node" : name(target)}`, group: "Break it", on: "node", run: () => {},
      cannot: (target) => (target?.node === 3 ? "it does not live" : "") },
  );
  const nodes = [node(1, "node1"), node(2, "node2"), node(3, "node3", { state: "dead" }), node(10, "node10")];
  const storage = new Map();
  const recent = new Recent({ getItem: (key) => storage.get(key) ?? null, setItem: (key, value) => void storage.set(key, value) });
  return { commands, nodes, recent };
}

test("with nothing typed there is everything, what was used last first, and nodes in their order", () => {
  const parts = palette();
  assert.deepEqual(everything("", parts).map(({ id }) => id), ["send", "fit", "freeze", "theme", "node:node1", "node:node2", "node:node3", "node:node10"]);
  parts.recent.use("theme");
  parts.recent.use("node:node2");
  const ids = everything("", parts).map(({ id, group }) => [id, group]);
  assert.deepEqual(ids.slice(0, 3), [["node:node2", "Used last"], ["theme", "Used last"], ["send", "Send"]]);
  assert.equal(ids.filter(([id]) => id === "theme").length, 1, "nothing stands there twice");
});

test("what cannot be now is not in the way, and is found by its name, with why", () => {
  const parts = palette();
  parts.commands.add({ id: "undo", title: "Undo", group: "Picture", cannot: () => "nothing was changed", run: () => {} });
  assert.equal(everything("", parts).some(({ id }) => id === "undo"), false);
  assert.deepEqual(everything("undo", parts).slice(0, 1).map(({ id, cannot }) => [id, cannot]), [["undo", "nothing was changed"]]);
});

test("what was used comes first among what fits about as well", () => {
  const parts = palette();
  parts.commands.add({ id: "freeze-all", title: "Freeze all", group: "Break it", run: () => {} });
  const first = () => everything("freeze", parts)[0].id;
  const before = first();
  const other = before === "freeze" ? "freeze-all" : "freeze";
  parts.recent.use(other);
  assert.equal(first(), other);
});

test("a command is found by its title, its words and its heading, a node by its facts", () => {
  const parts = palette();
  assert.equal(everything("fitwh", parts)[0].id, "fit");
  assert.equal(everything("zoom", parts)[0].id, "fit");
  assert.deepEqual(everything("dead", parts).map(({ id }) => id).filter((id) => id.startsWith("node:")), ["node:node3"]);
  assert.equal(everything("10.0.0.2", parts)[0].id, "node:node2");
  assert.equal(everything("node1", parts)[0].id, "node:node1");
  assert.deepEqual(everything("qqq", parts), []);
});

test("a node's whole name among other words is what the command is meant for", () => {
  const parts = palette({ on: "node", node: 1 });
  const [row] = everything("freeze node2", parts);
  assert.deepEqual([row.id, row.title, row.target], ["freeze", "Freeze node2", { on: "node", node: 2 }]);
  assert.equal(everything("NODE3 fre", parts)[0].cannot, "it does not live");
  assert.equal(everything("freeze", parts)[0].target.node, 1, "else the chosen one");
});

test("what has nothing chosen asks in a second step, and there says what cannot be", () => {
  const parts = palette();
  const row = everything("freeze", parts)[0];
  assert.deepEqual([row.target, row.hint], [null, "which node?"]);
  const rows = targets("", row.command, { ...parts, links: [] });
  assert.deepEqual(rows.map(({ title, cannot }) => [title, cannot]), [["node1", undefined], ["node2", undefined], ["node3", "it does not live"], ["node10", undefined]]);
  assert.deepEqual(targets("10", row.command, { ...parts, links: [] }).map(({ target }) => target.node), [10]);
  const cut = { id: "cut", title: "Cut", group: "Break it", on: "link", run: () => {} };
  const [link] = targets("2 3", cut, { ...parts, nodes: [], links: [{ a: parts.nodes[1], b: parts.nodes[2] }, { a: parts.nodes[0], b: parts.nodes[1] }] });
  assert.deepEqual(link.target, { on: "link", link: { a: 2, b: 3 } });
});

test("what was used last is remembered, without doubles, bounded, and nonsense is not believed", () => {
  let stored = JSON.stringify(["a", 7, "b".repeat(500), "c"]);
  const storage = { getItem: () => stored, setItem: (_, value) => void (stored = value) };
  const recent = new Recent(storage);
  assert.deepEqual(recent.ids, ["a", "c"]);
  recent.use("c");
  assert.deepEqual(JSON.parse(stored), ["c", "a"]);
  for (let i = 0; i < 50; i += 1) recent.use(`x${i}`);
  assert.equal(JSON.parse(stored).length, 12);
  stored = "{";
  assert.deepEqual(new Recent(storage).ids, []);
});

test("the view as a word of the address, and what is no such word", () => {
  assert.equal(lookText({ x: -120.4, y: 40.6, zoom: 1.23456 }), "-120,41,1.23");
  assert.deepEqual(lookOf("-120,41,1.23"), { x: -120, y: 41, zoom: 1.23 });
  for (const bad of [null, "", "1,2", "1,2,0", "a,b,c", "1,2,3,4", "999999,0,1", "1,2,1e9", "NaN,0,1", "1,2,-1"]) assert.equal(lookOf(bad), null, String(bad));
});

test("the dashboard's table of faults: what makes no sense is left out", () => {
  const good = { id: "freeze", name: "Freeze", title: "It does nothing", on: "node", destroys: false, most_seconds: 60, wish: { kind: "freeze" } };
  assert.deepEqual(actionsOf({ actions: [good, null, { ...good, on: "planet" }, { ...good, name: "" }, { ...good, wish: null }, { ...good, most_seconds: "long" }, { ...good, title: "x".repeat(1000) }] }), [good]);
  assert.deepEqual(actionsOf({ actions: "none" }), []);
  assert.deepEqual(actionsOf(null), []);
});

test("a fault is a command on its thing; who is not there cannot be broken; what destroys asks", () => {
  const model = { nodes: new Map([[1, node(1, "node1")], [2, node(2, "node2", { state: "dead" })], [3, node(3, "plain", { kind: "plain" })]]) };
  const wish = { kind: "drop", direction: "out" };
  const [crash, cut] = faultCommands([
    { id: "crash", name: "Kill", title: "It dies", on: "node", destroys: true, wish: { kind: "crash", down_seconds: 10 } },
    { id: "cut", name: "Cut one way", title: "Not heard", on: "link", destroys: false, wish },
  ], { model, done: () => {} });
  assert.equal(crash.title({ on: "node", node: 1 }), "Kill node1");
  assert.equal(crash.asks({ on: "node", node: 1 }), "Kill node1? It dies, after 10 s.");
  assert.equal(crash.cannot({ on: "node", node: 1 }), "");
  assert.match(crash.cannot({ on: "node", node: 2 }), /does not live/);
  assert.match(crash.cannot({ on: "node", node: 3 }), /plain node/);
  assert.equal(cut.asks, undefined);
  assert.equal(cut.title({ on: "link", link: { a: 1, b: 3 } }), "Cut one way node1 → plain");
  assert.match(cut.cannot({ on: "link", link: { a: 1, b: 2 } }), /node2 does not live/);
});

test("acts at several nodes become commands", async () => {
  const model = { nodes: new Map([[1, node(1, "node1")], [2, node(2, "node2")]]) };
  const said = [];
  const seen = [];
  const act = (id, on, more = {}) => ({ id, title: id, what: "It does it", on, confirm: null, refuses: () => null, run: async (target) => {
    seen.push(target);
    return `${id}: done.`;
  }, ...more });
  const [kill, ring] = actCommands([
    act("kill", "selection", { confirm: ({ nodes }) => `Kill ${nodes[0].name}?`, refuses: ({ nodes }) => (nodes.length === 0 ? "Choose some nodes first." : null) }),
    act("ring", "picture"),
  ], { model, done: (sentence) => said.push(sentence) });
  const one = { on: "selection", nodes: [1] };
  assert.deepEqual([kill.id, kill.on, kill.title(one), kill.asks(one)], ["fault:kill", "selection", "kill node1", "Kill node1?"]);
  assert.equal(kill.cannot({ on: "selection", nodes: [99] }), "Choose some nodes first.");
  assert.equal(ring.asks, undefined);
  await ring.run({ on: "picture" });
  await kill.run({ on: "selection", nodes: [1, 2, 99] });
  assert.deepEqual(seen, [{ nodes: [] }, { nodes: [model.nodes.get(1), model.nodes.get(2)] }]);
  assert.deepEqual(said, ["ring: done.", "kill: done."]);
});

test("how far random traffic is, in words", () => {
  assert.equal(trafficWords({ sent: 1200, failed: 0, skipped: 0 }), "1,200 sent");
  assert.equal(trafficWords({ sent: 3, failed: 2, skipped: 1 }), "3 sent, 1 skipped, 2 failed");
});

test("what stands where the network will be", () => {
  const model = (number, nodes) => ({ number, nodes: new Map(nodes.map((key) => [key, {}])), summary: null });
  assert.equal(emptiness({ phase: "connecting", reason: "" }, model(null, [])), "loading");
  assert.equal(emptiness({ phase: "waiting", reason: "gone" }, model(null, [])), "unreachable");
  assert.equal(emptiness({ phase: "connecting", reason: "gone" }, model(null, [])), "unreachable", "while it tries again, too");
  assert.equal(emptiness({ phase: "live", reason: "" }, model(1, [])), "empty");
  assert.equal(emptiness({ phase: "waiting", reason: "gone" }, model(1, [1])), null);
});

test("the tour's card stands beside what it is about, within the window", () => {
  const window = { left: 0, top: 0, right: 1280, bottom: 720 };
  const stage = { left: 0, top: 52, right: 960, bottom: 500 };
  const over = (at, box) => at.left < box.right && at.left + 340 > box.left && at.top < box.bottom && at.top + 150 > box.top;
  for (const box of [
    { left: 460, top: 250, right: 500, bottom: 290 }, // a node in the middle
    { left: 20, top: 60, right: 60, bottom: 100 }, // ... in the corner of the picture
    { left: 900, top: 60, right: 940, bottom: 100 },
    { left: 980, top: 200, right: 1070, bottom: 232 }, // a button of the side
    { left: 900, top: 10, right: 980, bottom: 42 }, // ... of the bar
    { left: 200, top: 690, right: 240, bottom: 715 }, // at the foot
  ]) {
    const at = beside(box, 340, 150, { stage, window });
    assert.equal(over(at, box), false, JSON.stringify([box, at]));
    assert.ok(at.left >= 0 && at.left + 340 <= 1280 && at.top >= 0 && at.top + 150 <= 720, JSON.stringify([box, at]));
  }
  const node = { left: 460, top: 250, right: 500, bottom: 290 };
  const crowd = [...Array(8).keys()].flatMap((i) => [...Array(8).keys()].map((j) => ({ x: 250 + 70 * i, y: 70 + 50 * j })));
  const at = beside(node, 200, 100, { stage, window, crowd });
  const hidden = ({ left, top }) => crowd.filter(({ x, y }) => x > left && x < left + 200 && y > top && y < top + 100).length;
  assert.equal(hidden(at), 0, "it stands where no node is, if there is such a place");
  const form = { left: 0, top: 52, right: 240, bottom: 500 };
  assert.equal(over(beside(node, 340, 150, { stage, window, crowd, avoid: [form] }), form), false, "and not on what is in use");
});
