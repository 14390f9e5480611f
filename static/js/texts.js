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
  /** The headings under which everything that can be done stands, in their order. */
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
    noHistory: "The dashboard's history has nothing of it.",
    detour: (/** @type {number} */ more, /** @type {number} */ shortest) => `a detour: ${hops(more)} more than the ${shortest} that the links would have needed`,
    hidden: "The filter hides it in the table. ",
    showAll: "Show all",
    way: "Its way",
    follow: "Follow",
    followWhat: "Show in the picture how it went, slowly",
    ask: "All that was told",
    askWhat: "Ask the dashboard's history what every node said of it",
    asking: "Asking …",
    askNode: (/** @type {string} */ name) => `Ask ${name} itself`,
    toldCopied: "Copied: the way of the message",
    toldSelected: "Copying is not allowed here; the way is selected instead",
  }),
  /** The way of a message, step by step. */
  story: freeze({
    outside: (/** @type {string} */ sender) => `${sender} (outside)`,
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

  // --- what can be done ---------------------------------------------------------------------------

  /** As keys, menus, palette and help name it. `words`: by which it is found, too. */
  commands: freeze({
    filter: freeze({ title: "Filter the messages", words: "find search" }),
    enlarge: freeze({ title: "Enlarge the messages, or small again", words: "large full" }),
    table: freeze({ title: "The messages as a table", words: "list rows" }),
    spacetime: freeze({ title: "The messages as a space–time diagram", words: "spacetime lamport arrows" }),
  }),
});
