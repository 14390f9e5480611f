"""Nodes are chosen by hand, broken together, seen to be so where they are, and healed as one."""

import re
import time
from typing import Any

import pytest
import requests
from browsing import Console, Open, Start, Told
from picture import at_rest, click_node, settled, stage
from playwright.sync_api import Page, expect
from running import Laboratory, until
from tellers import Teller

SIX = [f"node{number}" for number in range(1, 7)]


def faults(laboratory: Laboratory, name: str) -> list[Any]:
    """What the node itself says."""
    found: list[Any] = requests.get(f"{laboratory.url(name)}/faults", timeout=10).json()["faults"]
    return found


def chosen(page: Page) -> list[str]:
    names: list[str] = page.evaluate("() => p2p.chosen")
    return names


def drawn(page: Page) -> dict[str, Any]:
    """What the picture shows as broken."""
    found: dict[str, Any] = page.evaluate("() => p2p.faults")
    return found


def sees(page: Page, what: str, wanted: Any) -> None:
    """Wait until the picture shows this."""
    until(lambda: drawn(page)[what] == wanted, f"{what}: {wanted}", lambda: drawn(page))


def half(page: Page) -> tuple[list[str], list[tuple[float, float]]]:
    """The three nodes that are furthest to the left, and a box around them."""
    places = {name: settled(page, name) for name in SIX}
    names = sorted(SIX, key=lambda name: places[name][0])
    border = (places[names[2]][0] + places[names[3]][0]) / 2
    box = stage(page)
    left, top = box["x"] + 4, box["y"] + 4
    bottom = box["y"] + box["height"] - 4
    return sorted(names[:3]), [(left, top), (border, top), (border, bottom), (left, bottom)]


def lasso(page: Page, line: list[tuple[float, float]], *keys: str) -> None:
    for key in keys:
        page.keyboard.down(key)
    page.mouse.move(*line[0])
    page.mouse.down()
    for place in line[1:]:
        page.mouse.move(*place, steps=4)
    page.mouse.up()
    for key in keys:
        page.keyboard.up(key)


# --- choosing ------------------------------------------------------------------------------------


def test_a_lasso_chooses_adds_and_takes_away(tellers: Told, open_page: Open) -> None:
    page = open_page(tellers.laboratory, 6)
    names, line = half(page)
    lasso(page, line, "Shift")
    assert chosen(page) == names
    expect(page.locator(".chosen-count")).to_have_text("3 nodes")
    click_with(page, names[0], "Control")
    assert chosen(page) == names[1:]
    page.keyboard.press("Escape")
    assert chosen(page) == []
    expect(page.locator("#chosen-bar")).to_be_hidden()
    # With the tool every drag is one, and what was chosen before is forgotten.
    click_with(page, names[2], "Shift")
    page.keyboard.press("o")
    expect(page.locator("#lasso")).to_have_attribute("aria-pressed", "true")
    lasso(page, line)
    assert chosen(page) == names
    expect(page.locator("#lasso")).to_have_attribute("aria-pressed", "false")
    lasso(page, line, "Alt")
    assert chosen(page) == []


def click_with(page: Page, name: str, key: str) -> None:
    place = settled(page, name)
    page.keyboard.down(key)
    page.mouse.click(*place)
    page.keyboard.up(key)


def test_a_drag_without_a_key_pans_as_ever(tellers: Told, open_page: Open) -> None:
    page = open_page(tellers.laboratory, 6)
    before = settled(page, "node1")
    box = stage(page)
    page.mouse.move(box["x"] + 6, box["y"] + 6)
    page.mouse.down()
    page.mouse.move(box["x"] + 46, box["y"] + 36, steps=4)
    page.mouse.up()
    after = settled(page, "node1")
    assert (round(after[0] - before[0]), round(after[1] - before[1])) == (40, 30)
    assert chosen(page) == []


