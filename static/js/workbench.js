/**
 * Puts the page together: all that is around the picture, and what the person does back to it.
 * Every part is given what it needs; nothing here is known to the parts. It comes when the
 * picture is there already (main.js).
 */

import { acting, showActing } from "./acting.js";
import * as address from "./address.js";
import { Announcer, announceNodes } from "./announce.js";
import { get } from "./api.js";
import { exportMenu } from "./export/menu.js";
import { Health } from "./health/panel.js";
import { faultActions } from "./faults/actions.js";
import { faultsOnThePage } from "./faults/index.js";
import { displayMenu } from "./display/menu.js";
import { followPreferences } from "./display/preferences.js";
import { startFinding } from "./finding/finding.js";
import { messagesPanel } from "./messages/panel.js";
import { Composer } from "./panel/composer.js";
import { paced, setAttribute } from "./panel/dom.js";
import { emptyState } from "./panel/empty.js";
import { legend } from "./panel/legend.js";
import { EVERY as NODES_EVERY, nodeList } from "./panel/node-list.js";
import { NodePanel } from "./panel/node-panel.js";
import { shape } from "./panel/shapes.js";
import { hoverTip } from "./panel/tip.js";
import { showToTests } from "./seen.js";
import { TEXTS, wordFor } from "./texts.js";
import { followTheme } from "./theme.js";
import { timeControls } from "./time/controls.js";
import { isArrow, nearest, nextThatWay } from "./walking.js";

/** @template {HTMLElement} [T=HTMLElement] @param {string} id @returns {T} */
const byId = (id) => /** @type {T} */ (document.getElementById(id));

