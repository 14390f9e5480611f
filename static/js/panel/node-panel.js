/**
 * One node, closely: what the stream says about it at once, and what only the node itself
 * knows (members, inbox, outbox), asked for when it is chosen and again when a change
 * concerns it. A node that dies stays here with what was last known of it. Of the past the
 * recording is asked, not the node.
 */

import { boxesOf, inboxOf, membersOf, outboxOf } from "../answers.js";
import { acting } from "../acting.js";
import { get, post, remove } from "../api.js";
import { TEXTS } from "../texts.js";
import { Breaking } from "./breaking.js";
import { conflictNote } from "./conflicts.js";
import { copyLine } from "./copying.js";
import { curlLines } from "./curl.js";
import { arrange, el, paced, setApart, setAttribute, setText } from "./dom.js";
import { RecentEvents } from "./recent.js";
import { nodeShape, shape } from "./shapes.js";
import { UnsentList } from "./unsent.js";
import { byName, clockTime, count, lasting, nodeState, promised } from "./words.js";

/** Messages asked for of inbox and outbox. */
const SHOWN = 50;
/** Messages shown of each before somebody asks for more: the panel stays one glance. */
const AT_FIRST = 5;
/** Milliseconds between two questions to one node [guess: quick for an eye, cheap for a node]. */
const ASK_EVERY = 400;
/** Milliseconds between two questions about a past that goes on [guess: a page of it costs 60 ms]. */
const ASK_PAST_EVERY = 1500;

export class NodePanel {
  #host;
  #model;
  #say;
  #actions;
  #now;
  #past;
  /** @type {number|null} */
  #key = null;
  /** What the node said last: its members, inbox, outbox; and what went wrong. */
  #members = /** @type {import("../answers.js").Member[]|null} */ (null);
  #inbox = /** @type {import("../answers.js").Received[]|null} */ (null);
  #outbox = /** @type {import("../answers.js").Sent[]|null} */ (null);
  #queued = /** @type {import("../answers.js").Sent[]} */ ([]);
  #failed = /** @type {import("../answers.js").Sent[]} */ ([]);
  /** Whether all this is what the recording said. */
  #ofPast = false;
  /** When the node said so, by the dashboard's clock. */
  #saidAt = 0;
  #problem = "";
  /** Fingerprints of the view that the answers belong to. */
  #asked = { box: "", state: "", tries: "" };
  #asking = new AbortController();
  #parts;
  #askSoon;
  #askPastSoon;

  /**
   * @param {{host: HTMLElement, model: import("../model.js").Model,
   *   say: (sentence: string) => void, now: () => number, past: () => import("./recent.js").Past|null,
   *   actions: {back: () => void, send: (key: number) => void, broadcast: (key: number) => void, show: (key: number) => void,
   *             choose: (key: number) => void, breaking: () => import("./breaking.js").Can}}} parts
   */
  constructor({ host, model, say, now, past, actions }) {
    this.#host = host;
    this.#model = model;
    this.#say = say;
    this.#actions = actions;
    this.#now = now;
    this.#past = past;
    this.#parts = this.#build();
    this.#askSoon = paced(() => void this.#ask(), ASK_EVERY);
    this.#askPastSoon = paced(() => void this.#askPast(), ASK_PAST_EVERY);
  }

