"""The page's main states, each reached as a person reaches it, on the page of `alone`."""

from collections.abc import Callable
from typing import Final

from alone import lose
from picture import at_rest
from playwright.sync_api import Page, expect


def chosen(page: Page, name: str = "node3") -> None:
    page.keyboard.press("/")
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    expect(page.locator(".panel-name")).to_have_text(name)


def _list(page: Page) -> None:
    expect(page.locator(".node-row")).to_have_count(13)


def _node(page: Page) -> None:
    chosen(page)
    expect(page.locator(".unsent-queued .letter")).to_have_count(2)


def unfold(page: Page) -> None:
    """Open all that folds in the node's panel."""
    closed = page.locator("details.section:not([open]) > summary:visible")
    while closed.count() > 0:
        closed.first.click()


def _everything(page: Page) -> None:
    _node(page)
    unfold(page)
    expect(page.locator(".fault")).to_have_count(1)


def _break(page: Page) -> None:
    chosen(page, "node2")
    # All above it is there: what came later would push it to another place.
    for section in ("Inbox", "Outbox"):
        letters = page.locator("details", has=page.locator("summary", has_text=section))
        expect(letters.locator(".section-body .letter")).to_have_count(7)
    summary = page.locator("summary", has_text="Break it")
    summary.click()
    expect(page.locator(".fault")).to_have_count(1)
    # A click scrolls as far as it needs, which is another place on another machine.
    summary.evaluate("(element) => element.scrollIntoView({ block: 'start' })")


def _pick(page: Page) -> None:
    chosen(page)
    page.keyboard.press("s")
    page.keyboard.type("node")
    expect(page.locator(".suggestions li").first).to_be_visible()
    page.keyboard.press("ArrowDown")


def _compose(page: Page) -> None:
    _pick(page)
    page.keyboard.press("Enter")
    expect(page.locator("#message-text")).to_be_focused()
    page.keyboard.type("Hello!")
    page.keyboard.press("Enter")
    expect(page.locator(".told-line")).to_be_visible()


def _broadcast(page: Page) -> None:
    chosen(page)
    page.keyboard.press("b")
    expect(page.locator("#message-text")).to_be_focused()


def _message(page: Page) -> None:
    page.locator(".message-row", has_text="Hop, hop").click()
    page.mouse.move(3, 3)
    expect(page.locator(".message-row[aria-selected=true]")).to_have_count(1)


def _filter(page: Page) -> None:
    page.locator("#message-filter").fill("state:failed nothing")
    expect(page.locator("#message-grid .nothing")).to_be_visible()


def _help(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()


def _palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.type("node")


def _menu(page: Page) -> None:
    _node(page)
    page.locator("#stage").focus()
    page.keyboard.press("Shift+F10")
    expect(page.locator("#menu")).to_be_visible()


def _spacetime(page: Page) -> None:
    page.locator("#messages-tab-spacetime").click()
    expect(page.locator("#spacetime")).to_be_visible()


def _traffic(page: Page) -> None:
    page.locator("#traffic-button").click()
    expect(page.locator("#traffic")).to_be_visible()


def _display(page: Page) -> None:
    page.locator("#display").click()
    expect(page.locator("#display-menu")).to_be_visible()


def _lost(page: Page) -> None:
    lose(page)
    expect(page.locator("#banner")).to_be_visible()


def _empty(page: Page) -> None:
    expect(page.locator("#empty")).to_be_visible()


DRAWN: Final = """
(() => {
  // What the page draws on its canvases: `names` are the sizes of the letters in which nodes'
  // names are written, `dots` the places of small discs.
  const drawn = { names: new Set(), dots: new Set() };
  window.drawn = drawn;
  const { fillText, arc } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.fillText = function (text, ...where) {
    if (/^node\\d+$/.test(text) && !this.font.includes("600")) drawn.names.add(this.font);
    return fillText.call(this, text, ...where);
  };
  CanvasRenderingContext2D.prototype.arc = function (x, y, radius, ...more) {
    if (radius > 3 && radius < 7) drawn.dots.add(`${x} ${y}`);
    return arc.call(this, x, y, radius, ...more);
  };
})();
"""
"""A script for `before`: what is on a canvas can be asked only of who draws it."""

STATES: Final[dict[str, Callable[[Page], None]]] = {
    "list": _list,
    "node": _node,
    "everything unfolded": _everything,
    "break": _break,
    "pick": _pick,
    "compose": _compose,
    "broadcast": _broadcast,
    "message": _message,
    "filter": _filter,
    "help": _help,
    "display": _display,
    "palette": _palette,
    "menu": _menu,
    "spacetime": _spacetime,
    "traffic": _traffic,
    "lost": _lost,
    "empty": _empty,
}
EMPTY: Final = "empty"
LOST: Final = "lost"
WALK: Final = (*(state for state in STATES if state not in {EMPTY, LOST}), LOST)
"""All that can be reached on one page, one after the other: what is lost is lost."""


def enter(page: Page, state: str) -> None:
    """Bring the page into one of them, and wait until nothing moves."""
    STATES[state](page)
    at_rest(page)


def leave(page: Page) -> None:
    """Close and let go of everything, as somebody does who presses Esc until nothing happens."""
    page.locator("#message-filter").fill("")
    for _ in range(4):
        page.keyboard.press("Escape")
    page.evaluate("() => { document.activeElement.blur(); }")
    page.locator("#messages-tab-table").click()
    expect(page.locator(".node-row").first).to_be_visible()
    expect(page.locator("#composer")).to_be_hidden()
    page.mouse.move(3, 3)
