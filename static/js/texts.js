/**
 * All texts of the page in one place, so that a translation is one file. The second place is
 * `templates/index.html`: what stands there is seen, or heard, before a script has run; and the one
 * sentence of `early-retry.js` is for when this module did not come. There are no others:
 * `tests/page/texts.test.mjs` finds a text that stands anywhere else.
 *
 * Each area of the page has an entry of its own, in the page's order. What takes a value is a
 * function that gives the whole sentence, so that a language may put its words where it needs
 * them; what depends on a number asks `counted`, which knows a language's plurals. What stands
 * between backticks is set apart by the page (a key, a command, a name's button) wherever the
 * sentence has it. Which sentence is said, and when, the modules decide: they hold no words.
 *
 * Not here, as it is no text of ours: what the server and the nodes say (states' long names,
 * reasons, the table of faults), the words of the filter's language (`messages/filter.js`), names
 * of keys as the commands' table writes them, and what is thrown for programmers alone.
 *
 * A text names nothing that the code knows by another name, and is never markup. This is a plain
 * frozen literal: loading it costs nothing but reading it.
 */

const { freeze } = Object;

/** The language of all that stands below (BCP 47): numbers and plurals follow it. */
export const LANGUAGE = "en";
/** … and how a date is written in full: the day first. */
export const DATES = "en-GB";

/** @type {Intl.NumberFormat|undefined} */
let whole;
/** @type {Intl.PluralRules|undefined} */
let plurals;

/** A whole number as people write it: 1,234. @param {number} n */
export function count(n) {
  whole ??= new Intl.NumberFormat(LANGUAGE);
  return whole.format(n);
}

/**
 * A number with its noun: 1 link, 1,234 links. A language with more forms (`few`, `many`, `two`,
 * as Intl.PluralRules names them) writes them beside `other`.
 * @param {number} n
 * @param {{other: string} & Partial<Record<Intl.LDMLPluralRule, string>>} forms
 */
export function counted(n, forms) {
  return `${count(n)} ${form(n, forms)}`;
}

/** The form alone. @param {number} n @param {{other: string} & Partial<Record<Intl.LDMLPluralRule, string>>} forms */
function form(n, forms) {
  plurals ??= new Intl.PluralRules(LANGUAGE);
  return forms[plurals.select(n)] ?? forms.other;
}

/**
 * The word for what the code, or a node, calls `name`; the name itself where there is none.
 * @param {Readonly<Record<string, string>>} words
 * @param {string} name
 */
export function wordFor(words, name) {
  return Object.hasOwn(words, name) ? words[name] : name;
}

// Nouns that are counted in many places.
const links = (/** @type {number} */ n) => counted(n, { one: "link", other: "links" });
const nodes = (/** @type {number} */ n) => counted(n, { one: "node", other: "nodes" });
const hops = (/** @type {number} */ n) => counted(n, { one: "hop", other: "hops" });
const messages = (/** @type {number} */ n) => counted(n, { one: "message", other: "messages" });
const tries = (/** @type {number} */ n) => counted(n, { one: "try", other: "tries" });
const faults = (/** @type {number} */ n) => counted(n, { one: "fault", other: "faults" });

/** Over how many hops something came, and how long it had waited; nothing where both are usual.
 * @param {number} over @param {string} waited */
const trail = (over, waited) => `${over > 1 ? `, ${hops(over)}` : ""}${waited === "" ? "" : `, had waited ${waited}`}`;

/** A reason behind what it is the reason of. @param {string|null} reason */
const because = (reason) => (reason ? `: ${reason}` : "");

/** How often it was tried, in brackets behind how it is. @param {number} attempts */
const attempted = (attempts) => (attempts > 0 ? ` (${counted(attempts, { one: "attempt", other: "attempts" })})` : "");