def test_nodes_are_chosen_in_the_list_by_boxes_and_by_the_keyboard(
    tellers: Told, open_page: Open
) -> None:
    page = open_page(tellers.laboratory, 6)
    rows = page.locator(".node-row")
    page.get_by_label("Choose node2").click()
    page.get_by_label("Choose node4").click(modifiers=["Shift"])
    assert chosen(page) == ["node2", "node3", "node4"]
    expect(page.get_by_label("Choose node3")).to_be_checked()
    page.get_by_label("Choose node3").click()
    assert chosen(page) == ["node2", "node4"]
    rows.nth(4).focus()
    page.keyboard.press("Shift+ArrowDown")
    assert chosen(page) == ["node2", "node4", "node5", "node6"]
    expect(rows.nth(5)).to_be_focused()
    page.keyboard.press("Shift+Space")
    assert chosen(page) == ["node2", "node4", "node5"]
    assert page.evaluate("() => p2p.selected") is None  # the row was not opened
    page.keyboard.press("Escape")
    assert chosen(page) == []


def test_the_keyboard_takes_nodes_along_in_the_picture(
    tellers: Told, open_page: Open, console: Console
) -> None:
    console.expect("502")  # these nodes only tell; the panel asks them in vain
    page = open_page(tellers.laboratory, 6)
    click_node(page, "node1")
    page.locator("#stage").focus()
    page.keyboard.press("Shift+Space")
    assert chosen(page) == ["node1"]
    for arrow in ("ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown"):
        page.keyboard.press(arrow)
        if page.evaluate("() => p2p.selected") != "node1":
            break
    other = page.evaluate("() => p2p.selected")
    assert other != "node1"
    page.keyboard.press("Shift+Space")
    assert chosen(page) == sorted(["node1", other])
    page.keyboard.press("Shift+Space")
    assert chosen(page) == ["node1"]


def test_who_is_gone_is_not_chosen_any_more(start: Start, open_page: Open) -> None:
    laboratory = start(["node1", "node2"])
    page = open_page(laboratory, 2)
    page.get_by_label("Choose node1").click()
    page.get_by_label("Choose node2").click()
    # A node of the same name takes the other's place: that one is no more.
    laboratory.kill("node2")
    until(lambda: states(laboratory)["node2"] == "dead", "node2 is dead")
    assert chosen(page) == ["node1", "node2"]  # as long as it is in the picture
    expect(page.locator("#chosen-bar [data-act=freeze-all]")).to_be_enabled()
    page.get_by_label("Choose node1").click()
    expect(page.locator("#chosen-bar [data-act=freeze-all]")).to_be_disabled()


def states(laboratory: Laboratory) -> dict[str, str]:
    answer = requests.get(f"{laboratory.url('dashboard')}/api/graph", timeout=10).json()
    return {node["name"]: node["state"] for node in answer["nodes"]}


# --- breaking and healing, with real nodes -----------------------------------------------------


def test_a_lasso_parts_the_network_shows_it_and_heals_it_as_one(
    start: Start, open_page: Open, console: Console
) -> None:
    console.expect("409")
    laboratory = start(SIX)
    page = open_page(laboratory, 6)
    names, line = half(page)
    others = sorted(set(SIX) - set(names))
    expect(page.locator("#heal")).to_be_hidden()
    lasso(page, line, "Shift")
    page.locator("#chosen-bar [data-act=partition]").click()
    until(lambda: len(drawn(page)["sides"]) == 1, "the sides are drawn", lambda: drawn(page))
    sees(page, "entries", ["Partition 3 | 3"])
    until(
        lambda: sorted(sorted(side) for side in drawn(page)["sides"][0]) == sorted([names, others]),
        "both sides are whole",
        lambda: drawn(page),
    )
    assert chosen(page) == []
    for name in SIX:
        (fault,) = faults(laboratory, name)
        assert (fault["kind"], fault["by"]) == ("drop", "the page")
        assert sorted(peer["name"] for peer in fault["peers"]) == (
            others if name in names else names
        )
    legend = page.locator(".fault-legend li")
    expect(legend.filter(has_text="partition")).to_be_visible()
    expect(legend.filter(has_text="frozen")).to_have_count(0)
    expect(page.locator(".broken-left")).to_have_text(re.compile(r"^0:[3-5]\d$"))
    first = page.locator(".broken-left").inner_text()
    expect(page.locator(".broken-left")).not_to_have_text(first)  # it runs down
    # A second one that overlaps is refused, and said so.
    lasso(page, line, "Shift")
    page.locator("#chosen-bar [data-act=partition]").click()
    expect(page.locator("#chosen-bar .problem")).to_contain_text("is in a partition already")
    page.get_by_role("button", name="Heal this now").click()
    expect(page.locator("#broken")).to_be_hidden()
    expect(page.locator(".fault-legend")).to_be_hidden()
    assert [faults(laboratory, name) for name in SIX] == [[]] * 6


