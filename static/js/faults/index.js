/**
 * Faults on the page, put together: several nodes chosen by hand, what is done to them, what is
 * broken and until when, and how that looks.
 *
 * What others read: `commands`, what can be done to several nodes and to the network (`acts.js`);
 * `chosen`, the nodes that are chosen together; `refused`, why nothing can be broken from here, or
 * null; `keys` for the help.
 */

import { get, post, remove } from "../api.js";
import { el, paced } from "../panel/dom.js";
import { TEXTS } from "../texts.js";
import { atSeveral, commands } from "./acts.js";
import { BrokenList } from "./broken-list.js";
import { Chosen } from "./chosen.js";
import { listChoice } from "./list-choice.js";
import { faultLegend } from "./legend.js";
import { SelectionBar } from "./selection-bar.js";
import { sign } from "./signs.js";
import { standing } from "./standing.js";

/** Milliseconds between two looks at what stands, while faults come in one by one. */
const EVERY = 100;

/**
 * @param {{model: import("../model.js").Model, picture: import("../picture.js").Picture,
 *   selection: import("../selection.js").Selection, say: (sentence: string) => void,
 *   now: () => number, breaking: {forbid: (why: string|null) => void},
 *   actions: Promise<import("./actions.js").Action[]>}} parts
 */
export function faultsOnThePage({ model, picture, selection, say, now, breaking, actions }) {
  const chosen = new Chosen();
  const table = commands(post, remove);
  const area = /** @type {HTMLElement} */ (document.querySelector(".stage-area"));
  const stage = /** @type {HTMLElement} */ (document.getElementById("stage"));
  const barHost = el("section", { class: "chosen-bar", id: "chosen-bar", "aria-label": TEXTS.chosen.title, hidden: true });
  const brokenHost = el("section", { class: "broken", id: "broken", "aria-label": TEXTS.broken.title, hidden: true });
  area.append(barHost, brokenHost);
  const bar = new SelectionBar({ host: barHost, model, chosen, commands: table, say, post });
  const heal = /** @type {import("./acts.js").Command} */ (table.find(({ id }) => id === "heal"));
  const more = actions.then((known) => atSeveral(known, post), () => []); // a replay has nobody to break
  void more.then((acts) => bar.add(acts));
  const broken = new BrokenList({ host: brokenHost, bar: /** @type {HTMLElement} */ (document.querySelector(".bar-buttons")), now, say, remove, heal, show: (keys) => chosen.set(keys) });
  const legend = faultLegend(/** @type {HTMLElement} */ (document.getElementById("legend")));
  const tool = lassoButton(picture, area);
  listChoice({ host: /** @type {HTMLElement} */ (document.getElementById("nodes-panel")), chosen });

  const state = { refused: /** @type {string|null} */ (null), standing: standing(model) };
  const paint = paced(() => {
    state.standing = standing(model);
    picture.showFaults(state.standing);
    broken.render(state.standing.entries);
    legend(state.standing.signs);
  }, EVERY);
  model.follow((change) => {
    if (change.nodes) chosen.keep((key) => model.nodes.has(key));
    if (change.nodes && chosen.size > 0) bar.render();
    // Where a link comes or goes, what is wrong with it comes or goes too.
    if (change.faults || ((change.links || change.nodes) && (model.faults.size > 0 || state.standing.entries.length > 0))) paint();
  });

  chosen.addEventListener("change", () => {
    picture.choose(chosen.keys);
    if (chosen.size > 0 && picture.lassoing) tool.off();
  });
  picture.addEventListener("lasso", (event) => {
    const { keys } = /** @type {CustomEvent} */ (event).detail;
    chosen.set(keys);
    say(chosen.size === 0 ? TEXTS.chosen.none : TEXTS.chosen.told(chosen.size));
  });
  picture.addEventListener("toggle", (event) => chosen.toggle(/** @type {CustomEvent} */ (event).detail.key));
  picture.addEventListener("fieldclick", () => chosen.clear());

  // The arrows go from node to node; Space with Shift takes the one that is open along, or leaves it.
  stage.addEventListener("keydown", (event) => {
    if (event.key !== " " || !event.shiftKey || selection.node === null) return;
    event.preventDefault(); // alone it pauses
    chosen.toggle(selection.node);
    say((chosen.has(selection.node) ? TEXTS.chosen.took : TEXTS.chosen.left)(model.nodes.get(selection.node)?.name ?? TEXTS.chosen.it));
  });

  // Before anything can be pressed: what the dashboard says of faults here.
  void get("/api/faults").then(({ refused }) => {
    state.refused = typeof refused === "string" ? refused : null;
    bar.allow(state.refused === null);
    broken.allow(state.refused === null);
    breaking.forbid(state.refused);
  }, () => {}); // who cannot be asked will say so at the first press

  return {
    commands: more.then((acts) => [...table, ...acts]),
    chosen,
    get refused() { return state.refused; },
    get standing() { return state.standing; },
    /** @type {import("../finding/commands.js").Command[]} */
    keys: [{ id: "lasso", group: TEXTS.groups.find, on: "picture", keys: ["o"], ...TEXTS.commands.lasso, run: () => tool.press() }],
    /** Esc: one step back; false where there was nothing to undo. */
    escape() {
      if (picture.lassoing) tool.off();
      else if (!bar.back()) {
        if (chosen.size === 0) return false;
        chosen.clear();
      }
      return true;
    },
  };
}

/** @param {import("../picture.js").Picture} picture @param {HTMLElement} area */
function lassoButton(picture, area) {
  const button = el("button", { type: "button", class: "button icon-button lasso-button", id: "lasso", "aria-label": TEXTS.chosen.lasso, "aria-pressed": "false",
    title: TEXTS.chosen.lassoWhat, on: { click: () => press() } }, sign("lasso"));
  area.append(button);
  const show = (/** @type {boolean} */ on) => {
    picture.lassoing = on;
    button.setAttribute("aria-pressed", String(on));
  };
  const press = () => show(!picture.lassoing);
  return { press, off: () => show(false) };
}
