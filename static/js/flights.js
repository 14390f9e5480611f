/**
 * What moves: each hop of a message is one flight, a pure function of time.
 *
 * A message between two containers takes some 5 ms, and nobody could see that. So a flight is
 * drawn slower than it was: it lasts `duration`, which the legend says, and the person can
 * choose. What it may never do is lie about the order of things or about the end:
 *
 *  - It starts when the page learns of the message, and makes up for what it learned late, up
 *    to half of the flight. So the arrival is seen soon after it happened.
 *  - A dot that nobody has confirmed yet waits at the receiver's door, still. It steps in when
 *    the arrival is known, and only then does the receiver light up.
 *  - A try that failed ends at the door with a cross; the next try is a new dot. Between the
 *    two nothing moves, as nothing is under way: the message waits at its sender.
 *  - A message that goes over several nodes flies hop by hop. The next hop sets out when the
 *    one before has landed, and only the receiver lights up. One that is lost under way ends
 *    at the door of the node that it was handed to last.
 *  - A broadcast is as many flights as it had hops that brought it to somebody: the tree that
 *    it took, and each branch sets out when its node has got it. Everybody lights up.
 *
 * Afterwards the path stays visible for a moment, so that the eye can follow. Everything
 * here is `(flight, time) -> picture`: nothing is stepped, so that a paused or a sought time
 * is the same code. No DOM.
 *
 * @typedef {import("./model.js").Key} Key
 * @typedef {import("./model.js").MessageView} MessageView
 * @typedef {import("./model.js").Leg} Leg
 * @typedef {MessageView["kind"]} Kind
 *
 * @typedef {object} Flight  one hop
 * @property {string} id  of the message
 * @property {Kind} kind
 * @property {Key|null} from  null: from outside
 * @property {Key|null} to  null: to somewhere that the dashboard does not know
 * @property {number} start  milliseconds, the dashboard's time, like all times here
 * @property {number} duration
 * @property {number} known  when its arrival became known; Infinity while it is not
 * @property {number} broken  when its failure became known; Infinity while it is not
 * @property {boolean} final  broken for good, not only this try
 * @property {boolean} goal  it ends where the message was to go, which then lights up
 *
 * @typedef {object} Journey  one try of a message
 * @property {number} attempt
 * @property {Flight[]} flights  hop by hop
 * @property {string|null} reason  what had gone wrong before it set out
 *
 * @typedef {object} Tree  of a broadcast
 * @property {number} taken  legs that were looked at
 * @property {Map<Key, number>} landings  when it gets to each node in the picture
 *
 * @typedef {{id: string, kind: Kind, from: Key|null, to: Key|null, p: number,
 *            waiting: boolean, count: number, window: number}} Dot
 *   p: 0 at the sender … 1 at the receiver; count: hops that it stands for; window: when
 *   it set out, in steps of JOIN_WINDOW
 * @typedef {{id: string, kind: Kind, from: Key|null, to: Key|null, p: number, fade: number}} Trail
 *   fade: 1 fresh … 0 gone
 * @typedef {{key: Key, kind: Kind, age: number}} Halo  age: 0 … 1
 * @typedef {{from: Key|null, to: Key|null, p: number, fade: number, final: boolean}} Mark
 *
 * @typedef {object} Frame  what is to be seen at one moment
 * @property {Dot[]} dots
 * @property {Trail[]} trails
 * @property {Halo[]} halos
 * @property {Mark[]} marks
 * @property {number} inFlight  hops under way, joined ones counted singly
 * @property {boolean} joined  whether dots stand for several messages
 * @property {boolean} moving  whether the next frame will look different
 * @property {number} wakeAt  when it will, if nothing moves now; Infinity: not by itself
 */

/** Where an unconfirmed dot waits: just outside the receiver's ring. */
export const DOOR = 0.88;
/** The least part of a flight that is shown however late the page learned of it [guess]. */
const LEAST_SHOWN = 0.5;
/** How long the receiver's halo lasts, in milliseconds [guess: long enough to be noticed]. */
export const HALO = 700;
/** How long the path stays visible after the flight [task: about a second]. */
export const TRAIL = 1000;
/** How long the cross of a failed try stays, and that of a message given up [guess]. */
const MARK_TRY = 1200;
const MARK_FINAL = 3000;
/** It stands, which costs no frames, and fades at the end. Milliseconds. */
const MARK_FADES = 400;
/** A message whose news is older than this was not seen live, so it is not flown [guess]. */
const STALE = 2500;
/** A hop that nobody told of is flown after this time only, since the news of it may be on its
 * way: nodes tell ten times a second. Milliseconds. */
