/**
 * The help sheet: what is seen, what can be done, and with which key. What can be done comes from
 * the one table of commands, so that it is never wrong.
 */

import { IN_PLACE, caps } from "../keys.js";
import { TEXTS } from "../texts.js";
import { el, setApart } from "./dom.js";
import { shape } from "./shapes.js";

/**
 * @param {HTMLDialogElement} dialog
 * @param {import("../finding/commands.js").Commands} commands
 * @param {() => void} tour  starts the guided tour
 * @returns {() => void} opens it
 */
export function helpDialog(dialog, commands, tour) {
  const close = el("button", { type: "button", class: "button icon-button quiet-button", "aria-label": TEXTS.help.close, on: { click: () => dialog.close() } }, shape("close"));
  const again = el("button", { type: "button", class: "button", id: "tour-again", text: TEXTS.help.tour, on: { click: () => {
    dialog.close();
    tour();
  } } });
  const keys = el("div", { class: "help-keys" });
  dialog.tabIndex = -1;
  dialog.append(
    el("header", { class: "help-head" }, el("h2", { id: "help-title", text: TEXTS.help.title }), el("div", { class: "help-head-buttons" }, again, close)),
    el("div", { class: "help-body" },
      el("section", {},
        el("p", { text: TEXTS.help.intro }),
        el("h3", { text: TEXTS.help.sending }),
        el("ol", {}, ...TEXTS.help.sendingSteps.map((text) => el("li", { text }))),
        el("p", { text: TEXTS.help.quicker }),
        el("p", { text: TEXTS.help.down }),
        el("h3", { text: TEXTS.help.everything }),
        el("p", {}, ...setApart(TEXTS.help.menus, (keyed) => caps(keyed).flatMap((cap, at) => [at === 0 ? "" : " ", el("kbd", { text: cap })]))),
        el("h3", { text: TEXTS.help.looking }),
        el("p", { text: TEXTS.help.timeline }),
        el("p", { text: TEXTS.help.picture }),
        el("p", { text: TEXTS.help.messages })),
      el("section", { class: "help-all", "aria-label": TEXTS.help.keys }, keys)),
  );
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // the ground around it
  });

  const fill = () => {
    const keyed = commands.all().filter((command) => (command.keys ?? []).length > 0);
    const groups = Map.groupBy(keyed, ({ group }) => group);
    keys.replaceChildren(
      ...[...groups].map(([group, those]) => table(group, those.map((command) => ({
        keys: caps(/** @type {readonly string[]} */ (command.keys)[0]), what: commands.title(command),
      })))),
      table(TEXTS.keys.inPlace, IN_PLACE.map(({ keys: pressed, what }) => ({ keys: pressed, what }))));
  };
  return () => {
    if (dialog.open) return;
    fill(); // now: other parts of the page may have added to it
    dialog.showModal();
    dialog.focus(); // and not its first button
    dialog.scrollTop = 0;
  };
}

/** @param {string} title @param {{keys: readonly string[], what: string}[]} rows */
function table(title, rows) {
  return el("div", { class: "help-group" }, el("h3", { text: title }),
    el("dl", { class: "keys" }, ...rows.map(({ keys, what }) =>
      el("div", {}, el("dt", { text: TEXTS.capital(what) }), el("dd", {}, ...keys.map((key) => el("kbd", { text: key })))))));
}
