"""Time on the page: it stands, steps, runs slow and fast, goes back, and comes home."""

import contextlib
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from browsing import EIGHT, Console, Open, address
from picture import click_node, seen_hops, watch_hops
from picture import settled as where
from playwright.sync_api import Page, expect
from running import PATIENCE, ROOT, Laboratory, until


def send(laboratory: Laboratory, text: str, to: str = "node3", sender: str = "node2") -> None:
    """A message leaves, and its receiver has it."""
    answer = laboratory.act("/api/send", {"from": sender, "to": to, "msg": text})
    answer.raise_for_status()
    until(lambda: any(one["msg"] == text for one in laboratory.inbox(to)), f"{to} has {text}")
    until(
        lambda: any(
            one["text"] == text and one["state"] == "delivered" for one in laboratory.messages()
        ),
        f"the panel knows of {text}",
        laboratory.messages,
    )


def times(page: Page) -> Any:
    """What the page says of its time."""
    names = ("mode", "now", "playing", "rate", "speed", "loading", "problem", "missed", "followed")
    seen = ", ".join(f"{name}: p2p.time.{name}" for name in names)
    return page.evaluate(f"() => ({{{seen}}})")


def settled(page: Page, condition: Callable[[Any], object], what: str) -> Any:
    until(
        lambda: not (said := times(page))["loading"] and condition(said), what, lambda: times(page)
    )
    return times(page)


def press_at(page: Page, moment: float) -> None:
    """Press the timeline where a moment is, once the timeline has got there."""
    page.wait_for_function("moment => p2p.time.glance?.until >= moment", arg=moment)
    box = page.locator(".timeline").bounding_box()
    assert box is not None
    x = page.evaluate("moment => p2p.time.x(moment)", moment)
    page.mouse.click(box["x"] + x, box["y"] + 30)


def texts(page: Page) -> list[str]:
    return page.locator(".message-row .message-text").all_inner_texts()


def test_a_pause_holds_the_picture_while_the_network_goes_on(
    page: Page, laboratory: Laboratory
) -> None:
    send(laboratory, "before the pause")
    expect(page.locator(".message-row").first).to_contain_text("before the pause")
    page.get_by_role("button", name="Pause", exact=True).click()
    stands = settled(page, lambda said: said["mode"] == "past", "it is the past")
    expect(page.locator("body")).to_have_attribute("data-time", "past")
    expect(page.locator(".past-badge")).to_contain_text(
        re.compile(r"^replay \d\d:\d\d:\d\d, paused")
    )
    expect(page.locator("#badge")).to_be_hidden()
    expect(page.locator(".state-when")).to_contain_text(re.compile(r"^At \d\d:\d\d:\d\d"))
    send(laboratory, "while it stands")
    expect(page.locator(".time-missed")).to_have_text("1 new")
    assert "while it stands" not in texts(page)
    assert times(page)["now"] == stands["now"]
    page.get_by_role("button", name="Go live").click()
    expect(page.locator(".message-row").first).to_contain_text("while it stands")
    expect(page.locator("#badge")).to_have_text("live")
    expect(page.locator(".past-badge")).to_be_hidden()
    assert times(page)["mode"] == "live"
    send(laboratory, "live again")
    expect(page.locator(".message-row").first).to_contain_text("live again")


def test_a_press_on_the_timeline_shows_the_network_as_it_was(
    three: Laboratory, open_page: Open
) -> None:
    page = open_page(three, 3)
    send(three, "all is well")
    then = time.time() * 1000
    # Time goes on from where it is pressed, until Space is: not as far as this.
    until(lambda: time.time() * 1000 > then + 5_000, "five seconds later")
    three.kill("node3")
    row = page.locator(".node-row", has_text="node3")
    expect(row).to_have_attribute("data-state", "dead")
    click_node(page, "node2")
    expect(page.locator(".panel-actions")).to_be_visible()
    press_at(page, then)
    page.keyboard.press("Space")
    settled(page, lambda said: abs(said["now"] - then) < 3_000, "that moment")
    expect(page.locator(".past-note")).to_be_visible()
    expect(page.locator(".panel-actions")).to_be_hidden()  # nothing is done to the past
    page.get_by_role("button", name="Back to the list").click()
    expect(row).to_have_attribute("data-state", "alive")
    assert texts(page)[0] == "all is well"
    # The key that sends does not, and says why; nor does the drag.
    page.keyboard.press("s")
    expect(page.locator("#composer")).to_be_hidden()
    page.keyboard.press("l")
    expect(row).to_have_attribute("data-state", "dead")


