"""How the report looks: the laboratory's own colours, dark and light, and on paper."""

from typing import Final

_LIGHT: Final = """
--ground:#eef1f5;--surface:#fff;--raised:#f4f6f9;--rule:#dce1e8;--strong:#b9c2ce;--text:#18202c;
--soft:#545f70;--accent:#2f58d6;--band:#2f58d61f;--good:#0a7a5c;--good-soft:#e3f4ee;--bad:#c23a1c;
--bad-soft:#fdebe6;--warn:#985600;--second:#7a44c9;--third:#b0267a;--shade:#9856001a;
--link:#a9b5c5;--on:#fff;--chapter0:#e6ecfd;--chapter1:#f1e9fb;
"""
_DARK: Final = """
--ground:#0c1016;--surface:#141a22;--raised:#1b232d;--rule:#28323e;--strong:#45525f;--text:#e7ecf3;
--soft:#9eabbb;--accent:#8aabff;--band:#8aabff26;--good:#3fc9a3;--good-soft:#12302a;--bad:#ff8068;
--bad-soft:#3a1d18;--warn:#f2b347;--second:#bd9fff;--third:#ff9ad0;--shade:#f2b3471c;
--link:#4a596b;--on:#0b1220;--chapter0:#1e2c4a;--chapter1:#2b2340;
"""

