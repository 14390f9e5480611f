"""Takes the pictures of `screenshots`: one state of the page after the other, in both themes.

A page in a real Chromium is brought into each of them as a person would do it.

A program of its own (`python -m lab.photography FOLDER [STATE …] --url URL`), since it needs
Playwright, which the command line does not.
"""

import argparse
import base64
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

_THEMES: Final = ("dark", "light")
_LAPTOP: Final = ViewportSize(width=1280, height=720)
_PHONE: Final = ViewportSize(width=360, height=740)
_PATIENCE: Final = 60.0
"""Seconds that anything may take."""
_ROUND: Final = (2, 5, 7, 9, 11, 13)
"""Nodes that send in the overview, each to one a little further on."""


_HARMED: Final[set[str]] = set()


class _Sight:
    """One page of the network, and what a person does there."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.names: list[str] = []

    def look(self) -> None:
        """Wait until the picture is there and rests, and learn who is in it."""
        self.until("window.p2p?.connected && p2p.model.nodes > 0 && p2p.model.links > 0")
        self.rest()
        # The first are those that every network has: they play the parts.
        self.names = [f"node{k}" for k in range(1, self.page.evaluate("() => p2p.model.nodes") + 1)]

    def until(self, condition: str) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + _PATIENCE
        while not self.page.evaluate(f"() => Boolean({condition})"):
            if time.monotonic() > end:
                raise TimeoutError(f"not within {_PATIENCE:.0f} s: {condition}")
            time.sleep(0.05)

    def rest(self) -> None:
        """Wait until nothing is painted for a third of a second."""
        frames, since = -1, time.monotonic()
        end = since + _PATIENCE
        while time.monotonic() - since < 0.3 and time.monotonic() < end:
            now = self.page.evaluate("() => p2p.stats().frames")
            if now != frames:
                frames, since = now, time.monotonic()
            time.sleep(0.02)

    def choose(self, name: str) -> None:
        """Open a node's panel, by the keyboard."""
        self.page.keyboard.press("/")
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(name)
        self.page.keyboard.press("Enter")
        expect(self.page.locator(".panel-name")).to_have_text(name)

    def post(self, path: str, body: dict[str, Any]) -> None:
        """A call to the dashboard, that somebody else makes."""
        token = self.page.request.get("/api/token").text().strip()  # who acts shows it
        answer = self.page.request.post(path, data=body, headers={"P2P-Page": token})
        if not answer.ok:
            raise RuntimeError(f"POST {path}: {answer.status} {answer.text()}")

    def send(self, sender: str, receiver: str, text: str) -> None:
        """A message that somebody else sends."""
        self.post("/api/send", {"from": sender, "to": receiver, "msg": text})

    def unfold(self, title: str) -> None:
        """Open a section of the node's panel, and bring it into sight."""
        summary = self.page.locator("details.section > summary", has_text=title)
        if summary.locator("xpath=..").get_attribute("open") is None:
            summary.click()
        summary.scroll_into_view_if_needed()

    def flying(self) -> None:
        """Wait until dots are on their way."""
        self.until("p2p.stats().dots > 0")
        time.sleep(0.35)  # until they are in the middle of it, where they can be seen

    def already(self, name: str) -> bool:
        """Whether a node was harmed before, for the other theme's picture."""
        before = name in _HARMED
        _HARMED.add(name)
        return before

    def away(self) -> None:
        """The pointer points at nothing."""
        self.page.mouse.move(4, 60)


def _overview(see: _Sight) -> None:
    see.page.locator("#choice-flight").select_option("1200")
    for k in _ROUND:
        if k + 3 < len(see.names):
            see.send(see.names[k], see.names[(k * 5 + 3) % len(see.names)], "Good morning!")
    see.flying()


def _node(see: _Sight) -> None:
    see.send("node4", "node2", "How are you?")
    see.send("node2", "node4", "Fine, six links and all well.")
    see.choose("node2")
    expect(see.page.locator(".letter").first).to_be_visible()
    see.away()
    see.rest()


def _compose(see: _Sight) -> None:
    see.choose("node1")
    see.page.keyboard.press("s")
    see.page.keyboard.type("node5")
    see.page.keyboard.press("Enter")
    see.page.keyboard.type("Hello, node5!")
    see.page.keyboard.press("Enter")
    expect(see.page.locator(".told-line").first).to_contain_text("delivered")
    see.page.keyboard.type("And once more.")
    see.rest()


def _path(see: _Sight) -> None:
    post = {"to": "node6", "msg": "Hop by hop", "route": "overlay"}
    target = see.page.evaluate(
        "async () => (await (await fetch('/api/graph')).json()).nodes"
        ".find((node) => node.name === 'node3').public_url"
    )
    answer = see.page.request.post(f"{target}/send", data=post)
    if not answer.ok:
        raise RuntimeError(f"node3 sends nothing: {answer.status} {answer.text()}")
    row = see.page.locator(".message-row", has_text="Hop by hop").first
    expect(row).to_have_attribute("data-state", "delivered")
    row.click()
    see.away()
    see.rest()


