/**
 * What moves: one message, one flight, each a pure function of time.
 *
 * A message between two containers takes some 5 ms, and nobody could see that. So a flight is
 * drawn slower than it was: it lasts `duration`, which the legend says, and the person can
 * choose. What it may never do is lie about the order of things or about the end:
 *
 *  - It starts when the page learns of the message, and makes up for what it learned late, up
 *    to two fifths of the flight. So the arrival is seen soon after it happened.
 *  - A dot that nobody has confirmed yet waits at the receiver's door, still. It steps in when
 *    the arrival is known, and only then does the receiver light up.
 *  - A try that failed ends at the door with a cross; the next try is a new dot.
 *
 * Afterwards the path stays visible for a moment, so that the eye can follow. Everything
 * here is `(flight, time) -> picture`: nothing is stepped, so that a paused or a sought time
 * is the same code. No DOM.
 *
 * @typedef {import("./model.js").Key} Key
 * @typedef {import("./model.js").MessageView} MessageView
 *
 * @typedef {object} Flight
 * @property {string} id  of the message
 * @property {number} attempt
 * @property {Key|null} from  null: from outside
 * @property {Key|null} to  null: to somewhere that the dashboard does not know
 * @property {number} start  milliseconds, the dashboard's time, like all times here
 * @property {number} duration
 * @property {number} known  when its arrival became known; Infinity while it is not
 * @property {number} broken  when its failure became known; Infinity while it is not
 * @property {boolean} final  broken for good, not only this try
 * @property {string|null} reason  what had gone wrong before it set out
 *
 * @typedef {{id: string, from: Key|null, to: Key|null, p: number, waiting: boolean,
 *            count: number, window: number}} Dot
 *   p: 0 at the sender … 1 at the receiver; count: messages that it stands for; window: when
 *   it set out, in steps of JOIN_WINDOW
 * @typedef {{id: string, from: Key|null, to: Key|null, p: number, fade: number}} Trail
 *   fade: 1 fresh … 0 gone
 * @typedef {{key: Key, age: number}} Halo  age: 0 … 1
 * @typedef {{from: Key|null, to: Key|null, p: number, fade: number, final: boolean}} Mark
 *
 * @typedef {object} Frame  what is to be seen at one moment
 * @property {Dot[]} dots
 * @property {Trail[]} trails
 * @property {Halo[]} halos
 * @property {Mark[]} marks
 * @property {number} inFlight  messages on their way, joined ones counted singly
 * @property {boolean} joined  whether dots stand for several messages
 * @property {boolean} moving  whether the next frame will look different
 * @property {number} wakeAt  when it will, if nothing moves now; Infinity: not by itself
 */

/** Where an unconfirmed dot waits: just outside the receiver's ring. */
export const DOOR = 0.88;
/** The least part of a flight that is shown however late the page learned of it [guess]. */
const LEAST_SHOWN = 0.6;
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

export class Flights {
  /** Milliseconds a new dot takes. */
  duration = 180;
  /** By message; the last try only. @type {Map<string, Flight>} */
  #current = new Map();
  /** Earlier tries whose cross is still seen. @type {Set<Flight>} */
  #ended = new Set();
  /** The last try that was flown, by message. @type {Map<string, number>} */
  #done = new Map();

