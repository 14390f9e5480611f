"""The page shows the network as it is: nodes, links, words for both."""

import math
import re
from itertools import pairwise
from typing import Any

import pytest
from browsing import EIGHT, Open, OpenAlone
from picture import at_rest, click_node, formed, painted_pixels, settled, stage
from playwright.sync_api import Page, ViewportSize, expect
from running import PATIENCE, Laboratory, until


def test_the_graph_fills(page: Page, laboratory: Laboratory) -> None:
    expect(page.locator("#state-line")).to_contain_text(laboratory.summary()["line"])
    expect(page.locator("#badge")).to_have_text("live")
    expect(page.locator(".node-list .node-name")).to_have_text(EIGHT)
    page.wait_for_function("() => p2p.model.links >= 7")  # connected: at least a tree
    box = stage(page)
    places = {settled(page, name) for name in EIGHT}
    assert len(places) == len(EIGHT)
    for x, y in places:
        assert box["x"] < x < box["x"] + box["width"]
        assert box["y"] < y < box["y"] + box["height"]
    assert painted_pixels(page) > 5_000


def test_a_click_opens_the_node(page: Page, laboratory: Laboratory) -> None:
    click_node(page, "node4")
    expect(page.locator(".panel-name")).to_have_text("node4")
    assert page.evaluate("() => p2p.selected") == "node4"
    expect(page.locator(".panel-state a")).to_have_attribute("href", laboratory.url("node4"))
    page.locator("summary", has_text="About").click()
    expect(page.locator(".facts")).to_contain_text(laboratory.url("node4"))
    page.locator("summary", has_text="Members").click()
    expect(page.locator(".member-state")).to_have_text("7 alive")
    page.locator("summary", has_text="curl").click()
    line = page.locator(".side .copy-line code").first
    expect(line).to_have_text(f"curl {laboratory.url('node4')}/")


def test_a_copied_line_is_in_the_clipboard(page: Page, laboratory: Laboratory) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    click_node(page, "node2")
    page.locator("summary", has_text="curl").click()
    page.get_by_role("button", name="Copy the line: Whom does it know?").click()
    expect(page.locator(".side .copy-label").nth(1)).to_have_text("Copied")
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied == f"curl {laboratory.url('node2')}/peers"


def test_the_selection_survives_a_reload(page: Page) -> None:
    click_node(page, "node6")
    expect(page.locator(".panel-name")).to_have_text("node6")
    expect(page).to_have_url(re.compile("#node=node6$"))
    before = formed(page, "node6")
    page.reload()
    expect(page.locator(".panel-name")).to_have_text("node6")
    page.wait_for_function("() => p2p.selected === 'node6'")
    after = settled(page, "node6")
    assert abs(before[0] - after[0]) < 2
    assert abs(before[1] - after[1]) < 2


def test_two_viewers_see_the_same_picture(laboratory: Laboratory, open_page: Open) -> None:
    def opened() -> tuple[Page, Any]:
        page = open_page(laboratory, 8)
        links = page.evaluate("() => p2p.links()")
        for name in EIGHT:
            formed(page, name)
        return page, (links == page.evaluate("() => p2p.links()"), sorted(map(sorted, links)))

    # A young network still exchanges links, and another network is another picture. So is one
    # that got a link before it was asked which it has: that costs another look, too.
    far = 0.0
    for _ in range(5):
        (first, one), (second, other) = opened(), opened()
        if one == other and one[0]:
            places = [(settled(first, name), settled(second, name)) for name in EIGHT]
            far = max(math.dist(here, there) for here, there in places)
            if far < 3:
                return
    pytest.fail(f"no two viewers saw the same; the last were {far:.1f} pixels apart")


def test_a_network_that_does_not_change_is_the_same_picture_for_all(
    open_alone: OpenAlone,
) -> None:
    names = [f"node{k}" for k in range(1, 13)]
    viewers = open_alone(), open_alone()  # neither remembers where the other's nodes stand
    one, other = ({name: formed(page, name) for name in names} for page in viewers)
    assert max(math.dist(one[name], other[name]) for name in names) < 1