def _broadcast(see: _Sight) -> None:
    see.page.locator("#choice-flight").select_option("1200")
    see.post("/api/broadcast", {"from": "node1", "msg": "To everybody: lunch!"})
    see.flying()
    time.sleep(1.0)  # the first of its hops take 1.2 s each: the second ones are under way now


def _breaking(see: _Sight) -> None:
    slow = {"kind": "delay", "mean_ms": 300, "jitter_ms": 50, "for_seconds": 900}
    see.choose("node4")
    see.unfold("Break it")
    if not see.already("node4"):
        see.post("/api/faults", {**slow, "nodes": ["node4"], "by": "the photographer"})
    expect(see.page.locator(".fault").first).to_be_visible()
    see.page.locator(".breaking").scroll_into_view_if_needed()
    see.away()
    see.rest()


def _waiting(see: _Sight) -> None:
    if not see.already("node5"):
        frozen = {"kind": "freeze", "for_seconds": 900}
        see.post("/api/faults", {**frozen, "nodes": ["node5"], "by": "the photographer"})
        for text in ("You get this when you are awake.", "And this one after it."):
            see.send("node1", "node5", text)
    see.until("Number(p2p.badges().node1) >= 2")
    see.choose("node1")
    expect(see.page.locator(".unsent-queued .letter").first).to_be_visible()
    see.away()
    see.rest()


def _crashed(see: _Sight) -> None:
    crash = {"kind": "crash", "down_seconds": 600}
    row = see.page.locator(".node-row", has=see.page.get_by_text("node6", exact=True))
    if not see.already("node6"):
        see.post("/api/faults", {**crash, "nodes": ["node6"], "by": "the photographer"})
    expect(row).to_have_attribute("data-state", "dead")
    see.choose("node6")
    see.away()
    see.rest()


def _help(see: _Sight) -> None:
    see.page.keyboard.press("?")
    expect(see.page.locator("#help")).to_be_visible()


def _nothing(see: _Sight) -> None:
    see.away()
    see.rest()


_More = dict[str, Any]
STATES: Final[dict[str, tuple[Callable[[_Sight], None], _More]]] = {
    "overview": (_overview, {}),
    "node": (_node, {}),
    "compose": (_compose, {}),
    "path": (_path, {}),
    "broadcast": (_broadcast, {}),
    "help": (_help, {}),
    "phone": (_nothing, {"viewport": _PHONE, "device_scale_factor": 1.5}),
    "projector": (_nothing, {"settings": '{"size": "projector"}'}),
    "high-contrast": (_node, {"settings": '{"contrast": "more"}'}),
    "breaking": (_breaking, {}),
    "waiting": (_waiting, {}),
    "crashed": (_crashed, {}),
}
"""What is photographed, in this order: what harms the network comes last."""


def take(browser: Browser, url: str, state: str, theme: str, file: Path) -> None:
    """One picture."""
    act, more = STATES[state]
    scheme: Any = theme
    context = browser.new_context(
        base_url=url,
        color_scheme=scheme,
        viewport=more.get("viewport", _LAPTOP),
        device_scale_factor=more.get("device_scale_factor", 1),
    )
    context.set_default_timeout(_PATIENCE * 1000)
    said = f"localStorage.setItem('p2p.settings', '{more.get('settings', '{}')}')"
    context.add_init_script("localStorage.setItem('p2p.tour', '1')")  # the tour has been taken
    context.add_init_script(f"localStorage.getItem('p2p.settings') ?? {said}")
    page = context.new_page()
    page.goto("/")
    see = _Sight(page)
    see.look()
    act(see)
    # WebP, a fifth of a PNG's size: there are many, and each change of the page makes them anew.
    shot = context.new_cdp_session(page).send(
        "Page.captureScreenshot", {"format": "webp", "quality": 85}
    )
    file.write_bytes(base64.b64decode(shot["data"]))
    context.close()


def main(arguments: list[str]) -> int:
    """Take those that are asked for; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m lab.photography", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("states", nargs="*", metavar="STATE", help=", ".join(STATES))
    parser.add_argument("--url", required=True)
    chosen = parser.parse_args(arguments)
    for state in chosen.states:
        if state not in STATES:
            parser.error(f"there is no state {state!r}: {', '.join(STATES)}")
    chosen.folder.mkdir(parents=True, exist_ok=True)
    root = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ["P2P_CHROMIUM"], args=["--disable-gpu", *root]
        )
        for state in chosen.states or STATES:
            for theme in _THEMES:
                file = chosen.folder / f"{state}-{theme}.webp"
                take(browser, chosen.url, state, theme, file)
                print(f"{file}  {file.stat().st_size / 1024:.0f} KiB", flush=True)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