def test_what_destroys_asks_and_one_button_heals_everything(start: Start, open_page: Open) -> None:
    laboratory = start(["node1", "node2", "node3"])
    page = open_page(laboratory, 3)
    page.get_by_label("Choose node2").click()
    page.get_by_label("Choose node3").click()
    bar = page.locator("#chosen-bar")
    bar.locator("[data-act=crash-all]").click()
    expect(bar.get_by_role("alertdialog")).to_contain_text("Kill node2 and node3?")
    expect(bar.get_by_role("button", name="Kill 2 nodes")).to_be_focused()
    page.keyboard.press("Escape")
    expect(bar.get_by_role("alertdialog")).to_be_hidden()
    assert chosen(page) == ["node2", "node3"]
    assert faults(laboratory, "node2") == []
    bar.locator("[data-act=freeze-all]").click()
    sees(page, "marks", {"node2": ["frozen"], "node3": ["frozen"]})
    requests.post(
        f"{laboratory.url('node1')}/faults", json={"kind": "disk-full"}, timeout=10
    ).raise_for_status()
    sees(page, "signs", ["disk", "frozen"])
    heal = page.get_by_role("button", name="Heal everything")
    expect(heal).to_be_visible()
    heal.click()
    sees(page, "marks", {})
    expect(heal).to_be_hidden()
    assert [faults(laboratory, name) for name in ("node1", "node2", "node3")] == [[]] * 3


def test_what_was_broken_then_is_counted_from_then_and_not_healed_from_there(
    three: Laboratory, open_page: Open
) -> None:
    page = open_page(three, 3)
    page.get_by_label("Choose node2").click()
    page.locator("#chosen-bar [data-act=freeze-all]").click()
    sees(page, "marks", {"node2": ["frozen"]})
    heal = page.get_by_role("button", name="Heal everything")
    one, left = page.locator(".broken-heal"), page.locator(".broken-left")
    expect(heal).to_be_visible()
    expect(one).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Space")  # the moment that is shown stands still
    expect(heal).to_be_hidden()
    expect(one).to_be_hidden()
    then = time.monotonic()
    until(lambda: time.monotonic() > then + 1.5, "the seconds have been painted anew")
    stands = left.inner_text()
    until(lambda: time.monotonic() > then + 4, "... and again")
    assert left.inner_text() == stands
    page.keyboard.press("l")
    expect(left).not_to_have_text(stands)
    heal.click()
    sees(page, "marks", {})


def test_killed_nodes_are_shown_as_such_and_come_back(start: Start, open_page: Open) -> None:
    laboratory = start(["node1", "node2", "node3"])
    page = open_page(laboratory, 3)
    page.get_by_label("Choose node3").click()
    bar = page.locator("#chosen-bar")
    bar.locator("select").first.select_option("10")
    bar.locator("[data-act=crash-all]").click()
    bar.get_by_role("button", name="Kill 1 node").click()
    sees(page, "marks", {"node3": ["down"]})
    until(lambda: states(laboratory)["node3"] == "dead", "node3 is dead")
    assert drawn(page)["marks"] == {"node3": ["down"]}  # dead, and it is seen why
    expect(page.locator(".broken-title")).to_have_text("Crashed: node3")


