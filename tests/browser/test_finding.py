"""Finding and doing: palette, menus, keys, undo, address, traffic, tour, what is missing."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from browsing import EIGHT, Console, Open, Start
from picture import at_rest, click_node, settled, stage
from playwright.sync_api import Browser, Locator, Page, WebSocketRoute, expect
from running import Laboratory, started, until

LIVE = re.compile(r"/socket\.io/")
DASH = " \u2013 "


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    """Four nodes that the tests of this file break and heal."""
    names = ["node1", "node2", "node3", "node4"]
    with started(tmp_path_factory.mktemp("four"), names) as running:
        yield running


def faults(laboratory: Laboratory, name: str) -> list[Any]:
    """What the node itself says."""
    found: list[Any] = requests.get(f"{laboratory.url(name)}/faults", timeout=10).json()["faults"]
    return found


def rows(page: Page) -> Locator:
    return page.locator("#palette [role=option]")


def active(page: Page) -> Locator:
    """The row that Enter means."""
    return page.locator("#palette [role=option][aria-selected=true]")


def item(page: Page, title: str) -> Locator:
    return page.locator("#menu [role=menuitem]").filter(
        has=page.locator(".menu-title", has_text=re.compile(f"^{re.escape(title)}"))
    )


def look(page: Page) -> dict[str, float] | None:
    seen: dict[str, float] | None = page.evaluate("() => p2p.look")
    return seen


def place(page: Page, name: str) -> tuple[float, float]:
    at = settled(page, name)
    return round(at[0]), round(at[1])


# --- the palette --------------------------------------------------------------------------


def test_the_palette_does_an_act_and_puts_it_first_the_next_time(page: Page) -> None:
    at_rest(page)
    page.keyboard.press("+")
    page.wait_for_function("() => p2p.look !== null")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-input")).to_be_focused()
    expect(rows(page).first).to_contain_text("Send a message from a node")
    page.keyboard.type("fit whole")
    expect(active(page)).to_contain_text("Fit the whole network into the picture")
    expect(active(page).locator("kbd")).to_have_text("f")  # the key that does it, too
    page.keyboard.press("Enter")
    page.wait_for_function("() => p2p.look === null")
    expect(page.locator("#palette")).to_be_hidden()
    page.keyboard.press("p")
    expect(page.locator("#palette .palette-group").first).to_have_text("Used last")
    expect(rows(page).first).to_contain_text("Fit the whole network")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()


def test_the_palette_finds_nodes_and_goes_round_by_keys(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("node5")
    expect(active(page)).to_have_text(re.compile("^node5"))
    page.keyboard.press("Enter")
    expect(page.locator(".panel-name")).to_have_text("node5")
    page.keyboard.press("Control+k")
    page.keyboard.press("ArrowUp")  # from the first to the last
    last = rows(page).last.get_attribute("id")
    expect(page.locator("#palette-input")).to_have_attribute("aria-activedescendant", str(last))
    expect(rows(page).last).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#palette-input")).to_have_attribute(
        "aria-activedescendant", "palette-row-0"
    )
    page.keyboard.type("zzzz")
    expect(page.locator("#palette .nothing")).to_contain_text("zzzz")


def test_what_needs_a_node_asks_for_one_and_a_name_answers_at_once(page: Page) -> None:
    page.keyboard.press("p")
    page.keyboard.type("send a message")
    page.keyboard.press("Enter")
    expect(page.locator("#palette-input")).to_have_attribute("placeholder", "Which node?")
    expect(rows(page)).to_have_count(len(EIGHT))
    page.keyboard.type("node3")
    page.keyboard.press("Enter")
    expect(page.locator("#composer")).to_contain_text("node3")
    expect(page.locator("#receiver")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("p")
    page.keyboard.type("send node2")
    expect(active(page)).to_contain_text("Send a message from node2")
    page.keyboard.press("Enter")
    expect(page.locator(".composer-pair .end").first).to_have_text("node2")


def test_keys_while_somebody_types_are_letters_but_for_the_palettes_own(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("pfr")
    expect(page.locator("#find")).to_have_value("pfr")
    expect(page.locator("#palette")).to_be_hidden()
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-input")).to_be_focused()
    page.keyboard.press("Control+k")
    expect(page.locator("#find")).to_be_focused()


def test_the_help_has_every_key_of_the_table(page: Page) -> None:
    page.keyboard.press("?")
    sheet = page.locator("#help")
    expect(sheet).to_be_visible()
    told = {row.inner_text() for row in sheet.locator(".keys dd").all()}
    shown = {re.sub(r"\s+", "", keys) for keys in told}
    assert {"s", "b", "r", "/", "y", "f", "n", "u", "c", "k", "m", "t", "?", "Esc"} <= shown
    assert {"CtrlK", "CtrlZ", "CtrlShiftZ"} <= shown
    page.keyboard.press("Escape")
    # The palette has the same names for them.
    page.keyboard.press("p")
    page.keyboard.type("copy link view")
    expect(active(page)).to_contain_text("Copy a link to this view")
    expect(active(page).locator("kbd")).to_have_text("y")


# --- menus --------------------------------------------------------------------------------


def test_the_menu_of_a_node_by_the_right_button_and_by_the_keyboard(page: Page) -> None:
    x, y = settled(page, "node4")
    page.mouse.click(x, y, button="right")
    expect(page.locator("#menu .menu-head")).to_have_text("node4")
    expect(page.locator("#menu [role=menuitem]").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#menu")).to_be_hidden()
    page.locator("#stage").focus()
    page.keyboard.press("Shift+F10")
    expect(page.locator("#menu .menu-head")).to_have_text("node4")  # it is the chosen one
    page.keyboard.press("b")  # to what begins so
    expect(item(page, "Broadcast to everybody")).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page.locator("#composer")).to_contain_text("node4")
    expect(page.locator("#receiver")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#stage")).to_be_focused()


def test_the_menu_closes_elsewhere_and_stays_in_the_window(page: Page) -> None:
    box = stage(page)
    page.mouse.click(box["x"] + box["width"] - 3, box["y"] + box["height"] - 3, button="right")
    menu = page.locator("#menu")
    expect(menu.locator(".menu-head")).to_have_count(0)  # the ground has no name
    expect(item(page, "Lay out anew")).to_be_visible()
    bounds = menu.bounding_box()
    assert bounds is not None
    assert bounds["y"] >= 0
    assert bounds["y"] + bounds["height"] <= 720
    page.mouse.click(box["x"] + 5, box["y"] + 5)
    expect(menu).to_be_hidden()


def test_a_link_is_cut_from_its_own_menu_and_everything_is_healed(
    four: Laboratory, open_page: Open
) -> None:
    page = open_page(four, 4)
    at_rest(page)
    for a, b in page.evaluate("() => p2p.links()"):
        at = page.evaluate("([a, b]) => p2p.middle(a, b)", [a, b])
        box = stage(page)
        page.mouse.click(box["x"] + at["x"], box["y"] + at["y"], button="right")
        head = page.locator("#menu .menu-head")
        if head.count() == 1 and set(head.inner_text().split(DASH)) == {a, b}:
            break
        page.keyboard.press("Escape")  # others cross there
    first, second = page.locator("#menu .menu-head").inner_text().split(DASH)
    item(page, "Cut").first.click()
    until(lambda: faults(four, first), f"{first} has a fault")
    (fault,) = faults(four, first)
    assert fault["kind"] == "drop"
    assert [peer["name"] for peer in fault["peers"]] == [second]
    expect(page.locator(".notice")).to_contain_text(f"Cut: {first}{DASH}{second}")
    page.keyboard.press("p")
    page.keyboard.type("heal everything")
    page.keyboard.press("Enter")
    until(lambda: not faults(four, first), "everything is healed")
    expect(page.locator(".notice")).to_contain_text(re.compile("(One|1) fault (has )?ended"))


def test_what_destroys_asks_once_and_a_no_does_nothing(four: Laboratory, open_page: Open) -> None:
    def epoch() -> int:
        found: int = requests.get(f"{four.url('node4')}/status", timeout=10).json()["epoch"]
        return found

    page = open_page(four, 4)
    before = epoch()
    click_node(page, "node4")
    page.locator("summary", has_text="Break it").click()
    page.get_by_role("button", name="Kill").click()
    question = page.locator("#confirm")
    expect(question).to_contain_text("Kill node4? The process dies without clean-up")
    expect(question.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Enter")
    expect(question).to_be_hidden()
    assert epoch() == before
    page.get_by_role("button", name="Freeze").click()  # this one destroys nothing
    until(lambda: faults(four, "node4"), "it is frozen")
    expect(question).to_be_hidden()
    page.keyboard.press("p")
    page.keyboard.type("heal node4")
    page.keyboard.press("Enter")
    until(lambda: not faults(four, "node4"), "it is healed")


# --- hands --------------------------------------------------------------------------------


def test_alt_and_drag_write_to_the_other_end(page: Page) -> None:
    at_rest(page)
    to_x, to_y = settled(page, "node5")
    from_x, from_y = settled(page, "node2")
    page.keyboard.down("Alt")
    page.mouse.move(from_x, from_y)
    page.mouse.down()
    page.mouse.move(to_x, to_y, steps=4)
    page.mouse.up()
    page.keyboard.up("Alt")
    expect(page.locator("#message-text")).to_be_focused()
    ends = page.locator(".composer-pair .end")
    expect(ends.first).to_have_text("node2")
    expect(ends.nth(1)).to_have_text("node5")
    assert page.evaluate("() => p2p.pinned('node2')") is False  # it was not dragged


class Fingers:
    """Fingers on the glass, as Chromium gets them from it."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)

    def put(self, *at: tuple[float, float]) -> None:
        self._send("touchStart", at)

    def move(self, *at: tuple[float, float]) -> None:
        self._send("touchMove", at)

    def lift(self) -> None:
        self._send("touchEnd", ())

    def _send(self, kind: str, at: tuple[tuple[float, float], ...]) -> None:
        points = [{"x": x, "y": y, "id": k} for k, (x, y) in enumerate(at)]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_fingers_tap_pinch_pan_rest_and_draw(
    laboratory: Laboratory, open_page: Open, browser: Browser
) -> None:
    del browser
    page = open_page(laboratory, len(EIGHT))
    fingers = Fingers(page)
    node6 = settled(page, "node6")
    fingers.put(node6)
    fingers.lift()
    expect(page.locator(".panel-name")).to_have_text("node6")  # a tap
    # Two fingers: apart is nearer, and where they go the picture goes.
    x, y = settled(page, "node6")
    fingers.put((x - 40, y), (x + 40, y))
    fingers.move((x - 80, y), (x + 80, y))
    fingers.lift()
    page.wait_for_function("() => p2p.look !== null")
    near = look(page)
    assert near is not None
    assert near["zoom"] > 0.5
    box = stage(page)
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = look(page)
    fingers.put((middle[0] - 50, middle[1] + 150), (middle[0] + 50, middle[1] + 150))
    fingers.move((middle[0] - 50, middle[1] + 90), (middle[0] + 50, middle[1] + 90))
    fingers.lift()
    after = look(page)
    assert before is not None
    assert after is not None
    assert after["y"] > before["y"] + 10
    page.keyboard.press("f")
    at_rest(page)
    # A finger that rests asks for the menu.
    fingers.put(settled(page, "node1"))
    page.wait_for_function("() => p2p.drawing === 'node1'")  # it has rested
    fingers.lift()
    expect(page.locator("#menu .menu-head")).to_have_text("node1")
    page.keyboard.press("Escape")
    # One that rests and then moves draws a line, and where it lifts is who gets the message.
    to = settled(page, "node3")
    fingers.put(settled(page, "node1"))
    page.wait_for_function("() => p2p.drawing === 'node1'")
    fingers.move(to)
    fingers.lift()
    ends = page.locator(".composer-pair .end")
    expect(ends.first).to_have_text("node1")
    expect(ends.nth(1)).to_have_text("node3")


