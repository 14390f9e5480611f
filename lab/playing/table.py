"""A verdict in words: one line a promise, and below what broke."""

import textwrap
from collections.abc import Mapping
from typing import Any

_WIDTH = 96


def table(said: Mapping[str, Any]) -> str:
    """For a terminal."""
    rows = [
        ("pass" if promise["holds"] else "FAIL", promise["name"], *promise["words"])
        for promise in said["promises"]
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    head = f"{said['name']} · {said['where']} · seed {said['seed']} · {said['seconds']:g} s"
    lines = [head, ""]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        lines.append("  " + "  ".join(cells).rstrip())
    for promise in said["promises"]:
        if not promise["holds"]:
            lines += ["", f"{promise['name']}: {promise['about']}"]
            for piece in promise["evidence"][:3]:
                lines += textwrap.wrap(
                    piece["text"], _WIDTH, initial_indent="  ", subsequent_indent="    "
                )
                lines += [f"    {event}" for event in piece["events"][:6]]
    kept = sum(promise["holds"] for promise in said["promises"])
    words = "HOLDS" if said["holds"] else "BROKEN"
    lines += ["", f"{words}: {kept} of {len(said['promises'])} promises kept."]
    lines.append(f"again: {said['again']}")
    return "\n".join(lines)
