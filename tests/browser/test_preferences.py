"""What a person has told the system is taken: less motion, more contrast, colours of its own."""

from typing import Any

import pytest
from alone import AT, message, tell
from browsing import OpenAlone
from picture import at_rest, settled
from playwright.sync_api import Page, expect
from states import DRAWN, enter


def root(page: Page, name: str) -> str:
    value: str = page.evaluate("(name) => document.documentElement.dataset[name]", name)
    return value


def test_more_contrast_is_the_systems_until_it_is_chosen(open_alone: OpenAlone) -> None:
    assert root(open_alone(), "contrast") == "normal"
    page = open_alone(contrast="more")
    assert root(page, "contrast") == "more"
    page.locator("#display").click()
    page.get_by_role("radio", name="Normal").first.check()
    assert root(page, "contrast") == "normal"
    page.reload()
    page.wait_for_function("() => window.p2p?.connected")
    assert root(page, "contrast") == "normal"
    page.emulate_media(contrast="no-preference")
    page.emulate_media(contrast="more")
    assert root(page, "contrast") == "normal"  # the person knows better
    page.locator("#display").click()
    page.get_by_role("radio", name="As the system has it", exact=True).check()
    assert root(page, "contrast") == "more"


def fly(page: Page) -> None:
    """A message from one node to another sets out, and arrives."""
    now = {"sent_at": AT + 1_000, "queued_at": AT + 1_000}
    flown = message(1, "delivered", "Fly!", **{"from": 0}, to=4)
    flown |= {**now, "id": "fly", "received_at": AT + 1_005, "done_at": AT + 1_009}
    tell(page, "delta", {"number": 2, "at": AT + 1_010, "messages": [flown]})


FRAMES = """() => new Promise((done) => {
    const before = p2p.stats().frames;
    setTimeout(() => done(p2p.stats().frames - before), 1500);
})"""


def test_who_wants_no_motion_gets_none(open_alone: OpenAlone) -> None:
    """Nothing glides or flies; where a message went is shown by a line that stands."""
    calm, lively = (open_alone(calm=calm, before=DRAWN) for calm in (True, False))
    moving: list[Any] = []
    for page in (calm, lively):
        settled(page, "node1")
        at_rest(page)
        page.evaluate("() => window.drawn.dots.clear()")
        fly(page)
        page.wait_for_function("() => p2p.model.messages === 9")
        page.evaluate(FRAMES)
        moving.append(page.evaluate("() => window.drawn.dots.size"))
        running = page.evaluate("() => document.getAnimations().length")
        assert running == 0
    assert moving[0] == 0
    assert moving[1] > 3
    durations = calm.evaluate(
        """() => [...document.querySelectorAll("*")]
            .map((element) => getComputedStyle(element))
            .filter((style) => parseFloat(style.transitionDuration) > 0
                || parseFloat(style.animationDuration) > 0).length"""
    )
    assert durations == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_systems_own_colours_leave_everything_visible(
    open_alone: OpenAlone, theme: str
) -> None:
    """With forced colours: the canvas takes them, and what is told by a ground has an edge."""
    page = open_alone(theme=theme, forced_colors="active")
    enter(page, "node")
    assert page.evaluate("() => matchMedia('(forced-colors: active)').matches")
    canvas, text = page.evaluate(
        """() => {
            const resolve = (name) => {
                const probe = document.createElement("i");
                probe.style.color = name;
                document.body.append(probe);
                const { color } = getComputedStyle(probe);
                probe.remove();
                return color;
            };
            return [resolve("Canvas"), resolve("CanvasText")];
        }"""
    )
    colours = page.evaluate(
        """() => {
            const canvas = document.querySelector("#stage canvas");
            const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
            copy.drawImage(canvas, 0, 0);
            const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
            const seen = {};
            for (let at = 0; at < data.length; at += 4) {
                if (data[at + 3] < 255) continue;
                const colour = `rgb(${data[at]}, ${data[at + 1]}, ${data[at + 2]})`;
                seen[colour] = (seen[colour] ?? 0) + 1;
            }
            return seen;
        }"""
    )
    assert colours.get(canvas, 0) > 200  # inside the nodes
    assert colours.get(text, 0) > 200  # their rings, numbers and names
    page.get_by_role("button", name="Back to the list of nodes").click()
    chosen = page.locator(".node-row[aria-current=true]")
    expect(chosen).to_have_count(1)
    assert chosen.evaluate("(row) => getComputedStyle(row).outlineStyle") == "solid"
