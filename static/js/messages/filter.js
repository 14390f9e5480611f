/**
 * The filter language of the messages: a text becomes a tree, the tree becomes a function.
 *
 *     query := and { "OR" and }              "AND" may be written, and is meant by a space
 *     and   := not { ["AND"] not }
 *     not   := ("NOT" | "-") not | "(" query ")" | term
 *     term  := field operator value | flag | word | "several words"
 *
 * Nothing is ignored: what makes no sense is a `Problem` that says where it stands, and what
 * is only half typed is one, too (`unfinished`), so that whoever shows it can be patient.
 * What is understood but will find nothing that the person can have meant is a note.
 *
 * `compile` makes one closure for each term, which looks at values that `row.js` has worked
 * out once for each message. So 100,000 messages take some 10 to 30 ms, not a second. No DOM.
 *
 * @typedef {import("./row.js").Row} Row
 * @typedef {{at: number, end: number, message: string, unfinished: boolean}} Problem
 *   at, end: the offending word, in characters of the query
 * @typedef {{at: number, end: number, message: string}} Note
 *
 * @typedef {{type: "and"|"or", parts: Tree[]}} Several
 * @typedef {{type: "not", part: Tree}} Not
 * @typedef {{type: "term", at: number, end: number, field: string, operator: string,
 *            value: string, quoted: boolean}} Term
 *   field: "" for a bare word
 * @typedef {Several|Not|Term} Tree
 *
 * @typedef {object} World  what the words are measured by
 * @property {(key: number|null) => string} nameOf
 * @property {number} now  milliseconds, for times of day and for "5m ago"
 */

import { TEXTS } from "../texts.js";

/** @typedef {"name"|"text"|"one"|"number"|"time"} Kind */

const PROBLEMS = TEXTS.filter.problems;

/**
 * What can be asked, in the order in which help and completion tell of it.
 * @type {Record<string, {kind: Kind, what: string, example: string}>}
 */
export const FIELDS = {
  from: { kind: "name", what: TEXTS.filter.fields.from, example: "from:node7" },
  to: { kind: "name", what: TEXTS.filter.fields.to, example: "to:node3" },
  node: { kind: "name", what: TEXTS.filter.fields.node, example: "node:node7" },
  via: { kind: "name", what: TEXTS.filter.fields.via, example: "via:node4" },
  text: { kind: "text", what: TEXTS.filter.fields.text, example: 'text:"hello world"' },
  state: { kind: "one", what: TEXTS.filter.fields.state, example: "state:lost" },
  route: { kind: "one", what: TEXTS.filter.fields.route, example: "route:overlay" },
  kind: { kind: "one", what: TEXTS.filter.fields.kind, example: "kind:broadcast" },
  hops: { kind: "number", what: TEXTS.filter.fields.hops, example: "hops>2" },
  detour: { kind: "number", what: TEXTS.filter.fields.detour, example: "detour>=2" },
  ms: { kind: "number", what: TEXTS.filter.fields.ms, example: "ms>300" },
  tries: { kind: "number", what: TEXTS.filter.fields.tries, example: "tries>1" },
  reached: { kind: "number", what: TEXTS.filter.fields.reached, example: "reached<7" },
  after: { kind: "time", what: TEXTS.filter.fields.after, example: "after:14:03" },
  before: { kind: "time", what: TEXTS.filter.fields.before, example: "before:14:03:07" },
  at: { kind: "time", what: TEXTS.filter.fields.at, example: "at:14:03" },
  reason: { kind: "text", what: TEXTS.filter.fields.reason, example: "reason:refused" },
  id: { kind: "text", what: TEXTS.filter.fields.id, example: "id:1f3a" },
};

/** Whole questions in one word. @type {Record<string, {what: string, fits: (row: Row) => boolean}>} */
export const FLAGS = {
  broadcast: { what: TEXTS.filter.flags.broadcast, fits: (row) => row.kind === "broadcast" },
  detour: { what: TEXTS.filter.flags.detour, fits: (row) => row.detour > 0 },
  retried: { what: TEXTS.filter.flags.retried, fits: (row) => row.tries > 1 },
  outside: { what: TEXTS.filter.flags.outside, fits: (row) => row.route === "outside" },
};

