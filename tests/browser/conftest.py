"""Real Chromium, looking at a real dashboard that watches real nodes.

Chromium is the one that `P2P_CHROMIUM` names, else one from the PATH. Without one these
tests fail, since a page that nobody has seen in a browser is not tested; `P2P_NO_BROWSER=1`
skips them where that is meant.

No test passes with an error in the browser's console: a violation of the page's
Content-Security-Policy is one too.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from alone import Alone
from browsing import EIGHT, LAPTOP, Console, Open, OpenAlone, Start, Told
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright
from running import PATIENCE, ROOT, Laboratory, started, until
from tellers import Teller

CANDIDATES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

expect.set_options(timeout=PATIENCE * 1000)  # of its own accord it waits for five seconds


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--renew-snapshots",
        action="store_true",
        help="keep what the page's states look like now (tests/browser/snapshots)",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if os.environ.get("P2P_NO_BROWSER") == "1":
        pytest.skip("P2P_NO_BROWSER=1")
    path = os.environ.get("P2P_CHROMIUM") or next(filter(None, map(shutil.which, CANDIDATES)), None)
    if path is None:
        pytest.fail(
            "no Chromium: install one, name it in P2P_CHROMIUM, or set P2P_NO_BROWSER=1 to skip"
        )
    if not (ROOT / "static" / "vendor" / "socket.io.js").is_file():
        pytest.fail("the page has no libraries: run 'npm ci --ignore-scripts && npm run vendor'")
    # Chromium refuses to sandbox what root starts, as in most containers of a CI.
    root = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS, *root])
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    """Eight nodes that the tests share; no test harms them."""
    with started(tmp_path_factory.mktemp("laboratory"), EIGHT) as running:
        yield running


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a laboratory of one test's own; it is ended after the pages that look at it."""
    with ExitStack() as stack:

        def begin(
            names: list[str], *, plain: tuple[str, ...] = (), expect: int | None = None
        ) -> Laboratory:
            return stack.enter_context(started(tmp_path, names, plain, expect))

        yield begin


@pytest.fixture
def three(start: Start) -> Laboratory:
    """Three nodes, to be harmed."""
    return start(["node1", "node2", "node3"])


RING = ["node1", "node2", "node3", "node4", "node5", "node6"]


@pytest.fixture
def tellers(tmp_path: Path) -> Iterator[Told]:
    """Six nodes in a ring that tell what a test makes up, and a dashboard that watches them."""
    with ExitStack() as stack:
        nodes = [
            stack.enter_context(Teller(name, [RING[k - 1], RING[(k + 1) % len(RING)]]))
            for k, name in enumerate(RING)
        ]
        for node in nodes:
            node.knows(nodes)
        laboratory = stack.enter_context(Laboratory(tmp_path))
        laboratory.dashboard(seeds=[node.url for node in nodes])
        until(lambda: laboratory.summary()["watched"] == len(nodes), "the dashboard watches all")
        yield Told(laboratory, nodes)


@pytest.fixture
def console() -> Console:
    return Console()


@pytest.fixture
def open_page(browser: Browser, console: Console, start: Start) -> Iterator[Open]:
    """Opens a dashboard's page and waits until it shows so many nodes."""
    del start  # asked for so that the laboratory outlives the page
    contexts = []

    def opened(
        laboratory: Laboratory,
        nodes: int,
        *,
        path: str = "/",
        viewport: ViewportSize = LAPTOP,
        theme: str = "light",
        calm: bool = False,
        visited: bool = True,
    ) -> Page:
        context = browser.new_context(
            viewport=viewport,
            color_scheme="dark" if theme == "dark" else "light",
            reduced_motion="reduce" if calm else "no-preference",
        )
        contexts.append(context)
        if visited:  # before: else the tour of the first visit begins
            context.add_init_script("localStorage.setItem('p2p.tour', '1')")
        context.set_default_timeout(PATIENCE * 1000)
        page = context.new_page()
        page.on("console", console.said)
        page.on("pageerror", lambda error: console.complaints.append(f"error: {error}"))
        page.goto(laboratory.url("dashboard") + path, wait_until="commit")
        page.wait_for_function(f"() => window.p2p?.model.nodes === {nodes}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert console.unexpected() == []


@pytest.fixture(scope="session")
def alone() -> Iterator[Alone]:
    """The page with no network behind it: what it shows is always the same."""
    with Alone() as served:
        yield served


@pytest.fixture
def open_alone(browser: Browser, console: Console, alone: Alone) -> Iterator[OpenAlone]:
    """Opens that page and waits until it shows so many nodes."""
    # Parts of the page that ask for more than a network without a network can answer.
    console.expect("404")
    contexts = []

    def opened(
        nodes: int = 13,
        *,
        path: str = "/",
        viewport: ViewportSize = LAPTOP,
        theme: str = "light",
        chosen: dict[str, str] | None = None,
        calm: bool = True,
        before: str = "",
        **options: Any,
    ) -> Page:
        context = browser.new_context(
            viewport=viewport,
            color_scheme="dark" if theme == "dark" else "light",
            reduced_motion="reduce" if calm else "no-preference",
            **{"timezone_id": "UTC", "locale": "en-GB", **options},
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE * 1000)
        said = json.dumps(json.dumps(chosen or {}))
        context.add_init_script(
            "if (location.protocol === 'http:' && localStorage.getItem('p2p.settings') === null) {"
            f"localStorage.setItem('p2p.settings', {said}); localStorage.setItem('p2p.tour', '1');"
            f"}}{before}"
        )
        page = context.new_page()
        page.on("console", console.said)
        page.on("pageerror", lambda error: console.complaints.append(f"error: {error}"))
        alone.nodes = nodes
        page.goto(alone.url + path, wait_until="commit")
        page.wait_for_function(f"() => window.p2p?.connected && p2p.model.nodes === {nodes}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert console.unexpected() == []


@pytest.fixture
def page(laboratory: Laboratory, open_page: Open) -> Page:
    """The page of the eight nodes."""
    return open_page(laboratory, len(EIGHT))
