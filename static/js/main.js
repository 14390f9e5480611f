/**
 * Puts the page together: stream → model → picture and panels, and what the person does
 * back to them. Every part is given what it needs; nothing here is known to the parts.
 */

import { acting, showActing } from "./acting.js";
import * as address from "./address.js";
import { Announcer, announceNodes } from "./announce.js";
import { get } from "./api.js";
import { Clock } from "./clock.js";
import { exportMenu } from "./export/menu.js";
import { Health } from "./health/panel.js";
import { faultActions } from "./faults/actions.js";
import { faultsOnThePage } from "./faults/index.js";
import { displayMenu } from "./display/menu.js";
import { followPreferences } from "./display/preferences.js";
import { startFinding } from "./finding/finding.js";
import { messagesPanel } from "./messages/panel.js";
import { Model } from "./model.js";
import { Net } from "./net.js";
import { Composer } from "./panel/composer.js";
import { connectionPanel } from "./panel/connection.js";
import { paced, setAttribute } from "./panel/dom.js";
import { emptyState } from "./panel/empty.js";
import { legend } from "./panel/legend.js";
import { EVERY as NODES_EVERY, nodeList } from "./panel/node-list.js";
import { NodePanel } from "./panel/node-panel.js";
import { shape } from "./panel/shapes.js";
import { SidePanel } from "./panel/side-panel.js";
import { EVERY as STATE_EVERY, stateLine } from "./panel/state-line.js";
import { hoverTip } from "./panel/tip.js";
import { Picture } from "./picture.js";
import { Selection } from "./selection.js";
import { Settings } from "./settings.js";
import { TEXTS, wordFor } from "./texts.js";
import { followTheme } from "./theme.js";
import { timeControls } from "./time/controls.js";
import { Feed } from "./time/feed.js";
import { Tape } from "./time/tape.js";
import { Time } from "./time/time.js";
import { Waiting } from "./waiting.js";
import { isArrow, nextThatWay } from "./walking.js";

/** @template {HTMLElement} [T=HTMLElement] @param {string} id @returns {T} */
const byId = (id) => /** @type {T} */ (document.getElementById(id));

const settings = new Settings();
const model = new Model();
const clock = new Clock();
const feed = new Feed(model);
const net = new Net(feed, clock);
net.start(); // the way to the dashboard is long: the page is put together meanwhile
const time = new Time({ clock, model, feed, tape: new Tape() });
const selection = new Selection();
const stage = byId("stage");
const announcer = new Announcer(byId("announcer"));
const say = (/** @type {string} */ sentence) => announcer.say(sentence);
const waiting = new Waiting({ model });
const picture = new Picture({ stage, model, time, waiting });
const composer = new Composer({ form: byId("composer"), model, picture, say });

// --- the side: the list of nodes, or one node --------------------------------------------

const side = new SidePanel(byId("nodes-panel"), settings);
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

const showState = stateLine({ line: byId("state-line"), counts: byId("counts"), forming: byId("forming"), model });
const showEmpty = emptyState(byId("empty"), model, net, say);
const messages = messagesPanel({ host: byId("messages"), model, selection, settings, picture, time, address, get, say });
const paintState = paced(showState, STATE_EVERY);
const paintNodes = paced(() => {
  if (side.showing === "list") nodes.render();
}, NODES_EVERY);
const paintPanel = paced(() => {
  if (side.showing === "node") panel.render();
}, NODES_EVERY);

model.addEventListener("change", (event) => {
  const change = /** @type {CustomEvent<import("./model.js").Change>} */ (event).detail;
  if (change.snapshot) adopt();
  if (change.nodes) {
    showEmpty();
    paintNodes();
    followAddress();
  }
  if (change.nodes || change.links) paintPanel();
  composer.render();
  paintState();
});

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

selection.addEventListener("node", () => {
  const key = selection.node;
  const node = key === null ? undefined : model.nodes.get(key);
  chosenId = node?.id ?? null;
  if (key !== null) wanted = null;
  if (key !== null || wanted === null) address.showInAddress(node?.name ?? null);
  picture.select(key);
  panel.choose(key);
  if (key === null) side.show("list");
  nodes.render();
});

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

/** @param {Map<number, {x: number, y: number}>} places @param {{x: number, y: number}} to */
function nearest(places, to) {
  let best = null;
  let least = Infinity;
  for (const [key, { x, y }] of places) {
    const far = Math.hypot(x - to.x, y - to.y);
    if (far < least) [best, least] = [key, far];
  }
  return best;
}

const actions = faultActions();
const faults = faultsOnThePage({ model, picture, selection, say, now: () => clock.now(), breaking: panel, actions });

// --- choices, keys, buttons ----------------------------------------------------------------------

const applyOptions = () => {
  const options = {
    knows: /** @type {"none"|"selected"|"all"} */ (settings.get("knows")),
    colour: /** @type {"state"|"degree"|"known"} */ (settings.get("colour")),
    flight: Number(settings.get("flight")),
    cuts: settings.get("cuts") === "shown",
  };
  picture.setOptions(options);
};
settings.addEventListener("change", applyOptions);
applyOptions();

