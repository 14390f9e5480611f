"""Everything can be done by keys alone, and who does it sees where he is."""

from typing import Any

import requests
from browsing import Open, OpenAlone, Start
from playwright.sync_api import Locator, Page, expect
from running import Laboratory, until
from states import chosen

PATIENCE = 150
"""Presses of Tab after which something is out of reach."""


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until this has the focus, as somebody would who has nothing else."""
    for _ in range(PATIENCE):
        if target.evaluate("(element) => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {target}")


def faults(laboratory: Laboratory, name: str) -> list[Any]:
    found: list[Any] = requests.get(f"{laboratory.url(name)}/faults", timeout=10).json()["faults"]
    return found


def test_nodes_are_found_told_broken_and_healed_by_keys_alone(
    start: Start, open_page: Open
) -> None:
    laboratory = start(["node1", "node2", "node3"])
    page = open_page(laboratory, 3)
    # Find a node and send from it.
    chosen(page, "node2")
    page.keyboard.press("s")
    page.keyboard.type("node3")
    page.keyboard.press("Enter")
    page.keyboard.type("by keys alone")
    page.keyboard.press("Enter")
    expect(page.locator(".told-line")).to_contain_text("delivered in")
    page.keyboard.press("Escape")
    # To everybody.
    page.keyboard.press("b")
    page.keyboard.type("to all, by keys")
    page.keyboard.press("Enter")
    expect(page.locator(".told-line")).to_contain_text("reached all 2")
    page.keyboard.press("Escape")
    inbox = [message["msg"] for message in laboratory.inbox("node3")]
    assert {"by keys alone", "to all, by keys"} <= set(inbox)
    # Break it, and heal it.
    section = page.locator("details.section", has=page.locator(".breaking"))
    tab_to(page, section.locator("summary"))
    page.keyboard.press("Enter")
    tab_to(page, section.get_by_role("button", name="Slow"))
    page.keyboard.press("Enter")
    expect(section.locator(".fault")).to_have_count(1)
    until(lambda: len(faults(laboratory, "node2")) == 1, "the node is slow")
    tab_to(page, section.get_by_role("button", name="Heal"))
    page.keyboard.press("Enter")
    expect(section.locator(".fault")).to_have_count(0)
    assert faults(laboratory, "node2") == []


def test_the_picture_the_messages_and_the_looks_by_keys_alone(open_alone: OpenAlone) -> None:
    page = open_alone()
    # From node to node in the picture, and into its panel.
    stage = page.locator("#stage")
    tab_to(page, stage)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".panel-actions .primary")).to_be_focused()
    # The way of a message.
    tab_to(page, page.locator("#message-grid"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".message-row[aria-selected=true]")).to_have_count(1)
    # Dark, high contrast, large; what is drawn.
    root = page.locator("html")
    page.keyboard.press("t")
    expect(root).to_have_attribute("data-theme", "dark")
    tab_to(page, page.locator("#display"))
    page.keyboard.press("Enter")
    expect(page.locator("#display-menu input:checked").first).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(root).to_have_attribute("data-contrast", "more")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(root).to_have_attribute("data-size", "projector")
    page.keyboard.press("Escape")
    expect(page.locator("#display-menu")).to_be_hidden()
    expect(page.locator("#display")).to_be_focused()
    colour = page.locator("#choice-colour")
    tab_to(page, colour)
    page.keyboard.type("Links")
    expect(colour).to_have_value("degree")
    # All of that is there after a reload, before the first picture.
    page.reload(wait_until="commit")
    expect(root).to_have_attribute("data-contrast", "more")
    expect(root).to_have_attribute("data-size", "projector")
    page.wait_for_function("() => window.p2p?.connected")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()


REACHABLE = """() => {
    const all = "a[href], button, input, select, textarea, summary, [tabindex='0']";
    return [...document.querySelectorAll(all)].filter((element) => {
        // Of a group of rows or radio buttons, one is in the Tab order; arrows reach the rest.
        const left_out = element.tabIndex < 0 || element.disabled || element.closest("[inert]");
        if (left_out || element.matches("[type=radio]")) return false;
        return element.checkVisibility({ visibilityProperty: true });
    }).length;
}"""
HERE = """() => {
    const element = document.activeElement;
    if (element === document.body || element === null) return null;
    window.visited ??= new Set();
    const before = window.visited.size;
    window.visited.add(element);
    const style = getComputedStyle(element);
    const { x, y, width, height } = element.getBoundingClientRect();
    return {
        what: element.outerHTML.slice(0, 120),
        fresh: window.visited.size > before,
        ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        seen: width > 0 && height > 0 && x + width > 0 && x < innerWidth && y + height > 0
            && y < innerHeight,
    };
}"""


def test_tab_goes_everywhere_and_shows_where_it_is(open_alone: OpenAlone) -> None:
    page = open_alone()
    chosen(page)
    expect(page.locator(".unsent-queued .letter")).to_have_count(2)
    page.evaluate("() => document.activeElement.blur()")
    wanted = page.evaluate(REACHABLE)
    assert wanted > 25
    visited = 0
    for _ in range(PATIENCE):
        page.keyboard.press("Tab")
        here = page.evaluate(HERE)
        if here is None:
            continue  # the browser's own controls, between the last and the first
        if not here["fresh"]:
            break
        visited += 1
        assert here["ring"], f"no ring around {here['what']}"
        assert here["seen"], f"out of sight: {here['what']}"
    assert visited == wanted