def test_a_node_has_what_it_had_then(page: Page, laboratory: Laboratory) -> None:
    laboratory.act("/api/broadcast", {"from": "node2", "msg": "to all"}).raise_for_status()
    until(lambda: any(one["msg"] == "to all" for one in laboratory.inbox("node3")), "it is there")
    send(laboratory, "there by then")
    history = f"{laboratory.url('dashboard')}/api/history?newest=1&node=node3&types=message"
    until(
        lambda: "there by then" in requests.get(history, timeout=10).text,
        "its receiver has told it, too",
    )
    then = int(time.time() * 1000) + 5  # of the recording whole milliseconds are asked for
    until(lambda: time.time() * 1000 > then, "that is over")
    send(laboratory, "not yet")
    # What is shown of the past ends a little before the present.
    settled(page, lambda said: said["now"] > then + 1_000, "a second later")
    page.evaluate("at => { location.hash = `#at=${new Date(at).toISOString()}`; }", then)
    settled(page, lambda said: said["mode"] == "past" and not said["playing"], "it stands")
    page.locator(".node-row", has_text="node3").click()
    inbox = page.locator("details.section", has=page.get_by_text("Inbox", exact=True))
    expect(inbox.locator(".letter").first).to_contain_text("there by then")
    expect(inbox.locator(".letter").nth(1)).to_contain_text("to all")
    expect(inbox).not_to_contain_text("not yet")
    recent = page.locator("details.section", has=page.get_by_text("Recent events", exact=True))
    recent.locator("summary").click()
    events = recent.locator("li")
    expect(events.first).to_contain_text("node3")
    told = events.all_inner_texts()
    assert any("node3 receives “there by then” from node2" in one for one in told), told
    assert not any("not yet" in one for one in told)
    page.keyboard.press("l")
    expect(inbox.locator(".letter").first).to_contain_text("not yet")
    expect(recent).to_contain_text("node3 receives “not yet” from node2")
    send(laboratory, "and now")
    expect(recent).to_contain_text("node3 receives “and now” from node2")
    page.get_by_role("button", name="Back to the list of nodes").click()
    page.locator(".node-row", has_text="node2").click()
    expect(recent).to_contain_text("node2 knows that node3 has")


def test_the_clock_of_a_calm_network_has_no_seconds(page: Page, laboratory: Laboratory) -> None:
    clock = page.locator(".time-at")
    calm = re.compile(r"^\d\d:\d\d$")
    expect(clock).to_have_text(calm, timeout=1000 * PATIENCE)  # a young network has much to say
    send(laboratory, "something happens")
    expect(clock).to_have_text(re.compile(r"^\d\d:\d\d:\d\d$"))


