"""Nobody is kept out: axe-core finds nothing, in every state of the page and in every dress."""

import pytest
from axe import violations
from browsing import OpenAlone
from picture import click_node
from playwright.sync_api import Page, expect
from states import EMPTY, WALK, enter, leave, unfold

DRESSES = {
    "light, high contrast": ("light", {"contrast": "more"}),
    "dark, high contrast": ("dark", {"contrast": "more"}),
    "projector": ("dark", {"size": "projector"}),
}
TELLING = ("list", "everything unfolded", "compose", "message", "lost")
"""States with something of every kind in them."""


def walked(page: Page, states: tuple[str, ...]) -> None:
    """Go through states of one page; all that axe has to say of them."""
    found = []
    for state in states:
        enter(page, state)
        found += [f"{state}: {violation}" for violation in violations(page)]
        if state != states[-1]:
            leave(page)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(open_alone: OpenAlone, theme: str) -> None:
    walked(open_alone(theme=theme), WALK)
    walked(open_alone(0, theme=theme), (EMPTY,))


@pytest.mark.parametrize("dress", DRESSES)
def test_axe_finds_nothing_in_any_dress(open_alone: OpenAlone, dress: str) -> None:
    theme, chosen = DRESSES[dress]
    walked(open_alone(theme=theme, chosen=chosen), TELLING)


def test_axe_finds_nothing_on_a_phone(open_alone: OpenAlone) -> None:
    page = open_alone(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    walked(page, ("list", "everything unfolded", "compose"))


def test_axe_finds_nothing_on_a_page_of_real_nodes(page: Page) -> None:
    found = violations(page)
    assert not found, "\n".join(found)
    click_node(page, "node5")
    expect(page.locator(".panel-name")).to_have_text("node5")
    unfold(page)
    expect(page.locator(".node-panel .copy-line code").first).to_be_visible()
    found = violations(page)
    assert not found, "\n".join(found)


def test_axe_is_awake(open_alone: OpenAlone) -> None:
    """What it must find is found: a test that looks at nothing would be green for ever."""
    page = open_alone()
    page.evaluate(
        """() => {
            const button = document.createElement("button");
            const faint = document.createElement("p");
            faint.textContent = "hardly to be seen";
            faint.style.color = "#dddddd";
            document.querySelector("#legend").prepend(button, faint); // its first line is seen
        }"""
    )
    found = "\n".join(violations(page))
    assert "button-name" in found
    assert "color-contrast" in found
