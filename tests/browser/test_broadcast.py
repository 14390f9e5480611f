"""One message to everybody: by a click, by keys, and what is drawn of it."""

from browsing import EIGHT, Console, Open, Told
from picture import at_rest, click_node, painted_pixels, seen_hops, watch_hops
from playwright.sync_api import Page, expect
from running import Laboratory, until


def texts(laboratory: Laboratory, name: str) -> list[str]:
    return [message["msg"] for message in laboratory.inbox(name)]


def test_a_broadcast_reaches_every_inbox_and_is_drawn_as_it_went(
    page: Page, laboratory: Laboratory
) -> None:
    text = "to all, by mouse"
    page.locator("#choice-flight").select_option("600")
    click_node(page, "node4")
    watch_hops(page)
    page.get_by_role("button", name="Broadcast to everybody").click()
    expect(page.locator("#message-text")).to_be_focused()
    expect(page.locator(".composer-pair")).to_contain_text("everybody")
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(page.locator(".told-line").first).to_contain_text("reached all 7 in")
    for name in EIGHT:
        until(lambda name=name: text in texts(laboratory, name), f"it is in {name}'s own inbox")
    # A dot for each hop that really brought it to somebody, and none besides.
    names = laboratory.names()
    path = laboratory.message(text)["path"]
    hops = {f"broadcast {names[start]}>{names[end]}" for start, end, _ in path}
    assert len(hops) == 7
    until(lambda: len(seen_hops(page)) >= 7, "all hops are drawn", lambda: seen_hops(page))
    page.keyboard.press("Escape")
    at_rest(page)
    assert set(seen_hops(page)) == hops
    # It stands in the list, and in the inboxes without a reload: the sender's own too.
    row = page.locator(".message-row", has_text=text)
    expect(row).to_contain_text("node4")
    expect(row).to_contain_text("everybody")
    expect(row.locator(".message-state")).to_contain_text("reached all 7 in")
    expect(page.locator(".letter", has_text=text)).to_contain_text("from itself to everybody")
    click_node(page, "node5")
    expect(page.locator(".panel-name")).to_have_text("node5")
    expect(page.locator(".letter", has_text=text)).to_contain_text("from node4 to everybody")


def test_a_broadcast_with_the_keyboard_alone(page: Page, laboratory: Laboratory) -> None:
    page.keyboard.press("/")
    page.keyboard.type("node2")
    page.keyboard.press("Enter")
    expect(page.locator(".panel-name")).to_have_text("node2")
    page.keyboard.press("b")
    expect(page.locator("#message-text")).to_be_focused()
    for text in ("to all by keys, first", "to all by keys, second"):
        page.keyboard.type(text)
        page.keyboard.press("Enter")
        expect(page.locator(".told-line", has_text=text)).to_contain_text("reached all 7 in")
        assert text in texts(laboratory, "node8")
    page.keyboard.press("Escape")
    expect(page.locator("#composer")).to_be_hidden()


def test_b_without_a_node_says_what_is_missing(page: Page) -> None:
    page.locator("#stage").focus()
    page.keyboard.press("b")
    expect(page.locator("#composer")).to_be_hidden()
    expect(page.locator("#notices .notice p")).to_have_text("Choose a node first, then press b.")


def test_a_click_on_a_broadcast_shows_its_tree(page: Page) -> None:
    click_node(page, "node6")
    page.keyboard.press("b")
    page.keyboard.type("look at my tree")
    page.keyboard.press("Enter")
    expect(page.locator(".told-line").first).to_contain_text("reached all 7")
    page.keyboard.press("Escape")
    row = page.locator(".message-row", has_text="look at my tree").first
    page.mouse.move(5, 5)  # who points at a row sees its tree already
    at_rest(page)
    before = painted_pixels(page)
    row.click()
    expect(row).to_have_attribute("aria-selected", "true")
    page.mouse.move(5, 5)
    at_rest(page)
    assert painted_pixels(page) > before + 500  # seven arcs


def test_a_row_fills_as_the_broadcast_spreads(tellers: Told, open_page: Open) -> None:
    page = open_page(tellers.laboratory, len(tellers.nodes))
    origin, *others = tellers.nodes
    said = {"message": "b", "from": origin.node, "text": "slowly"}
    origin.tells("broadcast.sent", **said)
    row = page.locator(".message-row", has_text="slowly")
    state = row.locator(".message-state")
    expect(state).to_have_text("reached 0 of 5")
    before = origin
    widths = []
    for hop, node in enumerate(others, 1):
        node.tells("broadcast.received", **said, via=before.node, to=node.node, sender="x", hop=hop)
        expect(state).to_contain_text(f"reached {hop} of 5" if hop < 5 else "reached all 5 in")
        box = row.locator(".reach-fill").bounding_box()
        assert box is not None
        widths.append(box["width"])
        before = node
    assert widths == sorted(set(widths))  # each is wider than the one before
    expect(state).to_contain_text("5 hops")


def test_a_broadcast_that_the_node_refuses_says_why_and_keeps_the_text(
    page: Page, console: Console
) -> None:
    console.expect("422")
    click_node(page, "node1")
    page.keyboard.press("b")
    page.locator("#message-text").evaluate("field => { field.maxLength = 20000; }")
    page.locator("#message-text").fill("x" * 10_001)
    page.keyboard.press("Enter")
    expect(page.locator(".told-line").first).to_contain_text("not sent: ")
    expect(page.locator("#message-text")).to_have_value("x" * 10_001)
