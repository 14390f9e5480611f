"""Which addresses are watched, and who speaks for a node. Nothing is connected to here."""

import threading
from collections.abc import Iterator

import pytest

from contract.itself import Itself
from dashboard.addresses import Addresses
from dashboard.asking import Asking
from dashboard.clocks import Offset
from dashboard.observer import Observer
from dashboard.reports import Member, Own, Snapshot
from dashboard.subscriptions import MOST, Subscriptions
from dashboard.watch import Watch

OWN_PORT = 18_080


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The addresses whose watch has begun, in order; the watches do nothing until the end."""
    begun: list[str] = []
    over = threading.Event()

    def run(watch: Watch) -> None:
        begun.append(watch.url)
        over.wait(30)

    monkeypatch.setattr(Watch, "run", run)
    yield begun
    over.set()


@pytest.fixture
def observer() -> Observer:
    return Observer(None)


@pytest.fixture
def subscriptions(observer: Observer) -> Subscriptions:
    addresses = Addresses()
    return Subscriptions(observer, addresses, Asking(addresses), Itself(OWN_PORT, "dashboard"))


def report(observer: Observer, name: str, knows: dict[str, str]) -> None:
    """A node tells whom it knows where."""
    own = Own(name, name, f"http://{name}:5000", 1, 0.0)
    members = [Member(other, other, url, "alive") for other, url in knows.items()]
    observer.snapshot(Snapshot(own, 1, 0.0, members, []), Offset())


def test_every_address_is_watched_once(subscriptions: Subscriptions, watched: list[str]) -> None:
    subscriptions.found(["http://node1:5000", "http://NODE1:5000/", "http://node2:5000"])
    subscriptions.found(["http://node1:5000"])
    assert watched == ["http://node1:5000", "http://node2:5000"]


@pytest.mark.parametrize(
    "url",
    [
        f"http://127.0.0.1:{OWN_PORT}",
        f"http://localhost:{OWN_PORT}",
        f"http://[::1]:{OWN_PORT}",
        f"http://dashboard:{OWN_PORT}",
        "ftp://node1:5000",
        "http://user:secret@node1:5000",
        "http://node1:5000/path",
        "http://0.0.0.0:5000",
        "javascript:alert(1)",
        "",
    ],
)
def test_neither_itself_nor_what_is_no_address(
    subscriptions: Subscriptions, watched: list[str], url: str
) -> None:
    subscriptions.found([url], told_by="http://127.0.0.1:5000")
    assert watched == []


def test_localhost_of_another_machine_is_not_ours(
    subscriptions: Subscriptions, watched: list[str]
) -> None:
    subscriptions.found(["http://localhost:5001"], told_by="http://node1:5000")
    assert watched == []
    subscriptions.found(["http://localhost:5001"], told_by="http://127.0.0.1:5002")
    assert watched == ["http://localhost:5001"]


def test_what_is_no_peer_is_not_tried_again(
    subscriptions: Subscriptions, watched: list[str]
) -> None:
    subscriptions.exclude("http://bootstrap:5000")
    subscriptions.vouch(["http://bootstrap:5000"])
    subscriptions.found(["http://bootstrap:5000"])
    assert watched == []
    assert not subscriptions.vouched("http://bootstrap:5000")


def test_hearsay_leaves_room_for_what_the_bootstrap_lists(
    subscriptions: Subscriptions, watched: list[str]
) -> None:
    subscriptions.found(f"http://lie{number}:5000" for number in range(MOST + 50))
    assert len(watched) == MOST
    subscriptions.vouch(["http://node1:5000"])
    subscriptions.found(["http://node1:5000"])
    assert watched[-1] == "http://node1:5000"


def test_where_nodes_say_that_others_are_is_looked(
    subscriptions: Subscriptions, observer: Observer, watched: list[str]
) -> None:
    report(observer, "a", {"b": "http://b:5000", "c": "http://localhost:5000"})
    subscriptions.follow()
    assert watched == ["http://b:5000"]


def watch(subscriptions: Subscriptions, url: str, *, proper: bool) -> Watch:
    made = Watch(url, subscriptions)
    made.proper = proper
    return made


def test_the_address_that_a_node_names_itself_is_the_better_one(
    subscriptions: Subscriptions,
) -> None:
    alias = watch(subscriptions, "http://localhost:5001", proper=False)
    other = watch(subscriptions, "http://localhost:6001", proper=False)
    proper = watch(subscriptions, "http://b:5000", proper=True)
    assert subscriptions.claim("b", alias)
    assert not subscriptions.claim("b", other)
    assert subscriptions.claim("b", proper)
    assert alias.given_up
    assert not subscriptions.claim("b", alias)
    assert not subscriptions.release("b", alias)
    assert subscriptions.release("b", proper)
    assert subscriptions.claim("b", alias)


def test_where_two_claim_to_be_one_the_others_decide(
    subscriptions: Subscriptions, observer: Observer
) -> None:
    liar = watch(subscriptions, "http://liar:5000", proper=True)
    real = watch(subscriptions, "http://b:5000", proper=True)
    assert subscriptions.claim("b", liar)
    assert not subscriptions.claim("b", real)
    report(observer, "a", {"b": "http://b:5000"})
    assert subscriptions.claim("b", real)
    assert liar.given_up
    assert not subscriptions.claim("b", liar)