const capital = (/** @type {string} */ text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

export const TEXTS = freeze({
  // --- words of all areas -----------------------------------------------------------------------

  /** A reason, as all reasons are written (in small letters, without a full stop), as a sentence. */
  sentence: (/** @type {string} */ reason) => `${capital(reason)}.`,
  /** The same as the beginning of one, or as a heading. */
  capital,
  and: (/** @type {string} */ a, /** @type {string} */ b) => `${a} and ${b}`,
  /** The tip of a button: what it does, and its key. */
  withKey: (/** @type {string} */ what, /** @type {string} */ key) => `${what} (${key})`,
  links,
  nodes,
  messages,
  tries,
  faults,
  /** States of a node, by the names that the stream has for them; `plain`: one that lives. */
  states: freeze({ alive: "alive", suspect: "suspect", dead: "dead", left: "left", plain: "plain" }),
  /** The same, for somebody who asks what it means. */
  meanings: freeze({
    alive: "alive",
    plain: "plain node, alive",
    suspect: "suspect: it does not answer, perhaps only for a moment",
    dead: "dead: it does not answer any more",
    left: "left: it said goodbye",
  }),
  /** States of a message, and its kinds. */
  fates: freeze({ queued: "queued", waiting: "waiting", sent: "sent", received: "received", delivered: "delivered", failed: "failed", discarded: "discarded" }),
  kinds: freeze({ message: "message", broadcast: "broadcast" }),
  /** How long something took, or has been so: what fits it. */
  span: freeze({
    under: "under 1 ms",
    ms: (/** @type {number} */ ms) => `${ms} ms`,
    /** `s`: as many digits as there are to be. */
    s: (/** @type {number|string} */ s) => `${s} s`,
    min: (/** @type {number} */ min) => `${min} min`,
    minS: (/** @type {number} */ min, /** @type {number} */ s) => `${min} min ${s} s`,
    h: (/** @type {number|string} */ h) => `${h} h`,
    hMin: (/** @type {number} */ h, /** @type {number} */ min) => `${h} h ${min} min`,
    days: (/** @type {number} */ days) => `${days} days`,
    daysH: (/** @type {number} */ days, /** @type {number} */ h) => `${days} days ${h} h`,
  }),
  /** How far a message is. `took` "": that is not known; `over`: so many hops; `waited` "": not long. */
  message: freeze({
    sent: (/** @type {number} */ hop) => `on its way${hop > 0 ? `, hop ${hop}` : ""}`,
    again: (/** @type {number} */ attempt, /** @type {number} */ hop, /** @type {string|null} */ reason) =>
      `trying again (attempt ${attempt}${hop > 0 ? `, hop ${hop}` : ""})${because(reason)}`,
    arrived: (/** @type {string} */ took, /** @type {number} */ over, /** @type {string} */ waited) =>
      `${took === "" ? "arrived" : `arrived after ${took}`}${trail(over, waited)}`,
    delivered: (/** @type {string} */ took, /** @type {number} */ over, /** @type {string} */ waited) =>
      `${took === "" ? "delivered" : `delivered in ${took}`}${trail(over, waited)}`,
    failed: (/** @type {number} */ over, /** @type {string|null} */ reason) => `failed${over > 1 ? ` after ${hops(over)}` : ""}${because(reason)}`,
    discarded: "discarded",
    reached: (/** @type {number} */ reached, /** @type {number} */ of) => `reached ${count(reached)} of ${count(of)}`,
    reachedAll: (/** @type {number} */ of, /** @type {string} */ took, /** @type {number} */ over, /** @type {string} */ waited) =>
      `reached all ${count(of)}${took === "" ? "" : ` in ${took}`}${trail(over, waited)}`,
    nobody: "nobody else is there",
    /** `since`: "" where that is not known. */
    waits: (/** @type {string} */ since) => (since === "" ? "waiting" : `waiting since ${since}`),
    waitsForTurn: (/** @type {string} */ waits) => `${waits} for its turn`,
    waitsForSender: (/** @type {string} */ waits) => `${waits}: its sender is down, and keeps it on disk`,
    waitsBecause: (/** @type {string} */ waits, /** @type {string|null} */ reason, /** @type {string} */ next) =>
      `${waits}${because(reason)}${next === "" ? "" : `; next try ${next}`}`,
    atLeastOnce: "at least once: a plain node is told no id, and may get it again where its answer was lost",
    exactlyOnce: "exactly once: the receiver knows its id, and stores it once",
  }),

  // --- the bar over the page --------------------------------------------------------------------

  display: freeze({
    title: "Colours, contrast and size",
    theme: freeze({ title: "Colours", values: freeze({ system: "As the system has them", light: "Light", dark: "Dark" }) }),
    contrast: freeze({ title: "Contrast", values: freeze({ system: "As the system has it", more: "High", normal: "Normal" }) }),
    size: freeze({ title: "Size", values: freeze({ normal: "Normal", projector: "Projector: large letters and nodes" }) }),
  }),
  theme: freeze({ toLight: "Light colours", toDark: "Dark colours" }),
  /** The counts, each with the word that belongs to its number. */
  counts: freeze({
    nodes: (/** @type {number} */ n) => form(n, { one: "node", other: "nodes" }),
    links: (/** @type {number} */ n) => form(n, { one: "link", other: "links" }),
    messages: (/** @type {number} */ n) => form(n, { one: "message", other: "messages" }),
    events: (/** @type {number} */ n) => form(n, { one: "event/s", other: "events/s" }),
    conflicts: (/** @type {number} */ n) => form(n, { one: "conflict", other: "conflicts" }),
    conflictsWhat: "What two say that does not fit together: each node’s panel tells, and /api/graph",
  }),
  forming: freeze({ nodes: "Nodes that are here", knowledge: "Percent of the network that a node knows" }),
  connection: freeze({
    live: "live",
    connecting: "connecting",
    reconnecting: "reconnecting",
    tryNow: "Try now",
    again: "Trying again…",
    againIn: (/** @type {number} */ seconds) => `Trying again in ${seconds} s.`,
    /** The same, of a picture that is old. */
    old: (/** @type {string} */ next, /** @type {string} */ old) => `${next} The picture is ${old} old.`,
    toldLost: (/** @type {string} */ reason) => `Not connected: ${reason}. Trying again.`,
    toldLive: "Live.",
    full: "the dashboard has as many pages open as it takes; close one elsewhere",
    silent: "the dashboard does not answer",
    unreachable: "the dashboard cannot be reached",
    fellSilent: "the dashboard fell silent",
    lost: "the connection to the dashboard was lost",
  }),
  acting: freeze({
    badge: "looking only",
    only: "This page is for looking only.",
    byAddress: "This page is for looking only. Its address says so: take “?view” away to act.",
    byDashboard: (/** @type {string} */ why) => `This page is for looking only. The dashboard says: ${why}.`,
  }),
  /** What is said where a call to the dashboard comes to nothing, unless it says why itself. */
  api: freeze({
    answered: (/** @type {number} */ status) => `the dashboard answered ${status}`,
    answeredNothing: (/** @type {number} */ status) => `the dashboard answered ${status} without saying why`,
    late: "the dashboard did not answer in time; try again",
    unreachable: "the dashboard cannot be reached; is it running?",
  }),
  /** What a screen reader hears of nodes: what happened, and to whom. */
  news: freeze({
    /** Of so many, who: by name where they are few. */
    who: (/** @type {string} */ names, /** @type {number} */ n) => (names === "" ? nodes(n) : names),
    /** By what it did, or how it is now. */
    became: freeze({
      joined: (/** @type {string} */ who) => `${who} joined`,
      alive: (/** @type {string} */ who, /** @type {number} */ n) => `${who} ${form(n, { one: "is", other: "are" })} back`,
      suspect: (/** @type {string} */ who, /** @type {number} */ n) => `${who} ${form(n, { one: "is", other: "are" })} suspect`,
      dead: (/** @type {string} */ who, /** @type {number} */ n) => `${who} ${form(n, { one: "is", other: "are" })} dead`,
      left: (/** @type {string} */ who, /** @type {number} */ n) => `${who} ${form(n, { one: "is", other: "are" })} gone, with a goodbye`,
    }),
  }),

  // --- the picture --------------------------------------------------------------------------------

  empty: freeze({
    looking: "Looking for the network…",
    lookingMore: "The dashboard is being asked. This takes a moment.",
    ended: "The page came from it a moment ago, so it has just ended, or is very busy. See how it is, or start it:",
    see: "See how it is",
    start: "Start the network and the dashboard",
    none: "No nodes yet",
    startFifty: "Start fifty",
    own: "Put one of your own into the network",
    /** Words and commands in turn; what stands between backticks is a command. */
    missing: "Something should be here? `make status` says what runs, and `make logs` what was printed.",
    expected: (/** @type {number} */ n) => `${n} were started. They appear here by themselves as soon as they run; fifty take some ten seconds.`,
    unexpected: "They appear here by themselves as soon as they run.",
  }),
  tip: freeze({
    /** Of a node: its name, and what is to be said of it. */
    node: (/** @type {string} */ name, /** @type {string} */ facts) => `${name} — ${facts}`,
    knows: (/** @type {number} */ others) => `knows ${others}`,
    inbox: (/** @type {number} */ messages) => `${messages} in the inbox`,
    waiting: (/** @type {number} */ messages) => `${messages} waiting`,
    failed: (/** @type {number} */ messages) => `${messages} failed`,
  }),
  picture: freeze({
    walked: (/** @type {string} */ name, /** @type {string} */ state, /** @type {number} */ links) => `${name}, ${state}, ${counted(links, { one: "link", other: "links" })}`,
    joined: (/** @type {number} */ dots) => `${count(dots)} dots on their way – they are joined, with their number`,
    /** What can be taken back, as it stands behind “Undo:”. */
    anew: "the new layout",
    pinning: (/** @type {string} */ name) => `pinning ${name}`,
    letting: (/** @type {string} */ name) => `letting ${name} move`,
    lettingMany: (/** @type {number} */ n) => `letting ${n} nodes move`,
    moving: (/** @type {string} */ name) => `moving ${name}`,
    aNode: "a node",
  }),
  composer: freeze({
    receiver: "Choose another receiver",
    everybody: "everybody",
    text: "Text of the message",
    placeholder: "Type a message, Enter sends it",
    placeholderAll: "Type a message for everybody, Enter sends it",
    send: "Send",
    broadcast: "Broadcast",
    title: "Send a message",
    titleAll: "Send a message to everybody",
    told: "Sent just now",
    who: "Who should get it",
    close: "Close (Esc)",
    picking: (/** @type {string} */ name) => `Sending from ${name}. Type the name of the node that should get it. Escape cancels.`,
    broadcasting: (/** @type {string} */ name) => `Broadcasting from ${name} to everybody. Type a text, Enter sends it. Escape cancels.`,
    gone: "That node is no longer here; choose another.",
    nothing: "Type a text first.",
    unheard: (/** @type {string} */ from, /** @type {string} */ to) => `${from} has not heard of ${to} yet; try again in a moment`,
    notSent: (/** @type {string} */ why) => `not sent: ${why}`,
    sending: "sending…",
    queued: "queued",
    /** `text`: of the message, `how`: how far it is. */
    toldHow: (/** @type {string} */ text, /** @type {string} */ how) => `“${text}” ${how}`,
  }),
  choice: freeze({
    placeholder: "Click a node, or type",
    missing: "Type the name of a node, or click it.",
    noneFits: (/** @type {string} */ wanted) => `No node fits “${wanted}”.`,
  }),

  // --- health ---------------------------------------------------------------------------------------

  health: freeze({
    title: "Health",
    panel: "Health of the network",
    opener: "Health: figures and charts (h)",
    close: "Fold the health panel",
    show: "Show",
    hide: "Hide",
    overTime: "Over time",
    span: "How far back the charts go",
    spans: freeze({ 5: "5 minutes", 30: "30 minutes", 120: "2 hours" }),
    charts: "Charts over time. Left and right move through the time, Enter goes there.",
    noCharts: (/** @type {string} */ why) => `No charts: ${why}.`,
    /** Figures: their names, and what they mean. */
    figures: freeze({
      members: freeze({ name: "members", meaning: "Alive, or only suspected not to be" }),
      components: freeze({ name: "components", meaning: "Parts between which there is no way over links" }),
      links: freeze({ name: "links", meaning: "Pairs that keep a connection" }),
      diameter: freeze({ name: "diameter", meaning: "The longest of all shortest ways, in links" }),
      path: freeze({ name: "mean path", meaning: "How far two nodes are from each other, on average, in links" }),
      clustering: freeze({ name: "clustering", meaning: "How often two neighbours of a node are neighbours, too: 0 never, 1 always (Watts and Strogatz)" }),
      coverage: freeze({ name: "coverage", meaning: "How much of the living others a node knows, on average" }),
      agreement: freeze({ name: "agreement", meaning: "Of all pairs of nodes, how many have the very same map of who lives" }),
      degree: freeze({ name: "links a node", meaning: "On average" }),
      events: freeze({ name: "events/s", meaning: "What all nodes tell, a mean over five seconds" }),
      dots: freeze({ name: "dots", meaning: "Messages, or their hops, that are drawn on their way now" }),
      behind: freeze({ name: "this page", meaning: "How far what you see is behind the network" }),
    }),
    /** Charts: what stands over them, what their lines are called, and their units. */
    members: "Members",
    alive: "alive",
    suspect: "suspect",
    dead: "dead",
    messages: "Messages/s",
    sent: "sent",
    arrived: "arrived",
    failed: "failed",
    waiting: "Messages waiting",
    onTheWay: "Time on the way",
    half: "half within",
    ninetyNine: "99 of 100",
    events: "Events/s",
    components: "Components",
    now: "now",
    knowledge: "Knowledge",
    coverage: "coverage",
    agreement: "agreement",
    ms: "ms",
    unit: (/** @type {string} */ value, /** @type {string} */ unit) => `${value} ${unit}`,
    percent: (/** @type {number} */ value) => `${value} %`,
    /** How far the page is behind. */
    past: (/** @type {string} */ span) => `${span} in the past`,
    disconnected: "not connected",
    behindDisconnected: (/** @type {string} */ span) => `${span} behind: not connected`,
    live: "live",
    behind: (/** @type {string} */ span) => `${span} behind`,
    /** The line over the picture. */
    line: freeze({
      members: (/** @type {number} */ n) => counted(n, { one: "member", other: "members" }),
      membersAnd: (/** @type {string} */ members, /** @type {string} */ rest) => `${members} (${rest})`,
      suspect: (/** @type {number} */ n) => `${n} suspect`,
      dead: (/** @type {number} */ n) => `${n} dead`,
      components: (/** @type {number} */ n) => counted(n, { one: "component", other: "components" }),
      diameter: (/** @type {string} */ diameter) => `diameter ${diameter}`,
      path: (/** @type {string} */ path) => `mean path ${path}`,
      clustering: (/** @type {string} */ clustering) => `clustering ${clustering}`,
      events: (/** @type {number} */ n) => `${count(n)} events/s`,
      dots: (/** @type {number} */ n) => counted(n, { one: "dot", other: "dots" }),
    }),
    /** How the distances were found: one of two sentences, and perhaps two more behind it. */
    exact: "Distances are exact.",
    sampled: (/** @type {number} */ from, /** @type {number} */ of) => `Distances are sampled, from ${count(from)} of ${count(of)} nodes: the diameter is at least that.`,
    ofLargest: (/** @type {number} */ n) => `Of the largest component, ${nodes(n)}.`,
    maps: (/** @type {number} */ different, /** @type {number} */ of) => `${counted(different, { one: "different map", other: "different maps" })} of ${count(of)}.`,
    holds: "No single node or link holds it together.",
    hangsOn: (/** @type {string} */ what) => `It hangs on ${what}: without it it falls apart.`,
    hangsOnMany: (/** @type {string} */ what) => `It hangs on ${what}: without one of them it falls apart.`,
  }),

  // --- time: the bar under the picture, recordings ------------------------------------------------

  time: freeze({
    back: "Back to what happened before",
    on: "On to what happens next",
    follow: "Follow the chosen message",
    pause: "Pause",
    play: "Play",
    space: "Space",
    speed: "Speed",
    speedWhat: "Speed ([ slower, ] faster)",
    times: (/** @type {number} */ speed) => `${speed}×`,
    span: "Part of the recording on the timeline",
    spanWhat: "How much the timeline shows (the wheel does that, too)",
    spans: freeze({ all: "all", hour: "1 h", tenMinutes: "10 min", minute: "1 min", zoomed: "zoomed" }),
    live: "Live",
    goLive: "Go live",
    liveWhat: "Back to the present (l)",
    liveWhatNews: (/** @type {number} */ n, /** @type {number} */ changes) =>
      `Back to the present (l). Meanwhile: ${messages(n)}, ${counted(changes, { one: "change", other: "changes" })} of nodes`,
    recordings: "Recordings",
    recordingsWhat: "Recordings: open, save",
    hindered: (/** @type {string} */ moment) => `you are looking at ${moment}, and the past cannot be changed; go live first`,
    hinderedRecording: "this is a recording: there is no network behind it",
    noSending: "This is the past: go live to send.",
    noSendingRecording: "This is a recording: there is no network behind it.",
    somebody: "somebody",
    everybody: "everybody",
    again: "Try again",
    stop: "Stop",
    hole: (/** @type {string} */ since, /** @type {string} */ until, /** @type {string} */ why) => `A hole in the recording, ${since} to ${until}: ${why}`,
    following: "Following a message",
    followingOf: (/** @type {string} */ from, /** @type {string} */ to) => `Following a message: ${from} → ${to}`,
    begins: "Here the recording begins",
    ends: "Here the recording ends",
    ago: (/** @type {string} */ span) => `${span} ago`,
    now: "now",
    /** The badge: `state` is one of the three below, or a speed. */
    replay: (/** @type {string} */ moment, /** @type {string} */ state) => `replay ${moment}, ${state}`,
    recording: (/** @type {string} */ moment, /** @type {string} */ state) => `recording ${moment}, ${state}`,
    loading: "loading",
    paused: "paused",
    /** What stands before the network's state, of the past. */
    at: (/** @type {string} */ moment) => `At ${moment}:`,
    atOf: (/** @type {string} */ moment, /** @type {string} */ recording) => `At ${moment} of ${recording}:`,
    fresh: (/** @type {number} */ n) => `${count(n)} new`,
    news: "news",
    disconnected: "not connected",
    toldLive: "Live again.",
    toldPast: (/** @type {string} */ moment) => `The past: ${moment}. Press l to go live.`,
    toldMessage: (/** @type {string} */ how) => `The message: ${how}.`,
    noMoment: "The address names no moment that there can be.",
    chooseFirst: "Choose a message first, then press w.",
    nothingMore: "Nothing more happens in this recording, so far.",
    nothingBefore: "Nothing is recorded before this.",
    timeline: "Time that is shown",
    present: "live",
    momentAgo: (/** @type {string} */ moment, /** @type {string} */ ago) => `${moment}, ${ago} ago`,
    before: "before the recording began",
    sent: (/** @type {number} */ n, /** @type {number} */ failed, /** @type {string} */ span) => `${messages(n)}${failed > 0 ? `, ${failed} failed` : ""} in ${span}`,
    holeWhy: (/** @type {string} */ why) => `A hole: ${why}`,
    holeOfOne: (/** @type {string} */ why) => `Some events of one node are missing: ${why}`,
    /** What a mark of the timeline says. `several`: of more than one node. */
    marks: freeze({
      joined: (/** @type {string} */ who) => `${who} joined`,
      back: (/** @type {string} */ who, /** @type {boolean} */ several) => `${who} ${several ? "are back" : "is back"}`,
      left: (/** @type {string} */ who) => `${who} left`,
      dead: (/** @type {string} */ who) => `${who} died`,
      fault: (/** @type {string} */ who, /** @type {boolean} */ several) => `${who} ${several ? "got faults" : "got a fault"}`,
      healed: (/** @type {string} */ who, /** @type {boolean} */ several) => `${who} ${several ? "were healed of faults" : "was healed of a fault"}`,
      started: (/** @type {string} */ who) => `${who} began to record`,
      stopped: (/** @type {string} */ who) => `${who} stopped recording`,
    }),
    namesAndMore: (/** @type {string} */ names, /** @type {number} */ more) => `${names} and ${more} more`,
    /** Events in words: `A` is who told it, `B` whom it is about, `T` the message’s text. */
    facts: freeze({
      "message.queued": "A keeps T for B",
      "message.sent": "A sends T to B",
      "message.forwarded": "A hands T on, for B",
      "message.received": "A receives T from B",
      "message.delivered": "A knows that B has T",
      "message.retried": "A tries T to B again",
      "message.failed": "A gives up T to B",
      "message.discarded": "A drops T to B",
      "broadcast.sent": "A broadcasts T",
      "broadcast.received": "A receives B’s broadcast T",
      "broadcast.missed": "A knows that it missed broadcasts of B",
      "link.up": "A and B are linked",
      "link.down": "A has lost its link to B",
      "peer.learned": "A hears of B",
      "peer.forgotten": "A forgets B",
      "member.alive": "A finds B alive",
      "member.suspect": "A suspects B",
      "member.dead": "A takes B for dead",
      "member.left": "A hears that B left",
      "node.started": "A starts",
      "node.stopping": "A says goodbye",
      "node.gone": "A is gone",
      "node.back": "A is back",
      "fault.set": "A gets a fault",
      "fault.cleared": "A is healed of a fault",
      "dashboard.snapshot": "A says all that it knows",
      "dashboard.resumed": "the panel hears A again",
      "dashboard.answered": "A answers the panel",
      "dashboard.contact": "the panel’s line to A comes or goes",
      "dashboard.passed": "A is forgotten",
      "dashboard.started": "the panel begins to record",
      "dashboard.stopped": "the panel stops recording",
    }),
    factsAndMore: (/** @type {string} */ fact, /** @type {number} */ more) => `${fact}, and ${counted(more, { one: "thing", other: "things" })} more`,
    factOfFault: (/** @type {string} */ fact, /** @type {string} */ fault) => `${fact}: ${fault}`,
    aMessage: "a message",
    quoted: (/** @type {string} */ text) => `“${text}”`,
  }),
  recordings: freeze({
    title: "Recordings",
    close: "Close",
    about: "All that the panel hears is written down. Open a recording and it plays as it was, with no network behind it; save one as a file to keep it or to give it away.",
    file: "A recorded run, a .p2prun file",
    openFile: "Open a file…",
    recording: "Recording.",
    notRecording: (/** @type {string} */ why) => `Not recording: ${why}.`,
    disk: "the disk",
    off: "Nothing is being recorded.",
    tooLarge: "the file is too large; at most 512 MiB are taken",
    reading: (/** @type {string} */ file) => `Reading ${file}…`,
    toldRead: (/** @type {string} */ name, /** @type {number} */ n) => `${name} is read: ${counted(n, { one: "record", other: "records" })}.`,
    name: (/** @type {string} */ name) => `Name of the recording ${name}`,
    toldNamed: (/** @type {string} */ name) => `It is called ${name} now.`,
    delete: "Delete",
    deleteWhat: (/** @type {string} */ name) => `Delete ${name}`,
    really: "Really?",
    toldDeleted: (/** @type {string} */ name) => `${name} is deleted.`,
    fromStart: "From the start",
    open: "Open",
    openWhat: (/** @type {string} */ name) => `Open ${name}`,
    empty: "empty",
    length: (/** @type {string} */ begin, /** @type {string} */ span) => `${begin}, ${span}`,
    facts: (/** @type {string} */ length, /** @type {number} */ n, /** @type {string} */ size) => `${length} · ${counted(n, { one: "record", other: "records" })} · ${size}`,
    kilobytes: (/** @type {number} */ size) => `${size} kB`,
    megabytes: (/** @type {string} */ size) => `${size} MB`,
    now: "recording now",
    imported: "from a file",
    save: "Save as a file",
    saveWhat: (/** @type {string} */ name) => `Save ${name} as a file`,
    none: "There is no recording yet.",
  }),

  // --- faults: what is broken on purpose, several nodes chosen together -------------------------

  /** What stands in the legend while it is to be seen in the picture. */
  signs: freeze({
    partition: freeze({ word: "partition", means: "Nodes on one side hear nothing of the other" }),
    cut: freeze({ word: "cut", means: "Nothing gets through, in neither direction" }),
    oneway: freeze({ word: "one way", means: "Messages get through in the direction of the arrow only" }),
    slow: freeze({ word: "slow", means: "Everything comes later" }),
    lossy: freeze({ word: "lossy", means: "Some requests and answers are lost" }),
    isolated: freeze({ word: "isolated", means: "Nothing gets to the node or from it" }),
    frozen: freeze({ word: "frozen", means: "The node answers nothing and does nothing" }),
    down: freeze({ word: "crashed", means: "Its process has ended; it comes back by itself" }),
    disk: freeze({ word: "disk full", means: "The node can store nothing" }),
    clock: freeze({ word: "clock wrong", means: "The node’s clock is wrong" }),
    narrow: freeze({ word: "narrow", means: "Only so many bytes a second get through" }),
    twice: freeze({ word: "doubled", means: "Requests arrive twice" }),
    mixed: freeze({ word: "out of order", means: "Some requests are overtaken by later ones" }),
  }),
  fault: freeze({
    /** What, towards whom (null: all), and in which direction (`in`, `out`, or both). */
    whole: (/** @type {string} */ what, /** @type {string|null} */ whom, /** @type {unknown} */ way) =>
      `${what}${whom === null ? "" : `, towards ${whom}`}${way === "in" ? ", what comes in" : way === "out" ? ", what goes out" : ""}`,
    others: (/** @type {string} */ names, /** @type {number} */ n) => `${names} and ${counted(n, { one: "other", other: "others" })}`,
    cutOff: "cut off",
    loses: (/** @type {number} */ percent) => `loses ${percent} %`,
    late: (/** @type {number} */ ms) => `late by ${ms} ms`,
    throttle: (/** @type {number} */ bytes) => `${counted(bytes, { one: "byte", other: "bytes" })} a second`,
    disk: "disk full",
    clockOff: (/** @type {number} */ s) => `clock wrong by ${s} s`,
    clockRate: (/** @type {number} */ rate) => `clock runs ${rate} times as fast`,
    isolated: "isolated",
    frozen: "frozen",
    crashed: "crashed",
    left: "left",
    ring: (/** @type {number} */ n) => `Ring of ${n}`,
    parts: (/** @type {number} */ n) => `Partition into ${n} parts`,
    sides: (/** @type {string} */ sizes) => `Partition ${sizes}`,
    /** A line of what is broken: what, at whom; with its arrow, towards whom. */
    entry: (/** @type {string} */ what, /** @type {string} */ whom) => `${capital(what)}: ${whom}`,
    entryTowards: (/** @type {string} */ what, /** @type {string} */ whom, /** @type {string} */ arrow, /** @type {string} */ peers) => `${capital(what)}: ${whom} ${arrow} ${peers}`,
    /** A side of a partition, in the picture. */
    side: (/** @type {string} */ letter, /** @type {number} */ n) => `${letter} · ${n} ${form(n, { one: "node", other: "nodes" })}`,
  }),
  broken: freeze({
    title: "Broken on purpose",
    list: "What is broken on purpose",
    legend: "What is broken",
    fewer: "Show fewer",
    more: (/** @type {number} */ n) => `${count(n)} more`,
    asked: (/** @type {string} */ by) => `Asked by ${by}. Press to see where it is.`,
    somebody: "somebody",
    until: "Until it heals by itself",
    heal: "Heal this now",
    healed: (/** @type {string} */ what) => `Healed: ${what}.`,
  }),
  /** Acts at several nodes, and at the whole network. */
  acts: freeze({
    /** An action of the dashboard’s table, with for how long it lasts, or after how long it ends. */
    lasts: (/** @type {string} */ what, /** @type {string} */ time) => `${what}, for ${time}`,
    after: (/** @type {string} */ what, /** @type {string} */ time) => `${what}, after ${time}`,
    confirm: (/** @type {string} */ name, /** @type {string} */ whom, /** @type {string} */ what) => `${name} ${whom}? ${what}. What is not on disk is lost.`,
    done: (/** @type {string} */ name, /** @type {number} */ n, /** @type {string} */ time) => `${name}: ${nodes(n)}, for ${time}.`,
    leftOut: (/** @type {string} */ done, /** @type {string} */ names) => `${done} Left out, as they do not live: ${names}.`,
    partition: freeze({ title: "Partition", what: "These hear nothing of all the others, and the others nothing of them" }),
    partitioned: (/** @type {number} */ one, /** @type {number} */ other, /** @type {string} */ time) => `Partition: ${nodes(one)} and ${other} hear nothing of each other, for ${time}.`,
    halves: freeze({ title: "Partition in halves", what: "Two halves that hear nothing of each other" }),
    bridge: freeze({ title: "Two halves and a bridge", what: "Two halves, and one node between them that hears both" }),
    ring: freeze({ title: "Ring", what: "Each node hears only the one before and the one after it" }),
    heal: freeze({ title: "Heal everything", what: "Ends every fault at every node" }),
    healed: (/** @type {number} */ n) => `Healed: ${faults(n)} ended.`,
    notReached: (/** @type {string} */ done, /** @type {string} */ names) => `${done} Not reached: ${names}.`,
    plain: (/** @type {string} */ name) => `${name} is a plain node: it cannot break itself.`,
    gone: (/** @type {string} */ name) => `${name} is not there.`,
    chooseFirst: "Choose some nodes first.",
    noneLives: "None of these nodes lives, or they are plain nodes.",
  }),
  chosen: freeze({
    title: "Chosen nodes",
    none: "Nobody is chosen.",
    told: (/** @type {number} */ n) => `${n} ${form(n, { one: "node", other: "nodes" })} chosen.`,
    took: (/** @type {string} */ name) => `${name}: chosen.`,
    left: (/** @type {string} */ name) => `${name}: not chosen any more.`,
    it: "It",
    choose: (/** @type {string} */ name) => `Choose ${name}`,
    lasso: "Choose nodes with a lasso",
    lassoWhat: "Choose nodes with a lasso: draw around them (o, or drag with Shift)",
    /** Before the choice of for how long, and what that is. */
    lasts: "for",
    lastsWhat: "For how long",
    spans: freeze({ 10: "10 s", 30: "30 s", 60: "60 s", 300: "5 min", 1800: "30 min" }),
    acts: "What to do with the chosen nodes",
    /** An act that asks first. */
    asks: (/** @type {string} */ title) => `${title}…`,
    really: "Really?",
    yes: (/** @type {string} */ title, /** @type {number} */ n) => `${title} ${nodes(n)}`,
    cancel: "Cancel",
    send: "Send to all…",
    sendWhat: "Send a message to each of them",
    /** Before the choice of who sends it. */
    from: "From",
    fromWhat: "Who sends it",
    text: "A message for each of them",
    placeholder: "A message for each of them, Enter sends it",
    go: "Send",
    close: "Choose nobody (Esc)",
    toldSent: (/** @type {number} */ n, /** @type {number} */ of) => `Sent to ${n} of ${nodes(of)}.`,
    notSent: (/** @type {number} */ n, /** @type {string} */ first) => `${messages(n)} not sent. ${first}`,
    refused: (/** @type {string} */ name, /** @type {string} */ why) => `${name}: ${why}`,
  }),

  // --- the legend ---------------------------------------------------------------------------------

  legend: freeze({
    colour: freeze({ state: "State", degree: "Links", known: "Knowledge" }),
    knows: freeze({ selected: "selected", none: "hidden", all: "all" }),
    flight: freeze({ 200: "0.2 s", 600: "0.6 s", 1200: "1.2 s" }),
    /** What stands before each of these choices; "": nothing. */
    labels: freeze({ colour: "", knows: "knows", flight: "hop" }),
    meanings: freeze({
      colour: "What the nodes’ colour shows",
      knows: "Of which nodes it is drawn whom they know",
      flight: "How long a dot takes from one node to the next",
    }),
    cutNode: "it hangs on this node",
    cutNodeWhat: "Without this node the others fall apart",
    cutLink: "on this link",
    cutLinkWhat: "Without this link the network falls apart",
    link: "link",
    knowsWhat: "Whom a node knows, without a link to it (k)",
    message: "message",
    broadcast: "broadcast",
    flightWhat: "A hop takes a few milliseconds; the dots are slowed so that you can see them",
    failed: "failed",
    waiting: "waiting",
    waitingWhat: "So many messages have waited at a node for a second or longer: for their turn, or for the next attempt",
    oneLine: "One line",
    all: "All signs",
    /** The ends of the colour scale, and its middle. */
    scale: freeze({
      nobody: "knows nobody",
      half: "half",
      everybody: "everybody",
      none: "no link",
      most: (/** @type {number} */ n) => `${n} ${form(n, { one: "link", other: "links" })}`,
    }),
  }),

  // --- the messages: table, filter, one in full, space–time diagram -------------------------------

  messagesPanel: freeze({
    title: "Messages",
    table: "Table",
    spacetime: "Space–time",
    tabs: "How messages are shown",
    only: "Only these",
    onlyWhat: "Light the ways of these messages in the picture, dim the rest, and let only them fly",
    toldOnly: (/** @type {number} */ n) => `Only ${messages(n)} in the picture.`,
    toldAll: "All messages in the picture.",
    held: (/** @type {number} */ n) => `${counted(n, { one: "new one", other: "new ones" })} above, held while you point`,
    shown: (/** @type {number} */ shown, /** @type {number} */ all) => `${count(shown)} of ${count(all)}`,
    /** The sender of a message that came from outside the network. */
    outside: (/** @type {string} */ sender) => `${sender} (outside)`,
    none: "No message yet. Choose a node, press s, choose another, type, Enter. Or b: to everybody.",
    noneFits: "No message fits the filter.",
    /** What there is besides; sentences that follow each other. */
    historySilent: (/** @type {string} */ why) => `The history does not answer: ${why}.`,
    fetching: "Fetching older ones …",
    full: (/** @type {number} */ n) => `${count(n)} are as many as this page keeps; after: and before: in /api/history/messages find the others.`,
    atEnd: "All that the dashboard has written down are here.",
    here: (/** @type {number} */ here, /** @type {number} */ all) => `${count(here)} of ${count(all)} are here.`,
    perhaps: "There may be older ones in the history.",
    letGo: (/** @type {number} */ n) => `${counted(n, { one: "old one was", other: "old ones were" })} let go.`,
    stop: "Stop",
    fetchMore: (/** @type {number} */ n) => `Fetch ${count(n)} more`,
    fetchAll: "Fetch all",
    /** With the key behind: the tip of a button; its label is what stands before the bracket. */
    fold: "Fold the messages away (m)",
    unfold: "Show the messages (m)",
    enlarge: "Enlarge the messages (M)",
    shrink: "Make the messages small again (M)",
  }),
  table: freeze({
    title: "Messages",
    sign: "Sign",
    heads: freeze({ time: "Time", from: "From", to: "To", text: "Text", state: "State", hops: "Hops", ms: "ms", detour: "Detour" }),
    meanings: freeze({
      hops: "Over how many hops it went, or how many it has behind it",
      ms: "Milliseconds from when it left until it was there, or was given up",
      detour: "Hops more than the shortest way over the links that there were when it arrived",
    }),
    sortBy: (/** @type {string} */ head) => `Sort by ${head.toLowerCase()}`,
  }),
  /** One message in full. */
  detail: freeze({
    title: "The chosen message",
    close: "Close the message",
    noHistory: "The dashboard’s history has nothing of it.",
    detour: (/** @type {number} */ more, /** @type {number} */ shortest) => `a detour: ${hops(more)} more than the ${shortest} that the links would have needed`,
    hidden: "The filter hides it in the table. ",
    showAll: "Show all",
    way: "Its way",
    follow: "Follow",
    followWhat: "Show in the picture how it went, slowly",
    ask: "All that was told",
    askWhat: "Ask the dashboard’s history what every node said of it",
    asking: "Asking…",
    askNode: (/** @type {string} */ name) => `Ask ${name} itself`,
    toldCopied: "Copied: the way of the message",
    toldSelected: "Copying is not allowed here; the way is selected instead",
  }),
  /** The way of a message, step by step. */
  story: freeze({
    keeps: (/** @type {string} */ who) => `${who} has it, and keeps it until it is there`,
    before: (/** @type {number} */ n, /** @type {string|null} */ why) => `${tries(n)} before this one came to nothing${because(why)}`,
    calls: (/** @type {string} */ who, /** @type {string} */ to) => `${who} calls ${to} directly`,
    callsAgain: (/** @type {string} */ who, /** @type {string} */ to, /** @type {number} */ attempt) => `${who} tries again (attempt ${attempt}): calls ${to} directly`,
    hands: (/** @type {string} */ who, /** @type {string} */ to, /** @type {number} */ hop) => `${who} hands it to ${to} (hop ${hop})`,
    handsAgain: (/** @type {string} */ who, /** @type {string} */ to, /** @type {number} */ attempt) => `${who} tries again (attempt ${attempt}): hands it to ${to} (hop 1)`,
    handsOf: (/** @type {string} */ who, /** @type {string} */ to, /** @type {number} */ hop, /** @type {number} */ of) => `${who} hands it to ${to} (hop ${hop} of ${of})`,
    gap: (/** @type {string} */ from, /** @type {string} */ to) => `somehow from ${from} to ${to}: nobody told`,
    there: (/** @type {string} */ who, /** @type {number} */ over) => `${who} has it on disk${over > 1 ? `, after ${hops(over)}` : ""}`,
    known: (/** @type {string} */ who) => `${who} knows that it is there`,
    givenUp: (/** @type {string|null} */ why) => `given up${because(why)}`,
    /** `why` null: for its turn. */
    waits: (/** @type {string|null} */ why, /** @type {boolean} */ again) => `waits${why === null ? " for its turn" : `: ${why}`}${again ? "; this is when it is tried again" : ""}`,
    queued: (/** @type {string} */ who, /** @type {string} */ to) => `${who} has it, behind others for ${to}`,
    retried: (/** @type {number} */ attempt, /** @type {string|null} */ why) => `attempt ${attempt} came to nothing${because(why)}`,
    discarded: "discarded by a person",
    tells: (/** @type {string} */ who) => `${who} tells everybody`,
    has: (/** @type {string} */ who, /** @type {string} */ from, /** @type {number} */ hop) => `${who} has it from ${from} (hop ${hop})`,
    more: (/** @type {number} */ n) => `and ${count(n)} more`,
    unordered: (/** @type {number} */ n) => `${nodes(n)} had it; their order is not at hand any more`,
    all: (/** @type {number|string} */ of) => `all ${of} have it`,
    soFar: (/** @type {number} */ reached, /** @type {number} */ of) => `${reached} of ${of} have it so far`,
    /** The first line of the text that is copied; `took` "": it is not known. */
    head: (/** @type {string} */ kind, /** @type {string} */ id, /** @type {string} */ from, /** @type {string} */ to, /** @type {string} */ state, /** @type {string} */ took, /** @type {number} */ detour) =>
      `${kind} ${id}: ${from} → ${to}, ${state}${took === "" ? "" : ` after ${took}`}${detour > 0 ? `, ${hops(detour)} more than the shortest way` : ""}`,
  }),
  /** The filter's words themselves are a language of their own and stay as they are. */
  filter: freeze({
    title: "Filter messages",
    placeholder: "Filter:  from:node7  state:lost  hops>2  detour",
    options: "What may stand here",
    help: "How filters are written",
    goTo: "Go to this word",
    meanwhileAll: "Meanwhile all are shown.",
    meanwhileBefore: "Meanwhile the filter of before goes on.",
    fields: freeze({
      from: "who sent it",
      to: "who is to get it",
      node: "who sent it or is to get it",
      via: "who passed it on",
      text: "what it says",
      state: "how far it is",
      route: "which way it went",
      kind: "to one, or to all",
      hops: "over how many hops",
      detour: "hops more than the shortest way over the links",
      ms: "how long it took",
      tries: "how often it was tried",
      reached: "how many have a broadcast",
      after: "from a time on",
      before: "until a time",
      at: "in that minute, second, day",
      reason: "what went wrong",
      id: "its id, or the beginning of it",
    }),
    flags: freeze({
      broadcast: "was sent to everybody",
      detour: "took more hops than the links would have needed",
      retried: "was tried more than once",
      outside: "came from outside the network",
    }),
    values: freeze({
      waiting: "no try is under way",
      sent: "on its way",
      received: "there, but its sender does not know",
      delivered: "there, and its sender knows",
      failed: "given up or refused",
      lost: "the same as failed",
      arrived: "received or delivered",
      open: "waiting or on its way",
      direct: "by one call",
      overlay: "from link to link",
      tree: "a broadcast",
      outside: "posted from outside",
      message: "to one node",
      broadcast: "to everybody",
    }),
    aNode: "sent it, is to get it, or is named in it",
    sheet: freeze({
      intro: "All words have to fit. A press on an example adds it.",
      word: "in the text, or a name of one end",
      quoted: "these very words",
      not: "not (NOT means the same)",
      several: "one of these",
      or: "one or the other",
      star: "any name that begins so",
      range: "from … to, both included",
      units: "units: ms, s, m",
      ago: "the last five minutes",
    }),
    problems: freeze({
      quotation: 'A quotation mark is opened and not closed. End it with another ".',
      bracketText: 'This bracket closes nothing. Text with brackets in it needs quotation marks: "f(x)".',
      follows: (/** @type {string} */ word) => `Something has to follow “${word}”.`,
      followsAsIn: (/** @type {string} */ word, /** @type {string} */ example) => `Something has to follow “${word}”, as in ${example}.`,
      emptyBrackets: "There is nothing between these brackets.",
      openBracket: "This bracket is not closed.",
      closeBracket: "This bracket closes nothing.",
      between: (/** @type {string} */ word) => `“${word}” has to stand between two words. To look for the word itself: "${word}".`,
      minus: "A minus stands directly before what is not wanted: -state:delivered.",
      emptyQuotation: "There is nothing between these quotation marks.",
      noField: (/** @type {string} */ name, /** @type {string} */ text) => `There is no field “${name}”. To look for this text, quote it: "${text}".`,
      noFieldNear: (/** @type {string} */ name, /** @type {string} */ near) => `There is no field “${name}”. Did you mean “${near}”?`,
      compares: (/** @type {string} */ field, /** @type {string} */ example) => `“${field}” cannot be larger or smaller than something. Write ${example}.`,
      noNumber: (/** @type {string} */ value, /** @type {string} */ example, /** @type {string} */ field) => `“${value}” is no number. Write ${example}, or ${field}:2..4.`,
      noMilliseconds: (/** @type {string} */ value, /** @type {string} */ example, /** @type {string} */ field) => `“${value}” is no number of milliseconds. Write ${example}, or ${field}:2..4.`,
      noTime: (/** @type {string} */ value) => `“${value}” is no time. Write 14:03, 14:03:07.5, 5m (five minutes ago), 2026-11-29 or 2026-11-29T14:03:07Z.`,
      oneOf: (/** @type {string} */ words) => `One of ${words} has to stand here.`,
      noValue: (/** @type {string} */ value, /** @type {string} */ field, /** @type {string} */ words) => `“${value}” is no ${field} of a message. There are ${words}.`,
      noValueNear: (/** @type {string} */ value, /** @type {string} */ field, /** @type {string} */ words, /** @type {string} */ near) =>
        `“${value}” is no ${field} of a message; did you mean “${near}”? There are ${words}.`,
      joins: (/** @type {string} */ word, /** @type {string} */ capitals) => `“${word}” is looked for as a word of the text; in capitals, ${capitals}, it joins.`,
      noNode: (/** @type {string} */ name) => `No node that is known here is called “${name}”.`,
    }),
  }),
  spacetime: freeze({
    title: "Space–time diagram",
    role: "space–time diagram",
    how: "Space–time diagram: one line for each node, one arrow for each hop. Up and Down go from hop to hop, Enter chooses its message, Left and Right move in time, plus and minus zoom, 0 shows all. “In words” lists the same.",
    list: "The hops in words",
    nothing: "Nothing to draw: no message fits, or none has left yet.",
    fold: "Fold idle time",
    foldWhat: "Where nothing happens for long, time is folded to a strip",
    inWords: "In words",
    /** Each before its choice. */
    show: "show",
    showWhat: "Which messages are drawn",
    newest: (/** @type {number} */ n) => `the newest ${count(n)}`,
    alone: "the chosen one",
    lines: "lines",
    linesWhat: "In which order the nodes stand",
    byName: "by name",
    byFirst: "by first appearance",
    zoomOut: "Zoom out (−)",
    zoomIn: "Zoom in (+)",
    fit: "Fit",
    fitWhat: "Fit all of it in (0)",
    choose: "choose a message",
    /** `left`: how many older ones fit, too. */
    note: (/** @type {number} */ n, /** @type {number} */ over, /** @type {number} */ among, /** @type {number} */ left) =>
      `${messages(n)}, ${hops(over)}, ${nodes(among)}${left > 0 ? `; ${count(left)} older ones fit, too` : ""}`,
    earlier: (/** @type {number} */ n) => `${counted(n, { one: "earlier hop", other: "earlier hops" })}: filter, or show fewer`,
    outside: "outside",
    /** One hop: `of` 0: that is not known; `how`: one of the four below, or how long it took. */
    hop: (/** @type {string} */ time, /** @type {string} */ from, /** @type {string} */ to, /** @type {boolean} */ broadcast, /** @type {number} */ hop, /** @type {number} */ of, /** @type {string} */ how) =>
      `${time}  ${from} → ${to}, ${broadcast ? "broadcast, " : ""}hop ${hop}${of > 0 ? ` of ${of}` : ""}, ${how}`,
    lost: (/** @type {string|null} */ why) => `lost${because(why)}`,
    open: "on its way",
    gap: "nobody told when",
  }),

  // --- the side: the list of nodes, one node ------------------------------------------------------

  side: freeze({ show: "Show the side", fold: "Fold the side away" }),
  list: freeze({
    title: "Nodes",
    find: "Find a node  ( / )",
    findWhat: "Find a node by name, address or state",
    nobody: "Nobody is here yet.",
    noneFits: (/** @type {string} */ wanted) => `No node fits “${wanted}”.`,
    waiting: (/** @type {number} */ waiting) => `${waiting} waiting`,
  }),
  node: freeze({
    all: "All nodes",
    allWhat: "All nodes: back to the list of nodes",
    show: "Show",
    showWhat: "Bring it into the picture",
    address: "Ask this node itself, in a new tab",
    contradicted: "Contradicted",
    contradiction: (/** @type {string} */ what) => `It ${what}.`,
    past: "This is the node as it was.",
    pastMore: " Whom it believes alive, and what can be done to it, belongs to the present: go live for that.",
    send: "Send",
    sendWhat: "Send a message",
    sendHow: "Choose who gets it (s)",
    broadcast: "Broadcast",
    broadcastWhat: "Broadcast to everybody",
    broadcastHow: "Write to everybody (b)",
    cannotPlain: "A plain node takes messages but cannot be told to send one",
    cannotGone: "It is not there to send anything",
    figures: freeze({ links: "links", knows: "knows", received: "received", sent: "sent", waiting: "waiting", failed: "failed" }),
    inbox: "Inbox",
    outbox: "Outbox",
    links: "Links",
    members: "Members",
    curl: "By hand: curl",
    about: "About",
    facts: freeze({
      address: "Address",
      inside: "In the network",
      id: "Id",
      kind: "Kind",
      starts: "Starts",
      since: "Started at",
      running: "Running for",
      events: "Events",
    }),
    kindPlain: "plain: the assignment’s calls only",
    kindPeer: "peer",
    starts: (/** @type {number} */ epoch) => `${count(epoch)}${epoch > 1 ? ` (restarted ${counted(epoch - 1, { one: "time", other: "times" })})` : ""}`,
    eventsPlain: "none: it is asked every few seconds",
    eventsLive: "arrive live",
    eventsNot: "do not arrive",
    gone: "That node is no longer here.",
    waiting: (/** @type {number} */ n) => `${count(n)} waiting`,
    failed: (/** @type {number} */ n) => `${count(n)} failed`,
    sent: (/** @type {number} */ n) => `${count(n)} sent`,
    inboxEmpty: "Nothing has come in yet.",
    outboxEmpty: "It has written to no single node yet; what it tells everybody is in its inbox.",
    linksEmpty: "It has no link.",
    membersEmpty: "It knows nobody.",
    asking: "Asking…",
    unknown: "Only the node itself knows, and it does not answer.",
    inState: (/** @type {number} */ n, /** @type {string} */ state) => `${n} ${state}`,
    curlInside: "This node has no address outside the network; these work inside it.",
    pastFailed: (/** @type {string} */ why) => `What it had then cannot be read: ${why}.`,
    askFailed: (/** @type {string} */ why) => `It could not be asked just now: ${why}.`,
    askFailedOld: (/** @type {string} */ why) => `It could not be asked just now: ${why}. Below is what it said last.`,
    more: (/** @type {number} */ n) => `Show ${count(n)} more`,
  }),
  /** A message of the inbox or of the outbox. */
  letter: freeze({
    /** Between backticks: the name of its other end. */
    from: "from `name`",
    to: "to `name`",
    fromToAll: "from `name` to everybody",
    itself: "itself",
    straight: "straight",
    /** `hops` "": over one only, `way` "": it is not known. */
    way: (/** @type {number} */ over, /** @type {string} */ way) => [over > 1 ? hops(over) : "", way].filter(Boolean).join(": "),
    sentAt: (/** @type {string} */ time) => `sent ${time}`,
    stateAt: (/** @type {string} */ state, /** @type {string} */ time) => `${state} at ${time}`,
    failed: (/** @type {string} */ why) => `failed: ${why}`,
    atLeastOnce: "at least once",
    whoseWord: "As its sender and those on its way say, by the sender’s clock",
  }),
  /** Messages that wait, and dead letters. */
  unsent: freeze({
    waiting: "Waiting",
    failed: "Failed",
    title: (/** @type {string} */ which, /** @type {number} */ n) => `${which} · ${count(n)}`,
    list: freeze({ queued: "Waiting messages, newest first", failed: "Failed messages, newest first" }),
    retry: "Retry",
    retryWhat: (/** @type {string} */ to, /** @type {string} */ text) => `Retry the message to ${to}: ${text}`,
    discard: "Discard",
    discardWhat: (/** @type {string} */ to, /** @type {string} */ text) => `Discard the message to ${to}: ${text}`,
    really: "Really?",
    toldReally: "Press Discard again to drop this message for good. Escape keeps it.",
    toldDiscarded: "Discarded.",
    toldQueued: "Queued again.",
    toldTrying: "Trying now.",
    /** `at` "": it is not known; `attempts` 0: none. */
    failedHow: (/** @type {string} */ at, /** @type {number} */ attempts, /** @type {string} */ why) => `failed${at === "" ? "" : ` at ${at}`}${attempted(attempts)}: ${why}`,
    noReason: "it does not say why",
    underWay: (/** @type {number} */ attempt) => `on its way, attempt ${count(attempt)}`,
    waits: (/** @type {string} */ waits, /** @type {number} */ attempts) => `${waits}${attempted(attempts)}`,
    atLeastOnce: "at least once: it is a plain node",
  }),
  recent: freeze({
    title: "Recent events",
    asking: "Asking…",
    unread: (/** @type {string} */ why) => `They cannot be read: ${why}.`,
    none: "Nothing that was recorded.",
  }),
  breaking: freeze({
    title: "Break it",
    group: "Break this node on purpose",
    unknown: (/** @type {string} */ why) => `What can be done is not known: ${why}`,
    unasked: (/** @type {string} */ why) => `It cannot be asked: ${why}`,
    heal: "Heal",
    healed: (/** @type {string} */ what, /** @type {string} */ name) => `Healed: ${what} at ${name}.`,
    left: (/** @type {string} */ time) => `${time} left`,
  }),
  /** Calls by hand, each over its line. */
  curl: freeze({
    running: "Is it running?",
    peers: "Whom does it know?",
    message: "Put a message into its inbox",
    send: "Let it send a message",
    broadcast: "Let it tell everybody",
    inbox: "Its inbox",
    outbox: "What it has sent, and what waits",
    status: "Its state",
    sender: "me",
    hello: "Hello!",
    helloAll: "Hello, all!",
  }),
  copy: freeze({
    copy: "Copy",
    copied: "Copied",
    selected: "Selected",
    toldCopied: (/** @type {string} */ what) => `Copied: ${what}`,
    toldSelected: "Copying is not allowed here; the line is selected instead",
    button: (/** @type {string} */ what) => `Copy the line: ${what}`,
  }),

  // --- help, tour, palette, menus, notices ----------------------------------------------------------

  keys: freeze({
    /** What stands on keys, by the names that the table of commands has for them. */
    caps: freeze({ Ctrl: "Ctrl", Shift: "Shift", Tab: "Tab", Enter: "Enter", Esc: "Esc", Space: "Space" }),
    /** What they do where the focus is. */
    inPlace: "Where the focus is",
    next: "to the next part: picture, messages, list",
    walk: "from node to node, in the picture and in the list",
    open: "open the node",
    menu: "the menu of the node, as the right button opens it",
  }),
  help: freeze({
    title: "What you see, what you can do",
    close: "Close",
    tour: "Take the tour",
    intro: "Every disc is a real program, a node. A line is a link: the two keep a connection and tell each other about the rest. Every dot is one real message, drawn a little slower than it travels.",
    sending: "Send a message",
    sendingSteps: freeze([
      "Click a node, then “Send”.",
      "Click the node that should get it, or type its name.",
      "Type, Enter. Watch it go. It stands in the receiver’s inbox.",
    ]),
    quicker: "Quicker: hold Alt (or Shift) and drag from one node to another. On a touch screen rest a finger on the node first, then draw.",
    down: "A node that is down gets it when it returns. Until then it waits at its sender, with a small number beside it.",
    everything: "Everything else",
    /** Between backticks: keys, as the table of commands writes them. */
    menus: "The right button on a node, on a link or on the ground (a finger that rests there, Shift+F10) lists what can be done to it. `Mod+K` finds every act and every node: type a few letters.",
    looking: "Look around",
    timeline: "The timeline under the picture goes to any moment of the run: press it, drag along it. What is shown then is what was, framed in another colour; “Go live” comes back. Choose a message and press w to follow it in slow motion.",
    picture: "The wheel, or two fingers, zoom; dragging the ground moves the picture, dragging a node pins it, a double click lets it go. A click on a message, in the list or as it flies, shows the path that it took, hop by hop.",
    messages: "The filter of the messages takes from:node7, state:lost, hops>2, detour and more (its ? tells). “Only these” lights their ways in the picture; “Space–time” draws one line for each node and one arrow for each hop.",
    keys: "Keys",
  }),
  tour: freeze({
    back: "Back",
    skip: "Skip",
    next: "Next",
    done: "Done",
    end: "End the tour",
    endWhat: "End the tour (Esc)",
    where: (/** @type {number} */ step, /** @type {number} */ of) => `${step} of ${of}`,
    told: (/** @type {number} */ step, /** @type {number} */ of, /** @type {string} */ title, /** @type {string} */ text) => `Tour, step ${step} of ${of}. ${/[.?!]$/.test(title) ? title : `${title}.`} ${text}`,
    node: freeze({
      title: "Each disc is a real program",
      text: "They call each other over the lines between them. Click the one with the ring around it.",
      hint: "Waiting for your click",
    }),
    panel: freeze({
      title: "This is all that it says of itself",
      text: "Its inbox, what it has sent, whom it knows. Now let it write to another one: press Send.",
      hint: "Waiting for Send (or the key s)",
    }),
    receiver: freeze({
      title: "Who should get it?",
      text: "Click any other node, the ringed one for example.",
      hint: "Waiting for your click",
    }),
    message: freeze({
      title: "Type something, press Enter",
      text: "The dot that flies is your message. Under your text stands how far it is, and in the receiver’s inbox what arrived.",
      hint: "Waiting for your message",
    }),
    breaking: freeze({
      title: "Break it",
      text: "The right button on a node or on a line lists what can be done to it: freeze it, crash it, cut it off, and watch the others notice. It heals by itself.",
    }),
    rest: freeze({
      title: "Everything else is in here",
      text: "Ctrl+K (or p) finds every act and every node; ? has the keys, and this tour again.",
    }),
  }),
  palette: freeze({
    title: "Commands and nodes",
    question: "What do you want to do, or to find?",
    placeholder: "Type what you want to do, or a node’s name",
    back: "Back to all commands",
    /** Between backticks: keys. */
    choose: "`↑``↓` choose",
    does: "`Enter` do it",
    close: "`Esc` close",
    tip: "“freeze node7” works, too",
    none: (/** @type {string} */ wanted) => `Nothing here is called “${wanted}”. Fewer letters find more.`,
    noLink: "No such link.",
    noNode: "No such node.",
    whichLink: "Which link?",
    whichNode: "Which node?",
    which: freeze({ node: "which node?", link: "which link?" }),
    used: "Used last",
    nodes: "Nodes",
    link: (/** @type {string} */ a, /** @type {string} */ b) => `${a} – ${b}`,
  }),
  menu: freeze({
    title: (/** @type {string} */ what) => `What can be done to ${what}`,
    picture: "the picture",
    selection: nodes,
  }),
  confirm: freeze({ cancel: "Cancel", always: "Do not ask again for this until I reload" }),
  notices: freeze({
    close: "Close this notice",
    otherPage: "The dashboard is another version now, and this page is the old one. What it shows may be wrong.",
    loadNew: "Load the new page",
    broke: (/** @type {string} */ what) => `A part of this page has failed (${what}). Load it again; the network does not mind.`,
    loadAgain: "Load again",
    copy: "Copy what happened",
    whatHappened: "What happened",
  }),
  traffic: freeze({
    title: "Random traffic",
    about: "Nodes that chance picks send each other messages. It stops by itself, and when you close this page.",
    rate: "How many",
    kind: "Of what",
    time: "For",
    kinds: freeze({ messages: "messages", broadcasts: "broadcasts", both: "both (one in ten is a broadcast)" }),
    seconds: (/** @type {number} */ n) => `${n} seconds`,
    minutes: (/** @type {number} */ n) => (n === 1 ? "a minute" : `${n} minutes`),
    start: "Start",
    stop: "Stop",
    close: "Close",
    perSecond: (/** @type {number} */ n) => `${n} a second`,
    sent: (/** @type {number} */ n) => `${count(n)} sent`,
    skipped: (/** @type {number} */ n) => `${count(n)} skipped`,
    failed: (/** @type {number} */ n) => `${count(n)} failed`,
    notStopped: (/** @type {string} */ why) => `The traffic was not stopped: ${why}`,
    running: "Random traffic is running: look, or change it",
    stopWhat: "Stop the random traffic",
    chip: (/** @type {number} */ rate, /** @type {number} */ left) => `traffic: ${rate}/s · ${left} s`,
    /** `error` "": none. */
    now: (/** @type {number} */ rate, /** @type {number} */ left, /** @type {string} */ sofar, /** @type {string} */ error) =>
      `${rate} a second, ${left} s left. So far: ${sofar}.${error === "" ? "" : ` Last failure: ${error}.`}`,
    ended: (/** @type {string} */ why, /** @type {string} */ sofar, /** @type {string} */ error) =>
      `Random traffic has ended, ${why}: ${sofar}.${error === "" ? "" : ` Last: ${error}.`}`,
    over: freeze({ time: "its time is over", stopped: "stopped", closed: "its page was closed" }),
  }),

  // --- exports --------------------------------------------------------------------------------------

  export: freeze({
    title: "Export",
    button: "Export (e)",
    groups: freeze({ picture: "Picture", network: "Network", messages: "Messages", run: "Run" }),
    /** What can be exported: its name, and what it is good for. */
    png: freeze({ name: "PNG", good: "twice as large, with legend and time" }),
    svg: freeze({ name: "SVG", good: "the same as vectors, for print" }),
    graphml: freeze({ name: "GraphML", good: "yEd, Gephi, networkx, igraph" }),
    gexf: freeze({ name: "GEXF", good: "Gephi" }),
    dot: freeze({ name: "DOT", good: "Graphviz" }),
    json: freeze({ name: "JSON", good: "networkx node-link" }),
    edges: freeze({ name: "Links, CSV", good: "a spreadsheet" }),
    csv: freeze({ name: "CSV", good: "a spreadsheet" }),
    jsonl: freeze({ name: "JSON lines", good: "a script" }),
    run: freeze({ name: "Whole run", good: "one file, for p2p.py replay" }),
    writing: "Writing…",
    told: "Exported.",
    failed: (/** @type {string} */ why) => `Not exported: ${why}.`,
    noHistory: "this dashboard keeps no history",
    tooLarge: "the browser could not make a picture of this size",
    /** The caption of a picture, and the title of one of vectors. */
    past: (/** @type {string} */ moment) => `as it was on ${moment}`,
    caption: (/** @type {string} */ moment, /** @type {string} */ run) => `${moment} · run ${run}`,
    pictureTitle: (/** @type {string} */ run, /** @type {string} */ moment, /** @type {string} */ line) => `${run}, ${moment}: ${line}`,
    cutLink: "it hangs on this link",
  }),

  // --- what can be done ---------------------------------------------------------------------------

  /** The headings under which it stands, in their order. */
  groups: freeze({
    send: "Send",
    find: "Find",
    time: "Time",
    messages: "Messages",
    picture: "Picture",
    drawn: "What is drawn",
    node: "Node",
    link: "Link",
    breaking: "Break it",
    page: "Page",
  }),
  /**
   * As keys, menus, palette and help name it. `words`: by which it is found, too; `short`: in the
   * menu of a thing whose name stands over it; `of`: said of one of which the name is known.
   */
  commands: freeze({
    send: freeze({ title: "Send a message from a node", short: "Send a message …", words: "write text message", of: (/** @type {string} */ name) => `Send a message from ${name}` }),
    broadcast: freeze({ title: "Broadcast from a node to everybody", short: "Broadcast to everybody …", words: "everybody all", of: (/** @type {string} */ name) => `Broadcast from ${name} to everybody` }),
    traffic: freeze({ title: "Random traffic …", words: "start messages per second rate load stream" }),
    trafficStop: freeze({ title: "Stop the random traffic", words: "end messages" }),
    noTraffic: "no traffic is running",
    palette: freeze({ title: "every act and every node: the command palette" }),
    find: freeze({ title: "Find a node in the list", words: "search filter" }),
    copyLink: freeze({ title: "Copy a link to this view", words: "share address url bookmark" }),
    lasso: freeze({ title: "Choose nodes with a lasso", words: "select several around shift drag partition" }),
    timeToggle: freeze({ title: "Stand still, or go on", words: "pause play stop resume" }),
    timeBack: freeze({ title: "Back to what happened before", words: "step event" }),
    timeOn: freeze({ title: "On to what happens next", words: "step event" }),
    messageBack: freeze({ title: "Back to the message before", words: "step" }),
    messageOn: freeze({ title: "On to the next message", words: "step" }),
    fiveBack: freeze({ title: "Five seconds back", words: "seek rewind" }),
    fiveOn: freeze({ title: "Five seconds on", words: "seek forward" }),
    slower: freeze({ title: "Slower", words: "speed slow motion" }),
    faster: freeze({ title: "Faster", words: "speed" }),
    live: freeze({ title: "Go live", words: "now present" }),
    follow: freeze({ title: "Follow the chosen message, in slow motion", words: "watch track" }),
    filter: freeze({ title: "Filter the messages", words: "find search" }),
    enlarge: freeze({ title: "Enlarge the messages, or small again", words: "large full" }),
    table: freeze({ title: "The messages as a table", words: "list rows" }),
    spacetime: freeze({ title: "The messages as a space–time diagram", words: "spacetime lamport arrows" }),
    fit: freeze({ title: "Fit the whole network into the picture", words: "zoom reset view all" }),
    zoomIn: freeze({ title: "Zoom in", words: "larger" }),
    zoomOut: freeze({ title: "Zoom out", words: "smaller" }),
    relayout: freeze({ title: "Lay out anew", words: "layout arrange reset positions" }),
    laidOut: "Laid out anew.",
    laidOutPinned: "Laid out anew. Pinned nodes stayed.",
    unpinAll: freeze({ title: "Let all pinned nodes move again", words: "unpin release layout" }),
    noPins: "no node is pinned",
    unpinned: (/** @type {number} */ n) => `${n} ${form(n, { one: "node moves", other: "nodes move" })} again.`,
    undo: freeze({ title: "Undo a change of the layout", words: "layout back", of: (/** @type {string} */ what) => `Undo: ${what}` }),
    undoes: "Undo",
    undone: (/** @type {string} */ what) => `Taken back: ${what}.`,
    nothingToUndo: "nothing of the layout was changed",
    redo: freeze({ title: "Redo a change of the layout", words: "layout again", of: (/** @type {string} */ what) => `Redo: ${what}` }),
    redoes: "Redo",
    redone: (/** @type {string} */ what) => `Done again: ${what}.`,
    nothingToRedo: "nothing was taken back",
    colour: freeze({ title: "Colour nodes by the next thing", words: "color", of: (/** @type {string} */ what) => `Colour nodes by ${what}` }),
    coloured: (/** @type {string} */ what) => `Coloured by ${what}.`,
    colours: freeze({ state: "their state", degree: "how many links they have", known: "how much of the network they know" }),
    knows: freeze({ title: "Whom nodes know: the next choice", words: "knowledge dashed lines", of: (/** @type {string} */ whose) => `Draw whom nodes know: ${whose}` }),
    known: (/** @type {string} */ whose) => `Whom nodes know: drawn ${whose}.`,
    knowns: freeze({ selected: "of the chosen node", none: "of nobody", all: "of all nodes" }),
    flight: freeze({ words: "speed slow fast message", of: (/** @type {string} */ time) => `Dots take ${time} for a hop` }),
    flights: freeze({ 200: "a fifth of a second", 600: "0.6 seconds", 1200: "1.2 seconds" }),
    soItIs: "so it is",
    health: freeze({ title: "Show or fold the network’s health", words: "figures charts diameter statistics" }),
    cuts: freeze({ title: "Mark what the network hangs on, or not", words: "articulation points bridges critical" }),
    aNode: "a node",
    aLink: "a link",
    oneEnd: "one end",
    otherEnd: "the other",
    open: freeze({ title: "Open a node’s panel", short: "Open its panel", words: "show details inbox outbox", of: (/** @type {string} */ name) => `Open ${name}` }),
    show: freeze({ title: "Bring a node to the middle", short: "Bring it to the middle", words: "focus zoom centre center", of: (/** @type {string} */ name) => `Bring ${name} to the middle` }),
    pin: freeze({
      title: "Pin a node, or let it move again",
      words: "unpin fix hold release layout",
      shortPin: "Pin it where it is",
      shortUnpin: "Let it move again",
      ofPin: (/** @type {string} */ name) => `Pin ${name} where it is`,
      ofUnpin: (/** @type {string} */ name) => `Let ${name} move again`,
      pinned: (/** @type {string} */ name) => `${name} stays where it is.`,
      unpinned: (/** @type {string} */ name) => `${name} moves again.`,
    }),
    copyAddress: freeze({ title: "Copy a node’s address", short: "Copy its address", words: "url", of: (/** @type {string} */ name) => `Copy the address of ${name}`, what: "Its address" }),
    copyCurl: freeze({
      title: "Copy a curl line that sends from a node",
      short: "Copy a curl that sends from it",
      words: "shell command line terminal",
      of: (/** @type {string} */ name) => `Copy a curl line that sends from ${name}`,
      what: "The line",
    }),
    heal: freeze({ title: "Heal a node: end its faults", short: "Heal it", words: "fault end repair", of: (/** @type {string} */ name) => `Heal ${name}: end its faults` }),
    healed: (/** @type {string} */ name, /** @type {number} */ n) => (n === 0 ? `${name} has no fault.` : `${name}: ${n === 1 ? "its fault has" : `${n} faults have`} ended.`),
    noFaults: "A plain node knows no faults.",
    gone: "That node is not here any more.",
    plainMute: "A plain node cannot be told to send anything.",
    mute: (/** @type {string} */ name) => `${name} is not there to send anything.`,
    linkSend: freeze({
      words: "message",
      first: "Send along a link, from its first end",
      second: "Send along a link, from its second end",
      of: (/** @type {string} */ from, /** @type {string} */ to) => `Send from ${from} to ${to}`,
    }),
    linkOpen: freeze({ words: "panel", first: "Open the first end of a link", second: "Open the second end of a link", of: (/** @type {string} */ name) => `Open ${name}` }),
    /** Faults: `whom` is a name, several, or one of the two above. `words` stand behind what it does. */
    fault: (/** @type {string} */ name, /** @type {string} */ whom) => `${name} ${whom}`,
    faultAsks: (/** @type {string} */ name, /** @type {string} */ whom, /** @type {string} */ what) => `${name} ${whom}? ${what}.`,
    faultDone: (/** @type {string} */ name, /** @type {string} */ whom, /** @type {string} */ what) => `${name}: ${whom}. ${what}.`,
    faultWords: (/** @type {string} */ what) => `${what} fault break chaos crash`,
    actWords: (/** @type {string} */ what) => `${what} fault break chaos`,
    actAt: (/** @type {string} */ title, /** @type {string} */ name) => `${title} ${name}`,
    actAtMany: (/** @type {string} */ title, /** @type {number} */ n) => `${title} ${nodes(n)}`,
    faultPlain: (/** @type {string} */ name) => `${name} is a plain node, which knows no faults`,
    faultGone: (/** @type {string} */ name) => `${name} does not live just now`,
    messages: freeze({ title: "Show or fold the messages", words: "table list hide" }),
    side: freeze({ title: "Show or fold the side", words: "panel list hide" }),
    theme: freeze({ title: "Dark or light", words: "theme colours colors night" }),
    reconnect: freeze({ title: "Try to reach the dashboard now", words: "connect offline" }),
    connected: "it is connected",
    help: freeze({ title: "Help and keys", words: "shortcuts manual" }),
    tour: freeze({ title: "Take the tour", words: "guide introduction first visit" }),
    export: freeze({ title: "Export", words: "png svg graphml gexf dot csv download save run" }),
    escape: freeze({ title: "close, cancel, choose nothing" }),
    /** Why nothing was done. */
    missing: freeze({ node: "Choose a node first", link: "Choose a link first", selection: "Choose some nodes first", picture: "" }),
    missed: (/** @type {string} */ missing) => `${missing}.`,
    missedKey: (/** @type {string} */ missing, /** @type {string} */ key) => `${missing}, then press ${key}.`,
    failed: (/** @type {string} */ title, /** @type {string} */ why) => `${title}: ${why}`,
    copied: (/** @type {string} */ what) => `${what} is copied.`,
    notCopied: (/** @type {string} */ what, /** @type {string} */ text) => `${what}: ${text}`,
    theLink: "The link to this view",
  }),
});
