/**
 * What a hand does on the picture, told as intentions.
 *
 * Pointer events cover mouse, pen and finger alike. One pointer on a node drags it, on the
 * field pans; two pointers pinch; the wheel zooms. With Shift, or while a receiver is looked
 * for, a drag from a node draws a line to another; a drag from the field with Shift or Alt is a
 * lasso. Less than a few pixels of movement is a
 * click.
 *
 * Nothing is decided here about what a click means: the handlers do that.
 *
 * @typedef {import("./model.js").Key} Key
 * @typedef {{x: number, y: number}} Point  CSS pixels in the stage
 *
 * @typedef {object} Handlers
 * @property {(at: Point) => Key|null} hit  the node at a point
 * @property {(key: Key|null, at: Point) => void} hover
 * @property {(key: Key|null) => void} click
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
 */

import { howOf } from "./faults/lasso.js";

/** Less movement than this is a click, CSS pixels: fingers tremble more than mice. */
const CLICK = { mouse: 4, pen: 6, touch: 10 };

/**
 * @param {HTMLElement} surface
 * @param {Handlers} handlers
 */
export function listen(surface, handlers) {
  /** @type {Map<number, Point>} */
  const pointers = new Map();
  /** @type {{key: Key|null, start: Point, last: Point, moved: boolean, line: boolean, lasso: import("./faults/lasso.js").How|null}|null} */
  let gesture = null;

  /** @param {MouseEvent} event @returns {Point} */
  const point = (event) => {
    const { left, top } = surface.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };

  surface.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse" && event.button !== 0) return;
    const at = point(event);
    pointers.set(event.pointerId, at);
    surface.setPointerCapture(event.pointerId);
    if (pointers.size > 1) {
      if (gesture?.moved && gesture.key !== null) handlers.cancel();
      gesture = null; // two fingers: a pinch, not a click
      return;
    }
    const key = handlers.hit(at);
    const tool = handlers.lassoing();
    const lasso = (tool || key === null) && !handlers.picking() ? howOf(event, tool) : null;
    gesture = { key, start: at, last: at, moved: false, line: event.shiftKey, lasso };
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
    if (gesture.lasso !== null) handlers.lasso(at);
    else if (gesture.key === null) handlers.pan(at.x - gesture.last.x, at.y - gesture.last.y);
    else if (gesture.line) handlers.line(gesture.key, at);
    else if (!handlers.picking()) handlers.drag(gesture.key, at);
    gesture.last = at;
  });

  surface.addEventListener("pointerup", (event) => {
    const at = point(event);
    pointers.delete(event.pointerId);
    const done = gesture;
    gesture = null;
    if (!done || pointers.size > 0) return;
    if (!done.moved && done.key !== null && !handlers.picking() && (event.shiftKey || event.ctrlKey || event.metaKey || handlers.lassoing())) handlers.toggle(done.key);
    else if (!done.moved) handlers.click(done.key);
    else if (done.lasso !== null) handlers.lassoEnd(done.lasso);
    else if (done.key !== null && done.line) handlers.lineEnd(done.key, at);
    else if (done.key !== null && !handlers.picking()) handlers.dragEnd(done.key);
  });

  surface.addEventListener("pointercancel", (event) => {
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