STYLE: Final = (
    ":root{"
    + _LIGHT
    + "}@media (prefers-color-scheme:dark){:root{"
    + _DARK
    + "}}@media print{:root{"
    + _LIGHT
    + "--ground:#fff"
    + "}}"
    + """
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);font:15px/1.5 system-ui,-apple-system,
"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif;-webkit-print-color-adjust:exact;
print-color-adjust:exact}
main{max-width:1080px;margin:0 auto;padding:28px 20px 48px;display:grid;gap:16px}
header,section{background:var(--surface);border:1px solid var(--rule);border-radius:12px;
padding:22px 26px;min-width:0}
.top{display:flex;gap:24px;justify-content:space-between;align-items:flex-start;flex-wrap:wrap}
.kind{margin:0;color:var(--soft);font-size:12px;letter-spacing:.08em;text-transform:uppercase}
h1{margin:2px 0 0;font-size:30px;line-height:1.15;letter-spacing:-.01em}
h2{margin:0 0 14px;font-size:17px}
h3{margin:0 0 8px;font-size:15px}
.teaches{max-width:68ch;margin:12px 0 18px;color:var(--soft)}
.verdict{margin:0;padding:10px 18px;border-radius:10px;display:grid;text-align:right}
.verdict b{font-size:20px;line-height:1.2}
.verdict span{font-size:13px}
.verdict.holds{background:var(--good-soft);color:var(--good)}
.verdict.broken{background:var(--bad-soft);color:var(--bad)}
.facts{display:flex;flex-wrap:wrap;gap:10px 34px;margin:0}
.facts.all{display:grid;grid-template-columns:repeat(auto-fill,minmax(130px,1fr))}
dt{color:var(--soft);font-size:12px}
dd{margin:0;font-weight:600;font-variant-numeric:tabular-nums}
table{border-collapse:collapse;width:100%}
th{color:var(--soft);font-size:12px;font-weight:500;text-align:left;padding:0 12px 6px 0}
td{border-top:1px solid var(--rule);padding:9px 12px 9px 0;vertical-align:top}
th:last-child,td:last-child{padding-right:0}
.figure{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
td.figure{font-weight:600}
.steps td.figure{font-weight:400}
.promises .bound{width:34%}
.about,.why{display:block;color:var(--soft);font-size:13px}
.state{width:76px}
.state span{display:inline-block;min-width:58px;text-align:center;padding:1px 9px;
border-radius:99px;font-size:12px;font-weight:600}
.pass .state span{background:var(--good-soft);color:var(--good)}
.fail .state span{background:var(--bad-soft);color:var(--bad)}
.fail td.figure{color:var(--bad)}
.names{color:var(--soft);font-size:13px}
.chapters{margin:18px 0 0;padding:0;list-style:none;counter-reset:chapter;display:grid;
grid-template-columns:repeat(auto-fit,minmax(240px,1fr));gap:14px 28px}
.chapters li{counter-increment:chapter;padding-left:32px;position:relative}
.chapters li::before{content:counter(chapter);position:absolute;left:0;top:1px;width:22px;
height:22px;border-radius:50%;background:var(--chapter0);color:var(--accent);font-size:12px;font-weight:600;
display:grid;place-items:center}
.chapters li:nth-child(even)::before{background:var(--chapter1);color:var(--second)}
.chapters p{margin:2px 0 0;color:var(--soft);font-size:14px}
.when{color:var(--soft);font-size:13px;white-space:nowrap}
.wide{overflow-x:auto}
svg{display:block;width:100%;height:auto;font:11px system-ui,-apple-system,"Segoe UI",Roboto,
"Liberation Sans",sans-serif}
.wide svg{min-width:640px}
figure{margin:0 0 20px}
figure:last-child{margin-bottom:0}
figcaption{display:flex;flex-wrap:wrap;gap:2px 10px;align-items:baseline;margin-bottom:4px}
.unit{color:var(--soft);font-size:13px}
.keys{margin-left:auto;display:flex;flex-wrap:wrap;gap:2px 16px;color:var(--soft);font-size:13px}
.key i{display:inline-block;width:14px;height:3px;border-radius:2px;margin-right:6px;
vertical-align:middle;background:currentColor}
i.a{color:var(--accent)}i.b{color:var(--soft)}i.c{color:var(--third)}i.w{color:var(--warn)}
i.truth{color:var(--good)}
.tick,.soft{fill:var(--soft)}
.rule{stroke:var(--rule)}
.grid{stroke:var(--rule);stroke-dasharray:2 4}
.shade{fill:var(--shade)}
.event{stroke:var(--warn);stroke-dasharray:3 3;opacity:.7}
.line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}
.line.a{stroke:var(--accent)}.line.b{stroke:var(--soft)}.line.c{stroke:var(--third)}
.line.w{stroke:var(--warn)}
.line.truth{stroke:var(--good);stroke-dasharray:6 4;stroke-width:1.5}
.dot.a{fill:var(--accent)}.dot.c{fill:var(--third)}
.area.w{fill:var(--warn);opacity:.14}
.band{fill:var(--band)}
.chapter.c0{fill:var(--chapter0)}.chapter.c1{fill:var(--chapter1)}
.number{fill:var(--accent);font-weight:700}
.title{fill:var(--text);font-weight:600}
.fault{fill:var(--warn)}
.fault.kill,.fault.isolate,.fault.partition,.fault.cut{fill:var(--bad)}
.fault.join,.fault.heal{fill:var(--good)}
.fault.restart,.fault.leave,.fault.bootstrap{fill:var(--second)}
.fault.undone{fill:none;stroke:var(--soft);stroke-dasharray:4 3}
.inside{fill:var(--on);font-weight:600}
.undone+.inside{fill:var(--soft)}
.beside{fill:var(--text)}
.graphs{display:grid;grid-template-columns:repeat(auto-fit,minmax(240px,1fr));gap:20px}
.graph{margin:0}
.graph svg{background:var(--raised);border-radius:10px}
.graph figcaption{margin:8px 0 0;font-size:14px}
.graph figcaption span{color:var(--soft);font-size:13px}
.links{stroke:var(--link);fill:none}
.node.up{fill:var(--good)}
.node.frozen{fill:var(--accent)}
.node.down{stroke:var(--bad);stroke-width:2.6;stroke-linecap:round;fill:none}
.name{fill:var(--on);font-size:9.5px;font-weight:600;text-anchor:middle}
.cut{stroke:var(--bad);stroke-width:1.5;stroke-dasharray:6 5}
.legend{margin:14px 0 0;color:var(--soft);font-size:13px}
.legend .up{color:var(--good)}.legend .frozen{color:var(--accent)}.legend .down{color:var(--bad)}
.legend span{margin-left:10px}
.legend span:first-child{margin-left:0}
.evidence{border-left:3px solid var(--bad);padding-left:16px;margin-top:16px}
.evidence:first-of-type{margin-top:0}
.evidence ol{margin:0;padding-left:20px}
.evidence p{margin:0 0 4px}
.evidence li{margin-bottom:10px}
pre{margin:0;padding:12px 14px;background:var(--raised);border-radius:8px;overflow-x:auto;
font:12.5px/1.5 ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace}
pre.command{font-size:14px}
code{font:13px ui-monospace,Menlo,Consolas,"Liberation Mono",monospace}
details{margin-top:14px}
summary{cursor:pointer;color:var(--accent);margin-bottom:8px}
.note{margin:14px 0 0;color:var(--soft);font-size:13px}
@media (max-width:640px){header,section{padding:16px}.about{font-size:12px}.verdict{text-align:left}
.promises .bound{width:auto}}
@media print{body{font-size:12px}main{max-width:none;padding:0;gap:8px}header,section{border:0;
padding:8px 0}figure,tr,.graph,.evidence li,.chapters li{break-inside:avoid}h2{break-after:avoid}
.graphs{grid-template-columns:repeat(3,1fr)}details>pre{white-space:pre-wrap}}
"""
)