const GAP_WAITS = 250;
/** A dot waits no longer than this at a door: nodes give up after 60 s (node's config). */
const WAIT_MOST = 65_000;
/** Above this many dots at once, they are joined (measured in the dashboard brief). */
const JOIN_ABOVE = 500;
/** Joined dots that set out within one such time travel as one. Milliseconds [guess]. */
const JOIN_WINDOW = 100;
/** So many paths are traced at once, the newest; more are a grey cloud, and slow: a thousand
 * fading arcs cost ten times what the dots do (measured, no GPU). */
const TRAILS_MOST = 150;
/** Flights kept at once; beyond it the oldest end early. Bounds memory and time [guess]. */
const FLIGHTS_MOST = 5000;
/** Messages whose flight is over, remembered so that late news starts no second one. */
const DONE_MOST = 10_000;
/** Broadcasts whose tree is remembered, for those who get it late. Who gets one of before these
 * got it too late to be flown [guess; 500 of a hundred nodes were two MiB, measured]. */
const TREES_MOST = 100;

export class Flights {
  /** Milliseconds a new dot takes for one hop. */
  duration = 180;
  /** All that can be seen, oldest first. @type {Set<Flight>} */
  #flights = new Set();
  /** The last try of each message that is under way. @type {Map<string, Journey>} */
  #journeys = new Map();
  /** The last try that was flown, by message. @type {Map<string, number>} */
  #done = new Map();
  /** By broadcast. @type {Map<string, Tree>} */
  #trees = new Map();

  /** How many flights there are, the fading ones too. */
  get size() { return this.#flights.size; }

  /** Keys mean other nodes from now on: what is under way is not shown to its end. */
  clear() {
    for (const [id, journey] of this.#journeys) this.#done.set(id, journey.attempt);
    this.#journeys.clear();
    this.#flights.clear();
    for (const tree of this.#trees.values()) tree.landings.clear();
  }

  /** Another moment is shown: all that was learnt may be yet to come. */
  forget() {
    this.#flights.clear();
    this.#journeys.clear();
    this.#done.clear();
    this.#trees.clear();
  }

  /** When the dots of a message that are under way will all have landed or ended, as far as is
   * known; null where none is. @param {string} id */
  ends(id) {
    let last = null;
    for (const flight of this.#flights) {
      if (flight.id !== id) continue;
      const atDoor = flight.start + DOOR * flight.duration;
      const end = flight.known === Infinity ? Math.max(flight.broken, atDoor) : landing(flight);
      last = Math.max(last ?? 0, end);
    }
    return last;
  }

  /**
   * A message is new or has changed.
   * @param {MessageView} message
   * @param {number} now
   */
  take(message, now) {
    if (message.kind === "broadcast") this.#spread(message, now);
    else this.#travel(message, now);
    this.#bound();
  }

  /** @param {MessageView} message @param {number} now */
  #travel(message, now) {
    const journey = this.#journeys.get(message.id);
    const last = journey?.flights.at(-1);
    if (journey && last && message.attempt > journey.attempt && !(last.goal && last.known < Infinity)) {
      fail(last, now);
      this.#begin(message, now);
    } else if (journey) {
      this.#learn(journey, message, now);
    } else if ((this.#done.get(message.id) ?? -1) < message.attempt) {
      this.#begin(message, now);
    }
  }

  /** @param {MessageView} message @param {number} now */
  #begin(message, now) {
    this.#journeys.delete(message.id);
    const sent = message.sent_at ?? message.received_at ?? message.done_at;
    const news = Math.max(
      message.sent_at ?? 0, message.received_at ?? 0, message.done_at ?? 0,
    );
    const waits = message.state === "sent";
    if (sent === null || news < now - (waits ? WAIT_MOST : STALE)) return;
    if (message.to !== null && message.to === message.from && waits) return;

    const journey = {
      attempt: message.attempt, flights: [],
      // The reason of an earlier try stays in the view; only another one is news.
      reason: message.attempt > 1 ? message.reason : null,
    };
    this.#journeys.set(message.id, journey);
    this.#learn(journey, message, now);
  }

  /** @param {Journey} journey @param {MessageView} message @param {number} now */
  #learn(journey, message, now) {
    const { state } = message;
    const arrived = state === "received" || state === "delivered";
    this.#follow(journey, message, now);
    const last = journey.flights.at(-1);
    if (!last || last.known < Infinity) return;
    const seen = Math.max(now, last.start); // nothing is known of a dot before it set out
    if (arrived) {
      last.known = seen;
      last.broken = Infinity;
      last.goal = true;
    } else if (state === "failed" && !last.final) {
      last.broken = Math.min(last.broken, seen);
      last.final = true;
    } else if (last.broken === Infinity
      && (state === "waiting" || (state === "sent" && message.reason !== journey.reason))) {
      last.broken = seen; // this try failed; the next one has not set out yet
    }
  }

  /**
   * Bring the hops in step with the way that the message took, as far as it is known now.
   * @param {Journey} journey @param {MessageView} message @param {number} now
   */
  #follow({ flights }, message, now) {
    /** @type {Leg[]} */
    const way = message.path.length > 0 ? message.path : [[message.from, message.to, message.sent_at]];
    let same = 0;
    while (same < flights.length && same < way.length
      && flights[same].from === way[same][0] && flights[same].to === way[same][1]) same += 1;
    // It went another way than it seemed, so the hops of before led nowhere. Those that have
    // not set out never will; but what was seen to arrive stays as it was seen.
    if (flights.slice(same).some((flight) => flight.known <= now && flight.goal)) return;
    for (const flight of flights.splice(same)) {
      if (flight.start > now) this.#flights.delete(flight);
      else fail(flight, now);
    }
    for (const [from, to, at] of way.slice(same)) {
      const before = flights.at(-1);
      let times;
      if (before) {
        before.known = Math.min(before.known, Math.max(now, before.start));
        before.broken = Infinity;
        before.goal = false;
        times = { start: Math.max(now, landing(before)), duration: this.duration };
      } else {
        times = schedule(message.sent_at ?? message.received_at ?? message.done_at ?? now, now, this.duration);
      }
      if (at === null && message.path.length > 0) times.start = Math.max(times.start, now + GAP_WAITS);
      flights.push(this.#launch(message, from, to, times));
    }
  }

  /** @param {MessageView} message @param {number} now */
  #spread(message, now) {
    let tree = this.#trees.get(message.id);
    if (tree === undefined) this.#trees.set(message.id, tree = { taken: 0, landings: new Map() });
    const { landings } = tree;
    let waiting = message.path.slice(tree.taken)
      .filter(([, , at]) => at === null || at >= now - STALE); // what nobody saw live is not flown
    tree.taken = Math.max(tree.taken, message.path.length);
    const ready = (/** @type {Leg} */ [from]) => from === null || from === message.from || landings.has(from);
    // News come in no order: who handed it on may be told of after those who got it from him.
    while (waiting.length > 0) {
      const next = waiting.some(ready) ? waiting.filter(ready) : waiting;
      waiting = next === waiting ? [] : waiting.filter((leg) => !ready(leg));
      for (const [from, to, at] of next) {
        const before = from === null ? undefined : landings.get(from);
        const times = before === undefined ? schedule(at ?? now, now, this.duration)
          : { start: Math.max(now, before), duration: this.duration };
        const flight = this.#launch(message, from, to, times);
        flight.known = flight.start; // the one who told is the one who has it
        flight.goal = true;
        if (to !== null) landings.set(to, landing(flight));
      }
    }
  }

