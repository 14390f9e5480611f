/**
 * The menu of a node, of a link, or of the picture: by the right button, by a finger that rests,
 * by Shift+F10 or the menu key. What stands in it are the commands on such a thing, with their
 * keys (WAI-ARIA Authoring Practices, "Menu").
 */

import { caps } from "../keys.js";
import { el } from "../panel/dom.js";
import { nodeShape, shape } from "../panel/shapes.js";
import { TEXTS } from "../texts.js";

/** Free room between the menu and the window's edge, CSS pixels. */
const EDGE = 8;

/**
 * @param {object} parts
 * @param {HTMLElement} parts.menu
 * @param {import("./commands.js").Commands} parts.commands
 * @param {import("../model.js").Model} parts.model
 * @param {HTMLElement} parts.stage  where the focus goes afterwards
 */
export function contextMenu({ menu, commands, model, stage }) {
  /** @type {HTMLElement|null} */
  let back = null;

  const items = () => /** @type {HTMLElement[]} */ ([...menu.querySelectorAll("[role=menuitem]")]);

  /** @param {boolean} [refocus] */
  const close = (refocus = true) => {
    if (menu.hidden) return;
    menu.hidden = true;
    menu.replaceChildren();
    if (refocus) (back ?? stage).focus({ preventScroll: true });
    back = null;
  };

  /** @param {import("./commands.js").Target} target */
  const head = (target) => {
    const name = (/** @type {number|undefined} */ key) => model.nodes.get(key ?? -1)?.name ?? "?";
    if (target.on === "picture") return null;
    if (target.on === "link") return [TEXTS.palette.link(name(target.link?.a), name(target.link?.b))];
    if (target.on === "selection") return [TEXTS.menu.selection(target.nodes?.length ?? 0)];
    const node = model.nodes.get(target.node ?? -1);
    return node === undefined ? ["?"] : [shape(nodeShape(node)), node.name];
  };

  /**
   * @param {import("./commands.js").Target} target
   * @param {{x: number, y: number}} at  in the window
   */
  const open = (target, at) => {
    const shortOf = (/** @type {import("./commands.js").Command} */ command) =>
      (typeof command.short === "function" ? command.short(target) : command.short ?? commands.title(command, target));
    back = document.activeElement instanceof HTMLElement && document.activeElement !== document.body ? document.activeElement : null;
    if (back !== null && menu.contains(back)) back = null;
    const title = head(target);
    let group = "";
    menu.replaceChildren(...(title === null ? [] : [el("p", { class: "menu-head", "aria-hidden": "true" }, ...title)]),
      ...commands.on(target.on).flatMap((command) => {
        const cannot = commands.cannot(command, target);
        const item = el("button", {
          type: "button", class: "menu-item", role: "menuitem", tabindex: "-1", "data-command": command.id,
          "aria-disabled": cannot === "" ? null : "true", title: cannot || null, "data-asks": command.asks === undefined ? null : true,
          on: {
            click: () => {
              if (cannot !== "") return;
              close();
              void commands.run(command, target);
            },
            pointerenter: (/** @type {PointerEvent} */ event) => {
              if (event.pointerType === "mouse") item.focus({ preventScroll: true });
            },
          },
        }, el("span", { class: "menu-title", text: shortOf(command) }),
        command.keys?.[0] === undefined ? null : el("span", { class: "menu-keys", "aria-hidden": "true" }, ...caps(command.keys[0]).map((cap) => el("kbd", { text: cap }))));
        const ruled = group !== "" && group !== command.group;
        group = command.group;
        return ruled ? [el("div", { class: "menu-rule", role: "separator" }), item] : [item];
      }));
    menu.setAttribute("aria-label", TEXTS.menu.title(title === null ? TEXTS.menu.picture : menu.querySelector(".menu-head")?.textContent ?? ""));
    menu.hidden = false;
    const { offsetWidth: wide, offsetHeight: high } = menu;
    const left = at.x + wide + EDGE > innerWidth ? Math.max(EDGE, at.x - wide) : at.x;
    const top = Math.max(EDGE, Math.min(at.y, innerHeight - high - EDGE));
    menu.style.left = `${left}px`;
    menu.style.top = `${top}px`;
    menu.scrollTop = 0;
    items()[0]?.focus({ preventScroll: true });
  };

  menu.addEventListener("keydown", (event) => {
    const all = items();
    const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const to = { ArrowDown: (at + 1) % all.length, ArrowUp: (at - 1 + all.length) % all.length, Home: 0, End: all.length - 1 }[event.key];
    if (to !== undefined) all[to].focus();
    else if (event.key === "Escape" || event.key === "Tab") close();
    else if (event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey) {
      // The next one that begins so.
      const letter = event.key.toLowerCase();
      const order = [...all.slice(at + 1), ...all.slice(0, at + 1)];
      order.find((item) => item.textContent?.toLowerCase().startsWith(letter))?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  menu.addEventListener("contextmenu", (event) => event.preventDefault());
  addEventListener("pointerdown", (event) => {
    if (!menu.hidden && !menu.contains(/** @type {Node} */ (event.target))) close(false);
  }, true);
  addEventListener("keydown", (event) => {
    if (menu.hidden || event.key !== "Escape" || menu.contains(/** @type {Node} */ (event.target))) return;
    event.preventDefault(); // wherever the focus is: Esc closes what lies on top
    event.stopPropagation();
    close(false);
  }, true);
  addEventListener("resize", () => close(false));
  stage.addEventListener("wheel", () => close(false), { passive: true });

  return { open, close };
}
