/**
 * Finding and doing: puts the table of commands together with all that reads it, and with the
 * address, the tour and the random traffic. It knows the page's parts; they know nothing of it.
 */

import { onAddress, read, write } from "../address.js";
import { caps, listen } from "../keys.js";
import { el } from "../panel/dom.js";
import { helpDialog } from "../panel/help.js";
import { shape } from "../panel/shapes.js";
import { CHOICES } from "../settings.js";
import { TEXTS } from "../texts.js";
import { pageCommands } from "./acts.js";
import { commandPalette } from "./command-palette.js";
import { Commands } from "./commands.js";
import { confirmDialog } from "./confirm.js";
import { contextMenu } from "./context-menu.js";
import { actCommands, faultCommands } from "./faults.js";
import { lookOf, lookText } from "./look.js";
import { Notices } from "./notices.js";
import { Recent } from "./recent.js";
import { Tour } from "./tour.js";
import { tourSteps } from "./tour-steps.js";
import { Traffic } from "./traffic.js";

/** Choices that the address may hold, besides the part of the picture that is seen. */
const SHARED = /** @type {const} */ (["colour", "knows"]);

/**
 * @param {object} page
 * @param {import("../model.js").Model} page.model
 * @param {import("../picture.js").Picture} page.picture
 * @param {import("../selection.js").Selection} page.selection
 * @param {import("../settings.js").Settings} page.settings
 * @param {import("../panel/composer.js").Composer} page.composer
 * @param {import("../net.js").Net} page.net
 * @param {HTMLElement} page.stage
 * @param {(sentence: string) => void} page.say
 * @param {(key: number, focus: boolean) => void} page.open
 * @param {() => void} page.find
 * @param {() => void} page.escape
 * @param {() => void} page.toggleTheme
 * @param {() => string} [page.mayNot]  why this page may only look; "": it may act
 * @param {Promise<import("../faults/actions.js").Action[]>} page.actions  what a node or a link can be made to suffer
 * @param {() => number[]} [page.selected]  several nodes, where the page can select them
 */
