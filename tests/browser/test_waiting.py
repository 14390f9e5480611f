"""What waits is seen to wait, by whom and for how long; and what failed can be dealt with."""

import re

import pytest
import requests
from browsing import Console, Open, Start
from picture import at_rest, click_node, settled
from playwright.sync_api import Page, expect
from running import Laboratory, until

AWAY = r"502|504|ERR_CONNECTION_REFUSED"
UNDER_WAY = r"409 \(CONFLICT\) \S+/retry$"
"""A retry is pressed in the moment of an attempt, which is as good: the node says so."""


@pytest.fixture
def down(start: Start) -> Laboratory:
    """Three nodes of which the third is down, and all know it."""
    laboratory = start(["node1", "node2", "node3"])
    # Whom the dashboard knows by hearsay only leaves no ghost.
    until(lambda: laboratory.summary()["watched"] == 3, "all are watched", laboratory.summary)
    laboratory.kill("node3")
    until(lambda: laboratory.summary()["dead"] == 1, "node3 is dead", laboratory.summary)
    return laboratory


def outbox(laboratory: Laboratory, status: str, name: str = "node1") -> list[str]:
    """What the node itself says."""
    answer = requests.get(f"{laboratory.url(name)}/send?status={status}", timeout=10)
    answer.raise_for_status()
    return [message["msg"] for message in answer.json()["messages"]]


def send(laboratory: Laboratory, text: str, **more: object) -> None:
    body = {"to": "node3", "msg": text, **more}
    requests.post(f"{laboratory.url('node1')}/send", json=body, timeout=10).raise_for_status()


def badges(page: Page) -> dict[str, str]:
    found: dict[str, str] = page.evaluate("() => p2p.badges()")
    return found


def row(text: str) -> str:
    return f".message-row:has(.message-text:text-is({text!r}))"


def test_a_message_for_a_node_that_is_down_is_seen_waiting_until_it_returns(
    down: Laboratory, open_page: Open, console: Console
) -> None:
    console.expect(AWAY)
    page = open_page(down, 3)
    assert badges(page) == {}
    # Sent by click: node1, s, node3, a text, and one more behind it.
    click_node(page, "node1")
    page.keyboard.press("s")
    page.mouse.click(*settled(page, "node3"))
    for text in ("the first", "the second"):
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    told = page.locator(".told-line")
    expect(told.nth(1)).to_contain_text("waiting since")
    expect(told.nth(0)).to_contain_text("for its turn")
    page.keyboard.press("Escape")
    # In the list: the word, since when, why, and when it is tried again.
    first = page.locator(row("the first"))
    expect(first).to_have_attribute("data-state", "waiting")
    words = r"waiting since \d\d:\d\d:\d\d: .+; next try \d\d:\d\d:\d\d"
    expect(first.locator(".message-state")).to_have_text(re.compile(words))
    # Beside the sender, and in the list of nodes.
    until(lambda: badges(page) == {"node1": "2"}, "the badge shows both", lambda: badges(page))
    at_rest(page)  # it stands, and nothing moves
    panel = page.locator(".unsent-queued")
    expect(panel.locator(".unsent-head")).to_have_text("Waiting · 2")
    expect(panel.locator(".letter-text")).to_have_text(["the second", "the first"])
    page.get_by_role("button", name="Back to the list of nodes").click()
    expect(page.locator(".node-row", has_text="node1")).to_contain_text("2 waiting")
    page.locator(".node-row", has_text="node1").click()
    # A page that is opened now sees the same.
    other = open_page(down, 3)
    until(lambda: badges(other) == {"node1": "2"}, "another page says the same")

    down.node("node3")
    expect(first).to_have_attribute("data-state", "delivered")
    expect(first.locator(".message-state")).to_contain_text("delivered in")
    expect(page.locator(row("the second"))).to_have_attribute("data-state", "delivered")
    until(lambda: badges(page) == {} and badges(other) == {}, "the badge is gone")
    other.close()
    expect(panel).to_be_hidden()
    expect(page.locator(".letter-state", has_text="delivered").first).to_be_visible()
    assert [m["msg"] for m in down.inbox("node3")] == ["the second", "the first"]
    # The receiver's inbox says how they came.
    click_node(page, "node3")
    expect(page.locator(".letter-state").first).to_have_text(
        re.compile(r"(straight|\d hops.*), sent \d\d:\d\d:\d\d")
    )


