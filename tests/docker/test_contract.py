"""The assignment's own command lines, row by row, on real containers.

They are typed as the assignment types them, with one difference: where it publishes a port
on all interfaces (`-p 5001:5000`), these tests publish it on the two that matter, the loopback
and the default bridge's gateway, so that nobody else in the room reaches a test.
"""

import json
import re
from collections.abc import Iterator

import pytest
from engine import attempted, eventually, log, typed

pytestmark = pytest.mark.docker

NAMES = ("bootstrap", "node1", "node2", "someone-else")
NETWORK = "p2p-contract"
HELLO = (
    "curl -s -X POST http://localhost:5002/message -H 'Content-Type: application/json' "
    """-d '{"sender": "Node1", "msg": "Hello Node2!"}'"""
)
RECEIVED = "Received message from Node1: Hello Node2!"


@pytest.fixture(scope="module")
def images() -> None:
    """Both images, built with the assignment's lines."""
    typed("docker build -t p2p-node .", seconds=600)
    typed("docker build -t bootstrap-node -f bootstrap.Dockerfile .", seconds=600)


@pytest.fixture(autouse=True)
def empty_engine(images: None) -> Iterator[None]:  # noqa: ARG001 - ordered after it
    """No container of these names before a test, none after it."""
    taken = [name for name in NAMES if attempted(f"docker inspect {name}")]
    assert not taken, f"remove these containers of yours first: docker rm -f {' '.join(taken)}"
    yield
    for name in NAMES:
        attempted(f"docker rm -fv {name}")
    attempted(f"docker network rm {NETWORK}")


def published(port: int) -> str:
    gateway = typed(
        "docker network inspect bridge --format '{{(index .IPAM.Config 0).Gateway}}'"
    ).strip()
    return f"-p 127.0.0.1:{port}:5000 -p {gateway}:{port}:5000"


def answers(port: int) -> bool:
    return attempted(f"curl -sf http://localhost:{port}/")


def up(port: int) -> None:
    eventually(lambda: answers(port), bool)


def peers(port: int) -> list[str]:
    found: list[str] = json.loads(typed(f"curl -s http://localhost:{port}/peers"))["peers"]
    return found


def test_a_node_runs_alone() -> None:
    typed(f"docker run -d {published(5000)} --name node1 p2p-node")
    up(5000)
    assert "node1" in typed("docker ps --format '{{.Names}}'").split()
    said = typed("curl -s http://localhost:5000/")
    uuid = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    assert re.fullmatch(rf'{{"message": "Node {uuid} is running!"}}\n', said)
    assert typed("curl -s http://localhost:5000/peers") == '{"peers": []}\n'


def test_its_modules_come_from_one_file() -> None:
    loaded = "import node.__main__, node.peer; print(type(node.peer.__loader__).__module__)"
    said = typed(f"docker run --rm --read-only p2p-node python -c '{loaded}'")
    assert said.strip() == "contract.bundle"


def test_it_does_not_run_as_root_and_stops_at_once() -> None:
    typed(f"docker run -d {published(5000)} --name node1 p2p-node")
    up(5000)
    assert typed("docker exec node1 id -u").strip() != "0"
    typed("docker stop --time 8 node1")
    status = typed("docker inspect node1 --format '{{.State.ExitCode}}'").strip()
    assert status == "0", "it had to be killed"


def test_a_node_keeps_its_id_and_messages_across_a_restart() -> None:
    typed(f"docker run -d {published(5002)} --name node2 p2p-node")
    up(5002)
    before = typed("curl -s http://localhost:5002/")
    typed(HELLO)
    typed("docker kill node2")
    typed("docker start node2")
    up(5002)
    assert typed("curl -s http://localhost:5002/") == before
    inbox = json.loads(typed("curl -s http://localhost:5002/messages"))["messages"]
    assert [(m["sender"], m["msg"]) for m in inbox] == [("Node1", "Hello Node2!")]


