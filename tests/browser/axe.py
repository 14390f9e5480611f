"""axe-core (Deque, MPL 2.0), run in the page: what of it is closed to somebody.

It comes from npm as a tool of the page's developers (package.json); the page does not have it.
"""

from functools import cache
from typing import Any, Final

from playwright.sync_api import Page
from running import ROOT

_FILE: Final = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES: Final = (
    *("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"),
    "best-practice",
)


@cache
def _source() -> str:
    assert _FILE.is_file(), "axe-core is not there: run 'npm ci --ignore-scripts'"
    return _FILE.read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """Each in a line: the rule, and the elements that break it, with what axe says of them."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_source())
    found: list[dict[str, Any]] = page.evaluate(
        """async (tags) => {
            const { violations } = await axe.run(document, {
                runOnly: { type: "tag", values: tags },
                resultTypes: ["violations"],
            });
            return violations.map(({ id, nodes }) => ({
                id,
                nodes: nodes.map(({ target, failureSummary }) => `${target}: ${failureSummary}`),
            }));
        }""",
        list(RULES),
    )
    return [f"{one['id']}\n    " + "\n    ".join(one["nodes"]) for one in found]
