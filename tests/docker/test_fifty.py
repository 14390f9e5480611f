"""Fifty real containers, started by the one command, under another name and at other ports.

They stay up for all tests of this file; each test leaves them as it found them.
"""

import json
import random
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from engine import attempted, eventually, log, typed

from contract.events import PREFIX
from lab.layout import Layout

pytestmark = pytest.mark.docker

NAME = "p2p-fifty"
LAYOUT = Layout(nodes=50, hundreds=71, dashboard=7180)
PLAIN = "someone-elses-node"
DEAD_WITHIN, CUT, ONE_AGAIN_WITHIN = 15.0, 60.0, 30.0
"""Seconds: the bars of the issue about the overlay, and how long the cut lasts there."""
_GET = (
    "import sys, urllib.request as r; "
    "print(r.urlopen('http://localhost:5000' + sys.argv[1], timeout=5).read().decode())"
)
_POST = (
    "import sys, urllib.request as r; r.urlopen(r.Request('http://localhost:5000' + sys.argv[1], "
    "sys.argv[2].encode(), {'Content-Type': 'application/json'}), timeout=5)"
)
DASHBOARD = f"http://localhost:{LAYOUT.dashboard}"


@pytest.fixture(scope="module", autouse=True)
def fifty() -> Iterator[dict[str, Any]]:
    """What `up` printed. Afterwards everything is removed, and looked for."""
    started = typed(
        f"python3 p2p.py up --docker --nodes {LAYOUT.nodes} --ports {LAYOUT.hundreds} "
        f"--dashboard-port {LAYOUT.dashboard} --name {NAME} --json",
        seconds=1200,  # with the image's first build
    )
    volumes = volumes_of(NAME)
    yield json.loads(started)
    typed(f"python3 p2p.py down --name {NAME}", seconds=300)
    assert containers_of(NAME) == []
    assert volumes
    assert volumes & set(typed("docker volume ls --quiet").split()) == set()
    assert NAME not in typed("docker network ls --format '{{.Name}}'").split()


@pytest.fixture
def without_bootstrap() -> Iterator[None]:
    typed(f"docker stop {NAME}-bootstrap-1")
    yield
    typed(f"docker start {NAME}-bootstrap-1")
    eventually(lambda: attempted(f"curl -sf http://localhost:{LAYOUT.port('bootstrap')}/"), bool)


@pytest.fixture
def other_side() -> Iterator[str]:
    """A second network, from which nobody reaches the first."""
    name = f"{NAME}-other-side"
    typed(f"docker network create {name}")
    yield name
    typed(f"docker network rm {name}")


@pytest.fixture
def plain() -> Iterator[str]:
    """A node with only the assignment's calls, on the network under its own name."""
    code = Path(__file__).with_name("plain_node.py").read_text(encoding="utf-8")
    typed(
        f"docker run --detach --name {PLAIN} --network {NAME} python:3.13-slim python -u -c",
        more=[code, PLAIN],
    )
    yield f"http://{PLAIN}:5000"
    typed(f"docker rm --force --volumes {PLAIN}")


def containers_of(project: str) -> list[str]:
    return typed(
        f"docker ps --all --quiet --filter label=com.docker.compose.project={project}"
    ).split()


def volumes_of(project: str) -> set[str]:
    """The names of all that its containers keep things in."""
    mounts = "{{range .Mounts}}{{.Name}} {{end}}"
    ids = " ".join(containers_of(project))
    return set(typed(f"docker inspect {ids} --format '{mounts}'").split())


def url(node: str) -> str:
    return f"http://localhost:{LAYOUT.port(node)}"


def ask(address: str) -> Any:
    try:
        return requests.get(address, timeout=10).json()
    except requests.Timeout:
        if not address.startswith(DASHBOARD):
            raise
        # Is it the program that does not answer, or the way to it?
        kept = typed(f"docker exec {NAME}-dashboard-1 cat /proc/1/status /proc/1/wchan")
        look = "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/api/graph', timeout=5)"
        answers = attempted(f'docker exec {NAME}-dashboard-1 python -c "{look}"')
        at_last = attempted(f"curl -sf -m 30 -o /dev/null {address}")
        pytest.fail(
            f"{address} did not answer; inside: {answers}; from here now: {at_last}\n{kept}"
            + "\n".join(log(f"{NAME}-dashboard-1")[-20:])
        )