def test_a_drag_is_taken_back_and_done_again_and_so_is_a_new_layout(page: Page) -> None:
    at_rest(page)
    home = place(page, "node7")
    x, y = settled(page, "node7")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 40, steps=3)
    page.mouse.up()
    page.mouse.move(5, 300)
    there = place(page, "node7")
    assert there != home
    assert page.evaluate("() => p2p.pinned('node7')") is True
    page.keyboard.press("Control+z")
    page.wait_for_function("() => !p2p.pinned('node7')")
    assert place(page, "node7") == home
    expect(page.locator(".notice")).to_contain_text("Taken back: moving node7.")
    page.keyboard.press("Control+Shift+z")
    page.wait_for_function("() => p2p.pinned('node7')")
    assert place(page, "node7") == there
    others = {name: place(page, name) for name in ("node1", "node2")}
    page.keyboard.press("n")
    expect(page.locator(".notice")).to_contain_text("Laid out anew. Pinned nodes stayed.")
    page.locator(".notice").get_by_role("button", name="Undo").click()
    expect(page.locator(".notice")).to_contain_text("Taken back: the new layout.")
    page.keyboard.press("f")
    at_rest(page)
    page.keyboard.press("p")
    page.keyboard.type("pinned nodes move")
    page.keyboard.press("Enter")
    page.wait_for_function("() => !p2p.pinned('node7')")
    assert others.keys() == {"node1", "node2"}


