/**
 * Which literals of the page's modules look like words for people, by TypeScript's own parser.
 *
 * Two kinds of places:
 *
 *   sentence   anywhere: two words or more with a blank between them
 *   word       any letter, where people see it: a child or a text of an element, its label, title
 *              or placeholder, what is said, told or painted
 *
 * The parser's makers call its interface unstable: it is pinned (package-lock.json), and where a new
 * version changes it, this file is what changes.
 *
 * A literal is looked at where it stands in the tree, so that what is no text is known for what it
 * is: classes, selectors, fonts, drawings, what goes to the console, what is thrown at programmers.
 */

import { API } from "typescript/unstable/sync";
import { SyntaxKind as Kind } from "typescript/unstable/ast";

const LITERALS = new Set([Kind.StringLiteral, Kind.NoSubstitutionTemplateLiteral, Kind.TemplateHead, Kind.TemplateMiddle, Kind.TemplateTail]);
/** Not a text, whatever stands in it: comments, types, what is imported. */
const CLOSED = new Set([Kind.ImportDeclaration, Kind.ExportDeclaration, Kind.JSDoc, Kind.LiteralType]);
/** Errors by which a programmer is told of his mistake; the page's own tell people. */
const OF_PROGRAMMERS = /^(Error|TypeError|RangeError|SyntaxError)$/;

/** Properties of an element, and of the page's own parts, that people read. */
const SEEN = /^(text|title|placeholder|alt|short|words|what|label|hint|group|word|means|meaning|good|aria-(label|description|roledescription|valuetext))$/;
/** Properties of a DOM object that people read. */
const SEEN_OF_DOM = /^(textContent|innerText|title|placeholder|alt|ariaLabel|ariaDescription|ariaRoleDescription|ariaValueText)$/;
/** Functions whose arguments people read or hear: which of them, from 0. */
const SAYING = { el: 2, setText: 1, say: 0, tell: 0, done: 0, tidings: 0, fillText: 0, measureText: 0, append: 0, prepend: 0, replaceChildren: 0, replaceWith: 0, createTextNode: 0, join: 0, shape: 1, confirm: 0, alert: 0 };

/** Properties that are for style sheets, drawings and the browser. */
const UNSEEN = /^(class|className|d|line|fill|rel|accept|font|id|role|style|transform|type|name|href|event|transports|width|height|left|top|aria-(controls|describedby|labelledby|activedescendant|keyshortcuts))$/;
/** Functions whose arguments are for the browser, the network or a programmer. */
const DEAF = /^(querySelector|querySelectorAll|closest|matches|matchMedia|getElementById|add|remove|toggle|contains|addEventListener|getContext|get|post|fetch|info|warn|error|debug|log|import|includes|startsWith|endsWith|split|quoted|word)$/;

/** Two words: letters, a blank, letters; a bracket, a sign or a quotation mark may stand between. */
const SENTENCE = /\p{L}[\p{L}’']*[^\p{L}\s]*\s+[^\p{L}\s]*\p{L}/u;
/** In a piece of a template one word beside a blank is a part of a sentence. */
const PIECE = /\s[^\p{L}\s]*\p{L}{2,}|\p{L}{2,}[^\p{L}\s]*\s/u;

/**
 * The texts in some files: `{file, line, text, kind}`.
 * @param {string} config the jsconfig.json by which the files are found
 * @param {{fs?: import("typescript/unstable/fs").FileSystem, root: string}} parts
 */
export function textsIn(config, { fs, root }) {
  const api = new API({ cwd: root, fs });
  try {
    const { program, rootFiles } = api.updateSnapshot({ openProject: config }).getProjects()[0];
    return rootFiles.filter((name) => name.endsWith(".js")).flatMap((name) => {
      const file = program.getSourceFile(name);
      const found = [];
      const walk = (node) => {
        if (CLOSED.has(node.kind) || isForProgrammers(node)) return;
        if (LITERALS.has(node.kind)) {
          const kind = kindOf(node);
          if (kind !== null) found.push({ file: name.slice(root.length + 1), line: file.text.slice(0, node.getStart()).split("\n").length, text: node.text, kind });
        }
        node.forEachChild(walk);
      };
      walk(file);
      return found;
    });
  } finally {
    api.close();
  }
}

/** @returns {"sentence"|"word"|null} */
function kindOf(node) {
  const { text } = node;
  if (!/\p{L}/u.test(text)) return null;
  const place = placeOf(node);
  if (place === "unseen") return null;
  if (place === "seen") return "word";
  const template = node.kind !== Kind.StringLiteral && node.kind !== Kind.NoSubstitutionTemplateLiteral;
  return SENTENCE.test(text) || (template && PIECE.test(text.replace(/\bpx\b/g, ""))) ? "sentence" : null;
}

/** Where a literal goes: up through whatever only hands it on. @returns {"seen"|"unseen"|"anywhere"} */
function placeOf(literal) {
  for (let node = literal; ; node = node.parent) {
    const { parent } = node;
    switch (parent.kind) {
      case Kind.ParenthesizedExpression:
      case Kind.TemplateSpan:
      case Kind.TemplateExpression:
      case Kind.SpreadElement:
        continue;
      case Kind.ConditionalExpression:
        if (node === parent.condition) return "anywhere";
        continue;
      case Kind.BinaryExpression: {
        const sign = parent.operatorToken.kind;
        if ([Kind.QuestionQuestionToken, Kind.BarBarToken, Kind.AmpersandAmpersandToken, Kind.PlusToken].includes(sign)) continue;
        if (sign !== Kind.EqualsToken) return "unseen"; // it is compared
        return named(nameOf(parent.left), SEEN_OF_DOM);
      }
      case Kind.PropertyAssignment:
        return node === parent.name ? "unseen" : named(parent.name.text ?? "", SEEN);
      case Kind.CallExpression: {
        const name = nameOf(parent.expression);
        const at = parent.arguments.indexOf(node);
        if (name === "setAttribute") { // of an element, or the page's own, whose first argument is the element
          const from = parent.expression.kind === Kind.Identifier ? 1 : 0;
          return at > from ? named(parent.arguments[from].text ?? "", SEEN) : "unseen";
        }
        if (DEAF.test(name)) return "unseen";
        return at >= (SAYING[name] ?? Infinity) ? "seen" : "anywhere";
      }
      case Kind.ElementAccessExpression:
        return "unseen"; // a key
      case Kind.CaseClause:
        return node === parent.expression ? "unseen" : "anywhere";
      default:
        return "anywhere";
    }
  }
}

/** `throw new Error("…")`. */
function isForProgrammers({ kind, expression }) {
  return kind === Kind.ThrowStatement && expression.kind === Kind.NewExpression && OF_PROGRAMMERS.test(nameOf(expression.expression));
}

/** @param {string} name @param {RegExp} seen */
function named(name, seen) {
  return seen.test(name) ? "seen" : UNSEEN.test(name) ? "unseen" : "anywhere";
}

/** What a call calls, or an assignment sets: the last name of it. */
function nameOf(expression) {
  return expression.name?.text ?? expression.text ?? "";
}