  /** Show another node, or none. @param {number|null} key */
  choose(key) {
    this.#asking.abort();
    this.#asking = new AbortController();
    this.#key = key;
    this.#members = this.#inbox = this.#outbox = null;
    this.#queued = this.#failed = [];
    this.#problem = "";
    this.#asked = { box: "", state: "", tries: "" };
    this.#parts.waiting.clear();
    this.#parts.failed.clear();
    if (key === null) this.#parts.breaking.choose(null);
    if (key === null) this.#parts.recent.choose(null);
    this.#host.scrollTop = 0;
    for (const part of [this.#parts.inbox, this.#parts.outbox]) part.body.classList.add("long");
    this.render();
  }

  /** Paint, and ask the node where what it said is out of date. */
  render() {
    const node = this.#key === null ? undefined : this.#model.nodes.get(this.#key);
    if (node === undefined) return;
    this.#wantAnswers(node);
    this.#paint(node);
  }

  /** @param {import("../model.js").NodeView} node */
  #wantAnswers(node) {
    const past = this.#past();
    if ((past !== null) !== this.#ofPast) {
      this.#ofPast = past !== null; // what was said of the one is no answer about the other
      this.#inbox = this.#outbox = null;
      this.#queued = this.#failed = [];
      this.#problem = "";
    }
    if (past !== null) {
      if (this.#asked.box !== pastMark(past)) this.#askPastSoon();
      return;
    }
    const box = `${node.inbox}/${node.sent}/${node.waiting}/${node.failed}/${node.epoch}`;
    const state = `${node.state}/${node.links}/${node.knows}/${node.epoch}`;
    const tries = this.#tries();
    if (box !== this.#asked.box || state !== this.#asked.state || tries !== this.#asked.tries) this.#askSoon();
  }

  /** How far the stream says that the waiting ones are: each try makes the node's answer old. */
  #tries() {
    return this.#queued.map(({ id }) => {
      const view = this.#model.messages.get(id);
      return view === undefined ? "" : `${id}/${view.state}/${view.attempt}/${view.next_at}`;
    }).join();
  }

  /** Faults are switched off here, and why; null: they are not. @param {string|null} why */
  forbid(why) {
    this.#parts.breaking.forbid(why);
  }

