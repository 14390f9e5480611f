/**
 * Names of exported files: of which run and of which moment they are.
 *
 * A run may be called anything, and a file may not: what Windows, Linux, macOS and shells do not
 * take in a name becomes a dash. No DOM.
 */

/** Characters of a run's name that go into a file's name [guess: enough to know it again]. */
const LONGEST = 60;

/**
 * @param {string} run  name of the run
 * @param {number} at  milliseconds since 1970
 * @param {string} ending  such as `graph.dot` or `png`
 */
export function fileName(run, at, ending) {
  const safe = run.normalize("NFC").replace(/[^\p{L}\p{N}._-]+/gu, "-").slice(0, LONGEST).replace(/^[-.]+|[-.]+$/g, "");
  return `p2p-${safe || "run"}-at-${stamp(at)}${ending.includes(".") ? "-" : "."}${ending}`;
}

/** A moment that sorts, without colons: 2026-11-30T14-03-07, of this computer's zone. @param {number} at */
export function stamp(at) {
  const time = new Date(at);
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`
    + `T${two(time.getHours())}-${two(time.getMinutes())}-${two(time.getSeconds())}`;
}
