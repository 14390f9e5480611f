/** What a hand means: static/js/input.js, on a surface that is told events as a browser does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { listen } from "../../static/js/input.js";

/** A surface at (10, 20) of the page, with one node, 5, around (100, 100). */
function bench({ picking = false, lassoing = false } = {}) {
  const surface = new EventTarget();
  surface.getBoundingClientRect = () => ({ left: 10, top: 20 });
  surface.setPointerCapture = () => {};
  const told = [];
  const say = (name) => (...what) => told.push([name, ...what]);
  listen(surface, {
    hit: ({ x, y }) => (Math.hypot(x - 100, y - 100) < 15 ? 5 : null),
    hover: say("hover"), click: (key) => say("click")(key), doubleClick: say("doubleClick"),
    drag: say("drag"), dragEnd: say("dragEnd"), line: say("line"), lineEnd: say("lineEnd"),
    pan: say("pan"), zoom: say("zoom"), cancel: say("cancel"), picking: () => picking,
    toggle: say("toggle"), lasso: say("lasso"), lassoEnd: say("lassoEnd"), lassoing: () => lassoing,
  });
  const send = (type, x, y, more = {}) => {
    const event = new Event(type, { cancelable: true });
    const about = { pointerId: 1, pointerType: "mouse", button: 0, shiftKey: false, ...more };
    Object.assign(event, { clientX: x + 10, clientY: y + 20, ...about });
    surface.dispatchEvent(event);
    return event;
  };
  const names = () => told.map(([name]) => name);
  return { told, names, send };
}

test("a press and a release are a click, on a node and on the field", () => {
  const { told, send } = bench();
  send("pointerdown", 101, 99);
  send("pointermove", 102, 100); // a hand is never quite still
  send("pointerup", 102, 100);
  send("pointerdown", 300, 300);
  send("pointerup", 300, 300);
  assert.deepEqual(told, [["click", 5], ["click", null]]);
});

test("a node is dragged, the field is panned, and neither is a click", () => {
  const { told, send } = bench();
  send("pointerdown", 100, 100);
  send("pointermove", 130, 140);
  send("pointerup", 130, 140);
  assert.deepEqual(told, [["drag", 5, { x: 130, y: 140 }], ["dragEnd", 5]]);
  told.length = 0;
  send("pointerdown", 300, 300);
  send("pointermove", 310, 305);
  send("pointermove", 315, 305);
  send("pointerup", 315, 305);
  assert.deepEqual(told, [["pan", 10, 5], ["pan", 5, 0]]);
});

test("with Shift, a line is drawn from the node", () => {
  const { told, send } = bench();
  send("pointerdown", 100, 100, { shiftKey: true });
  send("pointermove", 200, 200);
  send("pointerup", 200, 200);
  assert.deepEqual(told, [["line", 5, { x: 200, y: 200 }], ["lineEnd", 5, { x: 200, y: 200 }]]);
});

test("from the field with Shift or Alt, a drag is a lasso", () => {
  for (const [keys, how] of [[{ shiftKey: true }, "add"], [{ altKey: true }, "remove"]]) {
    const { told, send } = bench();
    send("pointerdown", 300, 300, keys);
    send("pointermove", 302, 300, keys); // not yet more than a tremble
    send("pointermove", 320, 300, keys);
    send("pointermove", 320, 330, keys);
    send("pointerup", 320, 330, keys);
    assert.deepEqual(told, [["lasso", { x: 300, y: 300 }], ["lasso", { x: 320, y: 300 }], ["lasso", { x: 320, y: 330 }], ["lassoEnd", how]]);
  }
});

test("with the tool every drag is a lasso, from a node too, and a press takes a node or leaves it", () => {
  const { told, names, send } = bench({ lassoing: true });
  send("pointerdown", 100, 100);
  send("pointermove", 160, 100);
  send("pointerup", 160, 100);
  assert.deepEqual(names(), ["lasso", "lasso", "lassoEnd"]);
  assert.deepEqual(told[2], ["lassoEnd", "only"]);
  told.length = 0;
  send("pointerdown", 100, 100);
  send("pointerup", 100, 100);
  assert.deepEqual(told, [["toggle", 5]]);
});

test("a press with Shift, Ctrl or the command key takes one node more", () => {
  for (const keys of [{ shiftKey: true }, { ctrlKey: true }, { metaKey: true }]) {
    const { told, send } = bench();
    send("pointerdown", 100, 100, keys);
    send("pointerup", 100, 100, keys);
    assert.deepEqual(told, [["toggle", 5]]);
  }
});

test("while a receiver is looked for, nodes are not moved by accident", () => {
  const { names, send } = bench({ picking: true });
  send("pointerdown", 100, 100);
  send("pointermove", 140, 100);
  send("pointerup", 140, 100);
  assert.deepEqual(names(), []);
});

test("a finger trembles more than a mouse", () => {
  const { told, send } = bench();
  const touch = { pointerType: "touch" };
  send("pointerdown", 100, 100, touch);
  send("pointermove", 107, 100, touch);
  send("pointerup", 107, 100, touch);
  assert.deepEqual(told, [["click", 5]]);
});

test("two fingers pinch, and clicking or dragging does not come of it", () => {
  const { told, names, send } = bench();
  const finger = (pointerId) => ({ pointerId, pointerType: "touch" });
  send("pointerdown", 100, 100, finger(1));
  send("pointerdown", 200, 100, finger(2));
  send("pointermove", 300, 100, finger(2));
  assert.deepEqual(told[0], ["zoom", { x: 200, y: 100 }, 2]);
  send("pointerup", 300, 100, finger(2));
  send("pointermove", 150, 150, finger(1));
  send("pointerup", 150, 150, finger(1));
  assert.ok(names().every((name) => name === "zoom" || name === "pan"), names().join());
});

test("the wheel zooms at the pointer and does not scroll the page", () => {
  const { told, send } = bench();
  const event = send("wheel", 50, 60, { deltaMode: 0, deltaY: -100, ctrlKey: false });
  assert.equal(event.defaultPrevented, true);
  send("wheel", 50, 60, { deltaMode: 1, deltaY: 3, ctrlKey: false });
  send("wheel", 50, 60, { deltaMode: 2, deltaY: 1e9, ctrlKey: false });
  const [into, out, far] = told.map(([, , factor]) => factor);
  assert.deepEqual(told[0][1], { x: 50, y: 60 });
  assert.ok(into > 1.1 && into < 1.5);
  assert.ok(out < 1 && out > 0.8);
  assert.ok(far > 0.3, "one event never throws the picture away");
});

test("only the first mouse button counts", () => {
  const { told, send } = bench();
  send("pointerdown", 100, 100, { button: 2 });
  send("pointerup", 100, 100, { button: 2 });
  assert.deepEqual(told, []);
});

test("hovering tells the node; leaving tells that there is none", () => {
  const { told, send } = bench();
  send("pointermove", 100, 100);
  send("pointermove", 300, 100);
  send("pointerleave", 300, 0);
  assert.deepEqual(told.map(([, key]) => key), [5, null, null]);
});

test("a pointer that the browser takes away ends the gesture", () => {
  const { names, send } = bench();
  send("pointerdown", 100, 100);
  send("pointermove", 130, 140);
  send("pointercancel", 130, 140);
  send("pointerup", 130, 140);
  assert.deepEqual(names(), ["drag", "cancel"]);
});
