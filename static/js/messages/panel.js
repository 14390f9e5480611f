/**
 * The messages of the whole network: table, filter, space–time diagram, one in full. This file
 * puts these together, and is all that the rest of the page knows of them.
 *
 * News come from the model; at most a few times a second they become rows, and whoever shows
 * something shows it then. What is chosen is the page's selection, so the picture and the table
 * always mean the same message.
 */
import { el, paced, setAttribute, setText } from "../panel/dom.js";
import { shape } from "../panel/shapes.js";
import { TEXTS } from "../texts.js";
import { Detail } from "./detail.js";
import { compile } from "./filter.js";
import { FilterField } from "./filter-field.js";
import { LIT_MOST, litBy } from "./lit.js";
import { Names } from "./names.js";
import { Older, PAGE } from "./older.js";
import { DiagramView } from "./spacetime/view.js";
import { Listing } from "./sorted.js";
import { Store } from "./store.js";
import { Table } from "./table.js";
import { Ways } from "./ways.js";

/** Milliseconds between two renderings while many messages pass [guess: an eye reads no faster]. */
const EVERY = 200;
/** Milliseconds between two adding-ups of what is lit in the picture. */
const LIT_EVERY = 500;

/**
 * @param {object} parts
 * @param {HTMLElement} parts.host
 * @param {import("../model.js").Model} parts.model
 * @param {import("../selection.js").Selection} parts.selection
 * @param {import("../settings.js").Settings} parts.settings
 * @param {import("../picture.js").Picture} parts.picture
 * @param {import("../time/time.js").Time} parts.time
 * @param {{read: (key: string) => string|null, write: (changes: Record<string, string|null>) => void,
 *   onAddress: (listener: () => void) => void}} parts.address
 * @param {(path: string) => Promise<any>} parts.get
 * @param {(sentence: string) => void} parts.say
 */
