"""From the smallest phone to a wall: everything is there, and nothing lies on anything."""

from itertools import combinations
from typing import Any

import pytest
from browsing import SIZES, OpenAlone
from picture import click_node, settled
from playwright.sync_api import FloatRect, Page, ViewportSize, expect
from states import DRAWN, enter

REGIONS = ("#bar", "#stage", "#time", "#legend", "#messages", "#nodes-panel")
ON_THE_STAGE = ("#composer", "#banner", "#empty")
TOO_WIDE = """() => {
    // Whatever sticks out of its region at the side, and is not meant to be cut or scrolled.
    const out = [];
    const regions = "#bar, #legend, #messages, #nodes-panel, #composer";
    for (const region of document.querySelectorAll(regions)) {
        const box = region.getBoundingClientRect();
        for (const element of region.querySelectorAll("*")) {
            const left_out = element.closest("svg, code, .quiet, [popover]");
            if (!element.checkVisibility() || left_out) continue;
            const { left, right, width } = element.getBoundingClientRect();
            let cut = false;
            for (let at = element; at !== region; at = at.parentElement) {
                if (getComputedStyle(at.parentElement).overflowX !== "visible") cut = true;
            }
            if (width > 0 && !cut && (right > box.right + 1 || left < box.left - 1)) {
                out.push(`${region.id}: ${element.outerHTML.slice(0, 100)}`);
            }
        }
    }
    return out;
}"""


CUT_COUNTS = """() => {
    const counts = document.getElementById("counts").getBoundingClientRect();
    return [...document.querySelectorAll(".count")].filter((count) => {
        const { left, width, top } = count.getBoundingClientRect();
        return width > 0 && top < counts.bottom && left < counts.left - 0.5;
    }).length;
}"""


def overlap(a: FloatRect, b: FloatRect) -> float:
    """How many pixels two boxes have in common, by the shorter side."""
    wide = min(a["x"] + a["width"], b["x"] + b["width"]) - max(a["x"], b["x"])
    high = min(a["y"] + a["height"], b["y"] + b["height"]) - max(a["y"], b["y"])
    return min(wide, high)


def boxes(page: Page, selectors: tuple[str, ...]) -> dict[str, FloatRect]:
    found = {selector: page.locator(selector).bounding_box() for selector in selectors}
    return {selector: box for selector, box in found.items() if box is not None}


