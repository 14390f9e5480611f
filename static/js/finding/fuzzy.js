/**
 * Whether what was typed fits a text, how well, and where: the search of the command palette.
 *
 * Every word must fit somewhere, in any order. A word fits where its letters stand in the text
 * in their order; better where they stand together, and best at the start of a word: `lan` finds
 * "Lay out anew" and `n7` node7, but "plan" comes before both. No DOM.
 *
 * @typedef {{score: number, marks: number[]}} Fit  marks: places of the letters that fit
 */

const START_OF_TEXT = 12;
const START_OF_WORD = 8;
const TOGETHER = 5;
const LETTER = 1;
/** For each letter of the text that was not asked for: among equals the shorter one first. */
const REST = 0.02;
/** Letters between two that fit cost this much each, up to ten of them [by trying]. */
const GAP = 0.3;

/**
 * @param {string} query
 * @param {string} text
 * @returns {Fit|null} null: it does not fit
 */
export function fit(query, text) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const low = text.toLowerCase();
  let score = -REST * text.length;
  const marks = new Set();
  for (const word of words) {
    const found = best(word, low);
    if (found === null) return null;
    score += found.score;
    for (const at of found.marks) marks.add(at);
  }
  return { score, marks: [...marks].sort((a, b) => a - b) };
}

/** The best of all starts: texts are short. @param {string} word @param {string} text @returns {Fit|null} */
function best(word, text) {
  let found = null;
  for (let start = text.indexOf(word[0]); start >= 0; start = text.indexOf(word[0], start + 1)) {
    const one = from(start, word, text);
    if (one !== null && (found === null || one.score > found.score)) found = one;
  }
  return found;
}

/** @param {number} start @param {string} word @param {string} text @returns {Fit|null} */
function from(start, word, text) {
  const marks = [start];
  let score = value(start, text);
  for (let i = 1; i < word.length; i += 1) {
    const last = marks[i - 1];
    let at = text.indexOf(word[i], last + 1);
    if (at < 0) return null;
    // Rather the start of a later word than a letter in the middle of this one.
    if (at !== last + 1) {
      for (let later = at; later >= 0; later = text.indexOf(word[i], later + 1)) {
        if (!starts(later, text)) continue;
        at = later;
        break;
      }
    }
    score += at === last + 1 ? TOGETHER + LETTER : value(at, text) - GAP * Math.min(10, at - last - 1);
    marks.push(at);
  }
  return { score, marks };
}

/** @param {number} at @param {string} text */
function value(at, text) {
  return at === 0 ? START_OF_TEXT : starts(at, text) ? START_OF_WORD : LETTER;
}

/** Whether a word, or a number behind letters, begins here. @param {number} at @param {string} text */
function starts(at, text) {
  if (at === 0) return true;
  const before = text[at - 1];
  return !/[\p{L}\p{N}]/u.test(before) || (/\d/.test(text[at]) && !/\d/.test(before));
}