def test_with_shift_the_arrows_are_times_on_a_tab_as_well(page: Page) -> None:
    page.wait_for_function("() => p2p.time.glance !== null")
    page.get_by_role("tab", name="Table").focus()
    page.keyboard.press("Shift+ArrowLeft")
    settled(page, lambda said: said["mode"] == "past", "it is the past")
    expect(page.get_by_role("tab", name="Table")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("l")
    settled(page, lambda said: said["mode"] == "live", "it is live")


def test_drags_and_the_keyboard_show_other_moments(page: Page, laboratory: Laboratory) -> None:
    send(laboratory, "to be found again")
    page.keyboard.press("Space")
    began = settled(page, lambda said: said["mode"] == "past", "it stands")["now"]
    page.keyboard.press("Shift+ArrowLeft")
    back = settled(page, lambda said: said["now"] < began - 4_000, "five seconds back")
    assert abs(began - 5_000 - back["now"]) < 300
    slider = page.get_by_role("slider", name="Time that is shown")
    slider.focus()
    page.keyboard.press("ArrowRight")
    settled(page, lambda said: abs(said["now"] - back["now"] - 1_000) < 5, "a second on")
    page.keyboard.press("Home")
    since = page.evaluate("() => p2p.time.glance.since")
    settled(page, lambda said: abs(said["now"] - since) < 5, "the beginning")
    expect(page.locator(".time-note")).to_have_text("Here the recording begins")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"\d\d:\d\d:\d\d"))
    page.keyboard.press("End")
    settled(page, lambda said: said["mode"] == "live", "the end is the present")
    # A drag goes through the moments, and ends where it is let go.
    box = slider.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + 30)
    page.mouse.down()
    for part in (0.7, 0.6, 0.5):
        page.mouse.move(box["x"] + box["width"] * part, box["y"] + 30)
    wanted = page.evaluate("() => p2p.time.x(p2p.time.now)")
    page.mouse.up()
    page.keyboard.press("Space")
    settled(page, lambda said: said["mode"] == "past" and not said["playing"], "it stands there")
    assert wanted is not None
    assert abs(page.evaluate("() => p2p.time.x(p2p.time.now)") - box["width"] / 2) < 12


def test_steps_go_from_one_event_to_the_next_and_back(page: Page, laboratory: Laboratory) -> None:
    for text in ("one", "two", "three"):
        send(laboratory, f"step {text}")
    # What is shown of the past ends a little before the present.
    sent = time.time() * 1000
    settled(page, lambda said: said["now"] > sent + 1_000, "a second later")
    page.keyboard.press("Space")
    settled(page, lambda said: said["mode"] == "past", "it stands")
    note = page.locator(".time-note")
    # Since the network is at rest but for these, the last three messages are just before.
    for text in ("three", "two", "one"):
        page.keyboard.press("<")
        expect(note).to_contain_text(f"step {text}")
        settled(page, lambda said: not said["playing"], "it stands there")
        expect(page.locator(".message-row .message-text").first).to_have_text(f"step {text}")
    one = times(page)["now"]
    page.keyboard.press(">")
    expect(note).to_contain_text("step two")
    two = times(page)["now"]
    assert two > one
    page.get_by_role("button", name="Back to what happened before").click()
    back = settled(page, lambda said: said["now"] < two, "one event back")
    assert back["now"] >= one
    page.keyboard.press(".")
    settled(page, lambda said: said["now"] == two, "and on again")


def test_it_runs_as_fast_as_one_chooses(page: Page, laboratory: Laboratory) -> None:
    send(laboratory, "slowly")
    page.keyboard.press("Space")
    settled(page, lambda said: said["mode"] == "past", "it stands")
    page.keyboard.press("Shift+ArrowLeft")
    settled(page, lambda said: said["mode"] == "past", "a while ago")
    speed = page.get_by_label("Speed")
    speed.select_option("0.1")
    page.locator("#stage").focus()
    page.keyboard.press("Space")
    slow = settled(page, lambda said: said["rate"] == 0.1, "slow motion")
    expect(page.locator(".past-badge")).to_contain_text("0.1")
    real, moved = _run(page)
    assert 0.05 < moved / real < 0.15
    page.keyboard.press("]")
    page.keyboard.press("]")
    settled(page, lambda said: said["rate"] == 0.5, "faster")
    expect(speed).to_have_value("0.5")
    real, moved = _run(page)
    assert 0.4 < moved / real < 0.6
    assert times(page)["now"] > slow["now"]
    # Played fast enough it comes to the present, and is live again.
    speed.select_option("10")
    settled(page, lambda said: said["mode"] == "live", "the present")
    expect(speed).to_have_value("1")


def _run(page: Page) -> tuple[float, float]:
    """Real milliseconds, and how far time went in them."""
    began = page.evaluate("() => [performance.now(), p2p.time.now]")
    until(lambda: page.evaluate("() => performance.now()") > began[0] + 500, "half a second")
    ended = page.evaluate("() => [performance.now(), p2p.time.now]")
    return ended[0] - began[0], ended[1] - began[1]