def nothing_overlaps(page: Page, width: int) -> None:
    page.evaluate("() => scrollTo(0, 0)")  # a phone's bar stays, whatever scrolls below it
    regions = boxes(page, REGIONS)
    assert set(regions) == set(REGIONS)
    for name, box in regions.items():
        assert box["width"] > 40, name
        assert box["height"] > 20, name
        assert box["x"] >= 0, name
        assert box["x"] + box["width"] <= width + 0.5, f"{name} sticks out"
    for (one, a), (other, b) in combinations(regions.items(), 2):
        assert overlap(a, b) <= 0.5, f"{one} {a} lies over {other} {b}"
    bar = [box for child in page.locator("#bar > *").all() if (box := child.bounding_box())]
    for a, b in combinations(bar, 2):
        assert overlap(a, b) <= 0.5, f"in the bar, {a} lies over {b}"
    stage = regions["#stage"]
    for name, box in boxes(page, ON_THE_STAGE).items():
        assert box["x"] >= stage["x"] - 0.5, name
        assert box["x"] + box["width"] <= stage["x"] + stage["width"] + 0.5, name
        assert box["y"] >= stage["y"] - 0.5, name
        assert box["y"] + box["height"] <= stage["y"] + stage["height"] + 0.5, name
    wide: list[Any] = page.evaluate(
        "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide[0] <= wide[1], "it scrolls sideways"
    assert page.evaluate(TOO_WIDE) == []


@pytest.mark.parametrize(
    ("screen", "size"),
    [
        *((screen, "normal") for screen in SIZES),
        *((screen, "projector") for screen in ("laptop", "desk", "wall")),
    ],
)
def test_nothing_lies_on_anything(open_alone: OpenAlone, screen: str, size: str) -> None:
    width, height = SIZES[screen]
    page = open_alone(
        viewport=ViewportSize(width=width, height=height),
        chosen={"size": size},
        is_mobile=screen == "phone",
        has_touch=screen in {"phone", "tablet"},
    )
    for state in ("list", "message", "everything unfolded", "compose"):
        enter(page, state)
        nothing_overlaps(page, width)
        stage = boxes(page, ("#stage",))["#stage"]
        assert stage["width"] >= 0.55 * width, f"a narrow picture in the state {state}"
        assert stage["height"] >= 0.4 * height, f"a flat picture in the state {state}"
    enter(page, "lost")
    nothing_overlaps(page, width)


@pytest.mark.parametrize("screen", SIZES)
def test_help_and_menu_fit_the_screen(open_alone: OpenAlone, screen: str) -> None:
    width, height = SIZES[screen]
    for size in ("normal", "projector"):
        page = open_alone(viewport=ViewportSize(width=width, height=height), chosen={"size": size})
        for state, selector in (("help", "#help"), ("display", "#display-menu")):
            enter(page, state)
            box = page.locator(selector).bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["y"] >= 0
            assert box["x"] + box["width"] <= width
            assert box["y"] + box["height"] <= height
            page.keyboard.press("Escape")
            expect(page.locator(selector)).to_be_hidden()


def test_the_last_row_reads_larger_letters_and_nodes(open_alone: OpenAlone) -> None:
    letters = "(element) => element.getBoundingClientRect().height"
    pages = [
        open_alone(viewport={"width": 1920, "height": 1080}, chosen={"size": size}, before=DRAWN)
        for size in ("normal", "projector")
    ]
    for selector in (".state-text", ".node-row", ".message-row", "#legend .choice", "#fit"):
        usual, large = (page.locator(selector).first.evaluate(letters) for page in pages)
        assert large > 1.3 * usual, selector
    for page in pages:
        enter(page, "list")
    usual, large = (
        page.evaluate("() => [...window.drawn.names].map(parseFloat)") for page in pages
    )
    assert min(large) > 1.3 * max(usual)
    assert max(usual) <= 13


def test_a_finger_finds_every_button(open_alone: OpenAlone) -> None:
    page = open_alone(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    enter(page, "everything unfolded")
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, input, select, summary")]
            .filter((element) => element.checkVisibility())
            .filter((element) => !element.matches("[type=radio], .quiet, .chip"))
            .map((element) => [element.outerHTML.slice(0, 80), element.getBoundingClientRect()])
            .filter(([, { width, height }]) => width < 24 || height < 24)
            .map(([what]) => what)"""
    )
    assert not small, "\n".join(small)


@pytest.mark.parametrize("width", [780, 900, 1000, 1100, 1280, 1400])
def test_the_bar_has_room_for_what_comes_and_goes(open_alone: OpenAlone, width: int) -> None:
    page = open_alone(viewport=ViewportSize(width=width, height=720))
    page.evaluate("""() => {
        document.getElementById("heal").hidden = false;
        const chip = document.getElementById("traffic-chip");
        chip.hidden = false;
        const button = document.createElement("button");
        button.textContent = "traffic: 100/s · 54 s Stop";
        chip.replaceChildren(button);
    }""")
    parts = page.locator("#bar > :not(.counts):visible, .bar-buttons > :visible, .count:visible")
    boxes = [box for part in parts.all() if (box := part.bounding_box()) is not None]
    assert len(boxes) > 10
    for box in boxes:
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    assert page.evaluate(CUT_COUNTS) == 0
    lines = {round(box["y"] + box["height"] / 2) for box in boxes}
    assert len(lines) <= (2 if width < 900 else 1) + 1  # some are a pixel lower than others


@pytest.mark.parametrize("width", [990, 1000, 1100, 1180, 1280, 1400])
def test_the_counts_give_way_to_the_sentence(open_alone: OpenAlone, width: int) -> None:
    page = open_alone(viewport=ViewportSize(width=width, height=720))
    page.evaluate("""() => {
        for (const count of document.querySelectorAll(".count dd")) count.textContent = "1,234";
        document.querySelector(".state-text").textContent =
            "100 nodes, one network, everybody knows everybody";
    }""")
    sentence = page.locator(".state-text")
    assert sentence.evaluate("(line) => line.scrollWidth <= line.clientWidth")
    assert page.evaluate(CUT_COUNTS) == 0


@pytest.mark.parametrize("what", [["heal"], ["traffic-chip"], ["heal", "traffic-chip"]])
def test_the_sentence_is_whole_beside_them(open_alone: OpenAlone, what: list[str]) -> None:
    page = open_alone()
    page.evaluate(
        """(what) => {
            for (const name of what) document.getElementById(name).hidden = false;
            const button = document.createElement("button");
            button.textContent = "traffic: 10/s · 54 s Stop";
            document.getElementById("traffic-chip").replaceChildren(button);
            for (const count of document.querySelectorAll(".count dd")) count.textContent = "1,234";
            document.querySelector(".state-text").textContent =
                "50 nodes, one network, everybody knows everybody";
        }""",
        what,
    )
    sentence = page.locator(".state-text")
    assert sentence.evaluate("(line) => line.scrollWidth <= line.clientWidth")


@pytest.mark.parametrize("size", ["normal", "projector"])
@pytest.mark.parametrize("screen", ["laptop", "desk", "wall"])
def test_large_messages_leave_room_for_a_picture(
    open_alone: OpenAlone, screen: str, size: str
) -> None:
    width, height = SIZES[screen]
    page = open_alone(viewport=ViewportSize(width=width, height=height), chosen={"size": size})
    usual = boxes(page, ("#messages",))["#messages"]["height"]
    page.locator(".messages-enlarge").click()
    expect(page.locator(".messages-enlarge")).to_have_attribute("aria-pressed", "true")
    found = boxes(page, ("#messages", "#stage"))
    assert found["#messages"]["height"] >= 1.4 * usual
    assert found["#stage"]["height"] >= 150
    nothing_overlaps(page, width)


@pytest.mark.parametrize("size", ["normal", "projector"])
def test_who_writes_sees_both_ends(open_alone: OpenAlone, size: str) -> None:
    page = open_alone(viewport=ViewportSize(width=1280, height=720), chosen={"size": size})
    click_node(page, "node3")
    page.keyboard.press("s")
    page.keyboard.type("node8")
    page.keyboard.press("Enter")
    expect(page.locator("#message-text")).to_be_focused()
    one_row = [page.locator(part).bounding_box() for part in (".composer-pair", "#message-text")]
    pair, text = (box for box in one_row if box is not None)
    assert abs(pair["y"] + pair["height"] / 2 - text["y"] - text["height"] / 2) < 3
    covers = page.locator("#composer").bounding_box()
    assert covers is not None
    for name in ("node3", "node8"):
        x, y = settled(page, name)
        beside = not covers["x"] < x < covers["x"] + covers["width"]
        assert beside or not covers["y"] < y < covers["y"] + covers["height"], name
