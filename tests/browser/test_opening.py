"""The page opens with the picture; what is around it comes when that is painted."""

import re
from collections.abc import Callable, Iterator

import pytest
from alone import Alone
from browsing import SIZES, Console, OpenAlone
from picture import painted_pixels, settled, stage
from playwright.sync_api import Browser, Page, Route, ViewportSize, expect

REST = "**/js/workbench.js"
TIMELINE = re.compile(r"/api/timeline\?")
SCREENS = {"narrow": (900, 700), **SIZES}
del SCREENS["wall"]  # laid out as the desk, and slow to paint
CHOICES: dict[str, dict[str, str]] = {
    "as it comes": {},
    "all folded": {"side": "folded", "messages": "folded"},
    "all open": {"messagesSize": "large", "health": "open"},
    "projector": {"size": "projector"},
}


WRITTEN = """() => {
    // Pixels in the line of times, under the bars; null: nothing was painted at all.
    const canvas = document.querySelector(".timeline canvas");
    const { width, height } = canvas;
    if (width === 0) return null;
    const copy = new OffscreenCanvas(width, height)
        .getContext("2d", { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    const filled = (top, high) => copy.getImageData(0, top, width, high).data
        .reduce((count, value, at) => count + (at % 4 === 3 && value > 0), 0);
    return filled(0, height) === 0 ? null : filled(height - 11, 11);
}"""


def written(page: Page) -> int:
    """How many pixels of times are written under the timeline, once it is painted."""
    page.wait_for_function(f"() => document.querySelector('.timeline') && ({WRITTEN})() !== null")
    pixels: int = page.evaluate(WRITTEN)
    return pixels


def until_painted(page: Page) -> None:
    """Wait until nodes were seen for the first time."""
    page.wait_for_function("() => performance.getEntriesByName('p2p-picture').length > 0")


def open_without_the_rest(page: Page) -> Callable[[], None]:
    """Load the page anew, without what comes after the picture; what is returned lets that go.

    On a busy machine that is asked for after two seconds even where nothing is painted yet.
    """
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(REST, hold)
    with page.expect_request(REST):
        page.reload(wait_until="commit")
    until_painted(page)

    def go_on() -> None:
        held.pop().continue_()
        page.wait_for_function("() => window.p2p?.connected")

    return go_on


