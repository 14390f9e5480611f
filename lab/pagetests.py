"""The page's own tests: modules without a browser, run by `node --test`."""

from lab import ROOT


def page_tests() -> list[str]:
    """Their files, one by one: Node.js 20 does not read patterns."""
    found = (ROOT / "tests" / "page").glob("*.test.mjs")
    return sorted(str(file.relative_to(ROOT)) for file in found)
