/**
 * The side of the page: either the list of nodes or one node, and foldable (frame.js).
 */

import { el, setAttribute } from "./dom.js";
import { TEXTS } from "../texts.js";
import { shape } from "./shapes.js";

export class SidePanel {
  /** @type {"list"|"node"} */
  showing = "list";
  list = el("div", { class: "side-view" });
  node = el("div", { class: "side-view node-panel", hidden: true });

  /**
   * @param {HTMLElement} host
   * @param {import("../settings.js").Settings} settings
   */
  constructor(host, settings) {
    const fold = el("button", { type: "button", class: "button icon-button quiet-button side-fold", on: { click: () => settings.next("side") } }, shape("fold"));
    host.append(fold, this.list, this.node);
    const show = () => {
      const folded = settings.get("side") === "folded";
      setAttribute(fold, "aria-expanded", String(!folded));
      const words = folded ? TEXTS.side.show : TEXTS.side.fold;
      setAttribute(fold, "aria-label", words);
      fold.title = words;
    };
    settings.addEventListener("change", show);
    show();
  }

  /** @param {"list"|"node"} which */
  show(which) {
    this.showing = which;
    this.list.hidden = which !== "list";
    this.node.hidden = which !== "node";
  }
}