export function startFinding(page) {
  const { model, picture, selection, settings, composer, net, stage, say } = page;
  const byId = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
  const notices = new Notices(byId("notices"));
  const done = (/** @type {string} */ text, /** @type {{label: string, run: () => void}|undefined} */ act = undefined) =>
    notices.show({ text, id: "done", acts: act === undefined ? [] : [act] });
  const tell = (/** @type {string} */ text, /** @type {boolean} */ failed) =>
    notices.show({ text, id: failed ? undefined : "done", kind: failed ? "problem" : "done" });
  const ask = confirmDialog(byId("confirm"));
  const storage = browserStorage();
  const recent = new Recent(storage);

  const commands = new Commands({
    ask, tell, mayNot: page.mayNot,
    targetOf: (on) => {
      if (on === "picture") return { on };
      if (on === "node") return selection.node !== null && model.nodes.has(selection.node) ? { on, node: selection.node } : null;
      const nodes = on === "selection" ? page.selected?.() ?? [] : [];
      return nodes.length > 0 ? { on, nodes } : null;
    },
  });

  // --- what reads the table -------------------------------------------------------------------

  const traffic = new Traffic({ dialog: byId("traffic"), chip: byId("traffic-chip"), net, tell });
  const tour = new Tour({ card: byId("tour"), ring: byId("tour-ring"), stage, storage, say, steps: tourSteps({ model, picture, selection, composer, stage, open: page.open }),
    around: () => {
      const { left, top } = stage.getBoundingClientRect();
      const places = [...model.nodes.keys()].flatMap((key) => picture.screenPosition(key) ?? []);
      const form = byId("composer");
      return { crowd: places.map(({ x, y }) => ({ x: left + x, y: top + y })), avoid: form.hidden ? [] : [form.getBoundingClientRect()] };
    } });
  const palette = commandPalette({ dialog: byId("palette"), commands, model, recent, chosen: () => selection.node, open: (key) => page.open(key, true) });
  const menu = contextMenu({ menu: byId("menu"), commands, model, stage });
  const help = helpDialog(byId("help"), commands, () => tour.start());

  /** @param {string} what @param {string} text */
  const copy = async (what, text) => {
    try {
      await navigator.clipboard.writeText(text);
      done(TEXTS.commands.copied(what));
    } catch {
      // Browsers forbid the clipboard outside localhost and HTTPS: the person copies it.
      notices.show({ text: TEXTS.commands.notCopied(what, text), id: "done", stays: true });
    }
  };

  commands.add(...pageCommands({ ...page, traffic, help, palette, done, copy: (what, text) => void copy(what, text), tour: () => tour.start(), copyLink: () => void copy(TEXTS.commands.theLink, linkToView()) }));
  listen(commands);
  page.actions.then((actions) => commands.add(...faultCommands(actions, { model, done: (text) => done(text) })), (failure) => {
    console.info("what can be broken is not known:", failure); // a replay has nobody to break
  });

  picture.addEventListener("menu", (event) => {
    const { key, link, x, y } = /** @type {CustomEvent} */ (event).detail;
    const { left, top } = stage.getBoundingClientRect();
    const target = key !== null ? { on: /** @type {const} */ ("node"), node: key } : link !== null ? { on: /** @type {const} */ ("link"), link } : { on: /** @type {const} */ ("picture") };
    if (key !== null) selection.chooseNode(key);
    menu.open(target, { x: left + x, y: top + y });
  });
  const byKey = (/** @type {KeyboardEvent} */ event, /** @type {number|null} */ key, /** @type {DOMRect} */ box) => {
    event.preventDefault();
    if (key === null) menu.open({ on: "picture" }, { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 });
    else menu.open({ on: "node", node: key }, { x: box.left, y: box.bottom });
  };
  stage.addEventListener("keydown", (event) => {
    if (!asksForMenu(event)) return;
    const place = selection.node === null ? null : picture.screenPosition(selection.node);
    const { left, top } = stage.getBoundingClientRect();
    byKey(event, place === null ? null : selection.node, place === null ? stage.getBoundingClientRect() : new DOMRect(left + place.x + 10, top + place.y, 0, 10));
  });
  // A row of the list is a node, too.
  const rowOf = (/** @type {Event} */ event) => /** @type {HTMLElement|null} */ (/** @type {HTMLElement} */ (event.target).closest?.(".node-row"));
  byId("nodes-panel").addEventListener("contextmenu", (/** @type {MouseEvent} */ event) => {
    const row = rowOf(event);
    if (row === null) return;
    event.preventDefault();
    menu.open({ on: "node", node: Number(row.dataset.key) }, { x: event.clientX, y: event.clientY });
  });
  byId("nodes-panel").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const row = rowOf(event);
    if (row !== null && asksForMenu(event)) byKey(event, Number(row.dataset.key), row.getBoundingClientRect());
  });
  byId("palette-button").append(shape("search"), el("span", { class: "palette-button-keys", "aria-hidden": "true" }, ...caps("Mod+K").map((cap) => el("kbd", { "data-key": cap }))));
  byId("traffic-button").append(shape("traffic"));
  byId("palette-button").addEventListener("click", palette);
  byId("help-button").addEventListener("click", help);
  byId("traffic-button").addEventListener("click", () => {
    const command = commands.get("traffic");
    if (command !== undefined) void commands.run(command);
  });

  // --- the address -----------------------------------------------------------------------------

  const follow = () => {
    for (const name of SHARED) {
      const value = read(name);
      if (value !== null && /** @type {readonly string[]} */ (CHOICES[name]).includes(value)) settings.lend(name, value);
    }
    picture.show(lookOf(read("view")));
  };
  follow();
  onAddress(follow);
  picture.addEventListener("view", () => {
    const { look } = picture;
    write({ view: look === null ? null : lookText(look) });
  });
  settings.addEventListener("change", (event) => {
    const { name, value } = /** @type {CustomEvent} */ (event).detail;
    if (SHARED.includes(name)) write({ [name]: value === CHOICES[/** @type {"colour"} */ (name)][0] ? null : value });
  });

  /** The address of what is seen now, with the choices that another browser may have otherwise. */
  function linkToView() {
    const { look } = picture;
    write({ view: look === null ? null : lookText(look) });
    const parts = new URLSearchParams(location.hash.slice(1));
    const node = selection.node === null ? undefined : model.nodes.get(selection.node);
    const wanted = { node: node?.name, view: look === null ? undefined : lookText(look), ...Object.fromEntries(SHARED.map((name) => [name, settings.get(name)])) };
    for (const [name, value] of Object.entries(wanted)) {
      if (value === undefined) parts.delete(name);
      else parts.set(name, value);
    }
    const hash = parts.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
    return `${location.origin}${location.pathname}${location.search}#${hash}`;
  }

  // --- what somebody should know ------------------------------------------------------------------

  net.addEventListener("otherpage", () => notices.show({
    id: "otherpage", stays: true, text: TEXTS.notices.otherPage,
    acts: [{ label: TEXTS.notices.loadNew, run: () => location.reload() }],
  }));
  const broke = (/** @type {string} */ what) => notices.show({
    id: "broke", stays: true, kind: "problem", text: TEXTS.notices.broke(what.slice(0, 200)),
    acts: [{ label: TEXTS.notices.loadAgain, run: () => location.reload() }, { label: TEXTS.notices.copy, run: () => void copy(TEXTS.notices.whatHappened, what) }],
  });
  addEventListener("error", (event) => {
    // A file that is missing has no words (early-retry.js); and a size that changes while sizes are
    // told is told a frame later, of which browsers make an error.
    if (event instanceof ErrorEvent && event.message !== "" && !event.message.startsWith("ResizeObserver loop")) broke(event.message);
  });
  addEventListener("unhandledrejection", (event) => broke(String(event.reason?.message ?? event.reason)));

  // The first visit: as soon as there is something to point at.
  if (!tour.seen) {
    const look = () => {
      if (picture.settled && model.nodes.size > 1) {
        model.removeEventListener("change", look);
        picture.removeEventListener("rest", look);
        tour.offer();
      }
    };
    model.addEventListener("change", look);
    picture.addEventListener("rest", look);
    look();
  }

  return {
    commands, tour, traffic, notices,
    /** Acts at several nodes, or at the whole network. @param {readonly import("./faults.js").Act[]} acts */
    addActs: (acts) => commands.add(...actCommands(acts, { model, done: (text) => done(text) })),
    /** What breaks a node, for its panel. */
    breaking: {
      actions: async () => (await page.actions).filter(({ on }) => on === "node"),
      run: async (/** @type {string} */ id, /** @type {number} */ key) => {
        const command = commands.get(`fault:${id}`);
        return command === undefined ? false : commands.run(command, { on: "node", node: key });
      },
    },
  };
}

/** @param {KeyboardEvent} event */
function asksForMenu(event) {
  return event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey);
}

/** The browser's memory, or one that forgets, where the person allows none. @returns {Pick<Storage, "getItem"|"setItem">} */
function browserStorage() {
  try {
    return window.localStorage;
  } catch {
    const kept = new Map();
    return { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => void kept.set(name, value) };
  }
}