def test_waiting_and_dead_letters_are_retried_and_discarded_by_mouse(
    down: Laboratory, open_page: Open, console: Console
) -> None:
    console.expect(AWAY)
    send(down, "gives up", ttl_seconds=1)
    until(lambda: outbox(down, "failed") == ["gives up"], "it has given up")
    for text in ("kept", "dropped"):
        send(down, text)
    page = open_page(down, 3)
    click_node(page, "node1")
    waiting, failed = page.locator(".unsent-queued"), page.locator(".unsent-failed")
    expect(failed.locator(".unsent-head")).to_have_text("Failed · 1")
    expect(failed.locator(".letter-state")).to_contain_text("its time ran out")

    # Discard asks once: the first press changes nothing, nor does one that comes too late.
    discard = waiting.get_by_role("button", name="Discard the message to node3: dropped")
    discard.click()
    expect(discard).to_have_text("Really?")
    box = discard.bounding_box()
    waiting.get_by_role("button", name="Retry the message to node3: kept").focus()
    expect(discard).to_have_text("Discard")
    assert discard.bounding_box() == box, "nothing jumps"
    assert set(outbox(down, "queued")) == {"kept", "dropped"}
    discard.click()
    discard.click()
    expect(waiting.locator(".letter-text")).to_have_text(["kept"])
    assert outbox(down, "queued") == ["kept"]
    until(lambda: badges(page) == {"node1": "1"}, "the badge counts down", lambda: badges(page))

    # Retry of a dead letter queues it anew; its second of life ends like the first.
    failed.get_by_role("button", name="Retry the message to node3: gives up").click()
    expect(page.locator("#announcer")).to_have_text("Queued again.")
    gone = failed.get_by_role("button", name="Discard the message to node3: gives up")
    until(lambda: outbox(down, "failed") == ["gives up"], "it has given up again")
    expect(gone).to_be_visible()
    gone.dblclick()
    expect(failed).to_be_hidden()
    assert outbox(down, "failed") == []

    # Retry of a waiting one, once its receiver is there: at once, without its turn.
    down.node("node3")
    expect(waiting).to_be_hidden()
    until(lambda: [m["msg"] for m in down.inbox("node3")] == ["kept"], "it arrives")


def test_waiting_messages_are_dealt_with_by_keyboard_and_the_focus_is_never_lost(
    down: Laboratory, open_page: Open, console: Console
) -> None:
    console.expect(f"{AWAY}|{UNDER_WAY}")
    for text in ("one", "two", "three"):
        send(down, text)
    page = open_page(down, 3)
    page.keyboard.press("/")
    page.keyboard.type("node1")
    page.keyboard.press("Enter")
    waiting = page.locator(".unsent-queued")
    expect(waiting.locator(".letter")).to_have_count(3)
    focus = page.locator(":focus")
    for _ in range(20):
        if "Retry the message to node3: three" in (focus.get_attribute("aria-label") or ""):
            break
        page.keyboard.press("Tab")
    outline = focus.evaluate("element => getComputedStyle(element).outlineStyle")
    assert outline == "solid", "who uses the keyboard sees where he is"
    page.keyboard.press("Tab")
    expect(focus).to_have_attribute("aria-label", "Discard the message to node3: three")
    page.keyboard.press("Enter")
    expect(page.locator("#announcer")).to_contain_text("Press Discard again")
    page.keyboard.press("Escape")
    expect(focus).to_have_text("Discard")
    expect(page.locator(".panel-name")).to_have_text("node1")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(waiting.locator(".letter-text")).to_have_text(["two", "one"])
    expect(focus).to_have_attribute("aria-label", re.compile("^Retry the message to node3: two"))
    # The words change with every attempt; whoever is there stays there.
    words = waiting.locator(".letter", has_text="one").locator(".letter-state")
    last = waiting.get_by_role("button", name="Retry the message to node3: one")
    last.focus()
    before = words.inner_text()
    page.keyboard.press("Enter")
    until(lambda: words.inner_text() != before, "it was tried", words.inner_text)
    expect(last).to_be_focused()
    assert outbox(down, "queued") == ["two", "one"]


