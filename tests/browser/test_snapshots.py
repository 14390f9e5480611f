"""The main states look as they did, at three sizes and in two themes (see snapshots.py).

After a change that is meant: `python3 p2p.py test browser -- --renew-snapshots`, and look at what
git says has changed.
"""

from collections.abc import Iterator

import pytest
from browsing import OpenAlone
from playwright.sync_api import Browser, Page, ViewportSize
from snapshots import COLUMNS, RESULTS, ROWS, Snapshot, differences, read, taken, write
from states import EMPTY, LOST, enter, leave

SIZES = {"phone": (360, 740), "laptop": (1280, 720), "desk": (1920, 1080)}
STATES = ("list", "node", "break", "compose", "message", "help", LOST, EMPTY)


@pytest.fixture(scope="module")
def cells(browser: Browser) -> Iterator[Page]:
    """A page that does the sums."""
    page = browser.new_page()
    yield page
    page.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_it_looks_as_it_did(
    open_alone: OpenAlone,
    cells: Page,
    request: pytest.FixtureRequest,
    size: str,
    theme: str,
) -> None:
    width, height = SIZES[size]
    viewport = ViewportSize(width=width, height=height)
    page = open_alone(viewport=viewport, theme=theme)
    renew = request.config.getoption("--renew-snapshots", default=False)
    found = []
    for state in STATES:
        if state == EMPTY:
            page = open_alone(0, viewport=viewport, theme=theme)
        enter(page, state)
        now = taken(page, viewport, cells)
        name = f"{state}-{size}-{theme}"
        if renew:
            write(name, now)
        else:
            off = compared(name, now)
            if off:
                RESULTS.mkdir(parents=True, exist_ok=True)
                page.screenshot(path=RESULTS / f"{name}.png")
            found += off
        if state not in {LOST, EMPTY}:
            leave(page)
    assert not found, "\n".join([*found, f"{RESULTS} has how it looks now"])


def compared(name: str, now: Snapshot) -> list[str]:
    before = read(name)
    if before is None:
        return [f"there is no snapshot {name}: run with --renew-snapshots"]
    return [f"{name}: {difference}" for difference in differences(before, now)]


def test_what_is_off_is_told() -> None:
    """A panel that is gone, one that moved, another theme; and what fonts do is let pass."""
    boxes = {"#bar": [0, 0, 1280, 52], "#legend": [0, 490, 960, 36]}
    light = {"window": [1280, 720], "boxes": boxes, "colours": ["fff" * COLUMNS] * ROWS}
    assert differences(light, light) == []
    fonts = {**light, "boxes": {**boxes, "#legend": [0, 462, 965, 64]}}
    fonts["colours"] = ["fff" * 30 + "888" * 2] * ROWS
    assert differences(light, fonts) == []
    assert differences(light, {**light, "boxes": {"#bar": boxes["#bar"]}}) == ["#legend is gone"]
    moved = {**light, "boxes": {**boxes, "#legend": [60, 490, 900, 36]}}
    assert "#legend was at" in differences(light, moved)[0]
    dark = {**light, "colours": ["111" * COLUMNS] * ROWS}
    assert "100% of the window" in differences(light, dark)[0]
    covered = {**light, "colours": ["fff" * 24 + "111" * 8] * ROWS}
    assert "between 75% and 100% from the left" in differences(light, covered)[0]
