/**
 * What is broken, in the legend: signs that are in the picture just now, and no others.
 */

import { arrange, el } from "../panel/dom.js";
import { TEXTS } from "../texts.js";
import { SIGNS } from "./kinds.js";
import { sign } from "./signs.js";

/** @param {HTMLElement} host @returns {(signs: ReadonlySet<string>) => void} */
export function faultLegend(host) {
  const list = el("ul", { class: "legend-items fault-legend", "aria-label": TEXTS.broken.legend, hidden: true });
  host.append(list);
  const items = new Map(Object.entries(SIGNS).map(([name, { word, means }]) =>
    [name, el("li", { title: means, "data-sign": name }, sign(name), word)]));
  return (signs) => {
    const shown = [...items].filter(([name]) => signs.has(name)).map(([, item]) => item);
    list.hidden = shown.length === 0;
    arrange(list, shown);
  };
}
