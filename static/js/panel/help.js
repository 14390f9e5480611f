/**
 * The help sheet: what is seen, what can be done, and with which key. What can be done comes from
 * the one table of commands, so that it is never wrong.
 */

import { IN_PLACE, caps } from "../keys.js";
import { el } from "./dom.js";
import { shape } from "./shapes.js";

/**
 * @param {HTMLDialogElement} dialog
 * @param {import("../finding/commands.js").Commands} commands
 * @param {() => void} tour  starts the guided tour
 * @returns {() => void} opens it
 */
export function helpDialog(dialog, commands, tour) {
  const close = el("button", { type: "button", class: "button icon-button quiet-button", "aria-label": "Close", on: { click: () => dialog.close() } }, shape("close"));
  const again = el("button", { type: "button", class: "button", id: "tour-again", text: "Take the tour", on: { click: () => {
    dialog.close();
    tour();
  } } });
  const keys = el("div", { class: "help-keys" });
  dialog.tabIndex = -1;
  dialog.append(
    el("header", { class: "help-head" }, el("h2", { id: "help-title", text: "What you see, what you can do" }), el("div", { class: "help-head-buttons" }, again, close)),
    el("div", { class: "help-body" },
      el("section", {},
        el("p", { text: "Every disc is a real program, a node. A line is a link: the two keep a connection and tell each other about the rest. Every dot is one real message, drawn a little slower than it travels." }),
        el("h3", { text: "Send a message" }),
        el("ol", {},
          el("li", { text: "Click a node, then “Send”." }),
          el("li", { text: "Click the node that should get it, or type its name." }),
          el("li", { text: "Type, Enter. Watch it go. It stands in the receiver’s inbox." })),
        el("p", { text: "Quicker: hold Alt (or Shift) and drag from one node to another. On a touch screen rest a finger on the node first, then draw." }),
        el("p", { text: "A node that is down gets it when it returns. Until then it waits at its sender, with a small number beside it." }),
        el("h3", { text: "Everything else" }),
        el("p", {}, "The right button on a node, on a link or on the ground (a finger that rests there, Shift+F10) lists what can be done to it. ",
          ...caps("Mod+K").flatMap((cap) => [el("kbd", { text: cap }), " "]), "finds every act and every node: type a few letters."),
        el("h3", { text: "Look around" }),
        el("p", { text: "The timeline under the picture goes to any moment of the run: press it, drag along it. What is shown then is what was, framed in another colour; “Go live” comes back. Choose a message and press w to follow it in slow motion." }),
        el("p", { text: "The wheel, or two fingers, zoom; dragging the ground moves the picture, dragging a node pins it, a double click lets it go. A click on a message, in the list or as it flies, shows the path that it took, hop by hop." }),
        el("p", { text: "The filter of the messages takes from:node7, state:lost, hops>2, detour and more (its ? tells). “Only these” lights their ways in the picture; “Space–time” draws one line for each node and one arrow for each hop." })),
      el("section", { class: "help-all", "aria-label": "Keys" }, keys)),
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
      table("Where the focus is", IN_PLACE.map(({ keys: pressed, what }) => ({ keys: pressed, what }))));
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
      el("div", {}, el("dt", { text: `${what.charAt(0).toUpperCase()}${what.slice(1)}` }), el("dd", {}, ...keys.map((key) => el("kbd", { text: key })))))));
}
