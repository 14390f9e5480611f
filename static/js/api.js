/**
 * Calls to the dashboard's REST interface. Every failure is an `ApiFailure` whose message
 * is for people: what is wrong, and what to do.
 */

import { HEADER, acting } from "./acting.js";
import { TEXTS } from "./texts.js";

export class ApiFailure extends Error {
  /**
   * @param {string} message
   * @param {number} status 0 where there was no answer
   * @param {string|null} field which input was wrong
   */
  constructor(message, status, field) {
    super(message);
    this.status = status;
    this.field = field;
  }
}

/**
 * Why nothing can be changed just now, for people; null: it can. The past cannot be changed, and
 * what is done to a network of which another moment is shown would not be seen (time/).
 * @type {() => string|null}
 */
let hindrance = () => null;

/** @param {() => string|null} why */
export function hinderedBy(why) {
  hindrance = why;
}

/** Milliseconds until a call is given up; the dashboard itself gives a node less. */
const PATIENCE = 15_000;
/** Until a file is given up: half a gigabyte takes a while to be read and checked. */
const UPLOADING = 600_000;

/**
 * @param {string} path
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export function get(path, signal) {
  return call(path, { method: "GET" }, signal);
}

/**
 * @param {string} path
 * @param {object} body
 * @returns {Promise<any>}
 */
export function post(path, body) {
  return act(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

/**
 * Give the dashboard a file.
 * @param {string} path
 * @param {Blob} file
 * @param {string} type
 * @returns {Promise<any>}
 */
export function upload(path, file, type) {
  return act(path, { method: "POST", headers: { "Content-Type": type }, body: file }, UPLOADING);
}

/**
 * @param {string} path
 * @returns {Promise<any>}
 */
export function remove(path) {
  return act(path, { method: "DELETE" });
}

/**
 * A call that changes something: it shows the page's token, and once more where the dashboard was
 * started anew and has another one.
 * @param {string} path
 * @param {RequestInit} options
 * @param {number} [longest] milliseconds
 * @returns {Promise<any>}
 */
async function act(path, options, longest) {
  const shown = await acting.token();
  if (!acting.allowed) throw new ApiFailure(acting.why, 403, null);
  try {
    return await call(path, signed(options, shown), undefined, longest);
  } catch (failure) {
    if (!(failure instanceof ApiFailure) || failure.field !== HEADER) throw failure;
    acting.forget();
    return call(path, signed(options, await acting.token()), undefined, longest);
  }
}

/** @param {RequestInit} options @param {string|null} token @returns {RequestInit} */
function signed(options, token) {
  return token === null ? options : { ...options, headers: { ...options.headers, [HEADER]: token } };
}

/**
 * @param {string} path
 * @param {RequestInit} options
 * @param {AbortSignal} [signal]
 * @param {number} [longest] milliseconds
 */
async function call(path, options, signal, longest = PATIENCE) {
  const why = options.method === "GET" || path.startsWith("/api/runs") ? null : hindrance();
  if (why !== null) throw new ApiFailure(why, 0, null);
  const patience = AbortSignal.timeout(longest);
  let response;
  let body;
  try {
    response = await fetch(path, {
      ...options,
      cache: "no-store",
      signal: signal === undefined ? patience : AbortSignal.any([signal, patience]),
    });
    body = await response.json();
  } catch (error) {
    if (signal?.aborted) throw error;
    if (response !== undefined && !patience.aborted) {
      throw new ApiFailure(TEXTS.api.answeredNothing(response.status), response.status, null);
    }
    throw new ApiFailure(
      patience.aborted
        ? TEXTS.api.late
        : TEXTS.api.unreachable,
      0,
      null,
    );
  }
  if (!response.ok) {
    const said = typeof body?.error === "string" ? body.error : TEXTS.api.answered(response.status);
    throw new ApiFailure(said, response.status, typeof body?.field === "string" ? body.field : null);
  }
  return body;
}