/** The values of the fields that have few, with which words of a row each means. */
export const VALUES = /** @type {Record<string, Record<string, string[]>>} */ ({
  state: {
    waiting: ["waiting"], sent: ["sent"], received: ["received"], delivered: ["delivered"], failed: ["failed"],
    lost: ["failed"], arrived: ["received", "delivered"], open: ["waiting", "sent"],
  },
  route: { direct: ["direct"], overlay: ["overlay"], tree: ["tree"], outside: ["outside"] },
  kind: { message: ["message"], broadcast: ["broadcast"] },
});

/** What a value means, for completion. */
export const MEANINGS = /** @type {Record<string, string>} */ (TEXTS.filter.values);

const UNITS = /** @type {Record<string, number>} */ ({ "": 1, ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 });

/** @param {number} at @param {number} end @param {string} message @param {boolean} [unfinished] @returns {never} */
function fail(at, end, message, unfinished = false) {
  throw Object.assign(new SyntaxError(message), { problem: { at, end, message, unfinished } });
}

// --- words -----------------------------------------------------------------------------------

/**
 * @typedef {{type: "("|")"|"-"|"AND"|"OR"|"NOT"|"word", at: number, end: number, text: string,
 *            quote: number}} Token
 *   quote: where its first quotation mark stands within it; -1: nowhere
 */

/** @param {string} query @returns {Token[]} */
function tokens(query) {
  const found = /** @type {Token[]} */ ([]);
  for (let at = 0; at < query.length;) {
    const sign = query[at];
    if (/\s/.test(sign)) {
      at += 1;
    } else if (sign === "(" || sign === ")") {
      found.push({ type: sign, at, end: at + 1, text: sign, quote: -1 });
      at += 1;
    } else if (sign === "-" && at + 1 < query.length && !/\s/.test(query[at + 1])) {
      found.push({ type: "-", at, end: at + 1, text: sign, quote: -1 });
      at += 1;
    } else {
      const word = wordAt(query, at);
      const bare = /** @type {Token["type"]} */ (["AND", "OR", "NOT"].includes(word.text) && word.quote < 0 ? word.text : "word");
      found.push({ ...word, type: bare });
      at = word.end;
    }
  }
  return found;
}

/** A word ends at a blank or a closing bracket, but not within quotation marks. @param {string} query @param {number} at */
function wordAt(query, at) {
  let end = at;
  let quote = -1;
  while (end < query.length && !/[\s)]/.test(query[end])) {
    if (query[end] === '"') {
      if (quote < 0) quote = end - at;
      const open = end;
      for (end += 1; query[end] !== '"'; end += query[end] === "\\" ? 2 : 1) {
        if (end >= query.length) fail(open, query.length, PROBLEMS.quotation, true);
      }
    }
    end += 1;
  }
  return { at, end, text: query.slice(at, end), quote };
}

/** A value without its quotation marks. @param {string} text */
function unquoted(text) {
  return text.replace(/"((?:[^"\\]|\\.)*)"/g, (_, inner) => inner.replace(/\\(.)/g, "$1"));
}

// --- the tree ---------------------------------------------------------------------------------

/**
 * @param {string} query
 * @returns {{tree: Tree|null, problem: Problem|null}} tree: null where everything fits, or where
 *   there is a problem
 */
export function parse(query) {
  try {
    const parser = new Parser(tokens(query), query.length);
    return { tree: parser.whole(), problem: null };
  } catch (error) {
    return { tree: null, problem: problemOf(error) };
  }
}

/** @param {unknown} error @returns {Problem} */
function problemOf(error) {
  const problem = /** @type {{problem?: Problem}} */ (error)?.problem;
  if (problem === undefined) throw error; // a mistake of ours is not the person's
  return problem;
}

class Parser {
  #tokens;
  #length;
  #next = 0;

  /** @param {Token[]} list @param {number} length */
  constructor(list, length) {
    this.#tokens = list;
    this.#length = length;
  }

  get #token() { return this.#tokens[this.#next]; }

