"""Two verdicts side by side, and what got worse.

A figure of one run is one draw: chance, and how busy the machine was, are in it. So what is
within a tenth, or within what a look can tell, counts as the same; and two runs of different
scenarios or places are compared all the same, with a line that says what differs.
"""

from collections.abc import Mapping
from typing import Any, Final

from scenario.vocabulary import EXPECT, figure_in_words

SAME: Final = 0.1
"""Part by which a figure may differ and count as the same [guess: what runs differ by anyway]."""
_COUNTS: Final = {"accepted": True, "arrived": True, "failed": False, "problems": False}
"""Counts, and whether more is better."""
_LOOKED: Final = frozenset({"detection", "joining", "healing", "agreement"})
"""Times that are measured by looks: as exact as the pause between two of them."""
_FLAT: Final = frozenset({"delivery", "everywhere"})
"""Shares: a tenth of them would be much; here any difference counts."""


def compare(
    one: Mapping[str, Any], other: Mapping[str, Any], name: str = "A", other_name: str = "B"
) -> tuple[str, list[str]]:
    """In words, and the names of what is worse in the second one."""
    rows = [("", "A", "B", "")]
    worse: list[str] = []
    look = max(float(one.get("look", 0.0)), float(other.get("look", 0.0)))
    held, holds = _holds(one), _holds(other)
    for kept in dict.fromkeys([*held, *holds]):
        before, after = held.get(kept), holds.get(kept)
        word = ""
        if before and after is False:
            word = "BROKEN NOW"
            worse.append(kept)
        elif before is False and after:
            word = "kept now"
        rows.append((f"promise {kept}", _kept(before), _kept(after), word))
    for figure, promise in EXPECT.items():
        a, b = one["figures"].get(figure), other["figures"].get(figure)
        if a is None and b is None:
            continue
        word = _changed(a, b, least=promise.least, slack=look if figure in _LOOKED else 0.0)
        if figure in _FLAT and a is not None and b is not None and b < a:
            word = "worse"
        if word == "worse" and figure not in worse:
            worse.append(figure)
        rows.append((figure, figure_in_words(promise, a), figure_in_words(promise, b), word))
    for count, more in _COUNTS.items():
        a, b = one["figures"].get(count), other["figures"].get(count)
        word = "" if more else _changed(a, b, least=False, slack=0.0)
        if word == "worse" and count not in worse:
            worse.append(count)
        rows.append((count, _number(a), _number(b), word))
    lines = [f"A  {name}: {_words(one)}", f"B  {other_name}: {_words(other)}"]
    lines += [f"   {line}" for line in _differences(one, other)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines.append("")
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(row[k].rjust(widths[k]) for k in (1, 2)), row[3]]
        lines.append(("  " + "  ".join(cells)).rstrip())
    lines.append("")
    lines.append(f"Worse in B: {', '.join(worse)}." if worse else "Nothing is worse in B.")
    return "\n".join(lines), worse


def _holds(said: Mapping[str, Any]) -> dict[str, bool]:
    return {str(promise["name"]): bool(promise["holds"]) for promise in said["promises"]}


def _kept(holds: bool | None) -> str:
    return "none" if holds is None else "kept" if holds else "broken"


def _changed(a: float | None, b: float | None, *, least: bool, slack: float) -> str:
    if a is None:
        return "" if b is None else "measured now"
    if b is None:
        return "not measured"
    if abs(b - a) <= max(SAME * max(abs(a), abs(b)), slack):
        return ""
    return "better" if (b > a) == least else "worse"


def _differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    return [
        f"they differ in {what}: {one.get(what)} and {other.get(what)}"
        for what in ("name", "place", "nodes", "seed", "speed")
        if one.get(what) != other.get(what)
    ]


def _words(said: Mapping[str, Any]) -> str:
    word = "holds" if said.get("holds") else "broken"
    return f"{said.get('name')} · {said.get('where')} · seed {said.get('seed')} · {word}"


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:,g}"
