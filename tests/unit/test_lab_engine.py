"""The engine's answers and refusals, played by a program called `docker`.

The real engine's part is in tests/docker; here it is what an engine can only be made to say
by breaking it.
"""

import os
import shlex
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lab import ROOT, LabError, engine, image
from lab.containers import Containers, remove
from lab.engine import Container, Engine, NoEngineError
from lab.folder import Folder
from lab.layout import Layout
from lab.progress import Progress

Play = Callable[..., Path]
DOWN = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is it running?"


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Put a `docker` on the path that answers by its first words; where it writes its calls."""

    def start(**parts: str) -> Path:
        calls = tmp_path / "calls"
        calls.touch()
        cases = "\n".join(
            f"  {shlex.quote(words.replace('_', ' '))}*) {script} ;;"
            for words, script in parts.items()
        )
        docker = tmp_path / "docker"
        docker.write_text(
            f'#!/bin/sh\necho "$P2P_NODES/$COMPOSE_PROJECT_NAME $*" >>{shlex.quote(str(calls))}\n'
            f'case "$*" in\n{cases}\n  *) exit 0 ;;\nesac\n'
        )
        docker.chmod(docker.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("P2P_DASHBOARD_PORT", "21999")  # 8080 may be a person's own
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin")
        return calls

    return start


def say(text: str, status: int = 0, *, error: bool = False) -> str:
    return f"printf '%s\\n' {shlex.quote(text)}{' >&2' if error else ''}; exit {status}"


def until(condition: Callable[[], object]) -> None:
    ends = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.01)


def test_no_docker_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoEngineError, match="not installed"):
        Engine("p2p").look()


def test_an_engine_that_does_not_answer_is_quoted(play: Play) -> None:
    play(ps=say(DOWN, 1, error=True), image=say(DOWN, 1, error=True))
    with pytest.raises(NoEngineError, match=r"Cannot connect to the Docker daemon"):
        Engine("p2p").look()


def test_an_engine_that_never_answers_is_not_waited_for(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_PATIENCE", 0.3)
    play(ps="exec sleep 60")
    began = time.monotonic()
    with pytest.raises(NoEngineError, match="did not answer"):
        Engine("p2p").look()
    assert time.monotonic() - began < 10


def test_without_compose_it_is_no_use(play: Play) -> None:
    play(compose=say("docker: 'compose' is not a docker command.", 1, error=True))
    with pytest.raises(NoEngineError, match="Compose plugin"):
        Engine("p2p").look()


def test_what_is_there_is_seen(play: Play) -> None:
    calls = play(
        ps=say("node1\trunning\tabc\t/a b\nnode2\texited\tdef\t\n broken line\twith words"),
        image_inspect=say('{"p2p.sources": "f00"}'),
    )
    look = Engine("mine").look()
    assert look.containers == [
        Container("node1", "running", "abc", "/a b"),
        Container("node2", "exited", "def", ""),
    ]
    assert look.labels == {"p2p.sources": "f00"}
    assert "label=com.docker.compose.project=mine" in calls.read_text()


def test_without_an_image_there_are_no_labels(play: Play) -> None:
    play(image_inspect=say("Error: No such image: p2p-lab", 1, error=True))
    assert Engine("p2p").look().labels is None


def test_exactly_the_wanted_services_are_started(play: Play) -> None:
    calls = play()
    containers = Containers(Engine("mine"), Layout(3, 61))
    containers.start([])
    until(lambda: containers.starting().started() is None)
    containers.stop_starting()
    assert calls.read_text() == (
        "3/mine compose --profile 100 up --detach --no-build --quiet-pull "
        "bootstrap dashboard node1 node2 node3\n"
    )


def test_surplus_nodes_are_removed_and_only_those(play: Play) -> None:
    calls = play()
    containers = Containers(Engine("p2p"), Layout(1))
    present = [Container(name, "running", "x") for name in ("bootstrap", "node1", "node2", "mine")]
    containers.start(present)
    containers.stop_starting()
    assert calls.read_text().splitlines()[0] == (
        "1/p2p compose --profile 100 rm --stop --force --volumes node2"
    )


def test_started_containers_are_counted(play: Play) -> None:
    lines = [
        " Network p2p  Created",
        " Container p2p-node1-1  Created",
        " Container p2p-node1-1  Started",
        " Container p2p-node1-1  Started",
        " Container p2p-bootstrap-1  Running",
        " Container p2p-node2-1  Starting",
    ]
    play(compose=say("\n".join(lines)).replace("exit 0", "exec sleep 60"))
    containers = Containers(Engine("p2p"), Layout(2))
    containers.start([])
    until(lambda: containers.starting().started() == 2)
    assert containers.starting().trouble() is None
    containers.stop_starting()


def test_why_compose_failed_is_told_without_its_noise(play: Play) -> None:
    reason = "Error response from daemon: Bind for 127.0.0.1:5001 failed: port is allocated"
    play(compose=say(f" Container p2p-node1-1  Starting\n{reason}", 1, error=True))
    containers = Containers(Engine("p2p"), Layout(1))
    containers.start([])
    until(lambda: containers.starting().trouble())
    said = containers.starting().trouble()
    assert said == f"Docker Compose could not start the containers:\n  {reason}"


def test_a_container_that_ended_is_named_with_its_last_words(play: Play) -> None:
    play(
        ps=say("node1\trunning\tabc\t\nnode2\texited\tdef\t\nnode9\texited\told\t"),
        inspect=say("1 false"),
        logs=say("This node cannot start: no room\nBye"),
    )
    containers = Containers(Engine("p2p"), Layout(2))
    containers.start([])
    until(lambda: containers.starting().trouble())
    assert containers.starting().trouble() == (
        "The container of node2 ended with status 1. The last that it printed:\n"
        "  This node cannot start: no room\n  Bye"
    )
    containers.stop_starting()


def test_lack_of_memory_is_called_so(play: Play) -> None:
    play(inspect=say("137 true"))
    assert Engine("p2p").ended_with(Container("node1", "exited", "x")) == "ran out of memory"


def test_a_network_somebody_still_uses_is_told(play: Play) -> None:
    line = " Network p2p  Resource is still in use"
    calls = play(compose=say(f" Container p2p-node1-1  Removed\n{line}", error=True))
    assert remove(Engine("p2p"), Layout()) == [line.strip()]
    assert calls.read_text().endswith("compose --profile 100 down --volumes --timeout 5\n")


def typed(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "p2p.py", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize("words", [["down"], ["up", "--nodes", "1"]])
def test_containers_of_another_checkout_are_left_alone(play: Play, words: list[str]) -> None:
    calls = play(ps=say("node1\trunning\tabc\t/somewhere/else"), image_inspect=say("{}"))
    said = typed(*words, "--name", "elsewhere")
    assert said.returncode == 1
    assert "were started from /somewhere/else" in said.stderr
    assert [line for line in calls.read_text().splitlines() if " compose --profile" in line] == []


def test_containers_started_here_by_hand_are_ours(play: Play) -> None:
    calls = play(ps=say(f"node1\trunning\tabc\t{ROOT}"))
    said = typed("down", "--name", "by-hand")
    assert said.returncode == 0, said.stderr
    assert "Removed 1 container " in said.stdout
    assert "compose --profile 100 down --volumes" in calls.read_text()


def test_what_compose_says_ends_up_in_front_of_the_person(play: Play) -> None:
    reason = "Error response from daemon: something is wrong"
    calls = play(image_inspect=say("{}"), **{"compose --profile": say(reason, 1, error=True)})
    said = typed("up", "--docker", "--no-build", "--nodes", "2", "--ports", "219", "--name", "bad")
    Folder("bad").remove()
    assert said.returncode == 1
    assert f"could not start the containers:\n  {reason}\n" in said.stderr
    assert "What runs can be stopped with `python3 p2p.py down --name bad`." in said.stderr
    assert said.stdout == ""
    assert "2/bad compose --profile 100 up" in calls.read_text()


def test_ctrl_c_ends_compose_and_says_what_runs(play: Play, tmp_path: Path) -> None:
    calls = play(
        ps=f"test -e {tmp_path}/compose && " + say(f"node1\trunning\tabc\t{ROOT}"),
        image_inspect=say("{}"),
        **{"compose --profile": f"echo $$ >{tmp_path}/compose; exec sleep 60"},
    )
    options = ["--docker", "--no-build", "--nodes=2", "--ports=219", "--name=stopped"]
    with subprocess.Popen(
        [sys.executable, "p2p.py", "up", "--timeout=20", *options],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    ) as starting:
        until(lambda: (tmp_path / "compose").exists() and (tmp_path / "compose").read_text())
        starting.send_signal(signal.SIGINT)
        _, told = starting.communicate(timeout=20)
    Folder("stopped").remove()
    assert starting.returncode == 130, told
    assert "Stopped waiting: 1 of 4 containers run." in told
    assert "stop them with `python3 p2p.py down --name stopped`" in told
    compose = int((tmp_path / "compose").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(compose, 0)
    assert calls.read_text()


def test_without_an_image_no_build_is_refused(play: Play) -> None:
    play(image_inspect=say("No such image", 1, error=True))
    said = typed("up", "--docker", "--no-build", "--ports", "219", "--name", "none")
    assert said.returncode == 1
    assert "There is no image yet" in said.stderr


def test_what_cannot_be_removed_is_told(play: Play) -> None:
    play(compose=say("permission denied", 1, error=True))
    with pytest.raises(LabError, match="permission denied"):
        remove(Engine("p2p"), Layout())


def test_a_build_that_fails_shows_its_end(play: Play) -> None:
    play(build=say("#5 [web 2/4] COPY package.json .\n#5 ERROR: not found", 1))
    with pytest.raises(LabError, match="ERROR: not found"):
        image.build("f00", Progress(quiet=True))


def test_a_build_carries_the_fingerprint_and_replaces_only_ours(play: Play) -> None:
    calls = play()
    image.build("f00", Progress(quiet=True))
    assert [line.split(" ", 1)[1] for line in calls.read_text().splitlines()] == [
        "build --tag p2p-lab --label p2p.sources=f00 .",
        "image prune --force --filter label=p2p.sources",
    ]
