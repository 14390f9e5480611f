"""Messages: the table, its filter, the space-time diagram, one in full, and the picture."""

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
import requests
from browsing import Console, Open, Told, address
from picture import at_rest, painted_pixels, stage
from playwright.sync_api import Locator, Page, expect
from running import Laboratory, until
from tellers import Teller

MANY = 40_000
"""Messages of the flood: most of what is found comes from the history [issue 6]."""
DETOURS = ("first detour", "second detour", "third detour")


def flood(tellers: Told, many: int, detours: tuple[str, ...]) -> None:
    """So many messages straight to a neighbour, and far back among them some by a detour.

    Of the ring's six nodes two that are linked are five hops apart the other way round.
    """
    nodes = tellers.nodes
    round_about = [nodes[0], nodes[5], nodes[4], nodes[3], nodes[2], nodes[1]]
    laboratory = tellers.laboratory
    for number, text in enumerate(detours):
        goes(round_about, f"detour{number}", text)
        # One after the other, or their arrows would lie on top of each other.
        count = number + 1
        until(lambda n=count: laboratory.summary()["messages"] == n, "it is told")  # type: ignore[misc]
    chunk = 250  # for each node: the dashboard takes a few thousand events a second
    told = len(detours)
    number = 0
    while number < many:
        batches: dict[str, list[tuple[str, dict[str, Any]]]] = {node.name: [] for node in nodes}
        for _ in range(min(chunk * len(nodes), many - number)):
            place = number % len(nodes)
            sender, receiver = nodes[place], nodes[(place + 1) % len(nodes)]
            of = sender._of(f"m{number}", f"message {number}", receiver)
            sent = {**of, "attempt": 1, "route": "direct", "via": None, "hop": 1}
            batches[sender.name].append(("message.sent", sent))
            batches[receiver.name].append(("message.received", {**of, "hop": 1}))
            batches[sender.name].append(("message.delivered", {**of, "hop": 1}))
            number += 1
        for node in nodes:
            node.tells_all(batches[node.name])
        told_now = told + number
        until(lambda n=told_now: laboratory.summary()["messages"] == n, "the flood is taken in")  # type: ignore[misc]


def goes(way: list[Teller], message: str, text: str) -> None:
    """A message travels along a way, from its first node to its last."""
    sender, receiver = way[0], way[-1]
    sender.sends(message, text, receiver, via=way[1])
    for hop, (at, via) in enumerate(pairwise(way[1:]), 2):
        at.forwards(message, receiver, via=via, hop=hop)
    receiver.receives(message, text, sender, hop=len(way) - 1)
    sender.hears_back(message, text, receiver, hop=len(way) - 1)