def test_a_message_goes_to_each_of_the_chosen(start: Start, open_page: Open) -> None:
    laboratory = start(["node1", "node2", "node3"])
    page = open_page(laboratory, 3)
    page.get_by_label("Choose node2").click()
    page.get_by_label("Choose node3").click()
    page.locator("#chosen-bar [data-act=send-all]").click()
    page.keyboard.type("to each of you")
    page.keyboard.press("Enter")
    for name in ("node2", "node3"):
        until(
            lambda name=name: [m["msg"] for m in laboratory.inbox(name)] == ["to each of you"],
            f"{name} has it",
        )
    assert laboratory.inbox("node1") == []


def test_where_faults_are_switched_off_the_page_offers_none(
    monkeypatch: pytest.MonkeyPatch, start: Start, open_page: Open
) -> None:
    monkeypatch.setenv("P2P_FAULTS", "off")
    laboratory = start(["node1", "node2"])
    page = open_page(laboratory, 2)
    click_node(page, "node1")
    expect(page.locator("summary", has_text="By hand: curl")).to_be_visible()
    expect(page.locator("summary", has_text="Break it")).to_be_hidden()
    page.get_by_role("button", name="Back to the list").click()
    page.get_by_label("Choose node1").click()
    expect(page.locator("#chosen-bar [data-act=send-all]")).to_be_visible()
    expect(page.locator("#chosen-bar [data-act=freeze-all]")).to_be_hidden()
    expect(page.locator("#chosen-bar [data-act=partition]")).to_be_hidden()


# --- how it looks, told by nodes that a test makes up ---------------------------------------------


def fault(id_: str, kind: str, left: float = 60.0, **more: Any) -> dict[str, Any]:
    whole = {"id": id_, "kind": kind, "peers": None, "direction": "both", "act": None, "by": "I"}
    return {**whole, "left_seconds": left, **more}


def towards(*nodes: Teller) -> list[dict[str, str]]:
    return [{"id": node.node["id"], "name": node.name} for node in nodes]


def colour_at(page: Page, x: float, y: float) -> list[int]:
    """A pixel of what stands: red, green, blue, opacity."""
    found: list[int] = page.evaluate(
        """([x, y]) => {
            const canvas = document.querySelector('#stage canvas');
            const box = canvas.getBoundingClientRect();
            const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d');
            copy.drawImage(canvas, 0, 0);
            const scale = canvas.width / box.width;
            return [...copy.getImageData((x - box.x) * scale, (y - box.y) * scale, 1, 1).data];
        }""",
        [x, y],
    )
    return found


def test_each_kind_of_fault_is_drawn_where_it_is(tellers: Told, open_page: Open) -> None:
    page = open_page(tellers.laboratory, 6)
    one, two, three, four, five, six = tellers.nodes
    cut = {"probability": 1.0}
    one.tells("fault.set", fault=fault("a", "drop", peers=towards(two), **cut))
    two.tells("fault.set", fault=fault("b", "drop", peers=towards(three), direction="out", **cut))
    three.tells("fault.set", fault=fault("c", "delay", peers=towards(four), mean_ms=300.0))
    four.tells("fault.set", fault=fault("d", "drop", peers=towards(five), probability=0.3))
    five.tells("fault.set", fault=fault("e", "freeze"))
    six.tells("fault.set", fault=fault("f", "disk-full"))
    sees(
        page,
        "wires",
        [
            "cut node1 node2",
            "lossy node4 node5",
            "oneway node2 node3 to node2",
            "slow node3 node4",
        ],
    )
    sees(page, "marks", {"node5": ["frozen"], "node6": ["disk"]})
    words = page.locator(".fault-legend li")
    expect(words).to_have_text(["cut", "one way", "slow", "lossy", "frozen", "disk full"])
    expect(page.locator("#broken .broken-row")).to_have_count(3)
    page.get_by_role("button", name="3 more").click()
    expect(page.locator("#broken .broken-row")).to_have_count(6)
    one.tells("fault.cleared", fault=fault("a", "drop"), reason="healed")
    until(lambda: "cut" not in drawn(page)["signs"], "the cut is gone", lambda: drawn(page))
    expect(words.first).to_have_text("one way")