def test_who_only_looks_finds_everything_and_changes_nothing(
    laboratory: Laboratory, open_page: Open
) -> None:
    page = open_page(laboratory, len(EIGHT), path="/?view")
    page.keyboard.press("p")
    page.keyboard.type("send node2")
    expect(active(page)).to_have_attribute("aria-disabled", "true")
    expect(active(page)).to_contain_text("for looking only")
    page.keyboard.press("Enter")
    expect(page.locator("#composer")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    page.keyboard.press("r")
    expect(page.locator("#traffic")).to_be_hidden()
    expect(page.locator(".notice")).to_contain_text("for looking only")
    page.keyboard.press("+")
    page.wait_for_function("() => p2p.look !== null")


# --- random traffic -----------------------------------------------------------------------


def test_random_traffic_runs_is_shown_is_stopped_and_ends_with_the_page(
    four: Laboratory, open_page: Open
) -> None:
    def traffic() -> Any:
        return requests.get(f"{four.url('dashboard')}/api/traffic", timeout=10).json()["traffic"]

    page = open_page(four, 4)
    other = open_page(four, 4)
    chip = page.locator("#traffic-chip")
    expect(chip).to_be_hidden()
    page.keyboard.press("r")
    rate = page.locator("#traffic-rate")
    rate.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".traffic-rate-shown")).to_have_text("20 a second")
    page.locator("#traffic-start").click()
    expect(chip).to_contain_text("traffic: 20/s")
    expect(other.locator("#traffic-chip")).to_contain_text("traffic: 20/s")  # others see it
    page.wait_for_function("() => p2p.model.messages > 5")
    other.locator(".traffic-chip-stop").click()  # ... and may stop it
    expect(chip).to_be_hidden()
    expect(page.locator(".notice")).to_contain_text("Random traffic has ended, stopped")
    assert traffic()["over"] == "stopped"
    page.keyboard.press("r")
    page.keyboard.press("Enter")  # the button to start has the focus
    expect(chip).to_be_visible()
    page.close()
    until(lambda: traffic()["over"] == "closed", "it ends with its page", traffic)
    expect(other.locator("#traffic-chip")).to_be_hidden()