def inbox(node: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(f"{url(node)}/messages?limit=1000")["messages"]
    return found


def states_told() -> Counter[tuple[str, str]]:
    """How often all nodes together have told that somebody is in which state."""
    return Counter(
        (event["data"]["member"]["name"], event["type"].rpartition(".")[2])
        for node in LAYOUT.names
        for event in told_by(node)
        if event["type"].startswith(f"{PREFIX}member.")
    )


def told_by(node: str) -> Iterator[dict[str, Any]]:
    """All events that a node still has."""
    after = 0
    while (page := ask(f"{url(node)}/events?limit=5000&after={after}"))["events"]:
        yield from page["events"]
        after = page["next"]


def move(nodes: list[str], source: str, target: str) -> None:
    """Take nodes from one network to another, under the same name."""

    def one(node: str) -> None:
        typed(f"docker network disconnect {source} {NAME}-{node}-1")
        typed(f"docker network connect --alias {node} {target} {NAME}-{node}-1")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, nodes))


def inside(node: str, program: str, *arguments: str) -> str:
    """Run a little Python in a node's container, whose ports nobody need reach from here."""
    return typed(f"docker exec {NAME}-{node}-1 python -c", more=[program, *arguments])


def peers_inside(node: str) -> list[str]:
    peers: list[str] = json.loads(inside(node, _GET, "/peers"))["peers"]
    return peers


def heard_inside(node: str, text: str) -> bool:
    return text in inside(node, _GET, "/messages?limit=1000")


def broadcast_inside(node: str, text: str) -> None:
    inside(node, _POST, "/broadcast", json.dumps({"msg": text}))


def random_pairs(count: int) -> list[tuple[str, str]]:
    seed = random.randrange(2**32)
    print(f"pairs of seed {seed}")  # shown when the test fails
    chance = random.Random(seed)
    return [tuple(chance.sample(LAYOUT.names, 2)) for _ in range(count)]  # type: ignore[misc]


def exchange(pairs: list[tuple[str, str]]) -> None:
    """Send one message for each pair, all at once; each arrives once, where it should."""
    run = uuid.uuid4().hex
    texts = {f"{run} {number}": pair for number, pair in enumerate(pairs)}

    def send(text: str) -> tuple[str, str]:
        sender, receiver = texts[text]
        said = requests.post(f"{url(sender)}/send", json={"to": receiver, "msg": text}, timeout=10)
        assert said.status_code == 202, said.text
        return sender, said.json()["id"]

    with ThreadPoolExecutor(10) as pool:
        sent = list(pool.map(send, texts))
    for sender, message in sent:
        eventually(
            partial(ask, f"{url(sender)}/send/{message}"),
            lambda said: said["status"] == "delivered",
        )
    found = Counter(
        (message["msg"], message["sender"], node)
        for node in LAYOUT.names
        for message in inbox(node)
        if message["msg"].startswith(run)
    )
    assert found == Counter((text, *pair) for text, pair in texts.items())


def test_up_says_that_fifty_are_one_network(fifty: dict[str, Any]) -> None:
    assert fifty["mode"] == "docker"
    assert fifty["summary"]["alive"] == 50
    assert fifty["summary"]["components"] == 1
    assert len(containers_of(NAME)) == 52


def test_all_know_each_other() -> None:
    for node in LAYOUT.names:
        others = sorted(f"http://{name}:5000" for name in LAYOUT.names if name != node)
        eventually(partial(ask, f"{url(node)}/peers"), {"peers": others}.__eq__)


def test_the_bootstrap_has_them_all() -> None:
    names = sorted(f"http://{name}:5000" for name in LAYOUT.names)
    eventually(partial(ask, f"{url('bootstrap')}/peers"), {"peers": names}.__eq__)


def test_fifty_random_pairs_exchange_messages() -> None:
    exchange(random_pairs(50))


@pytest.mark.usefixtures("without_bootstrap")
def test_and_fifty_again_when_the_bootstrap_is_stopped() -> None:
    exchange(random_pairs(50))
    test_all_know_each_other()


def test_a_message_sent_from_the_command_line_is_in_the_log() -> None:
    text = f"Hello {uuid.uuid4().hex}!"
    typed(f"python3 p2p.py send node7 node23 '{text}' --name {NAME}")
    assert log(f"{NAME}-node23-1").count(f"Received message from node7: {text}") == 1
    assert text in typed(f"python3 p2p.py logs node23 --name {NAME}")


@pytest.mark.usefixtures("without_bootstrap")
def test_a_dashboard_that_comes_back_shows_the_truth_within_five_seconds() -> None:
    typed(f"docker restart --time 5 {NAME}-dashboard-1")
    began = time.monotonic()

    def summary() -> dict[str, Any]:
        try:
            return dict(ask(f"{DASHBOARD}/api/status"))
        except requests.ConnectionError:  # it is starting
            return {"alive": None, "state": None}

    eventually(summary, lambda said: (said["alive"], said["state"]) == (50, "connected"))
    assert time.monotonic() - began <= 5


