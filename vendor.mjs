/**
 * Copies the browser's libraries from node_modules to static/vendor/, as they are.
 *
 * Run by `npm run vendor`: in the image's first stage, and by whoever works on the page.
 * There is no build step; what is copied is what the makers published. Their licences go
 * with them, since both MIT and ISC ask for that.
 *
 * - socket.io-client has one file that is an ES module without imports.
 * - d3-force's own module imports others by bare names, which a worker cannot resolve, so
 *   the classic files are taken: a worker loads them by `importScripts` in this order.
 *
 * Beside the ES module stands one line for `tsc`, which says where its types are.
 */

import { copyFile, mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(fileURLToPath(import.meta.url));
const TARGET = join(ROOT, "static", "vendor");

/** What is taken: package, file in it, name it gets. */
const FILES = [
  ["socket.io-client", "dist/socket.io.esm.min.js", "socket.io.js"],
  ["d3-dispatch", "dist/d3-dispatch.js", "d3-dispatch.js"],
  ["d3-timer", "dist/d3-timer.js", "d3-timer.js"],
  ["d3-quadtree", "dist/d3-quadtree.js", "d3-quadtree.js"],
  ["d3-force", "dist/d3-force.js", "d3-force.js"],
];

await rm(TARGET, { recursive: true, force: true });
await mkdir(TARGET, { recursive: true });
for (const [name, file, as] of FILES) {
  const from = join(ROOT, "node_modules", name);
  try {
    await copyFile(join(from, file), join(TARGET, as));
  } catch (error) {
    console.error(`${name}/${file} is not there; run 'npm ci --ignore-scripts' first`);
    throw error;
  }
  const licence = (await readdir(from)).find((entry) => /^licen[cs]e/i.test(entry));
  if (licence === undefined) throw new Error(`${name} comes without a licence file`);
  await copyFile(join(from, licence), join(TARGET, `${name}.LICENSE`));
  const { size } = await stat(join(TARGET, as));
  console.log(`static/vendor/${as}  ${(size / 1024).toFixed(1)} KiB`);
}
await writeFile(join(TARGET, "socket.io.d.ts"), 'export * from "socket.io-client";\n');
