"""Rumours: whom a node tells what, and whom not."""

from random import Random
from typing import TYPE_CHECKING, Any, cast

from node.overlay.config import Config
from node.overlay.frames import Frame, Record, Update
from node.overlay.gossip import Gossip
from node.overlay.members import Members

if TYPE_CHECKING:
    from node.overlay.links import Links

CONFIG = Config()


def record(name: str, epoch: int = 1) -> Record:
    return Record(id=f"id-{name}", name=name, url=f"http://{name}:5000", epoch=epoch)


class SomeLinks:
    """So many links, always in the same order."""

    def __init__(self, count: int) -> None:
        self.links = [record(f"link{k}") for k in range(count)]

    def __len__(self) -> int:
        return len(self.links)

    def some(self, count: int) -> list[Record]:
        return self.links[:count]


class Node:
    """A node's gossip, and what it said: names of links, and names in the news for each."""

    def __init__(self, links: int) -> None:
        self.links = SomeLinks(links)
        self.said: dict[str, list[str]] = {}
        self.gossip = Gossip(
            CONFIG, Random(1), Members(record("own")), cast("Links", self.links), self._say
        )

    def _say(self, to: Record, frame: Frame) -> None:
        assert isinstance(frame, Update)
        assert to.name not in self.said, "one batch a link"
        self.said[to.name] = [news.name for news in frame.records]

    def along_with(self, link: str) -> list[Any]:
        return [news.name for news in self.gossip.for_link(f"id-{link}")]

    def new_link(self, link: str, now: float) -> list[Any]:
        return [news.name for news in self.gossip.for_new_link(f"id-{link}", now)]


def test_news_goes_to_a_few_links_once() -> None:
    node = Node(links=8)
    node.gossip.spread(record("anna"), None, 0.0)
    node.gossip.tell(0.2)
    assert list(node.said.values()) == [["anna"]] * CONFIG.rumour_fanout
    node.said.clear()
    node.gossip.tell(1.0)
    assert node.said == {}


def test_who_told_us_is_not_told() -> None:
    node = Node(links=3)
    node.gossip.spread(record("anna"), "id-link1", 0.0)
    node.gossip.spread(record("bert"), None, 0.0)
    node.gossip.tell(0.2)
    assert node.said == {"link0": ["anna", "bert"], "link1": ["bert"], "link2": ["anna", "bert"]}


def test_what_leaves_for_a_link_anyway_takes_the_news_along_and_saves_the_request() -> None:
    node = Node(links=2)
    node.gossip.spread(record("anna"), None, 0.0)
    assert node.along_with("link0") == ["anna"]
    assert node.along_with("link0") == []
    node.gossip.tell(0.2)
    assert node.said == {"link1": ["anna"]}


def test_newer_news_of_the_same_member_goes_to_all_again() -> None:
    node = Node(links=1)
    node.gossip.spread(record("anna"), None, 0.0)
    assert node.along_with("link0") == ["anna"]
    node.gossip.spread(record("anna", epoch=2), None, 0.1)
    assert node.along_with("link0") == ["anna"]


def test_a_new_link_is_told_what_was_new_lately_and_nothing_older() -> None:
    node = Node(links=2)
    node.gossip.spread(record("anna"), None, 0.0)
    node.gossip.tell(0.2)
    node.said.clear()
    node.gossip.spread(record("bert"), "id-newcomer", 1.0)
    node.gossip.spread(record("cleo"), None, 1.0)
    node.gossip.tell(1.2)
    assert node.new_link("late", CONFIG.rumour_kept + 0.5) == ["bert", "cleo"]
    assert node.new_link("newcomer", 2.0) == ["cleo"], "it told us of bert itself"
    assert node.new_link("newcomer", 2.0) == []
    assert node.new_link("later", CONFIG.rumour_kept + 1.5) == []


def test_without_a_link_news_waits() -> None:
    node = Node(links=0)
    node.gossip.spread(record("anna"), None, 0.0)
    assert node.gossip.tell(0.2) == CONFIG.rumour_pause
    node.links.links.append(record("link0"))
    assert node.gossip.tell(0.8) is None
    assert node.said == {"link0": ["anna"]}


def test_news_waits_for_company_and_then_for_the_pause() -> None:
    node = Node(links=2)
    assert node.gossip.spread(record("anna"), None, 10.0) == CONFIG.rumour_delay
    assert node.gossip.spread(record("bert"), None, 10.1) is None, "it goes along"
    node.gossip.tell(10.15)
    assert node.gossip.spread(record("cleo"), None, 10.2) == 10.15 + CONFIG.rumour_pause - 10.2
