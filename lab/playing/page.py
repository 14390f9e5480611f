"""A verdict as one HTML file: to keep, to print, to send to somebody.

It needs nothing but itself: no script, no font, no picture from anywhere, and its own
Content-Security-Policy forbids them. Every text comes from a file or a network of somebody's and
is escaped. Dark or light as the reader has it; light on paper.
"""

import time
from collections.abc import Mapping
from html import escape
from typing import Any, Final

from lab.playing.charts import Line, axis, chart, timeline
from lab.playing.picture import pictures
from lab.playing.style import STYLE
from scenario.grammar import share_in_words

MOST_STEPS: Final = 200
"""Steps that are listed."""
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)


def page(said: Mapping[str, Any]) -> str:
    """All of it."""
    over = axis(said)
    kept = sum(promise["holds"] for promise in said["promises"])
    verdict = "holds" if said["holds"] else "broken"
    parts = [
        _head(said, verdict, kept),
        _section("The verdict", _promises(said)),
        _section("What happened", f'<div class="wide">{timeline(said, over)}</div>' + _talk(said)),
        _section("Over time", _charts(said, over)),
    ]
    drawn = pictures(said)
    if drawn:
        note = _legend() if said["samples"] else ""
        parts.append(_section("The network", f'<div class="graphs">{drawn}</div>{note}'))
    evidence = _evidence(said)
    if evidence:
        parts.insert(2, _section("Why not", evidence))
    parts += [_section("Every step", _steps(said)), _section("Every figure", _figures(said))]
    parts.append(_again(said))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{_t(said['name'])}: {verdict}</title><style>{STYLE}</style></head>"
        f"<body><main>{''.join(parts)}</main></body></html>\n"
    )


def _head(said: Mapping[str, Any], verdict: str, kept: int) -> str:
    facts = [
        ("Where", said["where"]),
        ("Length", f"{said['seconds']:g} s"),
        ("Seed", str(said["seed"])),
        ("Took", f"{said['took']:.1f} s"),
    ]
    if said["speed"] != 1:
        facts.append(("Speed", f"{said['speed']:g} times"))
    if said["began"]:
        stamp = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(said["began"]))
        facts.append(("Began", stamp))
    listed = "".join(f"<div><dt>{_t(name)}</dt><dd>{_t(value)}</dd></div>" for name, value in facts)
    word = "Holds" if said["holds"] else "Broken"
    return (
        f'<header><div class="top"><div><p class="kind">Scenario</p><h1>{_t(said["name"])}</h1>'
        f'</div><p class="verdict {verdict}"><b>{word}</b>'
        f"<span>{kept} of {len(said['promises'])} promises kept</span></p></div>"
        f'<p class="teaches">{_t(said["teaches"])}</p><dl class="facts">{listed}</dl></header>'
    )


def _section(title: str, inner: str) -> str:
    return f"<section><h2>{_t(title)}</h2>{inner}</section>"