def test_a_node_that_cannot_be_asked_says_so_and_drops_nothing(
    down: Laboratory, open_page: Open, console: Console
) -> None:
    console.expect(AWAY)
    send(down, "kept")
    page = open_page(down, 3)
    click_node(page, "node1")
    discard = page.get_by_role("button", name="Discard the message to node3: kept")
    expect(discard).to_be_visible()
    down.kill("node1")
    expect(page.locator(".panel-state")).to_contain_text("dead")
    expect(page.locator(".unsent-queued .letter-state")).to_contain_text("its sender is down")
    discard.click()
    discard.click()
    expect(page.locator(".unsent-queued [role=alert]")).to_have_text("node1: connection refused")
    expect(page.locator(row("kept")).locator(".message-state")).to_contain_text(
        "its sender is down, and keeps it on disk"
    )
    down.node("node1")
    until(lambda: down.summary()["dead"] == 1, "node1 is back", down.summary)
    assert outbox(down, "queued") == ["kept"]
    expect(page.locator(".unsent-queued .letter-state")).to_contain_text("next try")


def test_what_a_plain_node_is_promised_is_said(
    start: Start, open_page: Open, console: Console
) -> None:
    console.expect(AWAY)
    laboratory = start(["node1", "node2"], plain=("plain1",))
    until(lambda: laboratory.summary()["coverage"] > 0.99, "all have heard of it")
    plain = laboratory.url("plain1")
    laboratory.kill("plain1")
    send(laboratory, "perhaps twice", to=plain)
    page = open_page(laboratory, 3)
    click_node(page, "node1")
    promise = page.locator(".unsent-queued .letter-promise")
    expect(promise).to_have_text("at least once: it is a plain node")
    how = page.locator(row("perhaps twice")).locator(".message-how")
    expect(how).to_have_attribute("title", re.compile("at least once: a plain node is told no id"))


def test_traffic_that_passes_leaves_no_badge_and_moves_no_list(
    page: Page, laboratory: Laboratory
) -> None:
    click_node(page, "node1")
    page.evaluate(
        """() => {
            window.seenBadges = 0;
            window.seenLists = 0;
            const look = () => {
                window.seenBadges += Object.keys(p2p.badges()).length;
                window.seenLists += document.querySelectorAll('.unsent:not([hidden])').length;
                requestAnimationFrame(look);
            };
            look();
        }"""
    )
    for turn in range(5):
        page.evaluate("() => { window.seenBadges = window.seenLists = 0; }")
        for number in range(40):
            body = {"to": f"node{2 + number % 7}", "msg": f"passes {turn}/{number}"}
            url = f"{laboratory.url('node1')}/send"
            requests.post(url, json=body, timeout=10).raise_for_status()
        expect(page.locator(".message-text", has_text=f"passes {turn}/39").first).to_be_visible()
        until(lambda: outbox(laboratory, "queued") == [], "all have passed")
        if longest(laboratory, f"passes {turn}/") < 0.9:
            assert page.evaluate("() => [window.seenBadges, window.seenLists]") == [0, 0]
            return
    pytest.fail("none of five times did all pass without waiting, so nothing was seen")


def longest(laboratory: Laboratory, text: str) -> float:
    """Seconds that the slowest such message took: what waits for one has a badge."""

    def took() -> list[float]:
        answer = requests.get(f"{laboratory.url('dashboard')}/api/messages?limit=200", timeout=10)
        answer.raise_for_status()
        return [
            (message["done_at"] - message["queued_at"]) / 1000
            for message in answer.json()["messages"]
            if message["text"].startswith(text) and message["done_at"] is not None
        ]

    until(lambda: len(took()) == 40, "the dashboard knows it of all")
    return max(took())