def test_what_flies_stands_in_the_air_and_costs_nothing(page: Page, laboratory: Laboratory) -> None:
    text = "in the air"
    send(laboratory, text, sender="node5", to="node1")
    sent = laboratory.message(text)["sent_at"]
    until(lambda: time.time() * 1000 > sent + 1_000, "it is written down by now")
    page.evaluate("at => { location.hash = `#at=${at}`; }", sent + 120)
    settled(page, lambda said: abs(said["now"] - sent - 120) < 2, "that moment")
    until(lambda: page.evaluate("() => p2p.hops()") == ["message node5>node1"], "it flies")
    frames = page.evaluate("() => p2p.stats().frames")
    until(lambda: times(page)["rate"] == 0, "it stands")
    began = time.monotonic()
    until(lambda: time.monotonic() > began + 1.5, "a while")
    assert page.evaluate("() => p2p.hops()") == ["message node5>node1"]
    # The layout may still have come to rest; no frame is painted for a dot that stands.
    assert page.evaluate("() => p2p.stats().frames") - frames < 20


def test_hovering_tells_the_time_and_what_happened(page: Page) -> None:
    page.get_by_label("Part of the recording").select_option("all")
    page.wait_for_function("() => p2p.time.glance?.marks.some(({ kind }) => kind === 'joined')")
    joined = page.evaluate("() => p2p.time.glance.marks.find(({ kind }) => kind === 'joined')")
    box = page.locator(".timeline").bounding_box()
    assert box is not None
    x = page.evaluate("moment => p2p.time.x(moment)", joined["at"])
    page.mouse.move(box["x"] + max(2, x), box["y"] + 20)
    tip = page.locator(".time-tip")
    expect(tip).to_contain_text(re.compile(r"\d\d:\d\d:\d\d.*ago"))
    expect(tip).to_contain_text("joined")
    expect(tip).to_contain_text(re.compile(r"\d+ messages? in"))
    page.mouse.move(5, 5)
    expect(tip).to_be_hidden()


def test_a_message_is_followed_in_slow_motion(page: Page, laboratory: Laboratory) -> None:
    send(laboratory, "follow me", sender="node4", to="node6")
    sent = laboratory.message("follow me")["sent_at"]
    until(lambda: time.time() * 1000 > sent + 3_000, "it has arrived long ago")
    send(laboratory, "not me", sender="node1", to="node2")
    page.locator(".message-row", has_text="follow me").click()
    watch_hops(page)
    page.keyboard.press("w")
    settled(page, lambda said: said["followed"] is not None, "it is followed")
    note = page.locator(".time-note")
    expect(note).to_contain_text("node4 → node6")
    assert times(page)["speed"] == 0.1
    until(lambda: "message node4>node6" in seen_hops(page), "it flies", lambda: seen_hops(page))
    inside = page.evaluate(
        """() => ["node4", "node6"].every((name) => {
            const { x, y } = p2p.positions(name);
            const stage = document.getElementById("stage");
            return x > 0 && y > 0 && x < stage.clientWidth && y < stage.clientHeight;
        })"""
    )
    assert inside
    settled(page, lambda said: said["followed"] is None, "it has arrived")
    assert not times(page)["playing"]
    assert "not me" not in texts(page), "what came later has not happened yet"


def test_the_address_holds_the_moment(page: Page, laboratory: Laboratory, open_page: Open) -> None:
    send(laboratory, "in the address")
    then = time.time() * 1000
    send(laboratory, "and this came later")
    press_at(page, then)
    page.keyboard.press("Space")
    stood = settled(page, lambda said: said["mode"] == "past" and not said["playing"], "it stands")
    until(lambda: "at=" in address(page), "the address says so", lambda: address(page))
    expect(page.locator("body")).to_have_attribute("data-time", "past")
    until(lambda: moment(page) == round(stood["now"]), "to the millisecond")
    click_node(page, "node2")
    until(lambda: "node=node2" in address(page) and "at=" in address(page), "both")
    other = open_page(laboratory, len(EIGHT), path="/" + address(page))
    same = settled(other, lambda said: said["mode"] == "past", "the same for somebody else")
    assert abs(same["now"] - stood["now"]) <= 1
    assert not same["playing"]
    assert other.evaluate("() => p2p.selected") == "node2"
    other.evaluate("() => { location.hash = '#node=node2'; }")
    settled(other, lambda said: said["mode"] == "live", "without a moment it is the present")
    other.evaluate("() => { location.hash = '#at=nonsense'; }")
    expect(other.locator("#announcer")).to_contain_text("no moment")