  /** How many flights there are, the fading ones too. */
  get size() { return this.#current.size + this.#ended.size; }

  /** Keys mean other nodes from now on: what is under way is not shown to its end. */
  clear() {
    for (const id of this.#current.keys()) this.#finish(id);
    this.#ended.clear();
  }

  /**
   * A message is new or has changed.
   * @param {MessageView} message
   * @param {number} now
   */
  take(message, now) {
    const flight = this.#current.get(message.id);
    if (flight && message.attempt > flight.attempt && flight.known === Infinity) {
      if (flight.broken === Infinity) flight.broken = now;
      this.#ended.add(flight);
      this.#current.delete(message.id);
      this.#begin(message, now);
    } else if (flight) {
      this.#learn(flight, message, now);
    } else if ((this.#done.get(message.id) ?? -1) < message.attempt) {
      this.#begin(message, now);
    }
  }

  /** @param {MessageView} message @param {number} now */
  #begin(message, now) {
    const sent = message.sent_at ?? message.received_at ?? message.done_at;
    const news = Math.max(
      message.sent_at ?? 0, message.received_at ?? 0, message.done_at ?? 0,
    );
    const waits = message.state === "sent";
    if (sent === null || news < now - (waits ? WAIT_MOST : STALE)) return;
    if (message.to !== null && message.to === message.from && waits) return;

    const flight = {
      id: message.id, attempt: message.attempt, from: message.from, to: message.to,
      ...schedule(sent, now, this.duration), known: Infinity, broken: Infinity, final: false,
      // The reason of an earlier try stays in the view; only another one is news.
      reason: message.attempt > 1 ? message.reason : null,
    };
    this.#learn(flight, message, flight.start);
    this.#current.set(message.id, flight);
    this.#bound();
  }

  /** @param {Flight} flight @param {MessageView} message @param {number} now */
  #learn(flight, message, now) {
    const { state } = message;
    if (flight.known === Infinity && (state === "received" || state === "delivered")) {
      flight.known = now;
      flight.broken = Infinity;
    } else if (state === "failed" && flight.known === Infinity && !flight.final) {
      flight.broken = Math.min(flight.broken, now);
      flight.final = true;
    } else if (state === "sent" && message.reason !== flight.reason && flight.broken === Infinity) {
      flight.broken = now; // this try failed; the next one has not set out yet
    }
  }

  #bound() {
    for (const id of this.#current.keys()) {
      if (this.#current.size <= FLIGHTS_MOST) break;
      this.#finish(id);
    }
    for (const id of this.#done.keys()) {
      if (this.#done.size <= DONE_MOST) break;
      this.#done.delete(id);
    }
  }

  /** @param {string} id */
  #finish(id) {
    this.#done.set(id, this.#current.get(id)?.attempt ?? 0);
    this.#current.delete(id);
  }

  /**
   * What is to be seen at a moment. Flights that are over by then are forgotten.
   * @param {number} now
   * @returns {Frame}
   */
  frame(now) {
    /** @type {Frame} */
    const frame = {
      dots: [], trails: [], halos: [], marks: [],
      inFlight: 0, joined: false, moving: false, wakeAt: Infinity,
    };
    for (const flight of this.#current.values()) {
      if (!show(flight, now, frame)) this.#finish(flight.id);
    }
    for (const flight of this.#ended) {
      if (!show(flight, now, frame)) this.#ended.delete(flight);
    }
    frame.inFlight = frame.dots.length;
    if (frame.trails.length > TRAILS_MOST) frame.trails = frame.trails.slice(-TRAILS_MOST);
    if (frame.dots.length > JOIN_ABOVE) {
      frame.joined = true;
      frame.trails = [];
      frame.dots = join(frame.dots, (dot) => `${dot.from}>${dot.to}>${dot.window}`);
      if (frame.dots.length > JOIN_ABOVE) {
        // Too many pairs as well: count them at the receivers' doors.
        frame.dots = join(frame.dots, (dot) => `${dot.to}`);
        for (const dot of frame.dots) dot.p = DOOR;
      }
    }
    return frame;
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
  const { id, from, to, start, duration } = flight;
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
    frame.dots.push({ id, from, to, p, waiting, count: 1, window });
    frame.trails.push({ id, from, to, p, fade: 1 });
    if (waiting && crash > now) frame.wakeAt = Math.min(frame.wakeAt, start + WAIT_MOST);
    else frame.moving = true;
    return true;
  }
  const since = now - end;
  let seen = false;
  if (since < TRAIL) {
    frame.trails.push({ id, from, to, p: end === crash ? DOOR : 1, fade: 1 - since / TRAIL });
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
  } else if (to !== null && since < HALO) {
    frame.halos.push({ key: to, age: since / HALO });
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
