/**
 * All texts of the page in one place, so that a translation is one file. What stands in the page
 * before a script has run is the second place, and there are no others: `templates/index.html`.
 * Two scripts say something before any module is there, and have it themselves: `early-retry.js`,
 * and the template. `tests/page/texts.test.mjs` finds a text that stands anywhere else.
 *
 * Each area of the page has an entry of its own, in the page's order. What takes a value is a
 * function that gives the whole sentence, so that a language may put its words where it needs
 * them; what depends on a number asks `counted`, which knows a language's plurals. Which of the
 * sentences is said, and when, is decided by the modules: they hold the logic and no words.
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

/** @param {string} text */
const capital = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

export const TEXTS = freeze({
  // --- words of all areas -----------------------------------------------------------------------

  links,
  nodes,
  hops,
  messages,
  tries,
  faults,
  /** States of a node, of a message, and kinds of both, by the names that the stream has for them. */
  states: freeze({ alive: "alive", suspect: "suspect", dead: "dead", left: "left", plain: "plain", peer: "peer" }),
  /** The same, for somebody who asks what it means. */
  meanings: freeze({
    alive: "alive",
    plain: "plain node, alive",
    suspect: "suspect: it does not answer, perhaps only for a moment",
    dead: "dead: it does not answer any more",
    left: "left: it said goodbye",
  }),
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
  message: freeze({
    sent: (/** @type {number} */ hop) => `on its way${hop > 0 ? `, hop ${hop}` : ""}`,
    again: (/** @type {number} */ attempt, /** @type {number} */ hop, /** @type {string|null} */ reason) =>
      `trying again (attempt ${attempt}${hop > 0 ? `, hop ${hop}` : ""})${because(reason)}`,
    /** `took`: "" where that is not known. */
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
    conflicts: "conflicts",
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
    sentence: (/** @type {string} */ reason) => `${capital(reason)}.`,
    title: (/** @type {string} */ reason) => capital(reason),
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
    named: (/** @type {string} */ names, /** @type {string} */ what) => `${names} ${what}`,
    many: (/** @type {number} */ n, /** @type {string} */ what) => `${nodes(n)}: ${what}`,
    joined: "joined",
    became: freeze({ alive: "is back", suspect: "is suspect", dead: "is dead", left: "is gone, it said goodbye" }),
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
    walked: (/** @type {string} */ name, /** @type {string} */ state, /** @type {number} */ links) => `${name}, ${state}, ${links} links`,
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

  // --- the legend ---------------------------------------------------------------------------------

  legend: freeze({
    colour: freeze({ state: "State", degree: "Links", known: "Knowledge" }),
    knows: freeze({ selected: "selected", none: "hidden", all: "all" }),
    flight: freeze({ 200: "0.2 s", 600: "0.6 s", 1200: "1.2 s" }),
    /** What stands before each of these choices; "": nothing. */
    labels: freeze({ colour: "", knows: "knows", flight: "hop" }),
    meanings: freeze({
      colour: "What the nodes' colour shows",
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
    kindPlain: "plain: the assignment's calls only",
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
    outboxEmpty: "It has sent nothing yet.",
    linksEmpty: "It has no link.",
    membersEmpty: "It knows nobody.",
    asking: "Asking…",
    unknown: "Only the node itself knows, and it does not answer.",
    inState: (/** @type {number} */ n, /** @type {string} */ state) => `${n} ${state}`,
    curlInside: "This node has no address outside the network; these work inside it.",
    pastFailed: (/** @type {string} */ why) => `What it had then cannot be read: ${why}.`,
    askFailed: (/** @type {string} */ why) => `It could not be asked just now: ${why}. `,
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
});