# --- the address --------------------------------------------------------------------------


def test_the_address_holds_the_view_and_a_link_shows_another_browser_the_same(
    laboratory: Laboratory, open_page: Open
) -> None:
    page = open_page(laboratory, len(EIGHT))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    at_rest(page)
    click_node(page, "node2")
    page.locator("#choice-colour").select_option("degree")
    box = stage(page)
    page.mouse.move(box["x"] + 300, box["y"] + 200)
    page.mouse.wheel(0, -300)
    at_rest(page)
    seen = look(page)
    assert seen is not None
    page.wait_for_function("() => location.hash.includes('view=')")
    assert "node=node2" in page.evaluate("() => location.hash")
    assert "colour=degree" in page.evaluate("() => location.hash")
    page.locator("#stage").focus()
    page.keyboard.press("y")
    expect(page.locator(".notice")).to_contain_text("The link to this view is copied.")
    link = page.evaluate("() => navigator.clipboard.readText()")
    page.keyboard.press("f")
    page.wait_for_function("() => !location.hash.includes('view=')")
    # Another browser, which has its own choices.
    path = link.removeprefix(laboratory.url("dashboard"))
    assert path.startswith("/#")
    other = open_page(laboratory, len(EIGHT), path=path)
    expect(other.locator(".panel-name")).to_have_text("node2")
    expect(other.locator("#choice-colour")).to_have_value("degree")
    at_rest(other)
    same = look(other)
    assert same is not None
    assert abs(same["x"] - seen["x"]) < 2
    assert abs(same["y"] - seen["y"]) < 2
    assert same["zoom"] == pytest.approx(seen["zoom"], rel=0.01)
    # A link changes nothing that was chosen for good.
    other.goto(laboratory.url("dashboard") + "/?again")
    expect(other.locator("#choice-colour")).to_have_value("state")


