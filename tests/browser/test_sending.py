"""Click-to-send: with the mouse, with the keyboard alone, and what stands where afterwards."""

import pytest
import requests
from picture import at_rest, click_node, most_dots, painted_pixels, settled, stage, watch_dots
from playwright.sync_api import Page, Request, Route, expect
from running import Laboratory, until


def texts(laboratory: Laboratory, name: str) -> list[str]:
    return [message["msg"] for message in laboratory.inbox(name)]


def test_click_to_send_with_the_mouse(page: Page, laboratory: Laboratory) -> None:
    text = "by mouse, from 7 to 3"
    click_node(page, "node7")
    page.get_by_role("button", name="Send a message").click()
    expect(page.get_by_placeholder("Click a node, or type")).to_be_focused()
    click_node(page, "node3")
    expect(page.locator("#message-text")).to_be_focused()
    expect(page.locator(".composer-pair")).to_contain_text("node7")
    expect(page.locator(".composer-pair")).to_contain_text("node3")
    watch_dots(page)
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(page.locator(".told-line").first).to_contain_text("delivered in")
    until(lambda: text in texts(laboratory, "node3"), "the message is in node3's own inbox")
    page.wait_for_function("() => window.mostDots > 0")
    assert most_dots(page) > 0
    # It stands in the list, and in the receiver's panel without a reload.
    row = page.locator(".message-row", has_text=text)
    expect(row).to_contain_text("node7")
    expect(row).to_have_attribute("data-state", "delivered")
    page.keyboard.press("Escape")
    click_node(page, "node3")
    expect(page.locator(".panel-name")).to_have_text("node3")
    expect(page.locator(".letter", has_text=text)).to_contain_text("from node7")


def test_send_with_the_keyboard_alone(page: Page, laboratory: Laboratory) -> None:
    page.keyboard.press("/")
    page.keyboard.type("node1")
    page.keyboard.press("Enter")
    expect(page.locator(".panel-name")).to_have_text("node1")
    page.keyboard.press("s")
    page.keyboard.type("node8")
    page.keyboard.press("Enter")
    expect(page.locator("#message-text")).to_be_focused()
    for text in ("by keys, first", "by keys, second"):
        page.keyboard.type(text)
        page.keyboard.press("Enter")
        expect(page.locator(".told-line", has_text=text)).to_contain_text("delivered in")
        assert text in texts(laboratory, "node8")  # delivered means: stored by the receiver
    page.keyboard.press("Escape")
    expect(page.locator("#composer")).to_be_hidden()


