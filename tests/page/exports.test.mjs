/** Pictures as files: static/js/export/. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileName } from "../../static/js/export/names.js";
import { SvgContext, escaped } from "../../static/js/export/svg-context.js";

const measure = (font, text) => text.length * 6;

test("a file's name has no character that a file cannot have", () => {
  const at = new Date(2026, 10, 30, 14, 3, 7).getTime();
  assert.equal(fileName("the day: the/bootstrap \\ died?", at, "png"), "p2p-the-day-the-bootstrap-died-at-2026-11-30T14-03-07.png");
  assert.equal(fileName("../../etc", at, "graph.dot"), "p2p-etc-at-2026-11-30T14-03-07-graph.dot");
  assert.equal(fileName("***", at, "svg"), "p2p-run-at-2026-11-30T14-03-07.svg");
  assert.equal(fileName("Übung 3", at, "svg"), "p2p-Übung-3-at-2026-11-30T14-03-07.svg");
  assert.ok(fileName("x".repeat(500), at, "png").length < 100);
});

test("texts are escaped and hold nothing that XML does not know", () => {
  assert.equal(escaped('<script>"&"</script>'), "&lt;script&gt;&quot;&amp;&quot;&lt;/script&gt;");
  assert.equal(escaped("a\u0000b\u001bc\ud800d\ufffee"), "a\ufffdb\ufffdc\ufffdd\ufffde");
  assert.equal(escaped("tab\t, smile 😀"), "tab\t, smile 😀");
});

test("what is painted comes out as elements, in order, with its colours", () => {
  const svg = new SvgContext(measure);
  svg.fillStyle = "#112233";
  svg.beginPath();
  svg.arc(10, 20, 5, 0, 2 * Math.PI);
  svg.fill();
  svg.strokeStyle = "#445566";
  svg.lineWidth = 2;
  svg.globalAlpha = 0.5;
  svg.setLineDash([3, 1]);
  svg.beginPath();
  svg.moveTo(0, 0);
  svg.lineTo(1 / 3, 2);
  svg.stroke();
  svg.globalAlpha = 1;
  svg.font = "600 12px A, sans-serif";
  svg.textAlign = "center";
  svg.fillText("<b>", 7, 8);
  const lines = svg.document({ width: 100, height: 50, title: "a & b" }).split("\n");
  assert.equal(lines[1], '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="50" viewBox="0 0 100 50" role="img">');
  assert.equal(lines[2], "<title>a &amp; b</title>");
  assert.equal(lines[3], '<path d="M15 20A5 5 0 1 1 5 20A5 5 0 1 1 15 20" fill="#112233"/>');
  assert.equal(lines[4], '<path d="M0 0L0.33 2" fill="none" stroke="#445566" stroke-width="2" stroke-dasharray="3 1" opacity="0.5"/>');
  assert.equal(lines[5], '<text x="7" y="8" font-family="A, sans-serif" font-size="12" font-weight="600" text-anchor="middle" fill="#112233">&lt;b&gt;</text>');
});

test("a shift moves everything, and a number that is none leaves a whole file", () => {
  const svg = new SvgContext(measure);
  svg.translate(100, 10);
  svg.fillRect(1, 2, 3, 4);
  svg.beginPath();
  svg.moveTo(NaN, 5);
  svg.lineTo(Infinity, 5);
  svg.stroke();
  const file = svg.document({ width: 1, height: 1, title: "" });
  assert.match(file, /<rect x="101" y="12" width="3" height="4"/);
  assert.ok(!/NaN|Infinity/.test(file));
});

test("texts are measured in their own font", () => {
  const svg = new SvgContext((font, text) => (font.startsWith("600") ? 10 : 1) * text.length);
  svg.font = "600 12px A";
  assert.equal(svg.measureText("abc").width, 30);
});

test("turned and scaled things say so, and are as before afterwards", () => {
  const svg = new SvgContext(measure);
  svg.save();
  svg.translate(10, 20);
  svg.rotate(Math.PI / 2);
  svg.strokeStyle = "#abcdef";
  svg.beginPath();
  svg.moveTo(0, 0);
  svg.lineTo(5, 0);
  svg.stroke();
  svg.restore();
  svg.fillRect(1, 1, 2, 2);
  svg.translate(3, 4);
  svg.fill({ d: "M0 0h2v2z" });
  const lines = svg.document({ width: 1, height: 1, title: "" }).split("\n").slice(3);
  assert.equal(lines[0], '<path d="M0 0L5 0" fill="none" stroke="#abcdef" stroke-width="1" transform="matrix(0 1 -1 0 10 20)"/>');
  assert.equal(lines[1], '<rect x="1" y="1" width="2" height="2" fill="#000000"/>');
  assert.equal(lines[2], '<path d="M0 0h2v2z" fill="#000000" transform="translate(3 4)"/>');
});

test("a pattern is a picture in the file", () => {
  const svg = new SvgContext(measure);
  svg.fillStyle = svg.createPattern({ width: 12, height: 12, toDataURL: (type) => `data:${type};base64,AAAA` });
  svg.fillRect(0, 0, 5, 5);
  const file = svg.document({ width: 1, height: 1, title: "" });
  assert.match(file, /<defs><pattern id="pattern0" patternUnits="userSpaceOnUse" width="12" height="12"><image width="12" height="12" href="data:image\/png;base64,AAAA"\/><\/pattern><\/defs>/);
  assert.match(file, /<rect [^>]*fill="url\(#pattern0\)"/);
});
