/**
 * The connection to the dashboard's live stream: packets to where they are fed in, and the truth
 * about the connection for the page.
 *
 * Socket.IO would reconnect by itself, but does not say when; the page promises "trying
 * again in 2 s", so the waiting is done here.
 */

import { io } from "../vendor/socket.io.js";
import { TEXTS } from "./texts.js";

/** Milliseconds before the first, second … new attempt; the last one stays [guess: a
 *  dashboard is back within a second or two, and asking costs next to nothing]. */
const WAITS = [300, 700, 1500, 2500];

/**
 * `phase` is `connecting`, `live` or `waiting`; `change` tells each step. `traffic` hands on what
 * the dashboard tells of random traffic, `otherpage` that it has other files of the page by now.
 */
export class Net extends EventTarget {
  /** @type {"connecting"|"live"|"waiting"} */
  phase = "connecting";
  /** When the next attempt starts, in performance.now() milliseconds. */
  retryAt = 0;
  /** When the last packet came, in performance.now() milliseconds; null before the first. */
  lastPacketAt = /** @type {number|null} */ (null);
  /** By how many milliseconds the last packet came later than the quickest; null before the first. */
  lag = /** @type {number|null} */ (null);
  /** Why there is no connection, for people. */
  reason = "";
  /** The files of the page that the dashboard had when this page was opened, as one word.
   * @type {string|null} */
  #page = null;

  #socket;
  #feed;
  #clock;
  #failures = 0;
  /** @type {number|undefined} */
  #timer;

  /**
   * @param {Pick<import("./time/feed.js").Feed, "applySnapshot"|"applyDelta">} feed
   * @param {import("./clock.js").Clock} clock
   */
  constructor(feed, clock) {
    super();
    this.#feed = feed;
    this.#clock = clock;
    const socket = io("/live", {
      autoConnect: false,
      reconnection: false,
      timeout: 5000,
      transports: ["websocket"], // the dashboard speaks nothing else
    });
    this.#socket = socket;
    socket.on("connect", () => {
      this.#failures = 0;
      this.#enter("live", "");
    });
    socket.on("snapshot", (/** @type {import("./types.d.ts").StreamSnapshot} */ packet) => {
      this.#arrived(packet);
      if (typeof packet.page === "string") {
        this.#page ??= packet.page;
        if (this.#page !== packet.page) this.dispatchEvent(new CustomEvent("otherpage"));
      }
      this.#feed.applySnapshot(packet);
    });
    socket.on("delta", (/** @type {import("./types.d.ts").Delta} */ packet) => {
      this.#arrived(packet);
      if (!this.#feed.applyDelta(packet)) this.#socket.emit("resync");
    });
    socket.on("traffic", (/** @type {any} */ told) => this.dispatchEvent(new CustomEvent("traffic", { detail: told })));
    socket.on("connect_error", (/** @type {Error} */ error) => this.#lost(refusal(error)));
    socket.on("disconnect", (/** @type {string} */ why) => this.#lost(parting(why)));
    // A laptop that was asleep should not wait for its turn.
    addEventListener("online", () => this.tryNow());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.tryNow();
    });
  }

  /** What the dashboard calls this connection; null while there is none. @returns {string|null} */
  get id() {
    return this.#socket.id ?? null;
  }

  /** Connect, and stay connected. */
  start() {
    this.#enter("connecting", "");
    this.#socket.connect();
  }

  /** Try at once instead of waiting. */
  tryNow() {
    if (this.phase !== "waiting") return;
    clearTimeout(this.#timer);
    this.start();
  }

  /** @param {{at: number}} packet */
  #arrived({ at }) {
    this.lastPacketAt = performance.now();
    this.#clock.observe(at);
    this.lag = Math.max(0, this.#clock.now() - at);
  }

  /** @param {string} reason */
  #lost(reason) {
    const wait = WAITS[Math.min(this.#failures, WAITS.length - 1)];
    this.#failures += 1;
    // A class of thirty must not come back in the same moment.
    const delay = wait * (0.8 + 0.4 * Math.random());
    this.retryAt = performance.now() + delay;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.start(), delay);
    this.#enter("waiting", reason);
  }

  /**
   * @param {"connecting"|"live"|"waiting"} phase
   * @param {string} reason
   */
  #enter(phase, reason) {
    this.phase = phase;
    if (reason || phase === "live") this.reason = reason;
    this.dispatchEvent(new CustomEvent("change"));
  }
}

/** @param {Error & {description?: unknown}} error */
function refusal(error) {
  if (/reject/i.test(error.message)) return TEXTS.connection.full;
  return error.message === "timeout" ? TEXTS.connection.silent : TEXTS.connection.unreachable;
}

/** @param {string} why one of Socket.IO's reasons */
function parting(why) {
  return why === "ping timeout" ? TEXTS.connection.fellSilent : TEXTS.connection.lost;
}