const past = () => (time.mode === "past" ? { at: time.now(), run: time.run } : null);
const health = new Health({ stageArea: byId("stage").parentElement ?? stage, model, net, picture, clock, settings, past });
health.addEventListener("seek", (event) => void time.seek(/** @type {CustomEvent} */ (event).detail.at));
time.addEventListener("change", () => health.moved());
const toggleExport = exportMenu({ host: byId("fit").parentElement ?? stage, picture, model, clock, say, past });
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
connectionPanel({ badge: byId("badge"), banner: byId("banner"), page: document.body, net });
announceNodes(model, announcer);
net.addEventListener("change", () => {
  if (net.phase === "waiting") {
    acting.forget(); // a dashboard that was started anew has another token
    say(TEXTS.connection.toldLost(net.reason));
  } else if (net.phase === "live") {
    say(TEXTS.connection.toldLive);
  }
});

// What browser tests may look at; nothing can be changed through it.
Object.defineProperty(window, "p2p", {
  value: Object.freeze({
    get connected() {
      return net.phase === "live";
    },
    get model() {
      return Object.freeze({ nodes: model.nodes.size, links: model.links.size, messages: model.messages.size });
    },
    get selected() {
      return selection.node === null ? null : model.nodes.get(selection.node)?.name ?? null;
    },
    get lastPacketAt() {
      return net.lastPacketAt;
    },
    positions: (/** @type {string} */ name) => {
      const node = model.byName(name);
      return node === undefined ? null : picture.screenPosition(node.key);
    },
    names: () => [...model.nodes.values()].map(({ name }) => name),
    linksOf: (/** @type {string} */ name) => model.neighbours(model.byName(name)?.key ?? -1).size,
    stats: () => picture.stats(),
    labels: () => picture.labels(),
    get health() {
      return Object.freeze({ last: health.last, place: (/** @type {number} */ at) => health.place(at) });
    },
    get cuts() {
      const { points, bridges } = picture.cuts ?? { points: [], bridges: [] };
      const name = (/** @type {number|string} */ key) => model.nodes.get(Number(key))?.name ?? "?";
      return { points: [...points].map(name), bridges: [...bridges].map((link) => link.split("|").map(name)) };
    },
    time: timed.seen,
    messages: () => messages.state(),
    /** The middle and the zoom; null: all is in sight, whatever comes. */
    get look() {
      return picture.look;
    },
    /** The node that a line is drawn from, to another one; null: none is. */
    get drawing() {
      return picture.drawing === null ? null : model.nodes.get(picture.drawing)?.name ?? null;
    },
    pinned: (/** @type {string} */ name) => picture.pinned(model.byName(name)?.key ?? -1),
    /** Two ends of a link, by name: where its middle is on the stage. */
    middle: (/** @type {string} */ a, /** @type {string} */ b) => {
      const [one, two] = [a, b].map((name) => picture.screenPosition(model.byName(name)?.key ?? -1));
      return one && two ? { x: (one.x + two.x) / 2, y: (one.y + two.y) / 2 } : null;
    },
    links: () => [...model.links.values()].map(({ a, b }) => [a, b].map((key) => model.nodes.get(key)?.name ?? "?")),
    /** Where the tour is, from 1; 0: it is not on. */
    get tour() {
      return finding.tour.step;
    },
    /** What stands beside nodes at which messages wait: `{node7: "2"}`; "" where there is no room. */
    badges: () => Object.fromEntries(picture.badges().map(({ key, text, corner }) =>
      [model.nodes.get(key)?.name ?? "?", corner === null ? "" : text])),
    /** What is drawn of what is broken on purpose. */
    get faults() {
      const { partitions, wires, marks, entries, signs } = faults.standing;
      const nameOf = (/** @type {number} */ key) => model.nodes.get(key)?.name ?? "?";
      return {
        sides: partitions.map(({ sides }) => sides.map((side) => side.map(nameOf))),
        wires: [...wires.values()].map(({ a, b, kind, open }) => `${kind} ${[a, b].map(nameOf).sort().join(" ")}${open === null ? "" : ` to ${nameOf(open)}`}`).sort(),
        marks: Object.fromEntries([...marks].map(([key, all]) => [nameOf(key), all])),
        entries: entries.map(({ title }) => title),
        signs: [...signs].sort(),
      };
    },
    get chosen() {
      return [...faults.chosen.keys].map((key) => model.nodes.get(key)?.name ?? "?").sort();
    },
    /** What flies now, as `broadcast node7>node3`. */
    hops: () => picture.dots().map(({ kind, from, to }) => {
      const [start, end] = [from, to].map((key) => (key === null ? undefined : model.nodes.get(key)?.name) ?? "?");
      return `${kind} ${start}>${end}`;
    }),
  }),
});

showEmpty();
nodes.render();
dispatchEvent(new Event("p2p-started")); // early-retry.js may rest