def test_nonsense_in_the_address_is_no_trouble(laboratory: Laboratory, open_page: Open) -> None:
    page = open_page(
        laboratory, len(EIGHT), path="/#view=NaN,1,9e9&colour=<b>&knows=&node=%00nobody"
    )
    at_rest(page)
    assert look(page) is None
    expect(page.locator("#choice-colour")).to_have_value("state")


# --- the first visit ----------------------------------------------------------------------


def test_the_tour_leads_a_first_visitor_to_a_message_within_thirty_seconds(
    four: Laboratory, open_page: Open
) -> None:
    page = open_page(four, 4, visited=False)
    page.wait_for_function("() => p2p.tour === 1")
    began = page.evaluate("() => performance.now()")
    click_ring(page)
    page.wait_for_function("() => p2p.tour === 2")
    click_ring(page)  # Send
    page.wait_for_function("() => p2p.tour === 3")
    click_ring(page)  # who gets it
    page.wait_for_function("() => p2p.tour === 4")
    page.keyboard.type("my first message")
    page.keyboard.press("Enter")
    page.wait_for_function("() => p2p.tour === 5")
    expect(page.locator(".told-line")).to_contain_text("delivered")
    assert page.evaluate("() => performance.now()") - began < 30_000
    tour = page.locator("#tour")
    tour.get_by_role("button", name="Next").click()
    expect(tour).to_contain_text("Everything else is in here")
    tour.get_by_role("button", name="Done").click()
    expect(tour).to_be_hidden()
    page.reload()
    page.wait_for_function("() => window.p2p?.model.nodes === 4")
    at_rest(page)
    assert page.evaluate("() => p2p.tour") == 0  # not again
    page.keyboard.press("?")
    page.get_by_role("button", name="Take the tour").click()
    expect(tour).to_be_visible()  # unless it is asked for


def click_ring(page: Page) -> None:
    """What the tour points at, once the ring stands still."""
    ring = page.locator("#tour-ring")
    before = None
    while (box := ring.bounding_box()) != before or box is None:
        before = box
        page.wait_for_timeout(150)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_the_tour_blocks_nothing_and_is_over_when_somebody_says_so(
    laboratory: Laboratory, open_page: Open
) -> None:
    page = open_page(laboratory, len(EIGHT), visited=False)
    page.wait_for_function("() => p2p.tour === 1")
    page.keyboard.press("t")  # keys are the page's own
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.keyboard.press("p")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.press("Escape")
    # By the keyboard alone: Next does what the step waits for.
    tour = page.locator("#tour")
    expect(tour).to_have_attribute("aria-labelledby", "tour-title")
    tour.get_by_role("button", name="Next").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => p2p.tour === 2")
    assert page.evaluate("() => p2p.selected") is not None
    expect(page.locator("#announcer")).to_contain_text("step 2 of 6")
    tour.get_by_role("button", name="Skip").click()
    expect(tour).to_be_hidden()
    expect(page.locator("#tour-ring")).to_be_hidden()
    page.reload()
    page.wait_for_function(f"() => window.p2p?.model.nodes === {len(EIGHT)}")
    at_rest(page)
    assert page.evaluate("() => p2p.tour") == 0


# --- the legend ---------------------------------------------------------------------------