def _promises(said: Mapping[str, Any]) -> str:
    rows = []
    for promise in said["promises"]:
        figure, bound = promise["words"]
        state = "pass" if promise["holds"] else "fail"
        why = f'<span class="why">{_t(promise["why"])}</span>' if promise["why"] else ""
        rows.append(
            f'<tr class="{state}"><td class="state">'
            f"<span>{'kept' if promise['holds'] else 'broken'}</span></td>"
            f'<td><b>{_t(promise["name"])}</b><span class="about">'
            f"{_t(promise['about'])}</span></td>"
            f'<td class="figure">{_t(figure)}</td><td class="bound">{_t(bound)}{why}</td></tr>'
        )
    return (
        '<table class="promises"><thead><tr><th></th><th>Promise</th><th class="figure">Measured'
        f"</th><th>Wanted</th></tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _talk(said: Mapping[str, Any]) -> str:
    if not said["chapters"]:
        return ""
    items = "".join(
        f'<li><b>{_t(chapter["title"])}</b> <span class="when">{chapter["at"]:g} s</span>'
        f"<p>{_t(chapter['text'])}</p></li>"
        for chapter in said["chapters"]
    )
    return f'<ol class="chapters">{items}</ol>'


def _charts(said: Mapping[str, Any], over: Any) -> str:
    samples, rows, steps = said["samples"], said["messages"], said["steps"]
    charts = []
    if any(sample["asked"] for sample in samples):
        seen = [sample for sample in samples if sample["asked"]]
        charts.append(
            chart(
                "Believed alive",
                [
                    Line(
                        "truly running, others",
                        "truth",
                        [(s["at"], s["awake"] - 1) for s in samples],
                        steps=True,
                    ),
                    Line("believed, on average", "a", [(s["at"], s["mean"]) for s in seen]),
                ],
                over,
                steps,
                band=[(s["at"], s["least"], s["most"]) for s in seen],
                unit="nodes; the band: from the most pessimistic to the most optimistic node",
            )
        )
    # The middle of each second: what is counted there happened between its ends.
    charts.append(
        chart(
            "Messages",
            [
                Line("accepted", "b", [(r["at"] + 0.5, r["accepted"]) for r in rows]),
                Line("arrived", "a", [(r["at"] + 0.5, r["arrived"]) for r in rows]),
            ],
            over,
            steps,
            area=Line("on their way or waiting", "w", [(r["at"] + 1, r["waiting"]) for r in rows]),
            unit="a second",
        )
    )
    charts.append(
        chart(
            "Latency",
            [
                Line(
                    "p99",
                    "c",
                    [(r["at"] + 0.5, r["p99"]) for r in rows if r["p99"] is not None],
                    dots=True,
                ),
                Line(
                    "p50",
                    "a",
                    [(r["at"] + 0.5, r["p50"]) for r in rows if r["p50"] is not None],
                    dots=True,
                ),
            ],
            over,
            steps,
            log=True,
            unit="from accepted to arrived, by the second in which it was accepted",
        )
    )
    if samples:
        charts.append(
            chart(
                "Parts of the network",
                [
                    Line(
                        "components of the link graph",
                        "a",
                        [(s["at"], s["parts"]) for s in samples],
                        steps=True,
                    )
                ],
                over,
                steps,
                height=110,
            )
        )
    return f'<div class="wide">{"".join(charts)}</div>'


def _legend() -> str:
    return (
        '<p class="legend"><span class="up">●</span> runs <span class="frozen">■</span> frozen '
        '<span class="down">✕</span> not there. Each node is in the same place in all three; its '
        "links are those that both ends report.</p>"
    )


def _evidence(said: Mapping[str, Any]) -> str:
    parts = []
    for promise in said["promises"]:
        if promise["holds"]:
            continue
        figure, bound = promise["words"]
        pieces = "".join(
            f"<li><p>{_t(piece['text'])}</p>"
            + (f"<pre>{_t(chr(10).join(piece['events']))}</pre>" if piece["events"] else "")
            + "</li>"
            for piece in promise["evidence"]
        )
        inner = (
            f"<ol>{pieces}</ol>" if pieces else "<p>There was nothing that could be measured.</p>"
        )
        parts.append(
            f'<div class="evidence">'
            f"<h3>{_t(promise['name'])}: {_t(figure)}, wanted {_t(bound)}</h3>"
            f"{inner}</div>"
        )
    return "".join(parts)


def _steps(said: Mapping[str, Any]) -> str:
    steps = said["steps"]
    if not steps:
        return "<p>There were none.</p>"
    rows = []
    for step in steps[:MOST_STEPS]:
        done = step["done"]
        when = "not done" if done is None else f"{done[0]:.2f} s"
        note = f'<span class="why">{_t(step["why_not"])}</span>' if step["why_not"] else ""
        names = ", ".join(step["nodes"][:12]) + (" …" if len(step["nodes"]) > 12 else "")
        rows.append(
            f'<tr><td class="figure">{step["at"]:g} s</td><td class="figure">{when}</td>'
            f'<td><b>{_t(step["words"])}</b>{note}</td><td class="names">{_t(names)}</td>'
            f'<td class="figure">{step["line"]}</td></tr>'
        )
    more = len(steps) - MOST_STEPS
    rest = f"<p>… and {more:,} more.</p>" if more > 0 else ""
    return (
        '<table class="steps"><thead><tr><th class="figure">Planned</th>'
        '<th class="figure">Done</th>'
        '<th>Step</th><th>Nodes</th><th class="figure">Line</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>{rest}"
    )


def _figures(said: Mapping[str, Any]) -> str:
    cells = "".join(
        f"<div><dt>{_t(name)}</dt><dd>{_t(_figure(name, value))}</dd></div>"
        for name, value in said["figures"].items()
    )
    return f'<dl class="facts all">{cells}</dl>'


def _figure(name: str, value: float | None) -> str:
    if value is None:
        return "none"
    if name in {"delivery", "everywhere"}:
        return share_in_words(value)
    if name in {"detection", "joining", "healing", "agreement", "drained"} or name.startswith(
        "lat"
    ):
        return f"{value:.3g} s"
    return f"{value:,.4g}"


def _again(said: Mapping[str, Any]) -> str:
    recording = ""
    if said["run_file"]:
        name = _t(said["run_file"])
        recording = f"<p>The recording: <code>python3 p2p.py replay {name}</code></p>"
    return (
        "<section><h2>Again</h2>"
        f"<pre class='command'>{_t(said['again'])}</pre>{recording}"
        f"<details><summary>The scenario</summary><pre>{_t(said['scenario'])}</pre></details>"
        f'<p class="note">Times are at most {said["look"]:g} s too long, as nodes are asked so '
        f"often; they are never too short.</p></section>"
    )


def _t(text: object) -> str:
    """Text, and nothing but text."""
    return escape(str(text))
