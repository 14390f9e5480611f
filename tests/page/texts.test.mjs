/** What the page says: it stands in one place, says something, and nobody can change it. */

import assert from "node:assert/strict";
import { dirname } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { createVirtualFileSystem } from "typescript/unstable/fs";
import { TEXTS, counted, wordFor } from "../../static/js/texts.js";
import { textsIn } from "./literals.mjs";

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const PLACE = "static/js/texts.js";

/** What looks like words and is none, or has to stand where it does. A file alone: all that is in it. */
const ALLOWED = {
  "an SVG file's own markup": [["static/js/export/svg-context.js"]],
  "said before any module is there, when one of them is missing": [
    ["static/js/early-retry.js", "A part of this page did not come. Is the dashboard running? Reload to try again."],
  ],
  "media queries": [
    ["static/js/early-theme.js", "prefers-color-scheme: dark"], ["static/js/early-theme.js", "prefers-contrast: more"],
    ["static/js/display/preferences.js", "(min-width: 2560px)"],
  ],
  "who asks for a fault or for traffic: goes over the wire, into the nodes' logs": [
    ["static/js/faults/acts.js", "the page"], ["static/js/finding/faults.js", "the page"], ["static/js/finding/traffic.js", "the page"],
  ],
  "the filter's own language": [
    ["static/js/messages/filter-field.js", '"hello world"'], ["static/js/messages/filter-field.js", "(from:node1 OR to:node1)"],
    ["static/js/messages/filter.js", 'text:"hello world"'],
  ],
  "command lines": [
    ["static/js/messages/detail.js", "curl "], ["static/js/panel/empty.js", "make status"], ["static/js/panel/empty.js", "make up"],
    ["static/js/panel/empty.js", "docker run --network p2p --name mynode your-image"],
  ],
  "classes and a selector, by way of a function": [
    ["static/js/messages/table.js", "message-number message-hops"], ["static/js/messages/table.js", "message-number message-ms"],
    ["static/js/messages/table.js", "message-number message-detour"], ["static/js/finding/tour-steps.js", ".panel-actions .primary"],
  ],
  "what browser tests look at": [["static/js/seen.js", " to "]],
};

/** Texts that say nothing on purpose: a choice without a word before it, and what never is missing. */
const EMPTY = new Set(["legend.labels.colour", "commands.missing.picture"]);

/** What a parameter of each type is tried with. What is written must be found in the text again. */
const SAMPLES = {
  string: ["‹one›", "‹two›"],
  number: [1, 2, 1234],
  boolean: [true, false],
  "string|null": ["‹why›", null],
  "number|string": [3, "7"],
  unknown: ["in", "out", "both"],
};

/** All that is said, with where it stands. @returns {Generator<[string, unknown]>} */
function* all(part = TEXTS, path = "") {
  for (const [name, value] of Object.entries(part)) {
    const place = path === "" ? name : `${path}.${name}`;
    yield [place, value];
    if (typeof value === "object" && value !== null) yield* all(value, place);
  }
}

/** The types of a function's parameters, as they are written before each. @param {Function} text */
function typesOf(text) {
  const head = text.toString().slice(0, text.toString().indexOf("=>"));
  return [...head.matchAll(/\/\*\* @type \{([^}]*)\} \*\/\s*\w+/g)].map(([, type]) => type);
}

/** Every choice of one of each. @param {unknown[][]} lists @returns {unknown[][]} */
function combined(lists) {
  return lists.reduce((rows, list) => rows.flatMap((row) => list.map((one) => [...row, one])), [[]]);
}

test("texts are frozen to the bottom", () => {
  assert.ok(Object.isFrozen(TEXTS));
  const open = [...all()].filter(([, value]) => typeof value === "object" && !Object.isFrozen(value));
  assert.deepEqual(open.map(([place]) => place), []);
});

test("each text is a sentence, a word, or a function that makes one", () => {
  for (const [place, value] of all()) {
    if (typeof value === "string") assert.equal(value === "", EMPTY.has(place), place);
    else assert.ok(typeof value === "function" || (typeof value === "object" && value !== null), place);
    if (typeof value === "string") assert.doesNotMatch(value, /</, `${place}: a text is never markup`);
  }
});

