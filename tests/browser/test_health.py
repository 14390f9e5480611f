"""Health on the page: a line, figures, charts, colours with a scale, what the network hangs on."""

import re

import pytest
from browsing import EIGHT, Console, Open, Start, Told
from dashboard_says import analysis, node_sends, pulse
from picture import at_rest, click_node, settled, stage
from playwright.sync_api import Page, ViewportSize, expect
from running import Laboratory, until


def figure(page: Page, name: str) -> str:
    return page.locator(f"[data-figure={name}]").inner_text()


def test_the_line_says_how_the_network_is(page: Page, laboratory: Laboratory) -> None:
    line = page.locator("#health-line")
    expect(line).to_contain_text("8 members · 1 component · diameter")
    expect(line).to_contain_text(re.compile(r"diameter [1-7] · mean path [1-7]\.\d\d · clustering"))
    expect(line).to_contain_text(re.compile(r"events/s · \d+ dots? · live$"))
    told = analysis(laboratory)
    expect(line).to_contain_text(f"diameter {told['distances']['diameter']} ")


def test_the_panel_has_the_figures_and_makes_room_for_itself(
    page: Page, laboratory: Laboratory
) -> None:
    wide = stage(page)["width"]
    page.keyboard.press("h")
    expect(page.locator("#health")).to_be_visible()
    told = analysis(laboratory)
    expect(page.locator("[data-figure=members]")).to_have_text("8")
    expect(page.locator("[data-figure=diameter]")).to_have_text(str(told["distances"]["diameter"]))
    expect(page.locator("[data-figure=coverage]")).to_have_text("100 %")
    expect(page.locator("[data-figure=agreement]")).to_have_text("100 %")
    expect(page.locator("[data-figure=behind]")).to_have_text("live")
    expect(page.locator(".health-note").first).to_contain_text("Distances are exact.")
    panel, room = page.locator("#health").bounding_box(), stage(page)
    assert panel is not None
    assert panel["x"] + panel["width"] <= room["x"] + 0.5
    assert room["width"] < wide - 300
    places = [settled(page, name) for name in EIGHT]
    assert all(room["x"] < x < room["x"] + room["width"] for x, _ in places)
    page.reload()
    expect(page.locator("#health")).to_be_visible()  # it is remembered
    page.locator("#health-line").click()
    expect(page.locator("#health")).to_be_hidden()


def test_charts_show_what_was_before_the_page_came(page: Page, laboratory: Laboratory) -> None:
    until(lambda: len(pulse(laboratory)["at"]) >= 3, "some beats")
    page.keyboard.press("h")
    charts = page.locator(".chart")
    expect(charts).to_have_count(7)
    expect(page.locator("[data-chart=alive] dd").first).to_have_text("8")
    inked = page.evaluate(
        """() => new Promise((done) => setTimeout(() => {
            const canvas = document.querySelector('[data-chart=alive] canvas');
            const { width, height } = canvas;
            const copy = new OffscreenCanvas(width, height).getContext('2d');
            copy.drawImage(canvas, 0, 0);
            const { data } = copy.getImageData(0, 0, width, height);
            const wanted = getComputedStyle(canvas).getPropertyValue('--alive').trim();
            const [r, g, b] = [1, 3, 5].map((at) => parseInt(wanted.slice(at, at + 2), 16));
            let found = 0;
            for (let at = 0; at < data.length; at += 4) {
                const off = [r, g, b].map((wanted, i) => Math.abs(data[at + i] - wanted));
                if (Math.max(...off) < 8 && data[at + 3] > 150) found += 1;
            }
            done(found);
        }, 300))"""
    )
    assert inked >= 3, "a line in the colour of what is alive"


