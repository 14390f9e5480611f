"""Messages over several hops: the dot, the path and the words follow the way that they took."""

from browsing import Open, Told
from picture import at_rest, painted_pixels, seen_hops, watch_hops
from playwright.sync_api import expect


def test_a_dot_goes_hop_by_hop_along_the_real_path(tellers: Told, open_page: Open) -> None:
    page = open_page(tellers.laboratory, len(tellers.nodes))
    one, two, three, four = tellers.nodes[:4]
    watch_hops(page)
    row = page.locator(".message-row", has_text="the long way")
    one.sends("m", "the long way", to=four, via=two)
    expect(row.locator(".message-state")).to_have_text("on its way, hop 1")
    two.forwards("m", to=four, via=three, hop=2)
    expect(row.locator(".message-state")).to_have_text("on its way, hop 2")
    three.forwards("m", to=four, via=four, hop=3)
    four.receives("m", "the long way", one, hop=3)
    one.hears_back("m", "the long way", to=four, hop=3)
    expect(row.locator(".message-state")).to_contain_text("3 hops")
    expect(row).to_have_attribute("data-state", "delivered")
    expect(row.locator(".message-how")).to_have_attribute("title", "node1 → node2 → node3 → node4")
    expect(row.locator(".message-from")).to_have_text("node1")
    expect(row.locator(".message-to")).to_have_text("node4")
    at_rest(page)
    assert seen_hops(page) == ["message node1>node2", "message node2>node3", "message node3>node4"]


def test_one_that_is_lost_ends_where_it_ended(tellers: Told, open_page: Open) -> None:
    page = open_page(tellers.laboratory, len(tellers.nodes))
    one, two, three, four = tellers.nodes[:4]
    watch_hops(page)
    one.sends("m", "lost", to=four, via=two)
    two.forwards("m", to=four, via=three, hop=2)
    row = page.locator(".message-row", has_text="lost")
    expect(row.locator(".message-state")).to_have_text("on its way, hop 2")
    one.gives_up("m", to=four, reason="no answer for 60 s")
    expect(row.locator(".message-state")).to_have_text("failed after 2 hops: no answer for 60 s")
    at_rest(page)
    assert seen_hops(page) == ["message node1>node2", "message node2>node3"]
    page.mouse.move(5, 5)
    at_rest(page)
    before = painted_pixels(page)
    row.click()
    at_rest(page)
    assert painted_pixels(page) > before
    expect(row.locator(".message-how")).to_have_attribute("title", "node1 → node2 → node3")


def test_the_next_try_goes_its_own_way(tellers: Told, open_page: Open) -> None:
    page = open_page(tellers.laboratory, len(tellers.nodes))
    one, two, _, four, five, six = tellers.nodes
    watch_hops(page)
    one.sends("m", "again", to=four, via=two)
    row = page.locator(".message-row", has_text="again")
    expect(row.locator(".message-state")).to_have_text("on its way, hop 1")
    one.sends("m", "again", to=four, via=six, attempt=2)
    expect(row.locator(".message-state")).to_contain_text("attempt 2, hop 1")
    six.forwards("m", to=four, via=five, hop=2)
    five.forwards("m", to=four, via=four, hop=3)
    four.receives("m", "again", one, hop=3)
    expect(row.locator(".message-state")).to_contain_text("3 hops")
    expect(row.locator(".message-how")).to_have_attribute("title", "node1 → node6 → node5 → node4")
    at_rest(page)
    assert seen_hops(page) == [
        "message node1>node2",
        "message node1>node6",
        "message node6>node5",
        "message node5>node4",
    ]