def test_the_list_finds_a_node(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("node5")
    expect(page.locator(".node-list .node-name")).to_have_text(["node5"])
    page.keyboard.press("Enter")
    expect(page.locator(".panel-name")).to_have_text("node5")
    page.keyboard.press("/")
    page.keyboard.press("Control+a")
    page.keyboard.type("nobody")
    expect(page.locator(".side .nothing").first).to_have_text("No node fits “nobody”.")


def test_arrow_keys_go_from_node_to_node(page: Page) -> None:
    settled(page, "node1")
    page.locator("#stage").focus()
    page.keyboard.press("ArrowRight")
    first = page.evaluate("() => p2p.selected")
    assert first in EIGHT
    seen = {first}
    for key in ("ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown", "ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
        seen.add(page.evaluate("() => p2p.selected"))
    assert len(seen) > 2
    page.keyboard.press("Enter")
    expect(page.locator(".panel-actions .primary")).to_be_focused()
    page.keyboard.press("Escape")
    assert page.evaluate("() => p2p.selected") is None


def test_fit_brings_everything_back(page: Page) -> None:
    before = formed(page, "node3")
    box = stage(page)
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.wheel(0, -600)
    zoomed = settled(page, "node3")
    assert abs(zoomed[0] - before[0]) + abs(zoomed[1] - before[1]) > 20
    page.keyboard.press("f")
    after = settled(page, "node3")
    assert abs(after[0] - before[0]) < 3
    assert abs(after[1] - before[1]) < 3


def test_choices_are_remembered(page: Page) -> None:
    page.locator("#choice-flight").select_option("1200")
    page.locator("#choice-colour").select_option("degree")
    page.keyboard.press("m")
    expect(page.locator(".message-rows")).to_be_hidden()
    page.reload()
    page.wait_for_function("() => window.p2p?.connected")
    expect(page.locator("#choice-flight")).to_have_value("1200")
    expect(page.locator(".legend-scale")).to_be_visible()
    expect(page.locator(".message-rows")).to_be_hidden()


def test_the_theme_is_the_systems_until_it_is_chosen(
    laboratory: Laboratory, open_page: Open
) -> None:
    def ground(page: Page) -> str:
        colour: str = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
        return colour

    light, dark = open_page(laboratory, 8), open_page(laboratory, 8, theme="dark")
    assert ground(light) != ground(dark)
    before = ground(light)
    light.keyboard.press("t")
    assert ground(light) == ground(dark)
    light.reload()
    light.wait_for_function("() => window.p2p?.connected")
    assert ground(light) == ground(dark)
    light.get_by_role("button", name="Light colours").click()
    assert ground(light) == before


def scrolls_sideways(page: Page) -> bool:
    wide: list[int] = page.evaluate(
        "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    return wide[0] > wide[1]


REGIONS = ("#bar", "#stage", "#legend", "#messages", "#nodes-panel")


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (800, 600), (390, 844)])
@pytest.mark.parametrize("chosen", ["", "#node=node3"])
def test_nothing_overlaps(
    laboratory: Laboratory, open_page: Open, size: tuple[int, int], chosen: str
) -> None:
    viewport = ViewportSize(width=size[0], height=size[1])
    page = open_page(laboratory, 8, viewport=viewport, path="/" + chosen)
    boxes = {region: page.locator(region).bounding_box() for region in REGIONS}
    for one, a in boxes.items():
        assert a is not None
        assert a["width"] > 0
        assert a["height"] > 0
        assert a["x"] >= 0
        assert a["x"] + a["width"] <= size[0] + 0.5, one
        for other, b in boxes.items():
            if one < other and b is not None:
                apart = (
                    a["x"] + a["width"] <= b["x"] + 0.5
                    or b["x"] + b["width"] <= a["x"] + 0.5
                    or a["y"] + a["height"] <= b["y"] + 0.5
                    or b["y"] + b["height"] <= a["y"] + 0.5
                )
                assert apart, f"{one} {a} lies over {other} {b}"
    assert not scrolls_sideways(page)


@pytest.mark.parametrize("width", [1280, 1024, 390])
def test_a_long_sentence_does_not_widen_the_page(
    laboratory: Laboratory, open_page: Open, width: int
) -> None:
    page = open_page(laboratory, 8, viewport=ViewportSize(width=width, height=640))
    page.evaluate(
        "() => { document.querySelector('.state-text').textContent = 'many parts, '.repeat(40); }"
    )
    assert not scrolls_sideways(page)
    help_button = page.locator("#help-button").bounding_box()
    assert help_button is not None
    assert help_button["x"] + help_button["width"] <= width


def test_the_bar_hides_nothing_behind_another(page: Page) -> None:
    boxes = [child.bounding_box() for child in page.locator("#bar > *").all()]
    edges = [(box["x"], box["x"] + box["width"]) for box in boxes if box is not None]
    assert len(edges) == 5
    for (_, right), (left, _) in pairwise(edges):
        assert right <= left


def test_help_lists_the_keys_and_closes(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.locator(".help-all")).to_contain_text("Find a node")
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()


def test_an_idle_page_paints_nothing_but_its_clock(page: Page) -> None:
    """A page at which nothing happens costs next to nothing: one frame in four seconds."""
    settled(page, "node1")
    page.mouse.move(5, 5)
    at_rest(page)
    clock = page.locator(".time-at")

    def frames() -> tuple[int, int]:
        """Those of the picture, and all that anybody asks for, while nobody says anything."""
        expect(clock).to_have_text(re.compile(r"^\d\d:\d\d$"), timeout=1000 * PATIENCE)
        before = page.evaluate("() => p2p.stats().frames")
        asked = page.evaluate(
            """() => new Promise((done) => {
                let asked = 0;
                const real = window.requestAnimationFrame;
                window.requestAnimationFrame = (run) => { asked += 1; return real(run); };
                setTimeout(() => { window.requestAnimationFrame = real; done(asked); }, 3500);
            })"""
        )
        return page.evaluate("() => p2p.stats().frames") - before, asked

    # Again where the network had something to say meanwhile.
    until(lambda: (found := frames())[0] == 0 and found[1] <= 1, "nothing is painted", frames)
