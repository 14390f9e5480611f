/**
 * What the classic files of `static/vendor/d3-*.js` put into a worker, for `tsc` alone.
 */
declare const d3: typeof import("d3-force");