def test_who_only_looks_reads_what_is_broken_and_is_offered_no_healing(
    tellers: Told, open_page: Open
) -> None:
    page = open_page(tellers.laboratory, 6, path="/?view")
    tellers.nodes[0].tells("fault.set", fault=fault("a", "freeze"))
    expect(page.locator(".broken-what")).to_be_visible()
    expect(page.locator(".broken-what")).to_have_text("Frozen: node1")
    expect(page.locator(".broken-heal")).to_be_hidden()
    expect(page.get_by_role("button", name="Heal everything")).to_be_hidden()


def test_a_partition_tints_its_sides_and_takes_the_tint_away(
    tellers: Told, open_page: Open
) -> None:
    page = open_page(tellers.laboratory, 6)
    names, _ = half(page)
    by_name = {node.name: node for node in tellers.nodes}
    left = [by_name[name] for name in names]
    right = [node for node in tellers.nodes if node not in left]
    x, y = settled(page, names[0])
    beside = (x - 30, y)
    assert colour_at(page, *beside)[3] == 0
    for these, those in ((left, right), (right, left)):
        for node in these:
            told = fault(f"p{node.name}", "drop", act="partition-1", peers=towards(*those))
            node.tells("fault.set", fault={**told, "probability": 1.0})
    until(lambda: len(drawn(page)["sides"]) == 1, "there are sides", lambda: drawn(page))
    until(lambda: colour_at(page, *beside)[3] > 10, "the ground beside it is tinted")
    for node in tellers.nodes:
        node.tells("fault.cleared", fault=fault(f"p{node.name}", "drop"), reason="expired")
    until(lambda: colour_at(page, *beside)[3] == 0, "the tint is gone")


def test_a_page_with_something_broken_is_at_rest(tellers: Told, open_page: Open) -> None:
    """The seconds are text in a list; the picture is painted when something changes, only."""
    page = open_page(tellers.laboratory, 6)
    tellers.nodes[0].tells("fault.set", fault=fault("a", "freeze", 600))
    sees(page, "marks", {"node1": ["frozen"]})
    settled(page, "node1")
    page.mouse.move(5, 5)
    at_rest(page)
    before = page.evaluate("() => p2p.stats().frames")
    left = page.locator(".broken-left").inner_text()
    expect(page.locator(".broken-left")).not_to_have_text(left)
    assert page.evaluate("() => p2p.stats().frames") == before


def test_one_whose_end_nobody_told_goes_by_itself(tellers: Told, open_page: Open) -> None:
    page = open_page(tellers.laboratory, 6)
    tellers.nodes[0].tells("fault.set", fault=fault("a", "freeze", 2.0))
    sees(page, "marks", {"node1": ["frozen"]})
    sees(page, "marks", {})


def apart(a: Any, b: Any) -> bool:
    return bool(
        a["x"] + a["width"] <= b["x"] + 0.5
        or b["x"] + b["width"] <= a["x"] + 0.5
        or a["y"] + a["height"] <= b["y"] + 0.5
        or b["y"] + b["height"] <= a["y"] + 0.5
    )


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (800, 600), (390, 844)])
def test_nothing_of_it_lies_over_anything_else(
    tellers: Told, open_page: Open, size: tuple[int, int]
) -> None:
    page = open_page(tellers.laboratory, 6, viewport={"width": size[0], "height": size[1]})
    for index, node in enumerate(tellers.nodes):
        node.tells("fault.set", fault=fault(f"f{index}", "freeze" if index % 2 else "disk-full"))
    until(lambda: len(drawn(page)["marks"]) == 6, "all are broken", lambda: drawn(page))
    page.evaluate("() => document.querySelectorAll('.node-tick').forEach((box) => box.click())")
    boxes = {
        name: page.locator(name).bounding_box()
        for name in ("#chosen-bar", "#broken", "#lasso", "#bar", "#legend")
    }
    width: int = page.evaluate("() => document.documentElement.scrollWidth")
    assert width <= size[0]
    pairs: list[tuple[str, str]] = [(a, b) for a in boxes for b in boxes if a < b]
    for a, b in pairs:
        assert apart(boxes[a], boxes[b]), f"{a} {boxes[a]} and {b} {boxes[b]}"