def test_a_message_is_seen_in_the_charts(page: Page, laboratory: Laboratory) -> None:
    page.keyboard.press("h")
    node_sends(laboratory, "node2", "node5", "one for the charts")
    until(lambda: sum(pulse(laboratory)["delivered"]) > 0, "the pulse has it")
    half = page.locator("[data-chart=p50] dd").first
    # What is under the pointer is not the newest, which stands there without one.
    until(lambda: pulse(laboratory)["p50"][-1] is None, "a moment without a message")
    page.locator("[data-chart=p50] canvas").scroll_into_view_if_needed()
    row = page.locator("[data-chart=p50] canvas").bounding_box()
    assert row is not None
    at = next(
        at for at, took in zip(*map(pulse(laboratory).get, ("at", "p50")), strict=True) if took
    )
    page.wait_for_function(f"() => p2p.health.last >= {at}")
    x = page.evaluate(f"() => p2p.health.place({at})")
    page.mouse.move(row["x"] + x, row["y"] + 30)
    expect(half).to_contain_text("ms")
    expect(page.locator(".health-time")).to_have_text(re.compile(r"^\d\d:\d\d:\d\d$"))
    page.mouse.move(5, 5)
    expect(page.locator(".health-time")).to_have_text("")


def test_a_click_on_a_chart_goes_to_that_moment(page: Page, laboratory: Laboratory) -> None:
    until(lambda: len(pulse(laboratory)["at"]) >= 5, "some beats")
    page.keyboard.press("h")
    at = pulse(laboratory)["at"][-4]
    page.wait_for_function(f"() => p2p.health.last >= {at}")
    page.locator("[data-chart=alive] canvas").scroll_into_view_if_needed()
    canvas = page.locator("[data-chart=alive] canvas").bounding_box()
    assert canvas is not None
    x = page.evaluate(f"() => p2p.health.place({at})")
    page.mouse.click(canvas["x"] + x, canvas["y"] + 30)
    expect(page.locator("#health-line")).to_contain_text("in the past")
    expect(page.locator("[data-figure=behind]")).to_contain_text("in the past")


def test_charts_go_by_keyboard(page: Page) -> None:
    page.keyboard.press("h")
    page.locator(".charts").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".health-time")).to_have_text(re.compile(r"\d\d:\d\d:\d\d"))
    before = page.locator(".health-time").inner_text()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    expect(page.locator(".health-time")).not_to_have_text(before)


