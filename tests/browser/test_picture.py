"""The page shows the network as it is: nodes, links, words for both."""

from itertools import pairwise

import pytest
from browsing import EIGHT, Open
from picture import click_node, painted_pixels, settled, stage
from playwright.sync_api import Page, ViewportSize, expect
from running import Laboratory, until


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
    expect(page.locator(".facts")).to_contain_text(laboratory.url("node4"))
    page.locator("summary", has_text="Members").click()
    expect(page.locator(".member-state")).to_have_text("7 alive")
    page.locator("summary", has_text="curl").click()
    expect(page.locator(".copy-line code").first).to_have_text(f"curl {laboratory.url('node4')}/")


def test_a_copied_line_is_in_the_clipboard(page: Page, laboratory: Laboratory) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    click_node(page, "node2")
    page.locator("summary", has_text="curl").click()
    page.get_by_role("button", name="Copy the line: Whom does it know?").click()
    expect(page.locator(".copy-label").nth(1)).to_have_text("Copied")
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied == f"curl {laboratory.url('node2')}/peers"


def test_the_selection_survives_a_reload(page: Page) -> None:
    click_node(page, "node6")
    expect(page.locator(".panel-name")).to_have_text("node6")
    assert page.url.endswith("#node=node6")
    before = settled(page, "node6")
    page.reload()
    expect(page.locator(".panel-name")).to_have_text("node6")
    page.wait_for_function("() => p2p.selected === 'node6'")
    after = settled(page, "node6")
    assert abs(before[0] - after[0]) < 2
    assert abs(before[1] - after[1]) < 2


def test_two_viewers_see_the_same_picture(laboratory: Laboratory, open_page: Open) -> None:
    first, second = open_page(laboratory, 8), open_page(laboratory, 8)
    for name in EIGHT:
        (x1, y1), (x2, y2) = settled(first, name), settled(second, name)
        assert abs(x1 - x2) < 3
        assert abs(y1 - y2) < 3


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


REGIONS = ("#bar", "#stage", "#legend", "#messages", "#nodes-panel")


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (1024, 640), (390, 844)])
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
    wide = page.evaluate(
        "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide[0] <= wide[1]


def test_the_bar_hides_nothing_behind_another(page: Page) -> None:
    boxes = [child.bounding_box() for child in page.locator("#bar > *").all()]
    edges = [(box["x"], box["x"] + box["width"]) for box in boxes if box is not None]
    assert len(edges) == 5
    for (_, right), (left, _) in pairwise(edges):
        assert right <= left


def test_help_lists_the_keys_and_closes(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.locator(".keys")).to_contain_text("find a node")
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()


def test_an_idle_page_paints_nothing(page: Page) -> None:
    settled(page, "node1")
    page.mouse.move(5, 5)
    frames = page.evaluate("() => p2p.stats().frames")
    drawn: list[int] = []

    def at_rest() -> bool:
        drawn.append(page.evaluate("() => p2p.stats().frames"))
        page.wait_for_timeout(500)  # the time over which nothing may be painted
        return bool(page.evaluate("() => p2p.stats().frames") == drawn[-1])

    until(at_rest, "the picture is at rest", lambda: f"{frames} {drawn}")