def moment(page: Page) -> int:
    at = re.search(r"at=([^&]+)", address(page))
    assert at is not None
    return int(page.evaluate("text => Date.parse(decodeURIComponent(text))", at[1]))


def test_a_restart_of_the_dashboard_does_not_disturb_the_past_and_is_a_hole_in_it(
    three: Laboratory, open_page: Open, console: Console
) -> None:
    console.expect_no_dashboard()
    page = open_page(three, 3)
    send(three, "before the hole")
    page.keyboard.press("Space")
    stood = settled(page, lambda said: said["mode"] == "past", "it stands")["now"]
    page.keyboard.press("Shift+ArrowLeft")
    there = settled(page, lambda said: said["now"] < stood - 1_000, "a while before")["now"]
    # News that came before do not hide that no more will come.
    send(three, "while it stands")
    expect(page.locator(".time-missed")).to_have_text(re.compile(r"^\d new$"))
    three.kill("dashboard")
    expect(page.locator(".time-missed")).to_have_text("not connected")
    expect(page.locator("#banner")).to_be_hidden()
    page.keyboard.press("Shift+ArrowRight")
    # What is here already can be looked at; what would have to be asked for is told.
    until(lambda: times(page)["now"] > there or times(page)["problem"] is not None, "it says")
    shown = texts(page)
    there = times(page)["now"]
    down = time.time() * 1000
    until(lambda: time.time() * 1000 > down + 4_000, "it is down for a while")
    three.dashboard(expect=3)
    page.wait_for_function("() => p2p.connected")
    assert (times(page)["mode"], times(page)["now"]) == ("past", there)
    assert texts(page) == shown
    until(lambda: three.summary()["watched"] == 3, "all are watched again")
    page.keyboard.press("l")
    settled(page, lambda said: said["mode"] == "live", "live again")
    page.wait_for_function("() => p2p.time.glance?.holes.some(({ node }) => node === null)")
    press_at(page, down + 1_500)
    page.keyboard.press("Space")
    expect(page.locator(".time-note")).to_contain_text("A hole in the recording")
    assert page.evaluate("() => p2p.time.hole.why")


def test_a_run_is_saved_opened_from_its_file_named_and_deleted(
    three: Laboratory, open_page: Open, tmp_path: Path
) -> None:
    page = open_page(three, 3)
    send(three, "to be kept")
    page.get_by_role("button", name="Recordings").click()
    dialog = page.locator("dialog.recordings")
    expect(dialog.locator(".run")).to_have_count(1)
    with page.expect_download() as saving:
        dialog.locator(".run-save").click()
    file = tmp_path / saving.value.suggested_filename
    saving.value.save_as(file)
    assert file.suffix == ".p2prun"
    bad = tmp_path / "bad.p2prun"
    bad.write_bytes(b"no run at all")
    dialog.locator("#run-file").set_input_files(file)
    expect(dialog.locator(".run")).to_have_count(2)
    copy = dialog.locator(".run", has_text="from a file")
    copy.locator(".run-name").fill("lesson one")
    copy.locator(".run-name").press("Enter")
    until(lambda: any(run["name"] == "lesson one" for run in _runs(three)), "it has another name")
    dialog.get_by_role("button", name="Open lesson one").click()
    expect(dialog).to_be_hidden()
    settled(page, lambda said: said["mode"] == "past", "it is shown")
    expect(page.locator(".past-badge")).to_contain_text("recording")
    expect(page.locator(".state-when")).to_contain_text("lesson one")
    page.get_by_label("Speed").select_option("10")
    expect(page.locator(".message-row").first).to_contain_text("to be kept")
    settled(page, lambda said: not said["playing"], "at its end it stands")
    until(lambda: "run=" in address(page), "the address names it")
    page.keyboard.press("l")
    settled(page, lambda said: said["mode"] == "live", "live again")
    page.get_by_role("button", name="Recordings").click()
    delete = dialog.get_by_role("button", name="Delete lesson one")
    delete.click()
    assert len(_runs(three)) == 2, "it asks first"
    delete.click()
    expect(dialog.locator(".run")).to_have_count(1)
    assert len(_runs(three)) == 1