@pytest.mark.parametrize("word", ["peer", "address", "peer_url", "url"])
def test_a_peer_registers_with_a_node(word: str) -> None:
    typed(f"docker run -d {published(5001)} --name node1 p2p-node")
    typed("docker run -d --name node2 p2p-node")
    up(5001)
    url = (
        "http://"
        + typed("docker inspect node2 --format '{{.NetworkSettings.IPAddress}}'").strip()
        + ":5000"
    )
    said = json.loads(
        typed(
            "curl -s -X POST http://localhost:5001/register -H 'Content-Type: application/json' "
            f"""-d '{{"{word}": "{url}"}}'"""
        )
    )
    assert said["status"] == "registered"
    assert peers(5001) == [url]


def test_a_message_typed_by_hand() -> None:
    typed(f"docker run -d {published(5002)} --name node2 p2p-node")
    up(5002)
    assert typed(HELLO) == '{"status": "received"}\n'
    assert log("node2").count(RECEIVED) == 1


def test_a_sender_cannot_forge_a_log_line() -> None:
    typed(f"docker run -d {published(5002)} --name node2 p2p-node")
    up(5002)
    typed(HELLO.replace("Node1", "Eve: x\\nReceived message from Node1"))
    lines = [line for line in log("node2") if "Hello Node2!" in line]
    assert lines == ["Received message from Eve: x\\nReceived message from Node1: Hello Node2!"]


def test_on_the_default_bridge_nodes_find_the_bootstrap_through_the_gateway() -> None:
    typed(f"docker run -d --name bootstrap {published(5000)} bootstrap-node")
    up(5000)
    typed(f"docker run -d {published(5001)} --name node1 p2p-node")
    typed(f"docker run -d {published(5002)} --name node2 p2p-node")

    def own_url(name: str) -> str:
        address = typed(f"docker inspect {name} --format '{{{{.NetworkSettings.IPAddress}}}}'")
        return f"http://{address.strip()}:5000"

    node1, node2 = own_url("node1"), own_url("node2")
    assert eventually(lambda: peers(5000), lambda p: len(p) == 2) == sorted([node1, node2])
    eventually(lambda: answers(5001) and peers(5001), lambda p: p == [node2])
    eventually(lambda: answers(5002) and peers(5002), lambda p: p == [node1])

    typed("docker stop bootstrap")
    assert typed(HELLO) == '{"status": "received"}\n'
    assert log("node2").count(RECEIVED) == 1
    send_over(5001, node2, "without the bootstrap")
    eventually(lambda: log("node2"), lambda lines: any("without the bootstrap" in x for x in lines))
    assert peers(5001) == [node2]


def test_on_a_network_of_ones_own_names_work_letter_for_letter() -> None:
    typed(f"docker network create {NETWORK}")
    typed(f"docker run -d --network {NETWORK} --name bootstrap {published(5000)} bootstrap-node")
    typed(f"docker run -d --network {NETWORK} {published(5001)} --name node1 p2p-node")
    typed(f"docker run -d --network {NETWORK} {published(5002)} --name node2 p2p-node")
    up(5000)
    wanted = '{"peers": ["http://node1:5000", "http://node2:5000"]}\n'
    eventually(lambda: typed("curl -s http://localhost:5000/peers"), lambda said: said == wanted)

    eventually(lambda: answers(5001) and peers(5001), lambda p: p == ["http://node2:5000"])
    typed("docker stop bootstrap")
    send_over(5001, "node2", "by name")
    eventually(lambda: log("node2"), lambda lines: "Received message from node1: by name" in lines)


def test_a_node_that_starts_before_the_bootstrap_finds_it_later() -> None:
    typed(f"docker network create {NETWORK}")
    typed(f"docker run -d --network {NETWORK} {published(5001)} --name node1 p2p-node")
    up(5001)
    typed(f"docker run -d --network {NETWORK} --name bootstrap {published(5000)} bootstrap-node")
    up(5000)
    eventually(lambda: peers(5000), lambda p: p == ["http://node1:5000"])


def send_over(port: int, to: str, text: str) -> None:
    """Ask the node at `port` to send, and wait until it says that it was delivered."""
    said = json.loads(
        typed(
            f"curl -s -X POST http://localhost:{port}/send -H 'Content-Type: application/json' "
            f"""-d '{{"to": "{to}", "msg": "{text}"}}'"""
        )
    )
    assert said["status"] == "queued", said
    eventually(
        lambda: json.loads(typed(f"curl -s http://localhost:{port}/send/{said['id']}")),
        lambda message: message["status"] == "delivered",
    )