  /**
   * @param {MessageView} message @param {Key|null} from @param {Key|null} to
   * @param {{start: number, duration: number}} times
   */
  #launch({ id, kind }, from, to, times) {
    /** @type {Flight} */
    const flight = { id, kind, from, to, ...times, known: Infinity, broken: Infinity, final: false, goal: false };
    this.#flights.add(flight);
    return flight;
  }

  #bound() {
    for (const flight of this.#flights) {
      if (this.#flights.size <= FLIGHTS_MOST) break;
      this.#finish(flight);
    }
    trim(this.#done, DONE_MOST);
    trim(this.#trees, TREES_MOST);
  }

  /** It is over, and with its last hop its journey. @param {Flight} flight */
  #finish(flight) {
    this.#flights.delete(flight);
    const journey = this.#journeys.get(flight.id);
    if (journey === undefined || journey.flights.some((other) => this.#flights.has(other))) return;
    this.#done.set(flight.id, journey.attempt);
    this.#journeys.delete(flight.id);
  }

  /**
   * What is to be seen at a moment. Flights that are over by then are forgotten.
   * @param {number} now
   * @param {((id: string) => boolean)|null} [wanted] which messages are drawn; null: all
   * @returns {Frame}
   */
  frame(now, wanted = null) {
    const frame = empty();
    const unseen = wanted === null ? frame : empty();
    for (const flight of this.#flights) {
      if (!show(flight, now, wanted === null || wanted(flight.id) ? frame : unseen)) this.#finish(flight);
    }
    frame.inFlight = frame.dots.length;
    if (frame.trails.length > TRAILS_MOST) frame.trails = frame.trails.slice(-TRAILS_MOST);
    if (frame.dots.length > JOIN_ABOVE) {
      frame.joined = true;
      frame.trails = [];
      frame.dots = join(frame.dots, (dot) => `${dot.kind}>${dot.from}>${dot.to}>${dot.window}`);
      if (frame.dots.length > JOIN_ABOVE) {
        // Too many pairs as well: count them at the receivers' doors.
        frame.dots = join(frame.dots, (dot) => `${dot.kind}>${dot.to}`);
        for (const dot of frame.dots) dot.p = DOOR;
      }
    }
    return frame;
  }
}

/** @returns {Frame} */
function empty() {
  return {
    dots: [], trails: [], halos: [], marks: [],
    inFlight: 0, joined: false, moving: false, wakeAt: Infinity,
  };
}

/** This try came no further. @param {Flight} flight @param {number} now */
function fail(flight, now) {
  if (flight.known === Infinity) flight.broken = Math.min(flight.broken, Math.max(now, flight.start));
}

/** Forget the oldest. @param {Map<string, unknown>} map @param {number} most */
function trim(map, most) {
  for (const id of map.keys()) {
    if (map.size <= most) break;
    map.delete(id);
  }
}

/**
 * When a flight starts and how long it takes, so that it ends `duration` after the message
 * was sent, or later where that would leave too little to see.
 * @param {number} sent
 * @param {number} now
 * @param {number} duration
 */
export function schedule(sent, now, duration) {
  if (now - sent > STALE) return { start: sent, duration }; // waits at the door already
  // A sender whose clock is ahead must not keep its dot waiting: it sets out now.
  const end = Math.max(Math.min(sent, now) + duration, now + LEAST_SHOWN * duration);
  const start = Math.max(now, end - duration);
  return { start, duration: end - start };
}

/** When the dot of a flight reaches the receiver; Infinity while that is not known.
 * @param {Flight} flight */
export function landing(flight) {
  const atDoor = flight.start + DOOR * flight.duration;
  return flight.start + flight.duration + Math.max(0, flight.known - atDoor);
}

/**
 * How far a dot has come, 0 … 1.
 * @param {Flight} flight
 * @param {number} now
 */
export function progress(flight, now) {
  const atDoor = flight.start + DOOR * flight.duration;
  if (now <= atDoor) return Math.max(0, (now - flight.start) / flight.duration);
  if (now <= flight.known) return DOOR;
  return Math.min(1, 1 - (landing(flight) - now) / flight.duration);
}

/**
 * Add one flight to a frame.
 * @param {Flight} flight
 * @param {number} now
 * @param {Frame} frame
 * @returns {boolean} false: it is over, and its traces too
 */
function show(flight, now, frame) {
  const { id, kind, from, to, start, duration } = flight;
  if (now < start) {
    frame.wakeAt = Math.min(frame.wakeAt, start);
    return true;
  }
  const atDoor = start + DOOR * duration;
  const crash = flight.known === Infinity ? Math.max(flight.broken, atDoor) : Infinity;
  const end = Math.min(landing(flight), crash);
  if (now < end) {
    const waiting = now >= atDoor && flight.known > now;
    if (waiting && now > start + WAIT_MOST) return false;
    const p = progress(flight, now);
    const window = Math.floor(start / JOIN_WINDOW);
    frame.dots.push({ id, kind, from, to, p, waiting, count: 1, window });
    frame.trails.push({ id, kind, from, to, p, fade: 1 });
    if (waiting && crash > now) frame.wakeAt = Math.min(frame.wakeAt, start + WAIT_MOST);
    else frame.moving = true;
    return true;
  }
  const since = now - end;
  let seen = false;
  if (since < TRAIL) {
    frame.trails.push({ id, kind, from, to, p: end === crash ? DOOR : 1, fade: 1 - since / TRAIL });
    frame.moving = true;
    seen = true;
  }
  if (end === crash) {
    const lasts = flight.final ? MARK_FINAL : MARK_TRY;
    if (since < lasts) {
      const fade = Math.min(1, (lasts - since) / MARK_FADES);
      frame.marks.push({ from, to, p: DOOR, fade, final: flight.final });
      if (fade < 1) frame.moving = true;
      else frame.wakeAt = Math.min(frame.wakeAt, end + lasts - MARK_FADES);
      seen = true;
    }
  } else if (flight.goal && to !== null && since < HALO) {
    frame.halos.push({ key: to, kind, age: since / HALO });
    frame.moving = true;
    seen = true;
  }
  return seen;
}

/**
 * Join dots that have the same name.
 * @param {Dot[]} dots
 * @param {(dot: Dot) => string} name
 */
function join(dots, name) {
  /** @type {Map<string, Dot>} */
  const joined = new Map();
  for (const dot of dots) {
    const other = joined.get(name(dot));
    if (!other) {
      joined.set(name(dot), { ...dot });
    } else {
      const count = other.count + dot.count;
      other.p = (other.p * other.count + dot.p * dot.count) / count;
      other.waiting &&= dot.waiting;
      other.count = count;
    }
  }
  return [...joined.values()];
}
