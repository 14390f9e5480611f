"""Which tests failed, and why, in a line each: said last, where a long run is looked at.

pytest writes what it found as JUnit's XML, too; that file is ours, from a process of ours.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_LISTED: Final = 12
"""So many; who broke more than that looks further up anyway. [guess]"""
_REASON: Final = 160
"""Characters of the reason, which pytest gives at its full length further up."""


def report_to(file: Path) -> list[str]:
    """The options with which pytest writes that file."""
    return [f"--junitxml={file}", "-o", "junit_family=xunit1"]


def lines(files: dict[str, Path]) -> list[str]:
    """Say of each kind of tests in whose file something failed what that was."""
    found = [line for kind, file in files.items() for line in _of(kind, file)]
    left = len(found) - _LISTED
    return found if left <= 0 else [*found[:_LISTED], f"... and {left} more, see above"]


def _of(kind: str, file: Path) -> Iterator[str]:
    try:
        # Nobody but our own pytest has written it.
        cases = ET.parse(file).iter("testcase")  # noqa: S314
    except FileNotFoundError:
        return  # it never came so far
    except ET.ParseError as error:
        yield f"{kind}: what failed is not known: {error}"
        return
    for case in cases:
        for what in (*case.findall("failure"), *case.findall("error")):
            name = f"{case.get('file', kind)}::{case.get('name', '?')}"
            yield f"{name}: {_short(what.get('message', ''))}"


def _short(message: str) -> str:
    said = " ".join(message.split())
    return said if len(said) <= _REASON else f"{said[: _REASON - 1]}…"