/** @param {import("./main.js").Page} page */
export function furnish({ settings, model, clock, net, feed, time, selection, stage, side, waiting, picture }) {
  const announcer = new Announcer(byId("announcer"));
  const say = (/** @type {string} */ sentence) => announcer.say(sentence);
  const composer = new Composer({ form: byId("composer"), model, picture, say });

  // --- the side: the list of nodes, or one node --------------------------------------------

  const nodes = nodeList({ host: side.list, model, selection, waitingAt: (key) => waiting.of(key), open: (key) => open(key, true) });
  const panel = new NodePanel({
    host: side.node,
    model,
    say,
    now: () => time.now(),
    past: () => past(),
    actions: {
      back: () => {
        side.show("list");
        nodes.render();
        if (selection.node !== null) nodes.focusRow(selection.node);
      },
      send: (key) => composer.pick(key),
      broadcast: (key) => composer.broadcast(key),
      show: (key) => picture.focusNode(key),
      choose: (key) => open(key, false),
      breaking: () => finding.breaking,
    },
  });

  /**
   * Choose a node and show its panel.
   * @param {number} key
   * @param {boolean} focus whether the keyboard should go on there
   */
  function open(key, focus) {
    selection.chooseNode(key);
    settings.set("side", "open");
    side.show("node");
    picture.focusNode(key);
    if (focus) panel.focus();
  }

  // --- what the stream changes ----------------------------------------------------------------

  const showEmpty = emptyState(byId("empty"), model, net, say);
  const messages = messagesPanel({ host: byId("messages"), model, selection, settings, picture, time, address, get, say });
  const paintNodes = paced(() => {
    if (side.showing === "list") nodes.render();
  }, NODES_EVERY);
  const paintPanel = paced(() => {
    if (side.showing === "node") panel.render();
  }, NODES_EVERY);

  waiting.addEventListener("change", paintNodes);

  /** Another dashboard, or the same one after a restart, may have given out other keys. */
  let run = /** @type {string|null} */ (null);
  let chosenId = /** @type {string|null} */ (null);
  function adopt() {
    if (run !== null && run !== model.run && chosenId !== null) {
      const again = [...model.nodes.values()].find((node) => node.id === chosenId);
      composer.close();
      selection.chooseMessage(null);
      if (again === undefined) wanted = chosenId; // it will be found again in a moment
      selection.chooseNode(again?.key ?? null);
    }
    run = model.run;
  }

  // --- the selection, in every place -----------------------------------------------------------

  /** What the address asks for and is not here yet. */
  let wanted = address.wantedNode();
  function followAddress() {
    if (wanted === null) return;
    const node = model.byName(wanted) ?? [...model.nodes.values()].find((other) => other.id === wanted);
    if (node === undefined) return;
    wanted = null;
    selection.chooseNode(node.key);
    side.show("node");
  }
  addEventListener("hashchange", () => {
    wanted = address.wantedNode();
    if (wanted === null) selection.chooseNode(null);
    else followAddress();
  });

  const showChosen = () => {
    const key = selection.node;
    const node = key === null ? undefined : model.nodes.get(key);
    chosenId = node?.id ?? null;
    if (key !== null) wanted = null;
    if (key !== null || wanted === null) address.showInAddress(node?.name ?? null);
    panel.choose(key);
    if (key === null) side.show("list");
    nodes.render();
  };
  selection.addEventListener("node", showChosen);

  // --- the picture -------------------------------------------------------------------------------

  const hover = hoverTip(byId("tip"), stage, model);
  picture.addEventListener("select", (event) => {
    const { key } = /** @type {CustomEvent} */ (event).detail;
    if (key === null) selection.chooseNode(null);
    else open(key, false);
  });
  picture.addEventListener("hover", (event) => {
    const { key, x, y } = /** @type {CustomEvent} */ (event).detail;
    hover(key, x, y);
  });
  picture.addEventListener("picked", (event) => {
    const { from, to } = /** @type {CustomEvent} */ (event).detail;
    composer.write(from, to);
  });
  picture.addEventListener("pickcancelled", () => {
    if (composer.step === "pick") composer.close();
  });
  composer.addEventListener("step", (event) => {
    const { step, had } = /** @type {CustomEvent} */ (event).detail;
    if (step === "closed" && had) stage.focus({ preventScroll: true });
  });

  stage.addEventListener("keydown", (event) => {
    if (isArrow(event.key) && !event.shiftKey) {
      event.preventDefault();
      walk(event.key);
    } else if (event.key === "Enter" && selection.node !== null) {
      event.preventDefault();
      open(selection.node, true);
    }
  });

  /** @param {string} arrow */
  function walk(arrow) {
    const places = new Map();
    for (const key of model.nodes.keys()) {
      const place = picture.screenPosition(key);
      if (place !== null) places.set(key, place);
    }
    const here = selection.node === null ? undefined : places.get(selection.node);
    const middle = { x: stage.clientWidth / 2, y: stage.clientHeight / 2 };
    const next = here === undefined ? nearest(places, middle) : nextThatWay(places, here, arrow);
    const node = next === null ? undefined : model.nodes.get(next);
    if (next === null || node === undefined) return;
    open(next, false);
    say(TEXTS.picture.walked(node.name, wordFor(TEXTS.states, node.state), node.links));
  }

  const actions = faultActions();
  const faults = faultsOnThePage({ model, picture, selection, say, now: () => time.now(), breaking: panel, actions });

  // --- choices, keys, buttons ----------------------------------------------------------------------

  const past = () => (time.mode === "past" ? { at: time.now(), run: time.run } : null);
  const health = new Health({ opener: byId("health-line"), stage, model, net, picture, clock, settings, past });
  health.addEventListener("seek", (event) => void time.seek(/** @type {CustomEvent} */ (event).detail.at));
  time.addEventListener("change", () => health.moved());
  const toggleExport = exportMenu({ button: byId("export"), picture, model, clock, say, past });
  const themeButton = byId("theme");
  const theme = followTheme(settings, (now) => {
    themeButton.replaceChildren(shape(now === "dark" ? "sun" : "moon"));
    setAttribute(themeButton, "aria-label", now === "dark" ? TEXTS.theme.toLight : TEXTS.theme.toDark);
    picture.refreshTheme();
    health.refresh();
    messages.refreshTheme();
  });

  followPreferences(settings, () => {
    picture.refreshTheme();
    health.refresh();
    messages.refreshTheme();
  });
  displayMenu(byId("display"), settings);

  const timed = timeControls({ time, feed, model, picture, selection, composer, clock, net, say });
  const finding = startFinding({
    model, picture, selection, settings, composer, net, stage, say, open,
    find: () => {
      settings.set("side", "open");
      side.show("list");
      nodes.render();
      nodes.find.focus();
      nodes.find.select();
    },
    actions,
    mayNot: () => (acting.allowed ? "" : acting.why),
    selected: () => [...faults.chosen.keys],
    toggleTheme: () => theme.toggle(),
    escape: () => {
      if (composer.step !== "closed") composer.close();
      else if (faults.escape()) return;
      else if (selection.message !== null) selection.chooseMessage(null);
      else if (selection.node !== null) selection.chooseNode(null);
      else if (finding.tour.on) finding.tour.end();
      else if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    },
  });
  finding.commands.add(...timed.commands, ...messages.commands, ...faults.keys,
    { id: "health:panel", group: TEXTS.groups.drawn, keys: ["h"], ...TEXTS.commands.health, run: () => health.toggle() },
    { id: "health:cuts", group: TEXTS.groups.drawn, ...TEXTS.commands.cuts, run: () => void settings.next("cuts") },
    { id: "export:menu", group: TEXTS.groups.page, keys: ["e"], ...TEXTS.commands.export, run: () => toggleExport() });
  void faults.commands.then(finding.addActs);
  showActing(document.documentElement, byId("bar"));
  legend(byId("legend"), settings, model);
  byId("fit").addEventListener("click", () => picture.fit());
  themeButton.addEventListener("click", () => theme.toggle());
  announceNodes(model, announcer);
  const tellPhase = () => {
    if (net.phase === "waiting") {
      acting.forget(); // a dashboard that was started anew has another token
      say(TEXTS.connection.toldLost(net.reason));
    } else if (net.phase === "live") {
      say(TEXTS.connection.toldLive);
    }
  };
  net.addEventListener("change", tellPhase);
  tellPhase();

  showToTests({
    model, net, picture, selection, health, faults, tour: finding.tour, time: timed.seen, messages: () => messages.state(),
  });
  showEmpty();
  nodes.render();
  if (selection.node !== null) { // chosen while all this was on its way
    showChosen();
    open(selection.node, false);
  }
  model.follow((change) => {
    if (change.snapshot) adopt();
    if (change.nodes) {
      showEmpty();
      paintNodes();
      followAddress();
    }
    if (change.nodes || change.links) paintPanel();
    composer.render();
  });
  performance.mark("p2p-workbench");
  dispatchEvent(new Event("p2p-started")); // early-retry.js may rest
}