export function messagesPanel({ host, model, selection, settings, picture, time, address, get, say }) {
  const names = new Names();
  const nameOf = (/** @type {number|null} */ key) => names.of(key);
  const store = new Store(nameOf);
  const ways = new Ways(model);
  const listing = new Listing();
  const rowWith = (/** @type {string} */ id) => store.rows.get(id);
  const older = new Older({ store, names, get: (path) => {
    const run_ = time.run === null ? "" : `&run=${encodeURIComponent(time.run)}`;
    // Of a moment of the past nothing that came after it.
    return get(`${path}${run_}${time.mode === "live" ? "" : `&to=${Math.ceil(time.now())}`}`);
  } });
  const table = new Table({ listing, rowWith, nodes: () => model.nodes, nameOf });
  const field = new FilterField({ names: () => names.all() });
  const detail = new Detail({
    get, say, nameOf, nodes: () => model.nodes,
    follow: (id) => {
      const row = store.rows.get(id);
      if (row !== undefined) void time.follow(row.view);
    },
  });
  /** The newest that fit, whatever the table is sorted by. @param {number} most */
  const newest = (most) => {
    const found = [];
    const all = store.byTime;
    for (let at = all.length - 1; at >= 0 && found.length < most; at -= 1) if (listing.fits(all[at])) found.push(all[at]);
    return found;
  };
  const diagram = new DiagramView({ newest, rowWith, nameOf, size: () => listing.size, nodes: () => model.nodes, say });

  // --- the frame ------------------------------------------------------------------------------

  const shown = el("span", { class: "messages-shown", role: "status" });
  const button = (/** @type {string} */ sign, /** @type {Record<string, any>} */ more) =>
    el("button", { type: "button", class: "button icon-button quiet-button", ...more }, shape(sign));
  const fold = button("fold", { class: "button icon-button quiet-button messages-fold", "aria-controls": "message-body", on: { click: () => settings.next("messages") } });
  const enlarge = button("enlarge", { class: "button icon-button quiet-button messages-enlarge", on: { click: () => settings.next("messagesSize") } });
  const only = el("button", { type: "button", class: "button small-button only-these", "aria-pressed": "false", title: TEXTS.messagesPanel.onlyWhat }, shape("dot"), TEXTS.messagesPanel.only);
  const tab = (/** @type {"table"|"spacetime"} */ name, /** @type {string} */ word) => el("button", {
    type: "button", class: "messages-tab", role: "tab", id: `messages-tab-${name}`, "aria-controls": name === "table" ? "message-grid" : "spacetime",
    on: { click: () => settings.set("messagesView", name) },
  }, word);
  const tabs = { table: tab("table", TEXTS.messagesPanel.table), spacetime: tab("spacetime", TEXTS.messagesPanel.spacetime) };
  const tabList = el("div", { class: "messages-tabs", role: "tablist", "aria-label": TEXTS.messagesPanel.tabs }, tabs.table, tabs.spacetime);
  tabList.addEventListener("keydown", (event) => {
    if ((event.key !== "ArrowLeft" && event.key !== "ArrowRight") || event.shiftKey) return; // with Shift it is time's
    event.preventDefault();
    tabs[settings.next("messagesView") === "table" ? "table" : "spacetime"].focus();
  });
  const foot = el("p", { class: "messages-foot" });
  const main = el("div", { class: "messages-main" }, table.element, diagram.element, foot);
  const body = el("div", { class: "messages-body", id: "message-body" }, main, detail.element);
  host.append(
    el("header", { class: "messages-head" }, el("h2", { text: TEXTS.messagesPanel.title }), tabList, shown, field.element, only, enlarge, fold),
    field.says, body);

  // --- what comes in --------------------------------------------------------------------------

  /** @type {string|null} */
  let run = null;
  /** @type {Map<string, import("../model.js").MessageView>} */
  const news = new Map();
  let nodesChanged = false;
  let first = true;

  const shortest = (/** @type {import("../model.js").MessageView} */ view) =>
    (view.kind === "message" && view.path.length > 0 ? ways.shortest(view.from, view.to) : null);

  const render = () => {
    let differs = false;
    const others = nodesChanged;
    if (nodesChanged) {
      nodesChanged = false;
      names.learn(model.nodes.values());
      const renamed = store.named();
      if (renamed.come.length > 0) differs = listing.change(renamed) || differs;
      field.refresh();
    }
    if (news.size > 0) {
      const taken = store.take(news.values(), { shortest });
      news.clear();
      differs = listing.change(taken) || differs;
    }
    if (settings.get("messages") === "folded") return tell();
    if (differs) {
      table.changed();
      diagram.changed();
    } else if (others) {
      table.render(); // a message waits otherwise where its sender is down
    }
    show();
    return undefined;
  };
  const paint = paced(render, EVERY);

  /** What is said about it, without the rows themselves. */
  const tell = () => {
    const filtered = field.tree !== null;
    const { size } = store;
    setText(shown, settings.get("messages") === "folded" ? TEXTS.messages(size)
      : table.above > 0 ? TEXTS.messagesPanel.held(table.above)
        : filtered ? TEXTS.messagesPanel.shown(listing.size, size) : size === 0 ? "" : TEXTS.messages(size));
    setText(table.nothing, size === 0 ? TEXTS.messagesPanel.none : TEXTS.messagesPanel.noneFits);
    tellOlder();
  };

  const show = () => {
    const id = selection.message;
    const row = id === null ? null : store.rows.get(id) ?? null;
    detail.show(row, row === null || listing.fits(row));
    tell();
    light();
  };

  /** What there is besides, and what was let go. */
  const tellOlder = () => {
    const total = model.summary?.messages ?? 0;
    const says = [];
    if (older.problem !== null) says.push(TEXTS.messagesPanel.historySilent(older.problem));
    else if (older.busy) says.push(TEXTS.messagesPanel.fetching);
    else if (store.room === 0 && !older.atEnd) says.push(TEXTS.messagesPanel.full(store.size));
    else if (older.atEnd) says.push(TEXTS.messagesPanel.atEnd);
    else says.push(total > store.size ? TEXTS.messagesPanel.here(store.size, total) : TEXTS.messagesPanel.perhaps);
    if (store.letGo > 0) says.push(TEXTS.messagesPanel.letGo(store.letGo));
    // Where there is little room it is said only to those who can have missed something.
    setAttribute(foot, "data-says", field.tree !== null || older.problem !== null || older.busy || store.letGo > 0 ? "" : null);
    const key = `${says.join(" ")} ${older.possible} ${older.busy} ${older.all}`;
    if (foot.dataset.key === key) return;
    foot.dataset.key = key;
    const act = (/** @type {string} */ text, /** @type {() => void} */ run_) => el("button", { type: "button", class: "chip", text, on: { click: run_ } });
    foot.replaceChildren(el("span", { text: says.join(" ") }), ...(older.all ? [act(TEXTS.messagesPanel.stop, () => older.stop())]
      : older.possible && !older.busy ? [act(TEXTS.messagesPanel.fetchMore(PAGE), () => void older.fetch()), act(TEXTS.messagesPanel.fetchAll, () => void older.fetchAll())] : []));
  };

  /** Keys mean other nodes from now on: what is here is of another life. */
  const forget = () => {
    news.clear();
    store.clear();
    names.clear();
    older.clear();
    names.learn(model.nodes.values());
    listing.rebuild(store.byTime);
    table.changed(true);
    diagram.changed();
  };

  /** The connection was lost for a while, and a snapshot has the newest 200 only. */
  const missed = async () => {
    try {
      const { messages } = await get(`/api/messages?limit=${PAGE}`);
      for (const message of messages.reverse()) if (!news.has(message.id)) news.set(message.id, message);
      paint();
    } catch (error) {
      // The next snapshot asks again; what is missing meanwhile can be fetched by hand.
      console.info("messages of the pause are not here yet:", error);
    }
  };

  older.addEventListener("change", (event) => {
    const { difference } = /** @type {CustomEvent} */ (event).detail;
    if (difference !== null && listing.change(difference)) {
      table.changed();
      diagram.changed();
    }
    show();
  });
  table.addEventListener("end", () => {
    if (listing.column === "time" && listing.descending && older.problem === null) void older.fetch();
  });

  // --- the filter -----------------------------------------------------------------------------

  const refilter = () => {
    listing.fits = compile(field.tree, { nameOf: (key) => nameOf(key) ?? "", now: time.now() });
    listing.rebuild(store.byTime);
    table.changed(true);
    if (selection.message !== null) table.reveal(selection.message);
    diagram.changed(true);
    show();
  };
  field.addEventListener("filter", () => {
    address.write({ filter: field.text.trim() === "" ? null : field.text });
    refilter();
  });
  table.addEventListener("sort", () => {
    listing.rebuild(store.byTime);
    table.changed(true);
  });
  table.addEventListener("released", () => {
    table.changed();
    tell();
  });
  const readAddress = () => {
    const wanted = address.read("filter") ?? "";
    if (wanted !== field.text) field.set(wanted);
    const view = address.read("messages");
    if (view === "spacetime" || view === "table") settings.set("messagesView", view);
  };
  address.onAddress(readAddress);

  // --- the picture and what is chosen -----------------------------------------------------------

  picture.messagesOf((id) => model.messages.get(id) ?? store.rows.get(id)?.view);
  picture.addEventListener("message", (event) => {
    const { id } = /** @type {CustomEvent} */ (event).detail;
    render(); // a dot may be newer than the rows
    selection.chooseMessage(id);
  });
  let lighting = false;
  let litAt = -Infinity;
  const wantedId = (/** @type {string} */ id) => {
    const row = store.rows.get(id);
    if (row !== undefined) return listing.fits(row);
    return false; // it will be a row in a moment, and fly on from there
  };
  const light = () => {
    only.hidden = field.tree === null && !lighting;
    if (!lighting || performance.now() - litAt < LIT_EVERY) return;
    litAt = performance.now();
    picture.light(litBy(newest(LIT_MOST), listing.size), wantedId);
  };
  only.addEventListener("click", () => {
    lighting = !lighting;
    setAttribute(only, "aria-pressed", String(lighting));
    litAt = -Infinity;
    if (lighting) light();
    else picture.light(null, null);
    say(lighting ? TEXTS.messagesPanel.toldOnly(listing.size) : TEXTS.messagesPanel.toldAll);
    only.hidden = field.tree === null && !lighting;
  });

  const choose = (/** @type {Event} */ event) => selection.chooseMessage(/** @type {CustomEvent} */ (event).detail.id);
  const look = (/** @type {Event} */ event) => {
    const { id } = /** @type {CustomEvent} */ (event).detail;
    picture.showMessage(id ?? selection.message);
    diagram.look(id);
  };
  table.addEventListener("choose", choose);
  table.addEventListener("look", look);
  diagram.addEventListener("choose", choose);
  diagram.addEventListener("look", look);
  detail.addEventListener("close", () => selection.chooseMessage(null));
  detail.addEventListener("unfilter", () => field.set(""));
  selection.addEventListener("message", () => {
    const id = selection.message;
    picture.showMessage(id);
    if (id !== null && settings.get("messages") === "folded") settings.set("messages", "open");
    show(); // first: the message beside the table makes it narrower
    table.choose(id);
    diagram.choose(id);
    if (id !== null) void wholePath(id);
  });

  /** Of older broadcasts the stream leaves out the way: fetch it for the one that is chosen. @param {string} id */
  const wholePath = async (id) => {
    const row = store.rows.get(id);
    if (row === undefined || row.kind !== "broadcast" || row.view.path.length > 0 || !row.view.reached || time.mode !== "live") return;
    try {
      news.set(id, await get(`/api/messages/${encodeURIComponent(id)}`));
      render();
      if (selection.message === id) picture.showMessage(id);
    } catch (error) {
      console.info(`the way of ${id} is not at hand any more:`, error); // the history may have it
    }
  };

  // --- choices ----------------------------------------------------------------------------------

  const arrangeAll = () => {
    const folded = settings.get("messages") === "folded";
    const large = settings.get("messagesSize") === "large";
    const view = settings.get("messagesView") === "spacetime" ? "spacetime" : "table";
    const words = TEXTS.messagesPanel;
    for (const [element, title] of /** @type {const} */ ([[fold, folded ? words.unfold : words.fold], [enlarge, large ? words.shrink : words.enlarge]])) {
      setAttribute(element, "aria-label", title.replace(/ \(.*/, ""));
      element.title = title;
    }
    setAttribute(fold, "aria-expanded", String(!folded));
    setAttribute(enlarge, "aria-pressed", String(large));
    for (const [name, one] of Object.entries(tabs)) {
      setAttribute(one, "aria-selected", String(name === view));
      setAttribute(one, "tabindex", name === view ? "0" : "-1");
    }
    table.element.hidden = view !== "table";
    diagram.show(view === "spacetime" && !folded);
    table.changed();
    tell();
  };
  settings.addEventListener("change", (event) => {
    if (/** @type {CustomEvent} */ (event).detail.name.startsWith("messages")) arrangeAll();
  });
  arrangeAll();
  readAddress();
  show();

  // --- all that is here, and from now on what changes ---------------------------------------------

  model.follow((change) => {
    // Of another moment, too, what is here says nothing: it may not have happened yet.
    if (change.jump || (change.snapshot && run !== model.run)) {
      run = model.run;
      forget();
    }
    if (change.nodes) nodesChanged = true;
    for (const { message } of change.learnt) news.set(message.id, message);
    if (change.snapshot && !change.jump && !first && time.mode === "live") void missed();
    if (change.snapshot) first = false;
    if (change.nodes || change.messages) paint();
  });

  /** @type {import("../finding/commands.js").Command[]} */
  const commands = [
    { id: "messages:filter", group: TEXTS.groups.messages, keys: ["F"], ...TEXTS.commands.filter, run: () => {
      settings.set("messages", "open");
      field.input.focus();
      field.input.select();
    } },
    { id: "messages:enlarge", group: TEXTS.groups.messages, keys: ["M"], ...TEXTS.commands.enlarge, run: () => void settings.next("messagesSize") },
    { id: "messages:table", group: TEXTS.groups.messages, ...TEXTS.commands.table, run: () => settings.set("messagesView", "table") },
    { id: "messages:spacetime", group: TEXTS.groups.messages, ...TEXTS.commands.spacetime, run: () => {
      settings.set("messages", "open");
      settings.set("messagesView", "spacetime");
    } },
  ];
  return {
    commands,
    refreshTheme: () => diagram.refreshTheme(),
    /** For browser tests: what is here, and what is shown. */
    state: () => ({
      kept: store.size, shown: listing.size, letGo: store.letGo, atEnd: older.atEnd, problem: older.problem, filter: field.text,
      scrolled: table.element.scrollTop,
      top: listing.at(0)?.id ?? null, lit: lighting, ...diagram.state(),
    }),
  };
}
