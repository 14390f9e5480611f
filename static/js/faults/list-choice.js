/**
 * Choosing several nodes in the list, without the picture: a box at each row, Shift with the arrow
 * keys to take along, Space with Shift for one. The boxes are there for who points at the list or
 * works in it, and for everybody as long as somebody is chosen.
 *
 * The rows are the list's own; this only adds to them, as they come.
 */

import { el, setAttribute } from "../panel/dom.js";
import { TEXTS } from "../texts.js";

/** @param {{host: HTMLElement, chosen: import("./chosen.js").Chosen}} parts */
export function listChoice({ host, chosen }) {
  const list = host.querySelector(".node-list");
  if (list === null) return;
  /** The row that was ticked last: Shift ticks all up to it. @type {number|null} */
  let last = null;
  const keyOf = (/** @type {Element|null} */ row) => Number(/** @type {HTMLElement|null} */ (row?.querySelector(".node-row"))?.dataset.key);
  const rows = () => [...list.children].map(keyOf);

  const dress = () => {
    for (const row of list.children) {
      const key = keyOf(row);
      let box = /** @type {HTMLInputElement|null} */ (row.querySelector(".node-tick"));
      if (box === null) {
        box = el("input", { type: "checkbox", class: "node-tick", tabindex: "-1" });
        row.prepend(box);
      }
      const name = row.querySelector(".node-name")?.textContent ?? "";
      setAttribute(box, "aria-label", TEXTS.chosen.choose(name));
      box.checked = chosen.has(key);
    }
    host.classList.toggle("choosing", chosen.size > 0);
  };

  list.addEventListener("click", (event) => {
    const box = /** @type {HTMLElement} */ (event.target);
    if (!(box instanceof HTMLInputElement)) return;
    const key = keyOf(box.closest("li"));
    const all = rows();
    if (/** @type {MouseEvent} */ (event).shiftKey && last !== null && all.includes(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(key)].sort((a, b) => a - b);
      chosen.add(all.slice(from, to + 1));
    } else chosen.toggle(key);
    last = key;
    dress();
  });
  // Before the list's own arrows move the focus.
  list.addEventListener("keydown", (/** @type {any} */ event) => {
    const row = event.target.closest?.("li");
    if (!event.shiftKey || !row) return;
    const next = event.key === "ArrowDown" ? row.nextElementSibling : event.key === "ArrowUp" ? row.previousElementSibling : null;
    if (next) chosen.add([keyOf(row), keyOf(next)]);
    else if (event.key === " ") {
      event.preventDefault(); // a press of the row would open the node
      chosen.toggle(keyOf(row));
      last = keyOf(row);
    }
  }, { capture: true });
  list.addEventListener("keyup", (/** @type {any} */ event) => {
    if (event.key === " " && event.shiftKey && event.target.closest?.(".node-row")) event.preventDefault();
  });
  new MutationObserver(dress).observe(list, { childList: true });
  chosen.addEventListener("change", dress);
  dress();
}