test("a function says something for whatever it is given, and leaves none of it out", () => {
  let tried = 0;
  for (const [place, text] of all()) {
    if (typeof text !== "function") continue;
    const types = typesOf(text);
    assert.equal(types.length, text.length, `${place}: each parameter has its type before it`);
    for (const type of types) assert.ok(type in SAMPLES, `${place}: no sample for ${type}`);
    for (const values of combined(types.map((type) => SAMPLES[type]))) {
      const said = text(...values);
      assert.equal(typeof said, "string", place);
      assert.notEqual(said.trim(), "", place);
      assert.doesNotMatch(said, /undefined|null|NaN|\[object|true|false/, `${place}: ${said}`);
      for (const value of values) {
        if (typeof value === "string" && value.startsWith("‹")) assert.ok(said.includes(value), `${place} leaves out ${value}: ${said}`);
      }
      tried += 1;
    }
  }
  assert.ok(tried > 500, `${tried}`);
});

test("a number finds its noun in whatever forms a language has", () => {
  assert.equal(counted(1, { one: "link", other: "links" }), "1 link");
  assert.equal(counted(0, { one: "link", other: "links" }), "0 links");
  assert.equal(counted(1, { other: "more" }), "1 more");
  assert.equal(wordFor(TEXTS.states, "alive"), "alive");
  assert.equal(wordFor(TEXTS.states, "constructor"), "constructor", "what has no word is told as it is");
});

test("no other module says anything to people", () => {
  const found = ["jsconfig.json", "jsconfig.worker.json"].flatMap((config) => textsIn(`${ROOT}/${config}`, { root: ROOT }));
  assert.ok(found.filter(({ file }) => file === PLACE).length > 500, "texts are found where they are");
  const allowed = Object.values(ALLOWED).flat();
  const used = new Set();
  const wrong = found.filter(({ file, text }) => {
    const entry = allowed.find(([place, words]) => place === file && (words === undefined || words === text));
    if (entry !== undefined) used.add(entry);
    return file !== PLACE && entry === undefined;
  });
  assert.deepEqual(wrong.map(({ file, line, kind, text }) => `${file}, line ${line}: ${kind} ${JSON.stringify(text)} belongs into ${PLACE}`), []);
  assert.deepEqual(allowed.filter((entry) => !used.has(entry)), [], "exceptions that nobody needs any more");
});

/** Lines in which people are told something, by what makes it known. */
const SPOKEN = {
  "a sentence anywhere": 'export const HELLO = "Nobody is here yet";',
  "a sentence in a list": 'export const ALL = ["x", "two words"];',
  "a piece of a template": "export const told = (n) => `${n} waiting`;",
  "a word between two pieces": "export const told = (a, b) => `${a} of ${b}`;",
  "a child of an element": 'el("p", {}, "hello");',
  "… where another may stand": 'el("p", {}, x ? y : "hello");',
  "a text": 'el("p", { text: "hello" });',
  "a label": 'el("p", { "aria-label": "hello" });',
  "a title": 'el("p", { title: x ?? "hello" });',
  "a placeholder": 'input.placeholder = "hello";',
  "text of the document": 'element.textContent = x || "hello";',
  "a text that is set": 'setText(element, "hello");',
  "a label that is set": 'setAttribute(element, "aria-label", "hello");',
  "… by the element itself": 'element.setAttribute("title", "hello");',
  "something that is told": 'this.say("hello");',
  "something that is painted": 'context.fillText("hello", 0, 0);',
  "a label of a shape": 'shape("dot", "hello");',
  "what a command is called": 'export const command = { id: "x", title: "hello" };',
  "by what it is found": 'export const command = { id: "x", words: "hello" };',
  "an error for people": 'throw new ApiFailure("it does not answer", 0, null);',
  "what a case gives": 'switch (x) { case "a": y = "two words"; }',
  "glue between names": 'export const both = (names) => names.join(" and ");',
};

/** Lines in which nobody is. */
const SILENT = [
  'el("p", { class: "a b", id: "x-y", "data-on": "yes" });', 'document.querySelector(".a .b");', 'throw new Error("that cannot be");',
  'console.info("nothing came of it:", x);', 'import x from "./a.js";', 'if (x === "two words") y();', 'element.style.width = `${x} px`;',
  'switch (x) { case "two words": y(); }', 'element.setAttribute("viewBox", "0 0 16 16");', 'export const PATH = { line: "M1 2 l 3 q" };', 'context.font = "600 12px sans";',
  'document.addEventListener("keydown", y);', 'get(`/api/nodes/${x}/faults`);', "/** Two words. @type {\"two words\"|null} */ let z = null;",
];

test("what is looked for is found, and nothing else", () => {
  const lines = [...Object.values(SPOKEN), ...SILENT];
  const files = { "/page/jsconfig.json": '{"compilerOptions": {"allowJs": true, "noLib": true}, "include": ["*.js"]}' };
  lines.forEach((line, at) => { files[`/page/${at}.js`] = line; });
  const found = new Set(textsIn("/page/jsconfig.json", { root: "/page", fs: createVirtualFileSystem(files) }).map(({ file }) => file));
  const heard = Object.keys(SPOKEN).filter((_, at) => found.has(`${at}.js`));
  assert.deepEqual(heard, Object.keys(SPOKEN));
  assert.deepEqual(SILENT.filter((_, at) => found.has(`${Object.keys(SPOKEN).length + at}.js`)), []);
});
