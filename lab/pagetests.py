"""What is checked of the page without a browser: its own tests, and the types of its modules."""

from pathlib import Path
from typing import Final

from lab import ROOT

TYPES: Final = "page types"
_PROJECTS: Final = ("jsconfig.json", "jsconfig.worker.json")
"""The page's modules, and its workers: those know no document."""


def page_tests() -> list[str]:
    """Their files, one by one: Node.js 20 does not read patterns."""
    found = (ROOT / "tests" / "page").glob("*.test.mjs")
    return sorted(str(file.relative_to(ROOT)) for file in found)


def type_checks(node: Path) -> list[tuple[str, list[str]]]:
    """The commands that check the JSDoc types, by name; `node` is the folder it is in."""
    tsc = ROOT / "node_modules" / "typescript" / "bin" / "tsc"
    return [
        (f"{TYPES} ({project})", [str(node / "node"), str(tsc), "-p", project])
        for project in _PROJECTS
    ]
