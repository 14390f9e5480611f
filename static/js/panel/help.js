/**
 * The help dialog: what is seen, what can be done, and the keys (from the same table that
 * `keys.js` obeys, so that it is never wrong).
 */

import { el } from "./dom.js";
import { shape } from "./shapes.js";

/**
 * @param {HTMLDialogElement} dialog
 * @param {readonly {key: string, what: string}[]} keys
 */
export function helpDialog(dialog, keys) {
  const close = el("button", { type: "button", class: "button icon-button quiet-button", "aria-label": "Close", on: { click: () => dialog.close() } }, shape("close"));
  dialog.append(
    el("header", { class: "help-head" }, el("h2", { id: "help-title", text: "What you see, what you can do" }), close),
    el("div", { class: "help-body" },
      el("section", {},
        el("p", { text: "Every disc is a real program, a node. A line is a link: the two keep a connection and tell each other about the rest. Every dot is one real message, drawn a little slower than it travels." }),
        el("h3", { text: "Send a message" }),
        el("ol", {},
          el("li", { text: "Click a node, then “Send” (or press s)." }),
          el("li", { text: "Click the node that should get it, or type its name." }),
          el("li", { text: "Type, Enter. Watch it go. It stands in the receiver’s inbox." })),
        el("p", { text: "A node that is down gets it when it returns. Until then it waits at its sender, with a small number beside it; the sender’s panel says why, and can try again or drop it." }),
        el("p", { text: "Quicker: hold Shift and drag from one node to another." }),
        el("p", { text: "“Broadcast” (or b) sends to everybody: squares show the tree that it takes, one for each hop." }),
        el("h3", { text: "Look around" }),
        el("p", { text: "The timeline under the picture goes to any moment of the run: press it, drag along it. What is shown then is what was, framed in another colour; “Go live” comes back. Choose a message and press w to follow it in slow motion." }),
        el("p", { text: "The wheel zooms, dragging the ground moves the picture, dragging a node pins it. A click on a message, in the list or as it flies, shows the path that it took, hop by hop." }),
        el("p", { text: "The filter of the messages takes from:node7, state:lost, hops>2, detour and more (its ? tells). “Only these” lights their ways in the picture; “Space–time” draws one line for each node and one arrow for each hop." })),
      el("section", {},
        el("h3", { text: "Keys" }),
        el("table", { class: "keys" }, el("tbody", {}, ...keys.map(({ key, what }) =>
          el("tr", {}, el("th", { scope: "row" }, ...key.split(" ").map((part) => el("kbd", { text: part }))), el("td", { text: what }))))))),
  );
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // the ground around it
  });
  return () => {
    if (!dialog.open) dialog.showModal();
  };
}
