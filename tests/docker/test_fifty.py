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

from lab.layout import Layout

pytestmark = pytest.mark.docker

NAME = "p2p-fifty"
LAYOUT = Layout(nodes=50, hundreds=71, dashboard=7180)
PLAIN = "someone-elses-node"
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
    return requests.get(address, timeout=10).json()


def inbox(node: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(f"{url(node)}/messages?limit=1000")["messages"]
    return found


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
