"""What the browser tests speak of: the nodes that they share, the page, its console."""

import re
from typing import Any, Final, NamedTuple, Protocol

from playwright.sync_api import ConsoleMessage, Page, ViewportSize
from running import Laboratory
from tellers import Teller

EIGHT: Final = [f"node{number}" for number in range(1, 9)]
LAPTOP: Final = ViewportSize(width=1280, height=720)
SIZES: Final = {
    "phone": (360, 740),
    "tablet": (768, 1024),
    "laptop": (1280, 720),
    "desk": (1920, 1080),
    "wall": (3840, 2160),
}
"""Screens, as width and height in CSS pixels."""


class Open(Protocol):
    """Opens a dashboard's page and waits until it shows so many nodes."""

    def __call__(
        self,
        laboratory: Laboratory,
        nodes: int,
        *,
        path: str = "/",
        viewport: ViewportSize = LAPTOP,
        theme: str = "light",
        calm: bool = False,
        visited: bool = True,
    ) -> Page: ...


class OpenAlone(Protocol):
    """Opens the page that has no network behind it, as a person chose it to look."""

    def __call__(
        self,
        nodes: int = 13,
        *,
        path: str = "/",
        viewport: ViewportSize = LAPTOP,
        theme: str = "light",
        chosen: dict[str, str] | None = None,
        calm: bool = True,
        before: str = "",
        **options: Any,
    ) -> Page: ...


class Start(Protocol):
    """Starts nodes, plain ones too, with a bootstrap and a dashboard of their own."""

    def __call__(
        self, names: list[str], *, plain: tuple[str, ...] = (), expect: int | None = None
    ) -> Laboratory: ...


class Told(NamedTuple):
    """Nodes that tell what a test makes up, and what watches them."""

    laboratory: Laboratory
    nodes: list[Teller]


class Console:
    """What the browser complained of."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        # Chromium drops requests whenever an interface comes or goes, such as that of a
        # container on the same machine; the page copes (static/js/early-retry.js).
        self._expected = [re.compile("ERR_NETWORK_CHANGED")]

    def expect(self, pattern: str) -> None:
        """Complaints that the test itself provokes."""
        self._expected.append(re.compile(pattern))

    def expect_no_dashboard(self) -> None:
        """It ends under the page: how each request fails depends on how far it has come."""
        self.expect("WebSocket|ERR_(CONNECTION_|EMPTY_RESPONSE|SOCKET_NOT_CONNECTED)")

    def said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            where = message.location.get("url", "")
            self.complaints.append(f"{message.type}: {message.text} {where}".rstrip())

    def unexpected(self) -> list[str]:
        if any("ERR_NETWORK_CHANGED" in complaint for complaint in self.complaints):
            self.expect("failed to load|importScripts|WebSocket")  # what follows from it
        return [
            complaint
            for complaint in self.complaints
            if not any(pattern.search(complaint) for pattern in self._expected)
        ]


def address(page: Page) -> str:
    """What stands behind the `#`, asked of the page: Playwright's own `page.url` stays as it is
    while nothing else is asked."""
    found: str = page.evaluate("() => location.hash")
    return found