def state(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate("() => p2p.messages()")
    return found


def shows(page: Page, wanted: Callable[[dict[str, Any]], object], what: str) -> dict[str, Any]:
    """Wait until the messages are so."""
    until(lambda: wanted(state(page)), what, lambda: state(page))
    return state(page)


def rows(page: Page) -> Locator:
    return page.locator(".message-row")


def row(page: Page, text: str) -> Locator:
    return page.locator(f".message-row:has(.message-text:text-is({text!r}))")


def filtered(page: Page, query: str) -> None:
    page.locator("#message-filter").fill(query)
    page.locator("#message-filter").blur()


@pytest.fixture
def six(tellers: Told, open_page: Open) -> tuple[Told, Page]:
    """Six nodes that tell what a test makes up, and a page that looks."""
    return tellers, open_page(tellers.laboratory, len(tellers.nodes))


def test_thousands_of_messages_are_filtered_down_to_three_detours_and_seen_in_space_and_time(
    tellers: Told, open_page: Open
) -> None:
    flood(tellers, MANY, DETOURS)
    page = open_page(tellers.laboratory, len(tellers.nodes))
    total = MANY + len(DETOURS)
    # The browser saw only the newest; the rest is in the dashboard's history.
    assert shows(page, lambda s: s["kept"] > 0, "there are rows")["kept"] <= 200
    page.keyboard.press("Shift+F")
    page.keyboard.type("detour")
    page.keyboard.press("Enter")
    expect(page.locator(".messages-shown")).to_have_text("0 of 200")
    page.get_by_role("button", name="Fetch all").click()
    shows(page, lambda s: s["atEnd"], "all is fetched")
    expect(page.locator(".messages-shown")).to_have_text(f"3 of {total:,}")
    expect(rows(page)).to_have_count(3)
    for text in DETOURS:
        expect(row(page, text).locator(".message-detour")).to_have_text("+4")
    # In the picture, only these.
    page.get_by_role("button", name="Only these").click()
    assert state(page)["lit"]
    # In space and time: six lines, fifteen arrows, and a click on one is the message.
    page.keyboard.press("Shift+M")
    page.get_by_role("tab", name="Space").click()
    drawn = shows(page, lambda s: s["arrows"] == 15, "three ways of five hops are drawn")
    assert drawn["lanes"] == [f"node{number}" for number in range(1, 7)]
    assert {arrow["fate"] for arrow in drawn["seen"]} == {"there"}
    arrow = next(a for a in drawn["seen"] if a["id"] == "detour1" and a["hop"] == 3)
    assert (arrow["from"], arrow["to"]) == ("node5", "node4")
    page.mouse.move(arrow["x"], arrow["y"])
    expect(page.locator(".spacetime-tip")).to_contain_text("node5 → node4, hop 3 of 5")
    page.mouse.click(arrow["x"], arrow["y"])
    detail = page.locator("#message-detail")
    expect(detail).to_contain_text("second detour")
    expect(detail).to_contain_text("a detour: 4 hops more than the 1 that the links")
    expect(detail.locator(".story li")).to_have_count(8)
    page.get_by_role("tab", name="Table").click()
    expect(row(page, "second detour")).to_have_attribute("aria-selected", "true")


def test_the_filter_is_in_the_address_and_in_force_after_a_reload(six: tuple[Told, Page]) -> None:
    tellers, page = six
    a, b, c = tellers.nodes[:3]
    goes([a, b], "m1", "from one")
    goes([b, c], "m2", "from two")
    expect(rows(page)).to_have_count(2)
    filtered(page, "from:node2 -text:other")
    expect(rows(page)).to_have_count(1)
    until(lambda: "filter=from:node2" in address(page), "it is in the address")
    page.reload()
    page.wait_for_function("() => window.p2p?.model.nodes === 6")
    expect(page.locator("#message-filter")).to_have_value("from:node2 -text:other")
    expect(rows(page)).to_have_count(1)
    expect(row(page, "from two")).to_be_visible()
    # Somebody changes the address by hand.
    page.evaluate("() => { location.hash = 'filter=from:node1'; }")
    expect(row(page, "from one")).to_be_visible()
    expect(rows(page)).to_have_count(1)
    filtered(page, "")
    until(lambda: "filter" not in address(page), "it is out of the address")


def test_an_error_points_at_its_word_and_the_filter_of_before_goes_on(
    six: tuple[Told, Page],
) -> None:
    tellers, page = six
    goes(tellers.nodes[:2], "m1", "one")
    goes(tellers.nodes[1:3], "m2", "two")
    field = page.locator("#message-filter")
    says = page.locator("#filter-says")
    filtered(page, "from:node1")
    expect(rows(page)).to_have_count(1)
    field.fill("from:node1 stat:lost")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(says).to_have_attribute("data-kind", "error")
    expect(says).to_contain_text("There is no field “stat”. Did you mean “state”?")
    expect(says).to_contain_text("Meanwhile the filter of before goes on.")
    expect(says.locator(".filter-word")).to_have_text("stat")
    expect(rows(page)).to_have_count(1)
    says.locator(".filter-word").click()
    chosen = field.evaluate("f => f.value.slice(f.selectionStart, f.selectionEnd)")
    assert chosen == "stat"
    # Half a word is no error while it is being typed, and is one when the field is left.
    field.fill("from:node1 hops>")
    expect(says).to_have_attribute("data-kind", "unfinished")
    assert field.get_attribute("aria-invalid") is None
    field.blur()
    expect(says).to_have_attribute("data-kind", "error")
    # What makes sense and finds nothing is said, too.
    filtered(page, "from:nodee")
    expect(says).to_have_attribute("data-kind", "note")
    expect(says).to_contain_text("No node that is known here is called “nodee”.")
    expect(page.locator("#message-grid .nothing")).to_have_text("No message fits the filter.")


def test_what_is_wrong_stays_while_the_network_goes_on(six: tuple[Told, Page]) -> None:
    tellers, page = six
    goes(tellers.nodes[:2], "m1", "one")
    field = page.locator("#message-filter")
    filtered(page, "from:node1")
    expect(rows(page)).to_have_count(1)
    field.fill("from:node1 stat:lost")
    expect(page.locator("#filter-says")).to_have_attribute("data-kind", "error")
    # A link less, and a message after it: when that is there, the link has been heard of.
    for end, other in ((3, 4), (4, 3)):
        tellers.nodes[end].tells("link.down", peer=tellers.nodes[other].node, reason="failed")
    page.wait_for_function("() => p2p.model.links === 5")
    goes(tellers.nodes[:3], "m2", "two")
    expect(rows(page)).to_have_count(2)
    expect(page.locator("#filter-says")).to_have_attribute("data-kind", "error")
    expect(page.locator("#filter-says .filter-word")).to_be_visible()
    expect(field).to_have_attribute("aria-invalid", "true")


def test_a_filter_is_completed_by_keys_and_its_help_is_there(six: tuple[Told, Page]) -> None:
    _, page = six
    field = page.locator("#message-filter")
    field.focus()
    page.keyboard.type("fro")
    options = page.locator("#filter-options li")
    expect(options).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", "filter-option-0")
    page.keyboard.press("Enter")
    expect(field).to_have_value("from:")
    expect(options).to_have_count(6)
    page.keyboard.type("node3")
    expect(page.locator("#filter-options")).to_be_hidden()
    page.keyboard.type(" -sta")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(field).to_have_value("from:node3 -state:")
    page.keyboard.type("lo")
    options.first.click()
    expect(field).to_have_value("from:node3 -state:lost ")
    page.get_by_role("button", name="How filters are written").click()
    sheet = page.locator("#filter-help")
    expect(sheet).to_be_visible()
    sheet.get_by_role("button", name="hops>2", exact=True).click()
    expect(field).to_have_value("from:node3 -state:lost hops>2")
    expect(sheet).to_be_hidden()


def test_the_table_is_sorted_by_its_heads_and_walked_by_keys(six: tuple[Told, Page]) -> None:
    tellers, page = six
    nodes = tellers.nodes
    for number in range(60):
        goes(nodes[: 2 + number % 3], f"m{number}", f"text {number:02}")
    expect(row(page, "text 59")).to_be_visible()
    shows(page, lambda s: s["shown"] == 60, "all rows are there")
    head = page.locator(".column-hops")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    expect(rows(page).first.locator(".message-hops")).to_have_text("3")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    expect(rows(page).first.locator(".message-hops")).to_have_text("1")
    page.locator(".column-text").get_by_role("button").click()
    expect(rows(page).first.locator(".message-text")).to_have_text("text 00")
    # By keys: down, to the end and back, choose, and let go.
    grid = page.locator("#message-grid")
    grid.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    active = page.locator(".message-row.active")
    expect(active.locator(".message-text")).to_have_text("text 01")
    expect(grid).to_have_attribute("aria-activedescendant", active.get_attribute("id") or "?")
    page.keyboard.press("End")
    expect(active.locator(".message-text")).to_have_text("text 59")
    expect(active).to_have_attribute("aria-rowindex", "61")
    expect(page.locator(".message-columns")).to_be_in_viewport()  # the head stays
    page.keyboard.press("Enter")
    expect(active).to_have_attribute("aria-selected", "true")
    expect(page.locator("#message-detail")).to_contain_text("text 59")
    page.keyboard.press("Home")
    expect(active.locator(".message-text")).to_have_text("text 00")
    page.keyboard.press("Escape")
    expect(page.locator("#message-detail")).to_be_hidden()


def test_a_row_under_the_pointer_shows_its_path_and_what_is_lit_leads_to_its_row(
    six: tuple[Told, Page],
) -> None:
    tellers, page = six
    goes(tellers.nodes[:4], "m1", "the way")
    goes(tellers.nodes[4:], "m2", "another")
    expect(row(page, "another")).to_be_visible()
    page.mouse.move(5, 5)
    at_rest(page)
    before = painted_pixels(page)
    row(page, "the way").hover()
    at_rest(page)
    assert painted_pixels(page) > before + 300  # three arcs
    page.mouse.move(5, 5)
    at_rest(page)
    assert painted_pixels(page) == before
    filtered(page, "via:node2")
    expect(rows(page)).to_have_count(1)
    page.get_by_role("button", name="Only these").click()
    expect(page.get_by_role("button", name="Only these")).to_have_attribute("aria-pressed", "true")
    at_rest(page)
    # The middle of the arc between two nodes.
    place = page.evaluate(
        """async () => {
            const { arc, along } = await import('/static/js/path.js');
            return along(arc(p2p.positions('node2'), p2p.positions('node3'), 16, 16), 0.5);
        }"""
    )
    box = stage(page)
    page.mouse.click(box["x"] + place["x"], box["y"] + place["y"])
    expect(row(page, "the way")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#message-detail")).to_contain_text("node2 hands it to node3 (hop 2 of 3)")
    # One that the filter hides is in full all the same, and says so.
    page.get_by_role("button", name="Only these").click()
    filtered(page, "text:another")
    expect(page.locator("#message-detail")).to_contain_text("The filter hides it in the table.")
    page.get_by_role("button", name="Show all").click()
    expect(row(page, "the way")).to_have_attribute("aria-selected", "true")


def test_only_what_fits_flies(six: tuple[Told, Page]) -> None:
    tellers, page = six
    a, b, c, d = tellers.nodes[:4]
    page.locator("#choice-flight").select_option("1200")
    filtered(page, "from:node1")
    page.get_by_role("button", name="Only these").click()
    page.evaluate(
        """() => {
            window.drawn = new Set();
            const look = () => {
                for (const hop of p2p.hops()) window.drawn.add(hop);
                requestAnimationFrame(look);
            };
            look();
        }"""
    )
    goes([c, d], "m2", "not this")
    goes([a, b], "m1", "this")
    until(
        lambda: "message node1>node2" in page.evaluate("() => [...window.drawn]"),
        "what fits is drawn",
    )
    at_rest(page)
    assert page.evaluate("() => [...window.drawn]") == ["message node1>node2"]


def test_lost_ones_and_trees_are_told_apart_in_the_diagram_by_eye_key_and_word(
    six: tuple[Told, Page],
) -> None:
    tellers, page = six
    a, b, c, d, *_ = tellers.nodes
    page.set_viewport_size({"width": 1280, "height": 900})
    page.keyboard.press("Shift+M")
    page.get_by_role("tab", name="Space").click()
    expect(page.locator(".spacetime .nothing")).to_be_visible()
    a.sends("lost", "never arrives", d, via=b)
    b.forwards("lost", d, via=c, hop=2)
    expect(page.locator(".spacetime-note")).to_contain_text("1 message, 2 hops")
    a.gives_up("lost", d, "no answer")
    shows(page, lambda s: [x["fate"] for x in s["seen"]] == ["there", "lost"], "it ends there")
    said = {"message": "tree", "from": a.node, "text": "to all"}
    a.tells("broadcast.sent", **said)
    for hop, (via, node) in enumerate(((a, b), (b, c)), 1):
        node.tells("broadcast.received", **said, via=via.node, to=node.node, sender="x", hop=hop)
    shows(page, lambda s: s["arrows"] == 4, "the tree is drawn, too")
    # By keys: the first hop, chosen; near, far, and all of it.
    plot = page.locator(".spacetime-plot")
    plot.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    tip = page.locator(".spacetime-tip")
    expect(tip).to_contain_text("node2 → node3, hop 2, lost: no answer")
    expect(page.locator("#announcer")).to_contain_text("node2 → node3, hop 2, lost: no answer")
    page.keyboard.press("Enter")
    expect(page.locator("#message-detail")).to_contain_text("given up: no answer")
    page.keyboard.press("+")
    shows(page, lambda s: s["span"] < 0.7, "it is nearer")
    page.keyboard.press("0")
    shows(page, lambda s: s["span"] == 1, "all of it")
    box = plot.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.wheel(0, -400)
    shows(page, lambda s: s["span"] < 0.7, "the wheel goes nearer, too")
    # In words, for those who do not see it.
    page.get_by_role("button", name="In words").click()
    words = page.locator(".spacetime-hop")
    expect(words).to_have_count(4)
    expect(words.nth(1)).to_contain_text("node2 → node3, hop 2, lost: no answer")
    expect(words.nth(3)).to_contain_text("broadcast, hop 2")
    words.nth(3).click()
    expect(page.locator("#message-detail")).to_contain_text("node3 has it from node2 (hop 2)")
    # The lines by first appearance: node4 was only ever waited for.
    page.get_by_label("In which order the nodes stand").select_option("first")
    page.get_by_role("button", name="In words").click()
    assert state(page)["lanes"] == ["node1", "node2", "node3"]


def test_the_history_tells_every_try_of_a_message(six: tuple[Told, Page]) -> None:
    tellers, page = six
    a, b, _, d, e, f = tellers.nodes
    a.sends("m1", "third time lucky", d, via=b)
    of = a._of("m1", "", d)
    a.tells("message.retried", **of, attempt=1, reason="nobody answered", again_in=0.0)
    a.sends("m1", "third time lucky", d, via=f, attempt=2)
    f.forwards("m1", d, via=e, hop=2)
    e.forwards("m1", d, via=d, hop=3)
    d.receives("m1", "third time lucky", a, hop=3)
    a.hears_back("m1", "third time lucky", d, hop=3)
    found = row(page, "third time lucky")
    expect(found).to_have_attribute("data-state", "delivered")
    found.click()
    detail = page.locator("#message-detail")
    expect(detail).to_contain_text("1 try before this one came to nothing")
    expect(detail.locator("code")).to_have_text(f"curl '{a.url}/send/m1'")
    detail.get_by_role("button", name="All that was told").click()
    story = detail.locator(".story li")
    expect(story).to_have_count(7)
    expect(story.nth(0)).to_contain_text("node1 hands it to node2 (hop 1)")
    expect(story.nth(1)).to_contain_text("attempt 1 came to nothing: nobody answered")
    expect(story.nth(2)).to_contain_text("tries again (attempt 2): hands it to node6")
    expect(story.last).to_contain_text("node1 knows that it is there")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    detail.get_by_role("button", name="Copy", exact=True).click()
    expect(page.locator("#announcer")).to_have_text("Copied: the way of the message")
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert re.search(r"^message m1: node1 → node4, delivered after ", copied)
    assert "attempt 1 came to nothing: nobody answered" in copied


def test_older_messages_come_when_the_table_is_scrolled_to_its_end(
    tellers: Told, open_page: Open
) -> None:
    flood(tellers, 600, ())
    page = open_page(tellers.laboratory, len(tellers.nodes))
    shows(page, lambda s: s["kept"] == 200, "the newest are there")
    grid = page.locator("#message-grid")
    grid.hover()
    for _ in range(3):
        page.mouse.wheel(0, 3_000)
    shows(page, lambda s: s["kept"] == 600 and s["atEnd"], "all of them are there")
    grid.focus()
    page.keyboard.press("End")
    expect(row(page, "message 0")).to_be_visible()
    assert rows(page).count() < 60  # and only what is seen stands in the page


def test_a_history_that_does_not_answer_is_told_and_asked_again(
    six: tuple[Told, Page], console: Console
) -> None:
    console.expect("429")
    _, page = six
    page.route(
        "**/api/history/messages*",
        lambda route: route.fulfill(status=429, json={"error": "too much is asked"}),
    )
    page.locator("#message-filter").fill("detour")
    page.get_by_role("button", name="Fetch all").click()
    expect(page.locator(".messages-foot")).to_contain_text("too much is asked")
    page.unroute("**/api/history/messages*")
    page.get_by_role("button", name="Fetch all").click()
    expect(page.locator(".messages-foot")).to_contain_text("All that the dashboard has written")


def test_a_hundred_thousand_rows_scroll_with_some_thirty_in_the_page(
    six: tuple[Told, Page],
) -> None:
    _, page = six
    page.evaluate(HUNDRED_THOUSAND)
    grid = page.locator("#try .message-grid")
    expect(grid).to_have_attribute("aria-rowcount", "100001")
    assert page.locator("#try .message-row").count() < 60
    grid.focus()
    page.keyboard.press("End")
    last = page.locator("#try .message-row.active")
    expect(last.locator(".message-text")).to_have_text("number 0")
    expect(last).to_be_in_viewport()
    assert page.locator("#try .message-row").count() < 60
    grid.evaluate("grid => { grid.scrollTop = grid.scrollHeight / 2; }")
    middle = page.locator("#try .message-row", has_text=re.compile(r"number 4999\d"))
    expect(middle.first).to_be_attached()


HUNDRED_THOUSAND = """async () => {
    const { Table } = await import('/static/js/messages/table.js');
    const { Listing } = await import('/static/js/messages/sorted.js');
    const { Store } = await import('/static/js/messages/store.js');
    const nameOf = (key) => key === null ? undefined : `node${key}`;
    const store = new Store(nameOf);
    const states = ['delivered', 'delivered', 'delivered', 'failed', 'sent'];
    const now = Date.now() - 1e7;
    store.take((function* () {
        for (let n = 0; n < 100000; n += 1) yield {
            id: `t${n}`, kind: 'message', from: n % 100, to: (n * 7 + 1) % 100, sender: '',
            text: `number ${n}`, state: states[n % 5], attempt: 1, reason: null, next_at: null,
            queued_at: now + n, sent_at: now + n, received_at: now + n + 4,
            done_at: now + n + n % 90,
            hops: 1 + n % 4,
            path: n % 4 ? [[n % 100, 5, now + n], [5, (n * 7 + 1) % 100, now + n + 2]] : [],
            path_at: 0, reached: null, of: null,
        };
    })());
    const listing = new Listing();
    listing.rebuild(store.byTime);
    const rowWith = (id) => store.rows.get(id);
    const table = new Table({ listing, rowWith, nodes: () => new Map(), nameOf });
    const host = document.createElement('div');
    host.id = 'try';
    host.className = 'messages';
    Object.assign(host.style, { position: 'fixed', inset: '60px 0 0', height: 'auto', zIndex: 30 });
    const main = document.createElement('div');
    main.className = 'messages-main';
    main.style.cssText = 'flex: 1; display: flex';
    host.append(main);
    main.append(table.element);
    document.body.append(host);
    table.changed(true);
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""


def test_a_filter_of_real_messages_and_what_their_sender_says(
    page: Page, laboratory: Laboratory
) -> None:
    for route, text in (("direct", "straight on"), ("overlay", "from link to link")):
        requests.post(
            f"{laboratory.url('node1')}/send",
            json={"to": "node7", "msg": text, "route": route},
            timeout=10,
        ).raise_for_status()
    expect(row(page, "straight on").first).to_have_attribute("data-state", "delivered")
    found = row(page, "from link to link").first
    expect(found).to_have_attribute("data-state", "delivered")
    filtered(page, 'from:node1 to:node7 state:arrived "from link to link" after:2m')
    expect(rows(page).first.locator(".message-text")).to_have_text("from link to link")
    found.click()
    code = page.locator("#message-detail .copy-line code")
    line = code.inner_text()
    url = line.removeprefix("curl '").removesuffix("'")
    told = requests.get(url, timeout=10).json()
    assert (told["msg"], told["status"]) == ("from link to link", "delivered")
