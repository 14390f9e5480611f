/**
 * What a hand does on the picture, told as intentions.
 *
 * Pointer events cover mouse, pen and finger alike. One pointer on a node drags it, on the
 * field pans; two pointers pinch and pan; the wheel zooms. With Alt or Shift, or after a finger
 * has rested on it for a moment, a drag from a node draws a line to another; a drag from the field
 * with Alt or Shift is a lasso. Less than a few pixels of movement is a click; with the right
 * button, or by a finger that has rested, it asks for the menu.
 *
 * Nothing is decided here about what a click means: the handlers do that.
 *
 * @typedef {import("./model.js").Key} Key
 * @typedef {{x: number, y: number}} Point  CSS pixels in the stage
 *
 * @typedef {object} Handlers
 * @property {(at: Point) => Key|null} hit  the node at a point
 * @property {(key: Key|null, at: Point) => void} hover
 * @property {(key: Key|null, at: Point) => void} click
 * @property {(key: Key) => void} toggle  a click with Shift, Ctrl or ⌘: one more, or one fewer
 * @property {() => boolean} lassoing  whether every drag is a lasso
 * @property {(at: Point) => void} lasso  the next point of a line around some nodes
 * @property {(how: import("./faults/lasso.js").How) => void} lassoEnd
 * @property {(key: Key) => void} doubleClick
 * @property {(key: Key, at: Point) => void} drag  moves a node
 * @property {(key: Key) => void} dragEnd
 * @property {(from: Key, at: Point) => void} line  a line from a node to the pointer
 * @property {(from: Key, at: Point) => void} lineEnd
 * @property {(dx: number, dy: number) => void} pan
 * @property {(at: Point, factor: number) => void} zoom
 * @property {() => void} cancel  the browser took the pointer away
 * @property {() => boolean} picking  whether a receiver is looked for
 * @property {(key: Key) => void} hold  a finger rests on a node
 * @property {(key: Key|null, at: Point) => void} menu  what can be done there is asked for
 */

import { howOf } from "./faults/lasso.js";

/** Less movement than this is a click, CSS pixels: fingers tremble more than mice. */
const CLICK = { mouse: 4, pen: 6, touch: 10 };
/** How long a finger rests until that means something. Milliseconds [what phones have]. */
const HOLD = 500;

/**
 * @param {HTMLElement} surface
 * @param {Handlers} handlers
 */