def test_a_folded_panel_asks_for_nothing(page: Page) -> None:
    settled(page, "node1")
    expect(page.locator("#health-line")).to_contain_text(re.compile(r"diameter \d"))
    at_rest(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(3_500)  # more than the pulse's pace: nothing is to come
    assert [url for url in asked if "/api/pulse" in url or "/series" in url] == []
    page.keyboard.press("h")
    until(lambda: any("/api/pulse" in url for url in asked), "an open one does", lambda: asked)


def test_a_death_is_in_the_figures(start: Start, open_page: Open) -> None:
    three = start(["node1", "node2", "node3"])
    page = open_page(three, 3)
    page.keyboard.press("h")
    expect(page.locator("[data-figure=members]")).to_have_text("3")
    three.kill("node3")
    expect(page.locator("[data-figure=members]")).to_have_text("2")
    expect(page.locator("#health-line")).to_contain_text("(1 dead)")
    expect(page.locator("[data-chart=alive] dd").last).to_have_text("1")


def test_a_page_without_its_dashboard_says_how_far_behind_it_is(
    three: Laboratory, open_page: Open, console: Console
) -> None:
    page = open_page(three, 3)
    expect(page.locator("#health-line")).to_contain_text("live")
    console.expect_no_dashboard()
    three.kill("dashboard")
    expect(page.locator("#health-line")).to_contain_text(
        re.compile(r"[\d.]+ s behind: not connected")
    )


def test_the_scale_of_colours_says_what_its_ends_mean(page: Page) -> None:
    page.locator("#choice-colour").select_option("degree")
    most = max(page.evaluate("() => p2p.names().map((name) => p2p.linksOf(name))"))
    expect(page.locator(".scale-low")).to_have_text("no link")
    expect(page.locator(".scale-high")).to_have_text(f"{most} links")
    page.locator("#choice-colour").select_option("known")
    expect(page.locator(".scale-low")).to_have_text("knows nobody")
    expect(page.locator(".scale-high")).to_have_text("everybody")


def ring_without(told: Told, *gone: tuple[int, int]) -> None:
    """Some links of the ring of six end, at both ends."""
    for a, b in gone:
        for here, there in ((a, b), (b, a)):
            told.nodes[here].tells("link.down", peer=told.nodes[there].node, reason="cut")


def test_what_the_network_hangs_on_is_shown(tellers: Told, open_page: Open) -> None:
    page = open_page(tellers.laboratory, 6)
    page.keyboard.press("h")
    hangs = page.locator(".health-hangs-text")
    expect(hangs).to_have_text("No single node or link holds it together.")
    expect(page.locator("#show-cuts")).to_be_hidden()
    ring_without(tellers, (5, 0))  # now it is a chain: node1 to node6
    expect(hangs).to_have_text(
        "It hangs on 4 nodes and 5 links: without one of them it falls apart."
    )
    assert page.evaluate("() => p2p.cuts.points") == []
    page.locator("#show-cuts").click()
    expect(page.locator("#show-cuts")).to_have_attribute("aria-checked", "true")
    expect(page.locator(".legend-cuts")).to_be_visible()
    shown = page.evaluate("() => p2p.cuts")
    assert sorted(shown["points"]) == ["node2", "node3", "node4", "node5"]
    assert sorted(sorted(pair) for pair in shown["bridges"]) == [
        [f"node{k}", f"node{k + 1}"] for k in range(1, 6)
    ]
    told = analysis(tellers.laboratory)
    assert told["articulation_points"]["count"] == 4
    assert told["bridges"]["count"] == 5


@pytest.mark.parametrize("size", [(1280, 720), (390, 844)])
def test_the_open_panel_widens_nothing(
    laboratory: Laboratory, open_page: Open, size: tuple[int, int]
) -> None:
    page = open_page(laboratory, 8, viewport=ViewportSize(width=size[0], height=size[1]))
    page.locator("#health-line").click()
    expect(page.locator("#health")).to_be_visible()
    wide = page.evaluate("() => document.documentElement.scrollWidth")
    assert wide <= size[0]
    cut = page.evaluate(
        """() => [...document.querySelectorAll('#health dd, #health dt, #health .chart-title')]
            .filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent)"""
    )
    assert cut == []


def test_another_screens_pixels_are_used_one_to_one(page: Page) -> None:
    at_rest(page)
    tools = page.context.new_cdp_session(page)

    def pixels() -> list[float]:
        found: list[float] = page.evaluate(
            """() => [...document.querySelectorAll('#stage canvas')].map((canvas) =>
                canvas.width / canvas.getBoundingClientRect().width)"""
        )
        return found

    for density in (1, 2, 1.25, 3):
        tools.send(
            "Emulation.setDeviceMetricsOverride",
            {"width": 1280, "height": 720, "deviceScaleFactor": density, "mobile": False},
        )
        page.wait_for_function(f"() => devicePixelRatio === {density}")
        until(
            lambda density=density: all(abs(found - density) < 0.005 for found in pixels()),
            f"{density} pixels a CSS pixel",
            pixels,
        )


def test_a_small_picture_is_painted_anew_where_it_is_moved(page: Page) -> None:
    x, y = settled(page, "node3")
    click_node(page, "node3")
    box = stage(page)
    page.mouse.move(box["x"] + 8, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 68, box["y"] + 48, steps=6)
    page.mouse.up()
    after = settled(page, "node3")
    assert (round(after[0] - x), round(after[1] - y)) == (60, 40)
    at_rest(page)
    moved = page.evaluate("() => document.querySelector('#stage canvas').style.transform")
    assert moved == ""
