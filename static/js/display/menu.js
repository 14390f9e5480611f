/**
 * A small menu of how the page looks: colours, contrast, size. It hangs on a button of the
 * bar; radio buttons, so that arrow keys choose and each choice is seen at once.
 */

import { el, setAttribute } from "../panel/dom.js";
import { shape } from "../panel/shapes.js";
import { TEXTS } from "../texts.js";

/** The settings, their values, and what they are called. */
const GROUPS = /** @type {const} */ ([
  { name: "theme", values: ["system", "light", "dark"] },
  { name: "contrast", values: ["system", "more", "normal"] },
  { name: "size", values: ["normal", "projector"] },
]);

/**
 * @param {HTMLButtonElement} button
 * @param {import("../settings.js").Settings} settings
 */
export function displayMenu(button, settings) {
  const words = TEXTS.display;
  const menu = el("div", { class: "display-menu", id: "display-menu", popover: "auto", role: "dialog", "aria-label": words.title });
  button.append(shape("display"));
  setAttribute(button, "aria-label", words.title);
  button.title = words.title;
  button.popoverTargetElement = menu;
  button.after(menu);

  for (const { name, values } of GROUPS) {
    const radios = values.map((value) => el("input", {
      type: "radio", name: `display-${name}`, value, on: { change: () => settings.set(name, value) },
    }));
    menu.append(el("fieldset", { class: "display-group" }, el("legend", { text: words[name].title }),
      ...radios.map((radio, at) => el("label", { class: "display-choice" }, radio,
        el("span", { text: /** @type {Record<string, string>} */ (words[name].values)[values[at]] })))));
    const show = () => {
      const now = settings.get(name) ?? "system";
      for (const radio of radios) radio.checked = radio.value === now;
      // Opening moves the focus there at once; `toggle` comes later, and a key pressed before it
      // would be the page's.
      if (name === "theme") for (const radio of radios) radio.autofocus = radio.checked;
    };
    settings.addEventListener("change", show);
    show();
  }

  // Esc closes this and nothing behind it; letters are not the page's keys here.
  menu.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    event.stopPropagation();
    if (event.key !== "Escape") return;
    event.preventDefault();
    menu.hidePopover();
    button.focus();
  });
}
