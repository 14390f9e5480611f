/**
 * The connection to the dashboard's live stream: packets to where they are fed in, and the truth
 * about the connection for the page.
 *
 * Socket.IO would reconnect by itself, but does not say when; the page promises "trying
 * again in 2 s", so the waiting is done here.
 */

import { io } from "../vendor/socket.io.js";

/** Milliseconds before the first, second … new attempt; the last one stays [guess: a
 *  dashboard is back within a second or two, and asking costs next to nothing]. */
const WAITS = [300, 700, 1500, 2500];

/**
 * `phase` is `connecting`, `live` or `waiting`; `change` tells each step.
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
    socket.on("snapshot", (/** @type {any} */ packet) => this.#take(packet, true));
    socket.on("delta", (/** @type {any} */ packet) => this.#take(packet, false));
    socket.on("connect_error", (/** @type {Error} */ error) => this.#lost(refusal(error)));
    socket.on("disconnect", (/** @type {string} */ why) => this.#lost(parting(why)));
    // A laptop that was asleep should not wait for its turn.
    addEventListener("online", () => this.tryNow());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.tryNow();
    });
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

  /**
   * @param {{at: number}} packet
   * @param {boolean} whole
   */
  #take(packet, whole) {
    this.lastPacketAt = performance.now();
    this.#clock.observe(packet.at);
    this.lag = Math.max(0, this.#clock.now() - packet.at);
    if (whole) this.#feed.applySnapshot(packet);
    else if (!this.#feed.applyDelta(packet)) this.#socket.emit("resync");
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
  return error.message === "timeout" ? "the dashboard does not answer" : "the dashboard cannot be reached";
}

/** @param {string} why one of Socket.IO's reasons */
function parting(why) {
  return why === "ping timeout" ? "the dashboard fell silent" : "the connection to the dashboard was lost";
}
