"""The Export menu: pictures, graphs, tables, the run; files that say of what they are."""

import base64
import csv
import io
import json
import re
import struct
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import networkx as nx
from browsing import EIGHT, Console, Open, Start
from dashboard_says import current_run, node_sends, sent
from picture import settled
from playwright.sync_api import Page, expect
from running import ROOT, Laboratory, until

SVG = "{http://www.w3.org/2000/svg}"


def export(page: Page, what: str, folder: Path) -> Path:
    """Choose an entry; the file that comes, under its own name."""
    page.locator("#export").click()
    with page.expect_download() as coming:
        page.locator(f"[data-what='{what}']").click()
    file = folder / coming.value.suggested_filename
    coming.value.save_as(file)
    expect(page.locator("#export-menu")).to_be_hidden()
    return file


def test_every_file_is_named_after_run_and_time(
    page: Page, laboratory: Laboratory, tmp_path: Path
) -> None:
    run = current_run(laboratory)
    safe = re.sub(r"[^\w.-]+", "-", run["name"] or run["id"])
    for what, ending in {
        "png": ".png",
        "graph.dot": "-graph.dot",
        "messages.csv": "-messages.csv",
    }.items():
        name = export(page, what, tmp_path).name
        assert re.fullmatch(
            rf"p2p-{re.escape(safe)}-at-\d{{4}}-\d\d-\d\dT\d\d-\d\d-\d\d{re.escape(ending)}", name
        ), name


def test_a_png_is_twice_as_large_as_the_picture_and_has_a_caption(
    page: Page, tmp_path: Path
) -> None:
    settled(page, "node1")
    size = page.evaluate(
        "() => { const { clientWidth, clientHeight } = document.querySelector('#stage');"
        " return [clientWidth, clientHeight]; }"
    )
    data = export(page, "png", tmp_path).read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", data[16:24]) == (2 * size[0], 2 * (size[1] + 92))
    # Its colours: the ground, and what is alive; and ink in the caption.
    counts = page.evaluate(
        """async ([base64, high]) => {
            const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
            const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
            const copy = new OffscreenCanvas(image.width, image.height).getContext('2d');
            copy.drawImage(image, 0, 0);
            const { data } = copy.getImageData(0, 0, image.width, image.height);
            const inked = (top, bottom) => {
                let found = 0;
                for (let at = 4 * (top * image.width + 1); at < 4 * bottom * image.width; at += 4) {
                    if (Math.abs(data[at] - data[at - 4]) > 40) found += 1;
                }
                return found;
            };
            return [inked(0, high), inked(high + 4, image.height)];
        }""",
        [base64.b64encode(data).decode(), 2 * size[1]],
    )
    assert counts[0] > 500
    assert counts[1] > 500


def test_an_svg_is_the_picture_as_vectors(page: Page, tmp_path: Path) -> None:
    settled(page, "node1")
    root = ET.parse(export(page, "svg", tmp_path)).getroot()  # noqa: S314 - the page wrote it just now
    assert root.tag == f"{SVG}svg"
    texts = [text.text for text in root.iter(f"{SVG}text")]
    for name in EIGHT:
        assert name in texts
    for word in ("alive", "suspect", "message", "link"):
        assert word in texts, "the legend"
    title = root.findtext(f"{SVG}title") or ""
    assert "8 nodes, one network" in title
    assert len(list(root.iter(f"{SVG}path"))) > 20
    assert root.findall(f".//{SVG}script") == []


def test_a_node_with_a_name_of_markup_leaves_a_whole_file(
    start: Start, open_page: Open, tmp_path: Path
) -> None:
    evil = "<script>&\"'</script>"
    odd = start(["node1", evil])
    page = open_page(odd, 2)
    settled(page, "node1")
    root = ET.parse(export(page, "svg", tmp_path)).getroot()  # noqa: S314 - the page wrote it just now
    assert evil in [text.text for text in root.iter(f"{SVG}text")]
    assert list(root.iter(f"{SVG}script")) == []


def test_graphs_are_read_by_networkx(page: Page, tmp_path: Path) -> None:
    graphml = nx.read_graphml(export(page, "graph.graphml", tmp_path))
    gexf = nx.read_gexf(export(page, "graph.gexf", tmp_path))
    data = json.loads(export(page, "graph.json", tmp_path).read_text(encoding="utf-8"))
    told = nx.node_link_graph(data)
    for graph in (graphml, gexf):
        assert sorted(name for _, name in graph.nodes(data="name")) == EIGHT
    assert sorted(name for _, name in told.nodes(data="name")) == EIGHT
    assert graphml.number_of_edges() == told.number_of_edges() > 20
    assert "digraph p2p {" in export(page, "graph.dot", tmp_path).read_text(encoding="utf-8")


def test_tables_have_what_was_sent(page: Page, laboratory: Laboratory, tmp_path: Path) -> None:
    node_sends(laboratory, "node1", "node8", "=1+1, for the table")
    until(lambda: sent(laboratory, "=1+1, for the table"), "the dashboard has heard of it")
    rows = list(
        csv.DictReader(io.StringIO(export(page, "messages.csv", tmp_path).read_text("utf-8")))
    )
    row = next(row for row in rows if row["text"].endswith("for the table"))
    assert (row["from_name"], row["to_name"], row["text"][0]) == ("node1", "node8", "'")
    lines = export(page, "messages.jsonl", tmp_path).read_text("utf-8").splitlines()
    assert any(json.loads(line)["text"] == "=1+1, for the table" for line in lines)
    edges = list(
        csv.DictReader(io.StringIO(export(page, "edges.csv", tmp_path).read_text("utf-8")))
    )
    assert {edge["kind"] for edge in edges} == {"link", "knows"}


def test_the_run_is_one_file_that_can_be_replayed(page: Page, tmp_path: Path) -> None:
    file = export(page, "run", tmp_path)
    assert file.suffix == ".p2prun"
    assert file.read_bytes()[:2] == b"\x1f\x8b"
    seen = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, gzip; print(gzip.open(sys.argv[1]).readline()[:200])",
            file,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert "schema" in seen.stdout


def test_the_menu_goes_by_keyboard(page: Page) -> None:
    page.keyboard.press("e")
    first = page.locator("[data-what=png]")
    expect(first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-what=svg]")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.locator("[data-what=run]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#export-menu")).to_be_hidden()
    expect(page.locator("#export")).to_be_focused()
    page.locator("#export").click()
    page.mouse.click(300, 300)
    expect(page.locator("#export-menu")).to_be_hidden()


def test_what_cannot_be_written_is_said(page: Page, console: Console) -> None:
    console.expect("status of 422")
    page.route(
        "**/api/export/graph.dot*",
        lambda route: route.fulfill(
            status=422, content_type="application/json", body='{"error": "its file is broken"}'
        ),
    )
    page.locator("#export").click()
    page.locator("[data-what='graph.dot']").click()
    expect(page.locator(".export-told")).to_have_text("Not exported: its file is broken.")
