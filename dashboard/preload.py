"""All modules that the first picture needs, told with the page itself.

A browser finds out what a module imports when it has the module, and only then asks for that:
forty modules, five deep, wait five times for the network before they can begin. (The page has
eighty more, which it asks for when the picture is there: static/js/main.js.) With a `Link`
header (RFC 8288; `modulepreload` in the HTML standard) it asks for all of them at once. They are
found by reading the imports, as the browser does, so there is no list to keep and nothing to
build. Should this miss one, it is only later by a round.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_IMPORT: Final = re.compile(
    r"""^\s*(?:import|export)\b[^"';]*?\bfrom\s+["'](\.[^"']+)["']""", re.MULTILINE
)
MOST: Final = 150
"""Modules that are named: more would make a header that some proxies refuse [guess]."""


def modules(static: Path, entry: str = "js/main.js") -> list[str]:
    """What a module needs, itself included, the nearest first: paths below `static`."""
    found: dict[str, None] = {entry: None}
    for name in _growing(found):
        for wanted in _imports(static / name):
            target = (static / name).parent.joinpath(wanted).resolve()
            if target.is_file() and target.is_relative_to(static.resolve()):
                found.setdefault(target.relative_to(static.resolve()).as_posix())
        if len(found) > MOST:
            break
    return list(found)[:MOST]


def header(static: Path) -> str:
    """The value of a `Link` header for the page at `/`."""
    return ", ".join(f"</static/{name}>; rel=modulepreload" for name in modules(static))


def _growing(found: dict[str, None]) -> Iterator[str]:
    place = 0
    while place < len(found):
        yield list(found)[place]
        place += 1


def _imports(file: Path) -> list[str]:
    try:
        return _IMPORT.findall(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return []  # the page will say what is missing
