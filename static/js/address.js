/**
 * The URL's hash is a small store of `key=value`, so that a reload, a bookmark or a link in a
 * mail shows the same: `#node=node7&at=2026-11-29T14:03:07.120Z`.
 *
 * Each part of the page owns its keys and leaves the others' alone:
 *
 *     node     the chosen node, its name or id (workbench.js)
 *     at, run  the moment that is shown, and of which recording (time/)
 *
 * `read` says what the address asks for, `write` changes some keys and keeps the rest, and
 * `onAddress` tells of a change that the page did not make itself (a link, the back button).
 * What is read was typed by somebody: whoever reads a key checks its value.
 */

/** Milliseconds between two writes: browsers refuse more than some 100 in 30 s [Safari: 100,
 * Chromium: 200]. */
const EVERY = 350;
/** Characters of a value that are looked at: no name, address or filter of ours is longer. */
const MOST = 2000;

/**
 * What a hash says.
 * @param {string} hash with or without its `#`
 * @returns {Map<string, string>}
 */
export function parse(hash) {
  const found = new Map();
  for (const [key, value] of new URLSearchParams(hash.replace(/^#/, ""))) {
    if (key !== "" && value !== "") found.set(key, value.slice(0, MOST));
  }
  return found;
}

/**
 * The other way round, without a `#`. Colons and commas stay as they are: they are allowed
 * there (RFC 3986, section 3.5), and times and filters can be read.
 * @param {ReadonlyMap<string, string>} parts
 */
export function format(parts) {
  const code = (/** @type {string} */ text) => encodeURIComponent(text).replace(/%3A/g, ":").replace(/%2C/g, ",");
  return [...parts].map(([key, value]) => `${code(key)}=${code(value)}`).join("&");
}

/** What is to be written, and is not yet. @type {Map<string, string|null>} */
const pending = new Map();
let writtenAt = -Infinity;
/** The hash as it was when we wrote or read it last; null: neither has happened.
 * @type {string|null} */
let known = null;
/** @type {ReturnType<typeof setTimeout>|undefined} */
let timer;

/** What the address says, with what is about to be written. */
function now() {
  const parts = parse(location.hash);
  for (const [key, value] of pending) {
    if (value === null) parts.delete(key);
    else parts.set(key, value);
  }
  return parts;
}

/** What the address asks for. @param {string} key @returns {string|null} */
export function read(key) {
  return now().get(key) ?? null;
}

/**
 * Changes some keys (null: takes it out) and leaves the others. The first change is written
 * at once, what follows quickly is written together.
 * @param {Record<string, string|null>} changes
 */
export function write(changes) {
  for (const [key, value] of Object.entries(changes)) pending.set(key, value === "" ? null : value);
  const wait = writtenAt + EVERY - performance.now();
  if (wait <= 0) flush();
  else timer ??= setTimeout(flush, wait);
}

function flush() {
  clearTimeout(timer);
  timer = undefined;
  if (known !== null && location.hash !== known) {
    pending.clear(); // somebody has changed it a moment ago, and his word is the newer one
    return;
  }
  const hash = format(now());
  pending.clear();
  writtenAt = performance.now();
  const wanted = hash === "" ? "" : `#${hash}`;
  // Not pushed: the back button should leave the page, not go through a hundred moments.
  if (wanted !== location.hash) history.replaceState(null, "", location.pathname + location.search + wanted);
  known = location.hash;
}

/** Somebody else changed the address: a link on this page, a hand. @param {() => void} listener */
export function onAddress(listener) {
  addEventListener("hashchange", () => {
    clearTimeout(timer);
    timer = undefined;
    pending.clear(); // his word is the newer one
    known = location.hash;
    listener();
  });
}

/** @returns {string|null} the name or id that the address asks for */
export function wantedNode() {
  return read("node");
}

/** @param {string|null} name */
export function showInAddress(name) {
  write({ node: name });
}