def test_messages_leave_in_the_order_in_which_they_were_typed(
    page: Page, laboratory: Laboratory
) -> None:
    """The first is held up on its way to the dashboard; the second does not overtake it."""
    typed = ["typed first", "typed second", "typed third"]
    held: list[Route] = []
    seen: list[str] = []

    def hold(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    def note(what: str, request: Request) -> None:
        if request.url.endswith("/api/send"):
            seen.append(f"{what} {(request.post_data_json or {})['msg']}")

    page.route("**/api/send", hold)
    page.on("request", lambda request: note("asked", request))
    page.on("requestfinished", lambda request: note("taken", request))
    click_node(page, "node4")
    page.keyboard.press("s")
    page.keyboard.type("node6")
    page.keyboard.press("Enter")
    expect(page.locator("#message-text")).to_be_focused()
    for text in typed:
        page.keyboard.type(text)
        page.keyboard.press("Enter")
        expect(page.locator(".told-line", has_text=text)).to_contain_text("sending")
    held[0].continue_()
    for text in typed:
        expect(page.locator(".told-line", has_text=text)).to_contain_text("delivered in")
    assert seen == [f"{what} {text}" for text in typed for what in ("asked", "taken")]
    assert [text for text in texts(laboratory, "node6") if text in typed] == typed[::-1]


def test_shift_drag_writes_to_the_other_end(page: Page, laboratory: Laboratory) -> None:
    from_x, from_y = settled(page, "node2")
    to_x, to_y = settled(page, "node5")
    page.keyboard.down("Shift")
    page.mouse.move(from_x, from_y)
    page.mouse.down()
    page.mouse.move((from_x + to_x) / 2, (from_y + to_y) / 2, steps=4)
    page.mouse.move(to_x, to_y, steps=4)
    page.mouse.up()
    page.keyboard.up("Shift")
    expect(page.locator("#message-text")).to_be_focused()
    page.keyboard.type("dragged")
    page.keyboard.press("Enter")
    until(lambda: "dragged" in texts(laboratory, "node5"), "the message has arrived")


def test_a_receiver_that_moves_under_the_composer_can_still_be_clicked(page: Page) -> None:
    click_node(page, "node7")
    page.keyboard.press("s")
    composer = page.locator("#composer")
    expect(composer).to_be_visible()
    x, y = settled(page, "node3")
    covers = composer.bounding_box()
    assert covers is not None
    # The whole picture is panned, by an empty corner, until node3 is in the composer's place.
    box = stage(page)
    left = covers["x"] - box["x"] > 20
    from_x = box["x"] + 8 if left else box["x"] + box["width"] - 8
    from_y = box["y"] + 8
    page.mouse.move(from_x, from_y)
    page.mouse.down()
    by_x, by_y = covers["x"] + covers["width"] / 2 - x, covers["y"] + covers["height"] / 2 - y
    page.mouse.move(from_x + by_x, from_y + by_y, steps=4)
    page.mouse.up()
    page.mouse.move(from_x, from_y)
    page.wait_for_function(
        """([x, y]) => document.elementFromPoint(x, y).closest('#composer') === null""",
        arg=[x + by_x, y + by_y],
    )
    page.mouse.click(x + by_x, y + by_y)
    expect(page.locator("#message-text")).to_be_focused()
    expect(page.locator(".composer-pair")).to_contain_text("node3")


def test_escape_sends_nothing(page: Page, laboratory: Laboratory) -> None:
    before = laboratory.summary()["messages"]
    click_node(page, "node4")
    page.keyboard.press("s")
    expect(page.locator("#composer")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#composer")).to_be_hidden()
    # The next click chooses a node again and does not pick a receiver.
    click_node(page, "node6")
    expect(page.locator(".panel-name")).to_have_text("node6")
    expect(page.locator("#composer")).to_be_hidden()
    assert laboratory.summary()["messages"] == before


def test_a_wrong_name_is_told(page: Page) -> None:
    click_node(page, "node4")
    page.keyboard.press("s")
    page.keyboard.type("node99")
    page.keyboard.press("Enter")
    expect(page.locator("#composer .problem")).to_have_text("No node fits “node99”.")


def test_an_empty_text_is_not_sent(page: Page, laboratory: Laboratory) -> None:
    before = laboratory.summary()["messages"]
    click_node(page, "node4")
    page.keyboard.press("s")
    page.keyboard.type("node1")
    page.keyboard.press("Enter")
    page.keyboard.type("   ")
    page.keyboard.press("Enter")
    expect(page.locator("#composer .problem")).to_have_text("Type a text first.")
    assert laboratory.summary()["messages"] == before


MARKUP = "<img src=x onerror=\"document.title='owned'\"><b>bold</b>"


def test_markup_in_a_message_stays_text(page: Page, laboratory: Laboratory) -> None:
    click_node(page, "node1")
    page.keyboard.press("s")
    page.keyboard.type("node2")
    page.keyboard.press("Enter")
    page.keyboard.type(MARKUP)
    page.keyboard.press("Enter")
    until(lambda: MARKUP in texts(laboratory, "node2"), "the message has arrived")
    expect(page.locator(".told-text").first).to_have_text(MARKUP)
    expect(page.locator(".message-text", has_text="onerror").first).to_have_text(MARKUP)
    page.keyboard.press("Escape")
    click_node(page, "node2")
    expect(page.locator(".letter-text", has_text="onerror").first).to_have_text(MARKUP)
    assert page.title() == "P2P Lab"
    assert page.locator("#work img, #work b").count() == 0


def test_a_message_from_outside_is_shown(page: Page, laboratory: Laboratory) -> None:
    answer = requests.post(
        f"{laboratory.url('node2')}/message",
        json={"sender": "Node1", "msg": "Hello Node2!"},
        timeout=10,
    )
    assert answer.json() == {"status": "received"}
    row = page.locator(".message-row", has_text="Hello Node2!").first
    expect(row).to_contain_text("Node1 (outside)")
    expect(row).to_contain_text("node2")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("from:node5", {"alpha"}),
        ("to:node5", {"beta"}),
        ("alph", {"alpha"}),
        ("state:failed", set()),
    ],
)
def test_the_filter_finds_messages(
    page: Page, laboratory: Laboratory, query: str, expected: set[str]
) -> None:
    for sender, receiver, text in (("node5", "node6", "alpha"), ("node6", "node5", "beta")):
        answer = laboratory.act(
            "/api/send",
            {"from": sender, "to": receiver, "msg": text},
        )
        assert answer.status_code == 202
        expect(page.locator(".message-text", has_text=text).first).to_be_visible()
    page.locator("#message-filter").fill(query)
    shown = page.locator(".message-text")
    if expected:
        expect(shown.first).to_be_visible()
    found = {text for text in shown.all_inner_texts() if text in {"alpha", "beta"}}
    assert found == expected


def test_a_click_on_a_message_shows_its_path(page: Page, laboratory: Laboratory) -> None:
    answer = laboratory.act(
        "/api/send",
        {"from": "node1", "to": "node2", "msg": "look at me"},
    )
    assert answer.status_code == 202
    row = page.locator(".message-row", has_text="look at me").first
    expect(row).to_have_attribute("data-state", "delivered")
    at_rest(page)
    before = painted_pixels(page)
    row.click()
    expect(row).to_have_attribute("aria-selected", "true")
    page.mouse.move(5, 5)
    at_rest(page)
    assert painted_pixels(page) > before
    page.keyboard.press("Escape")
    expect(row).to_have_attribute("aria-selected", "false")
    at_rest(page)
    assert painted_pixels(page) == before


def test_rows_stay_under_the_pointer(page: Page, laboratory: Laboratory) -> None:
    def send(text: str) -> None:
        laboratory.act(
            "/api/send",
            {"from": "node1", "to": "node2", "msg": text},
        ).raise_for_status()

    send("held")
    newest = page.locator(".message-row").first
    expect(newest).to_contain_text("held")
    held = page.locator(".message-row", has_text="held").first
    held.hover()
    place = held.bounding_box()
    send("comes while somebody points")
    expect(page.locator(".messages-shown")).to_contain_text("1 new one above")
    assert held.bounding_box() == place
    page.mouse.move(5, 5)
    expect(newest).to_contain_text("comes while somebody points")
    grid = page.locator("#message-grid")
    until(lambda: grid.evaluate("grid => grid.scrollTop") == 0, "the newest is in sight again")