def test_a_dead_node_is_seen_and_comes_back_as_itself() -> None:
    before = ask(f"{url('node9')}/")
    typed(f"docker kill {NAME}-node9-1")
    eventually(lambda: ask(f"{DASHBOARD}/api/status")["dead"], lambda dead: dead == 1)
    typed(f"docker start {NAME}-node9-1")
    eventually(lambda: ask(f"{DASHBOARD}/api/status")["alive"], lambda alive: alive == 50)
    assert ask(f"{url('node9')}/") == before


def test_a_node_that_is_frozen_is_dead_for_all_and_refutes_when_it_goes_on() -> None:
    """SIGSTOP for all that runs in it: to the others it vanishes without a word."""
    before = states_told()
    typed(f"docker pause {NAME}-node9-1")
    began = time.monotonic()
    try:
        others = [name for name in LAYOUT.names if name != "node9"]
        for node in others:
            eventually(partial(ask, f"{url(node)}/peers"), lambda said: len(said["peers"]) == 48)
        assert time.monotonic() - began <= DEAD_WITHIN
    finally:
        typed(f"docker unpause {NAME}-node9-1")
    began = time.monotonic()
    test_all_know_each_other()
    assert time.monotonic() - began <= DEAD_WITHIN
    told = states_told() - before
    assert {name for name, state in told if state == "dead"} == {"node9"}, "and nobody else"


def test_somebody_elses_node_is_a_citizen(plain: str) -> None:
    def seen() -> list[dict[str, Any]]:
        nodes: list[dict[str, Any]] = ask(f"{DASHBOARD}/api/graph")["nodes"]
        return [node for node in nodes if node["url"] == plain and node["state"] == "alive"]

    (view,) = eventually(seen, bool, seconds=90)
    assert view["kind"] == "plain"
    eventually(
        lambda: [m["msg"] for m in inbox("node1") if m["sender"] == PLAIN],
        lambda texts: texts == [f"Hello from {PLAIN}!"],
    )
    eventually(
        lambda: ask(url("node30") + "/peers")["peers"], lambda known: plain in known, seconds=60
    )
    typed(f"python3 p2p.py send node30 {plain} 'Hello, stranger!' --name {NAME}")
    assert log(PLAIN).count("Received message from node30: Hello, stranger!") == 1


def test_only_this_machine_reaches_the_ports() -> None:
    published = typed(
        f"docker ps --filter label=com.docker.compose.project={NAME} --format '{{{{.Ports}}}}'"
    )
    ways_in = [part.strip() for part in published.replace("\n", ",").split(",") if "->" in part]
    assert len(ways_in) == 52
    assert [way for way in ways_in if not way.startswith("127.0.0.1:")] == []


def test_halves_that_were_cut_apart_for_a_minute_are_one_again(other_side: str) -> None:
    """The brief's bar. A container that changes its network gets a new address there, too.

    The last test of these: for a minute afterwards Linux's table of neighbours is full of the old
    addresses and the new ones (`lab.neighbours`), and new connections may wait for seconds.
    """
    here, there = LAYOUT.names[:25], LAYOUT.names[25:]
    move(there, NAME, other_side)
    cut = time.monotonic()
    try:
        for half in (here, there):
            for node in half:
                others = sorted(f"http://{name}:5000" for name in half if name != node)
                eventually(partial(peers_inside, node), others.__eq__, seconds=60)
        texts = {half[0]: f"only for {half[0]}'s half {uuid.uuid4().hex}" for half in (here, there)}
        for node, text in texts.items():
            broadcast_inside(node, text)
        for half in (here, there):
            for node in half:
                eventually(partial(heard_inside, node, texts[half[0]]), bool)
        assert not heard_inside("node2", texts["node26"])
        eventually(lambda: time.monotonic() - cut, lambda seconds: seconds >= CUT, CUT + 1)
    finally:
        move(there, other_side, NAME)
    mended = time.monotonic()
    test_all_know_each_other()
    text = f"for all again {uuid.uuid4().hex}"
    requests.post(f"{url('node40')}/broadcast", json={"msg": text}, timeout=10)
    for node in LAYOUT.names:
        eventually(partial(heard_inside, node, text), bool)
    assert time.monotonic() - mended <= ONE_AGAIN_WITHIN
    exchange(random_pairs(20))