  /** @returns {Tree|null} */
  whole() {
    if (this.#tokens.length === 0) return null;
    const tree = this.#or();
    const rest = this.#token;
    if (rest !== undefined) fail(rest.at, rest.end, PROBLEMS.bracketText);
    return tree;
  }

  /** @returns {Tree} */
  #or() {
    const parts = [this.#and()];
    while (this.#token?.type === "OR") {
      this.#next += 1;
      parts.push(this.#and());
    }
    return parts.length === 1 ? parts[0] : { type: "or", parts };
  }

  /** @returns {Tree} */
  #and() {
    const parts = [this.#not()];
    while (this.#token !== undefined && this.#token.type !== "OR" && this.#token.type !== ")") {
      if (this.#token.type === "AND") this.#next += 1;
      parts.push(this.#not());
    }
    return parts.length === 1 ? parts[0] : { type: "and", parts };
  }

  /** @returns {Tree} */
  #not() {
    const token = this.#token;
    const before = this.#tokens[this.#next - 1];
    if (token === undefined) {
      fail(before?.at ?? 0, before?.end ?? this.#length, PROBLEMS.follows(before?.text ?? ""), true);
    }
    this.#next += 1;
    switch (token.type) {
      case "NOT":
      case "-":
        return { type: "not", part: this.#not() };
      case "(": {
        const inside = this.#token;
        if (inside?.type === ")") fail(token.at, inside.end, PROBLEMS.emptyBrackets);
        const tree = this.#or();
        const close = this.#token;
        if (close?.type !== ")") fail(token.at, token.end, PROBLEMS.openBracket, true);
        this.#next += 1;
        return tree;
      }
      case "word":
        return term(token);
      default:
        return fail(token.at, token.end, token.type === ")" ? PROBLEMS.closeBracket : PROBLEMS.between(token.text));
    }
  }
}

const FIELD = /^([A-Za-z]+)(>=|<=|!=|[:=<>])(.*)$/s;

/** @param {Token} token @returns {Tree} */
function term({ at, end, text, quote }) {
  if (text === "-") fail(at, end, PROBLEMS.minus, true);
  const [, name, operator, value] = FIELD.exec(text) ?? [];
  if (name === undefined || (quote >= 0 && quote < name.length)) {
    const word = unquoted(text);
    if (word === "") fail(at, end, PROBLEMS.emptyQuotation, true);
    return { type: "term", at, end, field: "", operator: "", value: word, quoted: quote >= 0 };
  }
  const field = name.toLowerCase();
  if (!Object.hasOwn(FIELDS, field)) {
    const near = nearest(field, Object.keys(FIELDS));
    fail(at, at + name.length, near === null ? PROBLEMS.noField(name, text) : PROBLEMS.noFieldNear(name, near));
  }
  const made = /** @type {Term} */ ({ type: "term", at, end, field, operator, value: unquoted(value), quoted: value.includes('"') });
  check(made, at + name.length + operator.length);
  return operator === "!=" ? { type: "not", part: { ...made, operator: "=" } } : made;
}

/** Whether a term means anything. @param {Term} made @param {number} from where its value begins */
function check({ at, end, field, operator, value }, from) {
  const { kind, example } = FIELDS[field];
  if (value === "") fail(at, end, PROBLEMS.followsAsIn(`${field}${operator}`, example), true);
  const compares = operator.includes("<") || operator.includes(">");
  if (compares && kind !== "number") fail(at, from, PROBLEMS.compares(field, example));
  if (kind === "number" && range(field, operator, value) === null) {
    fail(from, end, (field === "ms" ? PROBLEMS.noMilliseconds : PROBLEMS.noNumber)(value, example, field));
  }
  if (kind === "time" && moment(value, 0) === null) {
    fail(from, end, PROBLEMS.noTime(value),
      ["0", "00", ":00", "m", "-01", "1-01", "-01-01", "01", "00:00Z", ":00Z"].some((rest) => moment(value + rest, 0) !== null));
  }
  if (kind === "one") {
    const words = Object.keys(VALUES[field]);
    let start = from;
    for (const part of value.toLowerCase().split(",")) {
      if (part === "") fail(start, end, PROBLEMS.oneOf(words.join(", ")), true);
      if (!words.some((word) => word.startsWith(part))) {
        const near = nearest(part, words);
        fail(start, start + part.length, near === null
          ? PROBLEMS.noValue(part, field, words.join(", ")) : PROBLEMS.noValueNear(part, field, words.join(", "), near));
      }
      start += part.length + 1;
    }
  }
}

// --- values -----------------------------------------------------------------------------------

/**
 * From and to, both included; null: it is no number.
 * @param {string} field @param {string} operator @param {string} value
 * @returns {[number, number]|null}
 */
function range(field, operator, value) {
  const one = (/** @type {string} */ text) => {
    const [, digits, unit] = /^(\d+(?:\.\d+)?)([a-z]*)$/i.exec(text.trim()) ?? [];
    const times = field === "ms" ? UNITS[unit?.toLowerCase() ?? ""] : unit === "" ? 1 : undefined;
    return digits === undefined || times === undefined ? null : Number(digits) * times;
  };
  const ends = value.split("..");
  if (ends.length === 2 && !operator.includes("<") && !operator.includes(">")) {
    const [low, high] = [ends[0] === "" ? -Infinity : one(ends[0]), ends[1] === "" ? Infinity : one(ends[1])];
    return low === null || high === null || value === ".." ? null : [low, high];
  }
  const number = one(value);
  if (number === null) return null;
  switch (operator) {
    case ">": return [number + Number.EPSILON * Math.max(1, number), Infinity];
    case ">=": return [number, Infinity];
    case "<": return [-Infinity, number - Number.EPSILON * Math.max(1, number)];
    case "<=": return [-Infinity, number];
    default: return [number, number];
  }
}

/**
 * The time that is meant, from and to (not included). A time of day is the last one that has
 * been, by this computer's clock: whoever says 23:50 just after midnight means yesterday.
 * @param {string} value @param {number} now
 * @returns {[number, number]|null}
 */
export function moment(value, now) {
  const [, ago, unit] = /^-?(\d+(?:\.\d+)?)(ms|s|m|min|h|d)$/i.exec(value) ?? [];
  if (ago !== undefined) return [now - Number(ago) * UNITS[unit.toLowerCase()], now - Number(ago) * UNITS[unit.toLowerCase()] + 1];
  const [, h, m, s, fraction] = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?$/.exec(value) ?? [];
  if (h !== undefined) {
    if (Number(h) > 23 || Number(m) > 59 || Number(s ?? 0) > 59) return null;
    const day = new Date(now);
    day.setHours(Number(h), Number(m), Number(s ?? 0), fraction === undefined ? 0 : Number(fraction.padEnd(3, "0")));
    if (day.getTime() > now) day.setDate(day.getDate() - 1);
    const from = day.getTime();
    return [from, from + (s === undefined ? 60_000 : fraction === undefined ? 1000 : 10 ** (3 - fraction.length))];
  }
  if (/^\d{4}-\d{2}-\d{2}$/.test(value)) {
    const [year, month, date] = value.split("-").map(Number);
    const from = new Date(year, month - 1, date);
    if (from.getMonth() !== month - 1) return null;
    return [from.getTime(), new Date(year, month - 1, date + 1).getTime()];
  }
  const [, seconds, part] = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(?:[Zz]|[+-]\d{2}:\d{2})?$/.exec(value) ?? [];
  const from = /^\d{4}-\d{2}-\d{2}[Tt]/.test(value) ? Date.parse(value) : NaN;
  if (Number.isNaN(from)) return null;
  return [from, from + (seconds === undefined ? 60_000 : part === undefined ? 1000 : 1)];
}

/**
 * The word that was perhaps meant: one letter more, less or other, or two exchanged.
 * @param {string} word @param {string[]} words
 */
export function nearest(word, words) {
  const near = (/** @type {string} */ other) => {
    if (Math.abs(other.length - word.length) > 1) return false;
    let at = 0;
    while (at < word.length && word[at] === other[at]) at += 1;
    const rest = [word.slice(at), other.slice(at)];
    return rest[0].slice(1) === rest[1] || rest[0] === rest[1].slice(1) || rest[0].slice(1) === rest[1].slice(1)
      || (rest[0][0] === rest[1][1] && rest[0][1] === rest[1][0] && rest[0].slice(2) === rest[1].slice(2));
  };
  return words.find(near) ?? (word.length > 2 ? words.find((other) => other.startsWith(word) || word.startsWith(other)) : undefined) ?? null;
}

/**
 * Whether a name is meant: exactly, by a pattern with `*`, or by its beginning. `node1` means
 * node1 and not node12; `node` means them all.
 * @param {string} value in small letters
 * @returns {(name: string) => boolean} name: in small letters
 */
function named(value) {
  const tests = value.split(",").filter(Boolean).map((one) => {
    if (one.includes("*")) {
      const pattern = new RegExp(`^${one.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&")).join(".*")}$`);
      return (/** @type {string} */ name) => pattern.test(name);
    }
    const beginning = !/\d$/.test(one);
    return (/** @type {string} */ name) => name === one || (beginning && name.startsWith(one));
  });
  return tests.length === 1 ? tests[0] : (name) => tests.some((test) => test(name));
}

// --- the function -----------------------------------------------------------------------------

/**
 * @param {Tree|null} tree
 * @param {World} world
 * @returns {(row: Row) => boolean}
 */
export function compile(tree, world) {
  if (tree === null) return () => true;
  switch (tree.type) {
    case "and": {
      const parts = tree.parts.map((part) => compile(part, world));
      return (row) => {
        for (const part of parts) if (!part(row)) return false;
        return true;
      };
    }
    case "or": {
      const parts = tree.parts.map((part) => compile(part, world));
      return (row) => {
        for (const part of parts) if (part(row)) return true;
        return false;
      };
    }
    case "not": {
      const part = compile(tree.part, world);
      return (row) => !part(row);
    }
    default:
      return compileTerm(tree, world);
  }
}

/** @param {Term} term_ @param {World} world @returns {(row: Row) => boolean} */
function compileTerm({ field, operator, value, quoted }, world) {
  const low = value.toLowerCase();
  switch (field) {
    case "": {
      if (!quoted && Object.hasOwn(FLAGS, low)) return FLAGS[low].fits;
      if (quoted) return (row) => row.textLow.includes(low);
      return (row) => row.fromLow === low || row.toLow === low || row.textLow.includes(low);
    }
    case "from": {
      const fits = remembered(named(low));
      return (row) => fits(row.fromLow);
    }
    case "to": {
      const fits = remembered(named(low));
      return (row) => fits(row.toLow);
    }
    case "node": {
      const fits = remembered(named(low));
      return (row) => fits(row.fromLow) || fits(row.toLow);
    }
    case "via": {
      const names = named(low);
      const fits = remembered((/** @type {number} */ key) => names(world.nameOf(key).toLowerCase()));
      return (row) => {
        const { path, to } = row.view;
        for (let at = 0; at < path.length; at += 1) {
          const [from, end] = path[at];
          // Who hands on what was not his own, and who got it to hand it on.
          if (from !== null && from !== row.view.from && fits(from)) return true;
          if (row.kind === "message" && end !== null && end !== to && fits(end)) return true;
        }
        return false;
      };
    }
    case "text": return (row) => row.textLow.includes(low);
    case "id": return (row) => row.id.toLowerCase().startsWith(low);
    case "reason": return (row) => row.view.reason !== null && row.view.reason.toLowerCase().includes(low);
    case "state":
    case "route":
    case "kind": {
      const wanted = new Set(low.split(",").flatMap((part) =>
        Object.entries(VALUES[field]).filter(([word]) => word.startsWith(part)).flatMap(([, means]) => means)));
      if (field === "state") return (row) => wanted.has(row.state);
      return field === "route" ? (row) => wanted.has(row.route) : (row) => wanted.has(row.kind);
    }
    case "after":
    case "before":
    case "at": {
      const [from, to] = moment(value, world.now) ?? [NaN, NaN];
      if (field === "after") return (row) => row.at >= from;
      return field === "before" ? (row) => row.at < from : (row) => row.at >= from && row.at < to;
    }
    default: {
      const [least, most] = range(field, operator, value) ?? [NaN, NaN];
      const read = /** @type {Record<string, (row: Row) => number|null>} */ ({
        hops: (row) => row.hops, detour: (row) => row.detour, ms: (row) => row.ms,
        tries: (row) => row.tries, reached: (row) => row.view.reached,
      })[field];
      return (row) => {
        const number = read(row);
        return number !== null && number >= least && number <= most;
      };
    }
  }
}

/**
 * The same few names come again and again.
 * @template T
 * @param {(value: T) => boolean} test
 * @returns {(value: T) => boolean}
 */
function remembered(test) {
  /** @type {Map<T, boolean>} */
  const known = new Map();
  return (value) => {
    let fits = known.get(value);
    if (fits === undefined) known.set(value, fits = test(value));
    return fits;
  };
}

/**
 * What is understood, but finds nothing that can be meant, or something else than was meant.
 * @param {Tree|null} tree
 * @param {string[]} names of all nodes that are known
 * @returns {Note[]}
 */
export function notes(tree, names) {
  const low = names.map((name) => name.toLowerCase());
  const found = /** @type {Note[]} */ ([]);
  const walk = (/** @type {Tree} */ part) => {
    if (part.type === "not") return walk(part.part);
    if (part.type !== "term") return part.parts.forEach(walk);
    const { at, end, field, value, quoted } = part;
    if (field === "" && !quoted && ["and", "or", "not"].includes(value)) {
      found.push({ at, end, message: PROBLEMS.joins(value, value.toUpperCase()) });
    }
    if (field !== "" && FIELDS[field].kind === "name" && low.length > 0) {
      for (const one of value.toLowerCase().split(",").filter(Boolean)) {
        const fits = named(one);
        if (low.some(fits) || (field !== "from" && fits("everybody")) || one.includes("outside")) continue;
        found.push({ at, end, message: PROBLEMS.noNode(one) });
      }
    }
    return undefined;
  };
  if (tree !== null) walk(tree);
  return found;
}

// --- completion -------------------------------------------------------------------------------

/**
 * What may stand where the caret is.
 * @param {string} query
 * @param {number} caret
 * @param {{names: string[]}} vocabulary
 * @returns {{at: number, end: number, options: {insert: string, label: string, what: string}[]}}
 *   at, end: what is replaced
 */
export function complete(query, caret, { names }) {
  let at = caret;
  let inside = false;
  for (let here = 0, begin = 0; here < caret; here += 1) {
    if (query[here] === '"') inside = !inside;
    if (!inside && /[\s(]/.test(query[here])) begin = here + 1;
    at = begin;
  }
  if (caret === 0) at = 0;
  let end = caret;
  while (end < query.length && !/[\s)]/.test(query[end])) end += 1;
  if (query[at] === "-" && at < caret) at += 1;
  const word = query.slice(at, caret);
  if (inside || word.includes('"')) return { at, end, options: [] };
  const [, name, operator, value] = FIELD.exec(word) ?? [];
  const field = name?.toLowerCase() ?? "";
  if (name !== undefined && Object.hasOwn(FIELDS, field)) {
    const before = value.slice(0, value.lastIndexOf(",") + 1);
    const typed = value.slice(before.length).toLowerCase();
    const insert = (/** @type {string} */ text) => `${name}${operator}${before}${/[\s"()]/.test(text) ? `"${text}"` : text} `;
    const { kind, what } = FIELDS[field];
    const words = kind === "one" ? Object.keys(VALUES[field])
      : kind === "name" ? [...(field === "to" || field === "node" ? ["everybody"] : []), ...names] : [];
    const options = words.filter((one) => one.toLowerCase().startsWith(typed) && one.toLowerCase() !== typed)
      .map((one) => ({ insert: insert(one), label: `${name}${operator}${before}${one}`, what: kind === "one" ? MEANINGS[one] : what }));
    return { at, end, options };
  }
  const typed = word.toLowerCase();
  const options = [
    ...Object.entries(FIELDS).filter(([one]) => one.startsWith(typed))
      .map(([one, { kind, what, example }]) => ({ insert: one + (kind === "number" ? ">" : ":"), label: example, what })),
    ...Object.entries(FLAGS).filter(([one]) => one.startsWith(typed) && one !== typed).map(([one, { what }]) => ({ insert: `${one} `, label: one, what })),
    ...(typed === "" ? [] : names.filter((one) => one.toLowerCase().startsWith(typed) && one.toLowerCase() !== typed)
      .map((one) => ({ insert: `${one} `, label: one, what: TEXTS.filter.aNode }))),
  ];
  return { at, end, options };
}