export function listen(surface, handlers) {
  /** @type {Map<number, Point>} */
  const pointers = new Map();
  /** @type {{key: Key|null, start: Point, last: Point, moved: boolean, line: boolean, held: boolean, lasso: import("./faults/lasso.js").How|null}|null} */
  let gesture = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let holding;
  /** Whether the finger that has just lifted had rested before. */
  let rested = false;

  /** @param {MouseEvent} event @returns {Point} */
  const point = (event) => {
    const { left, top } = surface.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };

  surface.addEventListener("pointerdown", (event) => {
    clearTimeout(holding);
    rested = false;
    if (event.pointerType === "mouse" && event.button !== 0) return;
    const at = point(event);
    pointers.set(event.pointerId, at);
    surface.setPointerCapture(event.pointerId);
    if (pointers.size > 1) {
      if (gesture !== null && (gesture.moved || gesture.held) && gesture.key !== null) handlers.cancel();
      gesture = null; // two fingers: a pinch, not a click
      return;
    }
    const key = handlers.hit(at);
    const tool = handlers.lassoing();
    const lasso = (tool || key === null) && !handlers.picking() ? howOf(event, tool) : null;
    gesture = { key, start: at, last: at, moved: false, line: event.shiftKey || event.altKey, held: false, lasso };
    if (event.pointerType !== "mouse" && !tool && !handlers.picking()) holding = setTimeout(hold, HOLD);
  });

  /** A finger has rested. On a node it may still draw a line; elsewhere the menu comes at once. */
  const hold = () => {
    if (gesture === null) return;
    gesture.held = true;
    if (gesture.key !== null) {
      gesture.line = true;
      handlers.hold(gesture.key);
      return;
    }
    const { start } = gesture;
    gesture = null;
    rested = true;
    handlers.menu(null, start);
  };

  // The right button, and a Mac's Ctrl with the left one. A finger has its own way, above: the
  // browser's own event for it comes in the middle of that.
  surface.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    const touch = /** @type {PointerEvent} */ (event).pointerType;
    if (touch === "touch" || touch === "pen") return;
    if (gesture?.moved && gesture.key !== null) handlers.cancel();
    gesture = null;
    pointers.clear();
    const at = point(event);
    handlers.menu(handlers.hit(at), at);
  });

  surface.addEventListener("pointermove", (event) => {
    const at = point(event);
    const before = pointers.get(event.pointerId);
    if (!before) {
      if (event.pointerType !== "touch") handlers.hover(handlers.hit(at), at);
      return;
    }
    if (pointers.size === 2) pinch(event.pointerId, before, at);
    pointers.set(event.pointerId, at);
    if (!gesture) return;
    const far = Math.hypot(at.x - gesture.start.x, at.y - gesture.start.y);
    if (!gesture.moved && far < (CLICK[/** @type {"mouse"} */ (event.pointerType)] ?? 6)) return;
    if (!gesture.moved && gesture.lasso !== null) handlers.lasso(gesture.start);
    gesture.moved = true;
    clearTimeout(holding);
    if (gesture.lasso !== null) handlers.lasso(at);
    else if (gesture.key === null) handlers.pan(at.x - gesture.last.x, at.y - gesture.last.y);
    else if (gesture.line) handlers.line(gesture.key, at);
    else if (!handlers.picking()) handlers.drag(gesture.key, at);
    gesture.last = at;
  });

  surface.addEventListener("pointerup", (event) => {
    const at = point(event);
    clearTimeout(holding);
    pointers.delete(event.pointerId);
    const done = gesture;
    rested ||= done?.held === true;
    gesture = null;
    if (!done || pointers.size > 0) return;
    const more = event.shiftKey || event.ctrlKey || event.metaKey || handlers.lassoing();
    if (!done.moved && done.held) handlers.menu(done.key, done.start);
    else if (!done.moved && done.key !== null && more && !handlers.picking()) handlers.toggle(done.key);
    else if (!done.moved) handlers.click(done.key, at);
    else if (done.lasso !== null) handlers.lassoEnd(done.lasso);
    else if (done.key !== null && done.line) handlers.lineEnd(done.key, at);
    else if (done.key !== null && !handlers.picking()) handlers.dragEnd(done.key);
  });

  // A browser makes a mouse's press and click of it, which would take the focus from the menu.
  surface.addEventListener("touchend", (event) => {
    if (rested && event.cancelable) event.preventDefault();
    rested = false;
  }, { passive: false });

  surface.addEventListener("pointercancel", (event) => {
    clearTimeout(holding);
    pointers.delete(event.pointerId);
    gesture = null;
    handlers.cancel();
  });

  surface.addEventListener("pointerleave", (event) => {
    if (!pointers.has(event.pointerId)) handlers.hover(null, point(event));
  });

  surface.addEventListener("dblclick", (event) => {
    const key = handlers.hit(point(event));
    if (key !== null) handlers.doubleClick(key);
  });

  surface.addEventListener("wheel", (event) => {
    event.preventDefault();
    // Lines and pages as pixels; a pinch on a touchpad comes as a wheel with Ctrl, and fine.
    const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
    const delta = Math.max(-240, Math.min(240, event.deltaY * unit));
    handlers.zoom(point(event), Math.exp(-delta * (event.ctrlKey ? 0.01 : 0.0016)));
  }, { passive: false });

  /** @param {number} id @param {Point} before @param {Point} at */
  function pinch(id, before, at) {
    const other = [...pointers].find(([otherId]) => otherId !== id)?.[1];
    if (!other) return;
    const was = Math.hypot(before.x - other.x, before.y - other.y) || 1;
    const is = Math.hypot(at.x - other.x, at.y - other.y) || 1;
    handlers.zoom({ x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 }, is / was);
    handlers.pan((at.x - before.x) / 2, (at.y - before.y) / 2);
  }
}
