/**
 * The network first: stream → model → picture, and the sentence above it.
 *
 * Whoever opens the page wants to see the network, and most of the time until then is the way of
 * the modules to the browser: they are a hundred and twenty, and the picture needs a third of
 * them [measured: 0.6 of 1.1 s]. So the rest, all that one does with the picture, comes when it
 * is painted (workbench.js). The page is divided at once as it will be then (frame.js), and what
 * came over the stream meanwhile is in the model, where everybody finds it (`Model.follow`).
 */

import { Clock } from "./clock.js";
import { followFrame } from "./frame.js";
import { Model } from "./model.js";
import { Net } from "./net.js";
import { connectionPanel } from "./panel/connection.js";
import { paced } from "./panel/dom.js";
import { SidePanel } from "./panel/side-panel.js";
import { EVERY as STATE_EVERY, stateLine } from "./panel/state-line.js";
import { Picture } from "./picture.js";
import { Selection } from "./selection.js";
import { Settings } from "./settings.js";
import { Feed } from "./time/feed.js";
import { Tape } from "./time/tape.js";
import { Time } from "./time/time.js";
import { Waiting } from "./waiting.js";

/** Milliseconds after which the rest comes, picture or not: a dashboard that is busy or gone
 *  must not keep the help from anybody [guess: the picture takes half of it on a slow computer]. */
const PATIENCE = 2000;

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
followFrame(settings, { side: byId("nodes-panel"), messages: byId("messages"), work: byId("work") });
const side = new SidePanel(byId("nodes-panel"), settings);
const waiting = new Waiting({ model });
const picture = new Picture({ stage, model, time, waiting });

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

selection.addEventListener("node", () => picture.select(selection.node));
picture.addEventListener("select", (event) => selection.chooseNode(/** @type {CustomEvent} */ (event).detail.key));
connectionPanel({ badge: byId("badge"), banner: byId("banner"), page: document.body, net });
model.follow(paced(stateLine({ line: byId("state-line"), counts: byId("counts"), forming: byId("forming"), model }), STATE_EVERY));

/** Whether there is, or will be, nothing to be seen that the rest should wait for. */
const nothingComes = () => location.hash !== "" // it asks for more than the picture of now
  || net.phase === "waiting" || (model.number !== null && model.nodes.size === 0);

await new Promise((resolve) => {
  const look = () => {
    if (nothingComes()) resolve(undefined);
  };
  picture.addEventListener("first", resolve, { once: true });
  net.addEventListener("change", look);
  model.addEventListener("change", look);
  setTimeout(resolve, PATIENCE);
  look();
});

/** @typedef {typeof page} Page  what there is before the workbench */
const page = { settings, model, clock, net, feed, time, selection, stage, side, waiting, picture };
const workbench = await import("./workbench.js").catch((error) => {
  dispatchEvent(new Event("p2p-missing")); // early-retry.js loads the page again
  throw error;
});
workbench.furnish(page);