  /** The part of the panel that should have the focus when it opens. */
  focus() {
    (acting.allowed ? this.#parts.send : this.#parts.show).focus();
  }

  #build() {
    const actions = this.#actions;
    const withKey = (/** @type {(key: number) => void} */ act) => () => {
      if (this.#key !== null) act(this.#key);
    };
    const parts = {
      sign: el("span", { class: "sign" }),
      name: el("h2", { class: "panel-name" }),
      state: el("span"),
      stateLine: el("p", { class: "panel-state" }),
      address: el("a", { target: "_blank", rel: "noopener noreferrer", title: TEXTS.node.address }),
      note: el("p", { class: "panel-note", hidden: true }),
      conflicts: conflictNote(),
      send: el("button", { type: "button", class: "button primary", "aria-label": TEXTS.node.sendWhat, "aria-keyshortcuts": "s", on: { click: withKey(actions.send) } },
        shape("send"), TEXTS.node.send, el("kbd", { "data-key": "s", "aria-hidden": "true" })),
      broadcast: el("button", { type: "button", class: "button", "aria-label": TEXTS.node.broadcastWhat, "aria-keyshortcuts": "b", on: { click: withKey(actions.broadcast) } },
        shape("broadcast"), TEXTS.node.broadcast, el("kbd", { "data-key": "b", "aria-hidden": "true" })),
      show: el("button", { type: "button", class: "button quiet-button", text: TEXTS.node.show, title: TEXTS.node.showWhat, on: { click: withKey(actions.show) } }),
      figures: el("dl", { class: "figures" }),
      facts: el("dl", { class: "facts" }),
      problem: el("p", { class: "problem", hidden: true }),
      inbox: section(TEXTS.node.inbox, true, true),
      outbox: section(TEXTS.node.outbox, true, true),
      links: section(TEXTS.node.links, false),
      members: section(TEXTS.node.members, false),
      waiting: new UnsentList({ title: TEXTS.unsent.waiting, status: "queued", say: this.#say, act: this.#unsentActions() }),
      failed: new UnsentList({ title: TEXTS.unsent.failed, status: "failed", say: this.#say, act: this.#unsentActions() }),
      breaking: new Breaking({ say: this.#say, can: actions.breaking }),
      curl: section(TEXTS.node.curl, false),
      about: section(TEXTS.node.about, false),
      recent: new RecentEvents({ past: this.#past }),
    };
    for (const { details } of [parts.members, parts.breaking, parts.curl]) details.classList.add("of-now");
    parts.stateLine.append(parts.state, " ", parts.address);
    parts.about.body.append(parts.facts);
    parts.outbox.body.before(parts.waiting.element, parts.failed.element);
    this.#host.append(
      el("div", { class: "panel-top" },
        el("button", { type: "button", class: "button quiet-button", "aria-label": TEXTS.node.allWhat, on: { click: actions.back } },
          shape("back"), TEXTS.node.all),
        parts.show),
      el("div", { class: "panel-title" }, parts.sign, parts.name),
      parts.stateLine, parts.note, parts.conflicts.element,
      el("p", { class: "past-note" }, TEXTS.node.past,
        el("span", { class: "past-note-more", text: TEXTS.node.pastMore })),
      el("div", { class: "panel-actions acts" }, parts.send, parts.broadcast),
      parts.figures, parts.problem,
      parts.inbox.details, parts.outbox.details, parts.links.details, parts.members.details, parts.recent.details,
      parts.breaking.details, parts.curl.details, parts.about.details,
    );
    return parts;
  }

  /** @param {import("../model.js").NodeView} node */
  #paint(node) {
    const parts = this.#parts;
    parts.sign.replaceChildren(shape(nodeShape(node)));
    setText(parts.name, node.name);
    parts.name.title = node.name;
    setText(parts.state, nodeState(node));
    setAttribute(parts.stateLine, "data-state", node.state);
    const address = node.public_url ?? "";
    parts.address.hidden = !/^https?:\/\//.test(address);
    setText(parts.address, address);
    setAttribute(parts.address, "href", parts.address.hidden ? null : address);
    parts.note.hidden = !node.note;
    setText(parts.note, node.note ?? "");
    parts.conflicts.render(node);
    const plain = node.kind === "plain";
    const cannot = plain ? TEXTS.node.cannotPlain
      : node.state === "dead" || node.state === "left" ? TEXTS.node.cannotGone : "";
    parts.send.disabled = parts.broadcast.disabled = cannot !== "";
    parts.send.title = cannot || TEXTS.node.sendHow;
    parts.broadcast.title = cannot || TEXTS.node.broadcastHow;
    const { figures, facts } = TEXTS.node;
    pairs(parts.figures, [
      [figures.links, count(node.links)], [figures.knows, count(node.knows)],
      [figures.received, count(node.inbox)], [figures.sent, count(node.sent)],
      [figures.waiting, count(node.waiting)], [figures.failed, count(node.failed)],
    ]);
    pairs(parts.facts, [
      [facts.address, node.public_url ?? node.url],
      ...(node.public_url && node.public_url !== node.url ? [[facts.inside, node.url]] : []),
      [facts.id, node.id],
      [facts.kind, plain ? TEXTS.node.kindPlain : TEXTS.node.kindPeer],
      ...(plain ? [] : [[facts.starts, TEXTS.node.starts(node.epoch)]]),
      ...(node.since !== null ? [[facts.since, clockTime(node.since).slice(0, 8)]] : []),
      ...(node.since !== null && node.state === "alive" ? [[facts.running, lasting(this.#now() - node.since)]] : []),
      [facts.events, plain ? TEXTS.node.eventsPlain : node.watched ? TEXTS.node.eventsLive : TEXTS.node.eventsNot],
    ]);
    parts.problem.hidden = this.#problem === "";
    setText(parts.problem, this.#problem);
    this.#paintBoxes(node);
    this.#paintLinks(node);
    this.#paintMembers();
    this.#paintCurl(node);
    parts.recent.choose(node.id);
    parts.recent.render();
    parts.breaking.allow(!plain);
    parts.breaking.choose(this.#past() === null ? node : null);
  }

  /** What the buttons of the messages that have not arrived do. */
  #unsentActions() {
    const act = (/** @type {(path: string) => Promise<unknown>} */ call) => async (/** @type {string} */ id) => {
      const node = this.#key === null ? undefined : this.#model.nodes.get(this.#key);
      if (node === undefined) throw new Error(TEXTS.node.gone);
      await call(`/api/nodes/${encodeURIComponent(node.id)}/outbox/${encodeURIComponent(id)}`);
      this.#asked.box = ""; // what it says now is something else
      this.#askSoon();
    };
    return {
      retry: act((path) => post(`${path}/retry`, {})),
      discard: act((path) => remove(path)),
    };
  }

  /**
   * The messages that have not arrived, as the node said and as the stream knows since.
   * @param {import("../answers.js").Sent[]} messages
   * @returns {import("./unsent.js").Unsent[]}
   */
  #unsent(messages) {
    return messages.map((message) => {
      const next = message.nextIn === null ? null : this.#saidAt + message.nextIn;
      const view = this.#model.messages.get(message.id);
      if (message.status !== "queued" || view === undefined || (view.state !== "waiting" && view.state !== "sent")) return { ...message, next };
      return { ...message, reason: view.reason ?? message.reason, underWay: view.state === "sent",
        next: view.state === "sent" ? null : view.next_at ?? next };
    });
  }

  /** @param {import("../model.js").NodeView} node */
  #paintBoxes(node) {
    const { inbox, outbox, waiting, failed } = this.#parts;
    setText(inbox.count, count(node.inbox));
    const queued = this.#unsent(this.#queued).filter(stays);
    setText(outbox.count, [queued.length > 0 ? TEXTS.node.waiting(node.waiting) : "", node.failed > 0 ? TEXTS.node.failed(node.failed) : "",
      TEXTS.node.sent(node.sent)].filter(Boolean).join(" · "));
    const about = { who: (/** @type {import("../answers.js").Sent} */ entry) => this.#who(entry.to, entry.name), sender: node.state };
    waiting.render(queued, node.waiting, about);
    failed.render(this.#unsent(this.#failed), node.failed, about);
    const shown = new Set([...queued, ...this.#failed].map(({ id }) => id));
    const others = this.#outbox?.filter(({ id }) => !shown.has(id)) ?? null;
    outbox.body.hidden = shown.size > 0 && others?.length === 0;
    inbox.details.hidden = outbox.details.hidden = node.kind === "plain";
    const unknown = this.#unknown();
    list(inbox.body, this.#inbox ?? unknown, TEXTS.node.inboxEmpty, (entry) => entry.id, (entry) =>
      letter(entry.from === node.id ? el("span", { text: TEXTS.letter.itself }) : this.#who(entry.from, entry.sender), "from", entry, null));
    list(outbox.body, others ?? unknown, TEXTS.node.outboxEmpty, (entry) => `${entry.id}/${entry.status}/${entry.attempts}`, (entry) =>
      letter(this.#who(entry.to, entry.name), "to", entry, entry));
  }

  /** What to say of what the node has not told: it is being asked, or does not answer. */
  #unknown() {
    return this.#problem === "" ? TEXTS.node.asking : TEXTS.node.unknown;
  }

  /** @param {import("../model.js").NodeView} node */
  #paintLinks(node) {
    const nodes = [...this.#model.neighbours(node.key)].map((key) => this.#model.nodes.get(key))
      .filter((other) => other !== undefined).sort(byName);
    setText(this.#parts.links.count, count(nodes.length));
    list(this.#parts.links.body, nodes, TEXTS.node.linksEmpty, (other) => `${other.key}/${other.name}/${nodeShape(other)}`, (other) =>
      this.#nodeButton(other.key, other.name, nodeShape(other)), "chips");
  }

  #paintMembers() {
    const members = this.#members ?? [];
    const by = Map.groupBy(members, (member) => member.state);
    setText(this.#parts.members.count, this.#members === null ? "" : count(members.length));
    const rows = /** @type {const} */ (["alive", "suspect", "dead", "left"]).filter((state) => by.has(state)).map((state) => ({
      state,
      members: (by.get(state) ?? []).slice().sort(byName),
    }));
    list(this.#parts.members.body, this.#members === null ? this.#unknown() : rows, TEXTS.node.membersEmpty,
      (row) => `${row.state}:${row.members.map((member) => member.name).join()}`,
      (row) => el("div", { class: "member-row" },
        el("p", { class: "member-state" }, shape(row.state), TEXTS.node.inState(row.members.length, TEXTS.states[row.state])),
        el("p", { class: "member-names", text: row.members.map((member) => member.name).join(", ") })));
  }

  /** @param {import("../model.js").NodeView} node */
  #paintCurl(node) {
    const others = [...this.#model.nodes.values()].filter((other) => other.key !== node.key && other.state === "alive").sort(byName);
    list(this.#parts.curl.body, curlLines(node, others[0]?.name ?? "node2"), "", (entry) => entry.line,
      (entry) => copyLine(entry.what, entry.line, this.#say));
    if (node.public_url === null) {
      setAttribute(this.#parts.curl.body, "data-note", TEXTS.node.curlInside);
    } else {
      this.#parts.curl.body.removeAttribute("data-note");
    }
  }

  /** @param {string|null} id @param {string} name */
  #who(id, name) {
    const node = id === null ? undefined : [...this.#model.nodes.values()].find((other) => other.id === id || other.url === id);
    return node === undefined ? el("span", { class: "outsider", text: name }) : this.#nodeButton(node.key, node.name);
  }

  /** @param {number} key @param {string} name @param {string} [sign] */
  #nodeButton(key, name, sign) {
    return el("button", { type: "button", class: "chip", on: { click: () => this.#actions.choose(key) } },
      sign === undefined ? null : shape(sign), name);
  }

  /** What it had received and sent by then, as the recording has it. */
  async #askPast() {
    const node = this.#key === null ? undefined : this.#model.nodes.get(this.#key);
    const past = this.#past();
    if (node === undefined || past === null) return;
    this.#asked = { box: pastMark(past), state: "", tries: "" };
    const signal = this.#asking.signal;
    const run = past.run === null ? "" : `&run=${encodeURIComponent(past.run)}`;
    this.#queued = this.#failed = [];
    try {
      const said = await get(`/api/history/messages?node=${encodeURIComponent(node.id)}&to=${Math.floor(past.at)}&limit=${SHOWN}${run}`, signal);
      if (signal.aborted || this.#past() === null) return;
      ({ inbox: this.#inbox, outbox: this.#outbox } = boxesOf(said, node.id, past.at));
      this.#problem = "";
    } catch (failure) {
      if (signal.aborted) return;
      this.#problem = TEXTS.node.pastFailed(/** @type {Error} */ (failure).message);
    }
    this.render();
  }

  async #ask() {
    const node = this.#key === null ? undefined : this.#model.nodes.get(this.#key);
    if (node === undefined || this.#key === null || this.#past() !== null) return; // it answers for now only
    this.#asked = {
      box: `${node.inbox}/${node.sent}/${node.waiting}/${node.failed}/${node.epoch}`,
      state: `${node.state}/${node.links}/${node.knows}/${node.epoch}`,
      tries: this.#tries(),
    };
    if (node.kind === "plain") return; // it has none of these calls
    const signal = this.#asking.signal;
    const path = `/api/nodes/${encodeURIComponent(node.id)}`;
    const answers = await Promise.allSettled([
      get(path, signal), get(`${path}/messages?limit=${SHOWN}`, signal), get(`${path}/outbox?limit=${SHOWN}`, signal),
      node.waiting > 0 ? get(`${path}/outbox?status=queued&limit=${SHOWN}`, signal) : NONE,
      node.failed > 0 ? get(`${path}/outbox?status=failed&limit=${SHOWN}`, signal) : NONE,
    ]);
    if (signal.aborted) return; // another node is shown by now
    const [status, inbox, outbox, queued, dead] = answers.map((answer) => (answer.status === "fulfilled" ? answer.value : undefined));
    if (status !== undefined) this.#members = membersOf(status);
    if (inbox !== undefined) this.#inbox = inboxOf(inbox);
    if (outbox !== undefined) this.#outbox = outboxOf(outbox);
    if (queued !== undefined) {
      this.#queued = outboxOf(queued);
      this.#saidAt = this.#now();
      this.#asked.tries = this.#tries(); // of those that it has just told of
    }
    if (dead !== undefined) this.#failed = outboxOf(dead);
    const failed = answers.find((answer) => answer.status === "rejected");
    this.#problem = failed === undefined ? ""
      : (this.#members === null ? TEXTS.node.askFailed : TEXTS.node.askFailedOld)(failed.reason.message);
    this.render();
  }
}

/** What the answers about a moment belong to. @param {import("./recent.js").Past} past */
function pastMark({ run, at }) {
  return `${run}/${Math.floor(at)}`;
}

/** What a node has of a kind of which it has none: it need not be asked. */
const NONE = Promise.resolve({ messages: [] });

/**
 * Whether a queued message is one that waits, and not one that is on its way for the first time:
 * that takes some milliseconds, and a list that it flits through would jump.
 * @param {import("./unsent.js").Unsent} message
 */
function stays({ underWay, attempts, reason }) {
  return !underWay || attempts > 1 || reason !== null;
}

/**
 * A part that folds: its head with a count, its body.
 * @param {string} title
 * @param {boolean} open
 * @param {boolean} [long] show only the first entries until somebody asks for the rest
 */
function section(title, open, long = false) {
  const countShown = el("span", { class: "section-count" });
  const body = el("div", { class: "section-body" });
  const details = el("details", { class: "section", open },
    el("summary", {}, shape("fold"), el("span", { text: title }), countShown), body);
  if (long) {
    body.classList.add("long");
    body.append(el("button", { type: "button", class: "button quiet-button more", hidden: true, on: { click: () => body.classList.remove("long") } }));
  }
  return { details, body, count: countShown };
}

/**
 * Brings a list of elements in step with values, and keeps those whose mark is the same.
 * @template V
 * @param {HTMLElement} body
 * @param {V[]|string} known the values, or why they are not known
 * @param {string} nothing what to say when there are none
 * @param {(value: V) => string} mark
 * @param {(value: V) => HTMLElement} make
 * @param {string} [className]
 */
function list(body, known, nothing, mark, make, className) {
  const values = typeof known === "string" ? [] : known;
  let holder = body.querySelector(":scope > .entries");
  if (holder === null) {
    holder = el("div", { class: `entries ${className ?? ""}` });
    body.prepend(el("p", { class: "nothing" }), holder);
  }
  const line = /** @type {HTMLElement} */ (body.querySelector(":scope > .nothing"));
  line.hidden = values.length > 0;
  setText(line, typeof known === "string" ? known : nothing);
  const there = new Map([...holder.children].map((child) => [/** @type {HTMLElement} */ (child).dataset.mark, child]));
  arrange(holder, values.map((value) => {
    const wanted = mark(value);
    const old = there.get(wanted);
    if (old !== undefined) return old;
    const made = make(value);
    made.dataset.mark = wanted;
    return made;
  }));
  const more = /** @type {HTMLElement|null} */ (body.querySelector(":scope > .more"));
  const rest = values.length - AT_FIRST;
  if (more !== null) {
    more.hidden = rest <= 0;
    setText(more, TEXTS.node.more(rest));
  }
}

/**
 * One message of the inbox or the outbox.
 * @param {HTMLElement} who
 * @param {"from"|"to"} direction
 * @param {{text: string, at: number, broadcast?: boolean, hops: number, path: string[],
 *   sentAt?: number|null}} content
 * @param {import("../answers.js").Sent|null} sent how far it is, in the outbox
 */
function letter(who, direction, { text, at, broadcast = false, hops, path, sentAt = null }, sent) {
  const way = path.length > 2 ? path.join(" → ") : hops === 1 ? TEXTS.letter.straight : "";
  const told = TEXTS.letter.way(hops, way);
  const state = sent === null ? inboxState([told, sentAt === null ? "" : TEXTS.letter.sentAt(clockTime(sentAt))].filter(Boolean).join(", "))
    : el("span", { class: `letter-state message-${sent.status}`, title: promised(sent.promise) },
      shape(sent.status), sent.status === "failed" && sent.reason ? TEXTS.letter.failed(sent.reason)
        : [sent.doneAt === null ? TEXTS.fates[sent.status] : TEXTS.letter.stateAt(TEXTS.fates[sent.status], clockTime(sent.doneAt)), told, sent.promise === "at-least-once" ? TEXTS.letter.atLeastOnce : ""].filter(Boolean).join(", "));
  return el("article", { class: broadcast ? "letter letter-broadcast" : "letter" },
    el("header", {}, broadcast ? shape("broadcast", TEXTS.kinds.broadcast) : null, el("span", { class: "letter-who" }, ...setApart(TEXTS.letter[broadcast ? "fromToAll" : direction], () => [who])), el("time", { text: clockTime(at) })),
    el("p", { class: "letter-text", text }), state);
}

/** How a message came. @param {string} words */
function inboxState(words) {
  return words === "" ? null : el("span", { class: "letter-state", title: TEXTS.letter.whoseWord }, words);
}

/** @param {HTMLElement} box a `dl` @param {string[][]} wanted name and value */
function pairs(box, wanted) {
  arrange(box, wanted.map(([name, value]) => {
    const old = [...box.children].find((child) => /** @type {HTMLElement} */ (child).dataset.name === name);
    const pair = old ?? el("div", { "data-name": name }, el("dt", { text: name }), el("dd"));
    setText(/** @type {Element} */ (pair.lastElementChild), value);
    return pair;
  }));
}