def places(page: Page) -> dict[str, list[int]]:
    """Where the picture and what is in the bar stand."""
    found: dict[str, list[int]] = page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll("#stage, #bar, #bar *")]
            .filter((part) => part.id !== "" && part.checkVisibility())
            .map((part) => {
                const { x, y, width, height } = part.getBoundingClientRect();
                return [part.id, [x, y, width, height].map(Math.round)];
            }))"""
    )
    return found


@pytest.fixture
def open_silent(browser: Browser, alone: Alone) -> Iterator[Callable[[str], Page]]:
    """The page of a dashboard that takes the connection and says nothing; time stands still."""
    context = browser.new_context()
    context.add_init_script("localStorage.setItem('p2p.tour', '1')")

    def opened(fragment: str) -> Page:
        page = context.new_page()
        page.clock.install(time=0)
        page.route_web_socket(re.compile("/socket.io/"), lambda _: None)
        page.clock.pause_at(1)
        page.goto(f"{alone.url}/{fragment}", wait_until="commit")
        return page

    yield opened
    context.close()


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("screen", SCREENS)
def test_the_picture_stands_where_it_stays(open_alone: OpenAlone, screen: str, choice: str) -> None:
    width, height = SCREENS[screen]
    page = open_alone(viewport=ViewportSize(width=width, height=height), chosen=CHOICES[choice])
    settled(page, "node1")
    go_on = open_without_the_rest(page)
    assert painted_pixels(page) > 1_000
    expect(page.locator(".state-text")).to_contain_text("nodes")
    assert page.evaluate("() => window.p2p") is None
    before = places(page)
    go_on()
    moved = {name: (box, now) for name, now in places(page).items() if (box := before[name]) != now}
    assert moved == {}


def test_on_a_phone_the_open_panel_of_health_does_not_push_the_picture_away(
    open_alone: OpenAlone,
) -> None:
    phone, desk = (ViewportSize(width=w, height=h) for w, h in (SIZES["phone"], SIZES["desk"]))
    page = open_alone(viewport=desk)
    line = page.locator("#health-line")
    line.click()
    expect(page.locator("#health")).to_be_visible()
    page.set_viewport_size(phone)
    page.reload()
    expect(line).to_have_attribute("aria-expanded", "false")
    assert stage(page)["y"] < phone["height"] / 4
    page.set_viewport_size(desk)
    page.reload()
    expect(line).to_have_attribute("aria-expanded", "true")  # what was chosen there
    page.set_viewport_size(phone)
    page.reload()
    expect(line).to_have_attribute("aria-expanded", "false")
    line.click()
    expect(page.locator("#health")).to_be_visible()


def test_a_panel_has_grey_lines_until_its_parts_are_there(open_alone: OpenAlone) -> None:
    page = open_alone()
    go_on = open_without_the_rest(page)
    panels = [page.locator(at) for at in (".side-view:visible", "#messages", "#time", "#legend")]
    for panel in panels:
        expect(panel).to_have_css("background-image", re.compile("gradient"))
    go_on()
    for panel in panels:
        expect(panel).to_have_css("background-image", "none")


def test_the_timeline_names_no_times_before_it_knows_them(page: Page) -> None:
    held: list[Route] = []
    free = False

    def hold(route: Route) -> None:
        if free:
            route.continue_()
        else:
            held.append(route)

    page.route(TIMELINE, hold)
    with page.expect_request(TIMELINE):
        page.reload()
    assert written(page) == 0
    free = True
    for route in held:
        route.continue_()
    page.wait_for_function(f"() => ({WRITTEN})() > 0")


def test_a_node_clicked_before_the_rest_is_there_is_open_when_it_is(
    open_alone: OpenAlone,
) -> None:
    page = open_alone(1)
    page.wait_for_function("() => p2p.stats().resting")
    go_on = open_without_the_rest(page)
    box = stage(page)  # a node that is alone stands in the middle
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    go_on()
    expect(page.locator(".panel-name")).to_have_text("node1")
    assert page.evaluate("() => location.hash") == "#node=node1"


def test_a_rest_that_does_not_come_is_asked_for_again(
    open_alone: OpenAlone, console: Console
) -> None:
    console.expect("ERR_FAILED|dynamically imported module")
    page = open_alone()
    page.route(REST, lambda route: route.abort(), times=2)
    page.reload(wait_until="commit")
    expect(page.locator(".node-row")).to_have_count(13)
    assert page.evaluate("() => sessionStorage.getItem('p2p.retries')") == "2"


def test_after_many_attempts_it_is_said_that_the_rest_does_not_come(
    open_alone: OpenAlone, console: Console
) -> None:
    console.expect("ERR_FAILED|dynamically imported module")
    page = open_alone()
    page.evaluate("() => sessionStorage.setItem('p2p.retries', '20')")
    page.route(REST, lambda route: route.abort())
    page.reload(wait_until="commit")
    expect(page.locator(".notice")).to_have_text(re.compile("did not come.*Reload to try again"))
    # The picture is there all the same, with what it says of the network.
    until_painted(page)
    expect(page.locator(".state-text")).to_contain_text("nodes")
    assert painted_pixels(page) > 1_000


def test_who_asks_for_more_than_the_picture_of_now_gets_all_at_once(
    open_silent: Callable[[str], Page],
) -> None:
    page = open_silent("#node=node3")
    expect(page.locator("#export .shape")).to_have_count(1)


def test_who_waits_for_a_picture_in_vain_gets_the_rest_after_a_while(
    open_silent: Callable[[str], Page],
) -> None:
    page = open_silent("")
    expect(page.locator("#stage canvas")).to_have_count(2)
    expect(page.locator("#export .shape")).to_have_count(0)
    page.clock.fast_forward(2_000)
    expect(page.locator("#export .shape")).to_have_count(1)
    expect(page.locator("#empty")).to_contain_text("Looking for the network")
