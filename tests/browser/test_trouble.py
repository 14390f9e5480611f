"""What the page does when something goes away: it says so, and comes back by itself."""

from browsing import Console, Open, Start
from picture import click_node, formed, settled, stage
from playwright.sync_api import expect
from running import Laboratory, until


def test_a_dead_dashboard_is_told_and_its_return_too(
    three: Laboratory, open_page: Open, console: Console
) -> None:
    console.expect_no_dashboard()
    page = open_page(three, 3)
    click_node(page, "node2")
    before = formed(page, "node2")
    three.kill("dashboard")
    banner = page.locator("#banner")
    expect(banner).to_be_visible()
    expect(banner).to_contain_text("dashboard")
    expect(banner).to_contain_text("old")  # how old the picture is
    expect(page.locator("#badge")).to_have_text("reconnecting")
    assert page.evaluate("() => p2p.connected") is False
    # The picture stays, and nothing can be sent from it: the page says why.
    assert settled(page, "node2") == before
    three.dashboard()
    expect(banner).to_be_hidden()
    expect(page.locator("#badge")).to_have_text("live")
    page.wait_for_function("() => p2p.model.nodes === 3 && p2p.model.links >= 2")
    # What was chosen is still chosen, where it was, and can be used.
    expect(page.locator(".panel-name")).to_have_text("node2")
    assert page.evaluate("() => p2p.selected") == "node2"
    after = settled(page, "node2")
    assert abs(before[0] - after[0]) < 3
    assert abs(before[1] - after[1]) < 3
    page.keyboard.press("s")
    page.keyboard.type("node1")
    page.keyboard.press("Enter")
    page.keyboard.type("after the restart")
    page.keyboard.press("Enter")
    expect(page.locator(".told-line")).to_contain_text("delivered in")


def test_sending_without_a_dashboard_says_why_and_keeps_the_text(
    three: Laboratory, open_page: Open, console: Console
) -> None:
    console.expect_no_dashboard()
    page = open_page(three, 3)
    click_node(page, "node1")
    page.keyboard.press("s")
    page.keyboard.type("node2")
    page.keyboard.press("Enter")
    three.kill("dashboard")
    expect(page.locator("#banner")).to_be_visible()
    page.locator("#message-text").fill("kept")
    page.keyboard.press("Enter")
    expect(page.locator(".told-line")).to_contain_text("the dashboard cannot be reached")
    expect(page.locator("#message-text")).to_have_value("kept")


def test_a_dead_node_stays_as_a_ghost(three: Laboratory, open_page: Open, console: Console) -> None:
    console.expect(r"502|504")  # the page asks the dead node once, and shows the answer
    page = open_page(three, 3)
    click_node(page, "node3")
    expect(page.locator(".panel-name")).to_have_text("node3")
    before = settled(page, "node3")
    three.kill("node3")
    expect(page.locator(".panel-state")).to_contain_text("dead")
    expect(page.locator(".panel-name")).to_have_text("node3")
    assert page.evaluate("() => p2p.selected") == "node3"
    after = settled(page, "node3")
    assert abs(before[0] - after[0]) < 40
    assert abs(before[1] - after[1]) < 40
    expect(page.locator(".panel-actions .primary")).to_be_disabled()
    page.get_by_role("button", name="Back to the list of nodes").click()
    row = page.locator(".node-row", has_text="node3")
    expect(row).to_have_attribute("data-state", "dead")
    expect(row.get_by_role("img")).to_have_attribute(
        "aria-label", "dead: it does not answer any more"
    )
    # To whom nobody spoke while it lived: what it had is not known, and that is said.
    page = open_page(three, 3)
    page.locator(".node-row", has_text="node3").click()
    inbox = page.locator("details.section", has=page.get_by_text("Inbox", exact=True))
    expect(inbox.locator(".nothing")).to_have_text(
        "Only the node itself knows, and it does not answer."
    )


def test_a_new_node_appears_by_itself(three: Laboratory, open_page: Open) -> None:
    page = open_page(three, 3)
    three.node("node4")
    page.wait_for_function("() => p2p.model.nodes === 4")
    x, y = settled(page, "node4")
    box = stage(page)
    assert box["x"] < x < box["x"] + box["width"]
    assert box["y"] < y < box["y"] + box["height"]
    expect(page.locator(".node-row", has_text="node4")).to_have_attribute("data-state", "alive")
    expect(page.locator("#announcer")).to_contain_text("node4 joined")


def test_a_plain_node_is_shown_as_one(start: Start, open_page: Open) -> None:
    laboratory = start(["node1", "node2"], plain=("plain1",))
    page = open_page(laboratory, 3)
    row = page.locator(".node-row", has_text="plain")
    expect(row).to_be_visible()
    row.click()
    expect(page.locator(".panel-state")).to_contain_text("plain node, alive")
    expect(page.locator(".panel-actions .primary")).to_be_disabled()
    expect(page.get_by_role("button", name="Broadcast to everybody")).to_be_disabled()
    page.keyboard.press("b")
    expect(page.locator("#composer")).to_be_hidden()
    expect(page.locator("#notices .notice p")).to_have_text(
        "A plain node cannot be told to send anything."
    )
    # It cannot be told to send, but it gets messages, as soon as the sender has heard of it.
    until(lambda: laboratory.summary()["coverage"] > 0.99, "all have heard", laboratory.summary)
    page.keyboard.press("/")
    page.keyboard.type("node1")
    page.keyboard.press("Enter")
    page.keyboard.press("s")
    page.keyboard.type(laboratory.url("plain1").removeprefix("http://"))
    page.keyboard.press("Enter")
    page.keyboard.type("Hello, plain one!")
    page.keyboard.press("Enter")
    expect(page.locator(".told-line")).to_contain_text("delivered in")
    assert "Hello, plain one!" in laboratory.log("plain1")()


def test_a_name_made_of_markup_stays_text(start: Start, open_page: Open) -> None:
    name = "<img src=x onerror=alert(1)>"
    laboratory = start(["node1", name])
    page = open_page(laboratory, 2)
    expect(page.locator(".node-list .node-name")).to_have_text([name, "node1"])
    laboratory.act(
        "/api/send",
        {"from": "node1", "to": laboratory.url(name), "msg": "to the strange one"},
    ).raise_for_status()
    expect(page.locator(".message-to", has_text="onerror")).to_have_text(name)
    page.locator(".node-row", has_text="onerror").click()
    expect(page.locator(".panel-name")).to_have_text(name)
    page.locator("summary", has_text="curl").click()
    expect(page.locator(".side .copy-line code").first).to_be_visible()
    page.reload()
    expect(page.locator(".panel-name")).to_have_text(name)
    assert page.locator("#work img").count() == 0


def test_an_empty_network_says_how_to_start_one(start: Start, open_page: Open) -> None:
    laboratory = start([], expect=3)
    page = open_page(laboratory, 0)
    expect(page.locator("#empty")).to_be_visible()
    expect(page.locator("#empty")).to_contain_text("No nodes yet")
    expect(page.locator("#empty")).to_contain_text("make up")
    laboratory.node("node1")
    page.wait_for_function("() => p2p.model.nodes === 1")
    expect(page.locator("#empty")).to_be_hidden()
    expect(page.locator("#state-line")).to_contain_text("1 of 3 nodes")
    expect(page.locator("#forming")).to_have_attribute("aria-valuemax", "3")
    expect(page.locator("#forming")).to_have_attribute("aria-valuenow", "1")
    expect(page.locator("#forming")).to_be_visible()