def test_a_file_that_is_no_run_is_refused_with_a_reason(
    three: Laboratory, open_page: Open, console: Console, tmp_path: Path
) -> None:
    console.expect("422")
    page = open_page(three, 3)
    bad = tmp_path / "bad.p2prun"
    bad.write_bytes(b"no run at all")
    page.get_by_role("button", name="Recordings").click()
    dialog = page.locator("dialog.recordings")
    expect(dialog.locator(".run")).to_have_count(1)
    dialog.locator("#run-file").set_input_files(bad)
    expect(dialog.locator(".problem")).to_contain_text("not imported")
    assert len(_runs(three)) == 1


def _runs(laboratory: Laboratory) -> list[Any]:
    found: list[Any] = requests.get(f"{laboratory.url('dashboard')}/api/runs", timeout=10).json()[
        "runs"
    ]
    return found


def test_a_file_is_shown_with_no_network_behind_it(
    three: Laboratory, open_page: Open, console: Console, tmp_path: Path
) -> None:
    console.expect_no_dashboard()  # when the replay ends before the page
    send(three, "long ago")
    dashboard = three.url("dashboard")
    file = tmp_path / "run.p2prun"
    until(lambda: _runs(three), "it is being recorded")
    run = _runs(three)[0]["id"]
    file.write_bytes(requests.get(f"{dashboard}/api/runs/{run}/export", timeout=30).content)
    for name in ("dashboard", "node1", "node2", "node3"):
        three.kill(name)
    with _replayed(three, file):
        page = open_page(three, 3)
        settled(page, lambda said: said["mode"] == "past", "a file is the past")
        said = times(page)
        assert not said["playing"]
        expect(page.locator(".time-live")).to_be_hidden()
        expect(page.locator(".message-row .message-text").first).to_have_text("long ago")
        page.keyboard.press("l")
        assert times(page)["mode"] == "past"
        page.keyboard.press("Space")  # from its end it begins anew
        settled(page, lambda now: now["playing"] and now["now"] < said["now"], "it plays")
        expect(page.locator(".message-row")).to_have_count(0)
        page.get_by_label("Speed").select_option("10")
        expect(page.locator(".message-row").first).to_contain_text("long ago")
        click_node(page, "node1")
        expect(page.locator(".past-note")).to_be_visible()
        page.keyboard.press("s")
        expect(page.locator("#composer")).to_be_hidden()


@contextlib.contextmanager
def _replayed(laboratory: Laboratory, file: Path) -> Any:
    """`python -m dashboard` with a file, at the port where the dashboard was."""
    import os

    port = laboratory.url("dashboard").rpartition(":")[2]
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboard"],
        cwd=ROOT,
        env={
            **os.environ,
            "DASHBOARD_HOST": "127.0.0.1",
            "DASHBOARD_PORT": port,
            "DASHBOARD_DATA": str(file.parent / "replay"),
            "DASHBOARD_REPLAY": str(file),
        },
    )
    try:
        until(lambda: _answers(laboratory.url("dashboard")), "the replay answers")
        yield
    finally:
        process.terminate()
        process.wait(20)


def _answers(url: str) -> bool:
    with contextlib.suppress(requests.RequestException):
        return requests.get(f"{url}/healthz", timeout=5).ok
    return False


def test_who_wants_no_motion_sees_moments_and_no_gliding(
    laboratory: Laboratory, open_page: Open
) -> None:
    send(laboratory, "calmly")
    page = open_page(laboratory, len(EIGHT), calm=True)
    where(page, "node1")  # the picture has come to rest
    page.keyboard.press("Space")
    began = settled(page, lambda said: said["mode"] == "past", "it stands")["now"]
    places = page.evaluate("() => p2p.positions('node1')")
    page.keyboard.press("Shift+ArrowLeft")
    settled(page, lambda said: said["now"] < began - 4_000, "five seconds back")
    assert page.evaluate("() => p2p.positions('node1')") == pytest.approx(places, abs=1)
