/**
 * The real layout worker, in this process: its file and d3's, run in a fresh context with
 * the few names that a classic worker has. Answers come asynchronously, as from a worker.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import vm from "node:vm";

const JS = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "static", "js");

/** @param {{now: () => number}} performance  the worker's clock, in milliseconds */
export function workerHere(performance = globalThis.performance) {
  const outside = { onmessage: null, asked: [], answeredAt: [] };
  const context = vm.createContext({
    performance, setTimeout, clearTimeout, setInterval, clearInterval, Float32Array, Float64Array,
  });
  const load = (file) => vm.runInContext(readFileSync(join(JS, file), "utf8"), context, file);
  context.self = context;
  context.importScripts = (...files) => files.forEach(load);
  context.postMessage = (data) => {
    outside.answeredAt.push(performance.now());
    setTimeout(() => outside.onmessage?.({ data }), 0);
  };
  load("layout-worker.js");
  outside.postMessage = (data) => {
    outside.asked.push(data);
    setTimeout(() => context.self.onmessage({ data }), 0);
  };
  return outside;
}
