"""The command's life with containers: exactly as many as asked for, twice is harmless, gone."""

import json
from collections.abc import Iterator

import pytest
from engine import attempted, typed

pytestmark = pytest.mark.docker

NAME = "p2p-updown"


def up(nodes: int, more: str = "") -> dict[str, object]:
    said: dict[str, object] = json.loads(
        typed(
            f"python3 p2p.py up --docker --nodes {nodes} --ports 73 --dashboard-port 7380 "
            f"--name {NAME} --json {more}",
            seconds=1200,
        )
    )
    return said


def containers() -> dict[str, str]:
    """Service and id of each."""
    lines = typed(
        f"docker ps --all --no-trunc --filter label=com.docker.compose.project={NAME} "
        """--format '{{.Label "com.docker.compose.service"}} {{.ID}}'"""
    ).splitlines()
    return {line.split()[0]: line.split()[1] for line in lines}


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    typed(f"python3 p2p.py down --name {NAME}", seconds=120)
    assert containers() == {}
    assert not attempted(f"docker network inspect {NAME}")


def test_it_grows_shrinks_and_leaves_alone_what_is_right() -> None:
    up(2)
    first = containers()
    assert sorted(first) == ["bootstrap", "dashboard", "node1", "node2"]
    up(2)
    assert containers() == first, "again is harmless"
    up(4, "--no-build")
    grown = containers()
    assert sorted(grown) == ["bootstrap", "dashboard", "node1", "node2", "node3", "node4"]
    assert {name: grown[name] for name in ("bootstrap", "node1", "node2")} == {
        name: first[name] for name in ("bootstrap", "node1", "node2")
    }
    up(2)
    assert sorted(containers()) == sorted(first)


def volumes() -> set[str]:
    """The names of what its containers keep things in."""
    ids = " ".join(containers().values())
    mounts = "{{range .Mounts}}{{.Name}} {{end}}"
    return set(typed(f"docker inspect {ids} --format '{mounts}'").split())


def test_a_container_that_was_made_anew_leaves_no_volume_behind() -> None:
    up(1)
    dashboard, seen = containers()["dashboard"], volumes()
    up(2)  # the dashboard waits for more nodes now, so it is another container
    assert containers()["dashboard"] != dashboard
    seen |= volumes()
    typed(f"python3 p2p.py down --name {NAME}", seconds=120)
    assert seen & set(typed("docker volume ls --quiet").split()) == set()


def test_the_hundredth_has_its_port() -> None:
    """Named alone, it needs no profile; `up` asks for all before it."""
    typed(f"docker compose --project-name {NAME} config --quiet")
    listed = typed(f"docker compose --project-name {NAME} --profile 100 config --services")
    assert "node100" in listed.split()


def test_a_stopped_container_is_started_again() -> None:
    up(2)
    typed(f"docker kill {NAME}-node2-1")
    said = typed(f"python3 p2p.py status --name {NAME} || true", script=True)
    assert "node2: exited" in said
    up(2)
    assert "4 of 4 run" in typed(f"python3 p2p.py status --name {NAME}")


def test_down_twice_and_after_nothing() -> None:
    assert "Nothing was running" in typed(f"python3 p2p.py down --name {NAME}")
    up(1)
    removed = json.loads(typed(f"python3 p2p.py down --name {NAME} --json", seconds=120))
    assert removed["removed"] == {"processes": 0, "containers": 3}
    assert "Nothing was running" in typed(f"python3 p2p.py down --name {NAME}")


def test_ports_that_a_container_has_are_said_to_be_its() -> None:
    up(1)
    said = refused(f"python3 p2p.py up --docker --nodes 1 --ports 73 --name {NAME}-2")
    assert f"7301 (node1): the container {NAME}-node1-1" in said
    assert containers()


def refused(command: str) -> str:
    """The complaint of a command line that must not work."""
    return typed(f"! {command} 2>&1", script=True)
