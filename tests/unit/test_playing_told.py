"""A verdict told: as JUnit XML, as a page that needs nothing, beside another one."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from played import broken, good, message, sample

from lab.playing.compare import compare
from lab.playing.judge import judge
from lab.playing.junit import junit
from lab.playing.page import page
from lab.playing.people import log_inbox
from lab.playing.picture import pictures

AGAIN = "python3 p2p.py run 'a b.yaml' --seed 1"
VOID = {"meta", "br"}


def said(record: Any = None) -> dict[str, Any]:
    return judge(record or good(), AGAIN)


def bad() -> dict[str, Any]:
    one = {"node": "node4", "at": 5.0, "seconds": 6.0, "strike": 0, "kind": "<kill>\x01"}
    return said(broken(deaths=[one]))


class Reader(HTMLParser):
    """Whether every element is closed, and what elements and links there are."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    assert reader.open == []
    return reader


def test_junit_has_a_case_for_each_promise_and_its_failure() -> None:
    suite = ET.fromstring(junit(said())).find("testsuite")  # noqa: S314 - our own text
    assert suite is not None
    assert (suite.get("name"), suite.get("tests")) == ("Small & <bold>", "12")
    assert suite.get("failures") == "0"
    suite = ET.fromstring(junit(bad())).find("testsuite")  # noqa: S314
    assert suite is not None
    assert suite.get("failures") == "1"
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert failure.get("message") == "6.0 s, wanted ≤ 5.0 s"
    assert "<kill>\ufffd at 5 s" in str(failure.text)


@pytest.mark.parametrize("verdict", [said, bad])
def test_the_page_needs_nothing_but_itself(verdict: Any) -> None:
    html = page(verdict())
    reader = parsed(html)
    tags = {tag for tag, _ in reader.seen}
    assert not tags & {"script", "link", "img", "iframe", "object", "a", "image", "use", "form"}
    for _, attributes in reader.seen:
        assert not [name for name in attributes if name.startswith("on") or name in {"src", "href"}]
    assert "url(" not in html
    assert "@import" not in html
    assert not re.search(r"https?:", html)
    policy = next(a["content"] for t, a in reader.seen if a.get("http-equiv"))
    assert policy is not None
    assert policy.startswith("default-src 'none'")


def test_whatever_a_file_says_is_text() -> None:
    html = page(bad())
    reader = parsed(html)
    assert "What </p><script>alert(1)</script> teaches" in reader.text
    assert "<i>Calm</i>" in reader.text
    assert "<script>" not in html
    assert "a b.yaml" in reader.text


def test_the_page_has_what_it_promises() -> None:
    reader = parsed(page(bad()))
    for words in ("Broken", "Why not", "node4", "8.00 s  node2  member.dead  node4", "kill node4"):
        assert words in reader.text
    assert [t for t, _ in reader.seen].count("svg") == 8  # timeline, four charts, three pictures
    assert "Why not" not in parsed(page(said())).text


def test_a_page_of_next_to_nothing_is_whole() -> None:
    record = replace(good(), calm={}, began=None)
    empty = {"samples": [], "deaths": [], "joins": [], "false": [], "graphs": {}}
    record = replace(record, watch=empty)
    record.history.sent.clear()
    record.history.inboxes.clear()
    parsed(page(said(record)))


def test_nodes_stay_where_they_are_in_all_three_pictures() -> None:
    drawn = pictures(said())
    places = re.findall(
        r"<title>(node\d+), \w+</title><circle [^>]*cx=\"([\d.]+)\" cy=\"([\d.]+)\"", drawn
    )
    where: dict[str, set[tuple[str, str]]] = {}
    for name, x, y in places:
        where.setdefault(name, set()).add((x, y))
    assert set(where) == {"node1", "node2", "node3", "node4"}
    assert all(len(found) == 1 for found in where.values())
    assert "node4, down" in drawn


def test_a_comparison_says_what_got_worse_and_what_is_chance() -> None:
    words, worse = compare(said(), said(), "a.json", "b.json")
    assert worse == []
    assert "Nothing is worse" in words
    later = said(broken(samples=[sample(0), sample(12), sample(18, wrong=1), sample(19)]))
    words, worse = compare(said(), later)
    assert worse == ["agreement"]
    assert "BROKEN NOW" in words
    words, worse = compare(later, said())
    assert worse == []
    assert "kept now" in words
    little = {**said(), "figures": {**said()["figures"], "throughput": 0.145, "delivery": 0.999}}
    words, worse = compare(said(), little)
    assert worse == ["delivery"]  # any share that is lost counts, a thirtieth of the speed does not
    slower = {**said(), "figures": {**said()["figures"], "throughput": 0.1, "latency-p50": 0.2}}
    words, worse = compare(said(), slower)
    assert worse == ["throughput"]
    assert "better" in words  # the latency


def test_a_log_is_an_inbox_also_where_two_threads_share_a_line() -> None:
    sent = [
        message(1, "node1", "node3"),
        message(2, "node2", "node3"),
        message(3, "node1", "node3"),
    ]
    sent = [replace(one, text=f"{one.id} to node3: hi\nthere") for one in sent]
    log = (
        "127.0.0.1 - - POST\nReceived message from node1: m1 to node3: hi\nthere\n"
        "Received message from node2: m2 to node3: hiReceived message from node1: m3 to node3: ho\n"
    )
    found = log_inbox(log, sent)
    assert [(one.id, one.sender) for one in found] == [
        ("m1", "node1"),
        ("m2", "node2"),
        ("m3", "node1"),
    ]
    assert found[0].text == sent[0].text
    assert found[2].text == "m3 to node3: ho"  # the judge will say that it was changed