def test_the_legend_is_whole_in_one_line_on_a_laptop_and_opens_where_it_is_not(page: Page) -> None:
    legend = page.locator("#legend")
    more = page.locator(".legend-more")

    def hidden() -> list[str]:
        found: list[str] = legend.evaluate(
            """(host) => [...host.querySelectorAll('li, .legend-item, .legend-group, label')]
                .filter((one) => one.getClientRects().length > 0)
                .filter((one) => one.getBoundingClientRect().bottom
                    > host.getBoundingClientRect().bottom + 1)
                .map((one) => one.textContent)"""
        )
        return found

    expect(more).to_be_hidden()
    assert hidden() == []
    height = legend.evaluate("(host) => host.offsetHeight")
    assert height <= 36
    page.set_viewport_size({"width": 1000, "height": 720})
    expect(more).to_be_visible()
    assert hidden() != []
    assert legend.evaluate("(host) => host.offsetHeight") == height
    more.click()
    assert hidden() == []
    assert legend.evaluate("(host) => host.offsetHeight") > height


# --- what is missing ----------------------------------------------------------------------


def test_an_empty_network_says_what_to_do(start: Start, open_page: Open) -> None:
    page = open_page(start([]), 0)
    card = page.locator("#empty .empty-card:visible")
    expect(card).to_contain_text("No nodes yet")
    expect(card.locator("code", has_text="make up")).to_be_visible()


def visit(
    browser: Browser, laboratory: Laboratory, route: Any, console: Console | None = None
) -> Page:
    """The page with its live stream in our hands."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    context.add_init_script("localStorage.setItem('p2p.tour', '1')")
    page = context.new_page()
    if console is not None:
        page.on("console", console.said)
    page.route_web_socket(LIVE, route)
    page.goto(laboratory.url("dashboard"), wait_until="commit")
    return page


def test_while_the_dashboard_is_asked_that_is_said(
    browser: Browser, laboratory: Laboratory
) -> None:
    page = visit(browser, laboratory, lambda _: None)  # nobody ever answers
    expect(page.locator("#empty")).to_contain_text("Looking for the network")
    expect(page.locator("#banner")).to_be_hidden()
    # ... and after a while that nobody does, with what to do about it.
    expect(page.locator("#empty")).to_contain_text("The dashboard does not answer")
    expect(page.locator("#empty .empty-card:visible code", has_text="make status")).to_be_visible()
    expect(page.get_by_role("button", name="Try now")).to_have_count(1)
    page.context.close()


def test_a_dashboard_of_another_version_is_told_of(
    browser: Browser, laboratory: Laboratory
) -> None:
    sockets: list[WebSocketRoute] = []

    def route(socket: WebSocketRoute) -> None:
        number = len(sockets)
        sockets.append(socket)
        server = socket.connect_to_server()

        def changed(message: str | bytes) -> None:
            if isinstance(message, str) and number > 0:
                message = re.sub(r'"page": ?"[0-9a-f]+"', '"page":"another"', message)
            socket.send(message)

        server.on_message(changed)

    page = visit(browser, laboratory, route)
    page.wait_for_function(f"() => window.p2p?.model.nodes === {len(EIGHT)}")
    expect(page.locator(".notice")).to_have_count(0)
    sockets[0].close()  # it was stopped, and another one answers
    notice = page.locator(".notice")
    expect(notice).to_contain_text("The dashboard is another version now")
    notice.get_by_role("button", name="Load the new page").click()
    page.wait_for_function(f"() => window.p2p?.model.nodes === {len(EIGHT)}")
    expect(notice).to_have_count(0)
    page.context.close()


def test_a_mistake_in_the_page_is_not_hidden(page: Page, console: Console) -> None:
    console.expect("a mistake of ours")
    page.evaluate("() => { setTimeout(() => { throw new Error('a mistake of ours'); }) }")
    notice = page.locator(".notice[data-kind=problem]")
    expect(notice).to_contain_text("A part of this page has failed")
    expect(notice).to_contain_text("a mistake of ours")
    expect(notice.get_by_role("button", name="Load again")).to_be_visible()


def test_the_documents_page_complains_of_nothing(
    laboratory: Laboratory, browser: Browser, console: Console
) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.on("console", console.said)
    page.goto(laboratory.url("dashboard") + "/docs")
    icon = page.locator("link[rel=icon]").get_attribute("href")
    answer = page.request.get(laboratory.url("dashboard") + str(icon))
    assert (answer.status, answer.headers["content-type"]) == (200, "image/svg+xml")
    assert console.unexpected() == []
    context.close()
