"""The command line itself: help, mistakes, and what it needs of a machine."""

import http.server
import os
import re
import runpy
import subprocess
import sys
import threading
from collections import namedtuple
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab import ROOT, LabError
from lab.dashboard import Dashboard, NoAnswerError, RefusedError, Summary
from lab.layout import Layout
from lab.main import COMMANDS
from lab.progress import Progress
from lab.waiting import Starting, until_connected


def typed(*words: str, options: tuple[str, ...] = ()) -> "subprocess.CompletedProcess[str]":
    """Run the command with a Python that has nothing installed: no site-packages at all."""
    return subprocess.run(
        [sys.executable, "-S", "-E", *options, "p2p.py", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_alone_it_lists_all_commands() -> None:
    said = typed()
    assert said.returncode == 0
    for name in COMMANDS:
        assert re.search(rf"^  {name} ", said.stdout, re.MULTILINE)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_with_examples(name: str) -> None:
    if name == "bench":  # it asks the benchmarks themselves
        return
    said = typed(name, "--help")
    assert said.returncode == 0, said.stderr
    assert f"python3 p2p.py {name}" in said.stdout.split("examples:")[1]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["dwon"], "Did you mean down?"),
        (["up", "--nodes", "0"], "from 1 to 100"),
        (["up", "--nodes", "101"], "from 1 to 100"),
        (["up", "--nodes", "many"], "from 1 to 100"),
        (["up", "--nodes", "9" * 5000], "from 1 to 100"),
        (["up", "--ports", "9"], "from 11 to 654"),
        (["up", "--docker", "--local"], "not allowed with"),
        (["up", "--dashboard-port", "5007"], "where a node or the bootstrap is"),
        (["up", "--name", "../../etc"], "cannot be called"),
        (["send", "node1"], "required: TO, TEXT"),
        (["broadcast", "node1"], "required: TEXT"),
        (["test", "unti"], "Did you mean unit?"),
        (["status", "now"], "unrecognized arguments"),
    ],
)
def test_a_mistake_is_explained_and_ends_with_2(words: list[str], told: str) -> None:
    said = typed(*words)
    assert said.returncode == 2
    assert told in said.stderr
    assert "Traceback" not in said.stderr
    assert said.stdout == ""


def test_defaults_come_from_the_environment_and_are_checked_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("P2P_NODES", "101")
    assert "from 1 to 100" in typed("up").stderr


def test_where_nothing_runs_it_says_how_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("P2P_DASHBOARD_PORT", "1")
    for words in (["status"], ["send", "node1", "node2", "x"], ["broadcast", "node1", "x"]):
        said = typed(*words, "--name", "nothing-of-the-kind")
        assert said.returncode == 1
        assert "p2p.py up` starts a network" in said.stdout + said.stderr


def test_whoever_has_read_enough_is_no_error() -> None:
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} p2p.py status --name none | head -c 0"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""


def test_an_older_python_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    version = namedtuple("version", "major minor micro releaselevel serial")  # noqa: PYI024
    monkeypatch.setattr(sys, "version_info", version(3, 9, 6, "final", 0))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer, and this is Python 3\.9"):
        runpy.run_path(str(ROOT / "p2p.py"))


def test_only_the_standard_library_is_imported_before_there_is_an_environment() -> None:
    names = [module.stem for module in (ROOT / "lab").glob("[a-z]*.py")]
    done = subprocess.run(
        [sys.executable, "-S", "-E", "-c", "import lab." + ", lab.".join(names)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""


# --- what the dashboard says, and what else might answer there --------------------------------

SAID = (
    '{"state": "connected", "line": "all well", "expected": 3, "nodes": 3, "alive": 3, '
    '"watched": 3, "components": 1}'
)


class Answers:
    """An HTTP server that answers everything with what it is told to."""

    def __init__(self) -> None:
        self.next: list[tuple[int, bytes]] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, body = outer.next.pop(0) if len(outer.next) > 1 else outer.next[0]
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port


@pytest.fixture
def answers() -> Iterator[Answers]:
    found = Answers()
    thread = threading.Thread(target=found.server.serve_forever, args=(0.01,))
    thread.start()
    yield found
    found.server.shutdown()
    thread.join()
    found.server.server_close()


def test_a_summary_is_read(answers: Answers) -> None:
    answers.next = [(200, SAID.encode())]
    summary = Dashboard(answers.port).summary()
    assert (summary.alive, summary.components, summary.line) == (3, 1, "all well")
    assert summary.is_one_network_of(3)
    assert not summary.is_one_network_of(4)
    assert not summary.is_one_network_of(2), "it still waits for three"


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"null", b"{}", b'{"nodes": "3"}', b"\xff\xfe", b"[" * 100_000],
)
def test_what_is_no_dashboard_is_called_so(answers: Answers, body: bytes) -> None:
    answers.next = [(200, body)]
    with pytest.raises(NoAnswerError):
        Dashboard(answers.port).summary()


def test_a_refusal_is_the_dashboards_own_words(answers: Answers) -> None:
    answers.next = [(404, b'{"error": "there is no node 9"}')]
    with pytest.raises(RefusedError, match="there is no node 9"):
        Dashboard(answers.port).node("node9")


def starting(
    started: int | None = None, trouble: Callable[[], str | None] = lambda: None
) -> Starting:
    return Starting("programs", lambda: started, trouble)


def said_with(**changed: object) -> bytes:
    text = SAID
    for key, value in changed.items():
        text = re.sub(rf'"{key}": [^,}}]*', f'"{key}": {value}', text)
    return text.encode()


def wait(answers: Answers, nodes: int = 3, timeout: float = 20, **how: object) -> Summary:
    layout = Layout(nodes, dashboard=answers.port)
    begin: Starting = how.get("starting", starting())  # type: ignore[assignment]
    return until_connected(layout, begin, Progress(quiet=True), timeout)


def test_it_waits_until_all_are_alive_in_one_network_that_is_the_wanted_one(
    answers: Answers,
) -> None:
    answers.next = [
        (503, b"not yet"),
        (200, said_with(state='"empty"', alive=0, components=0)),
        (200, said_with(alive=2)),
        (200, said_with(components=2)),
        (200, said_with(state='"split"')),
        (200, said_with(watched=2)),
        (200, said_with(expected=50)),
        (200, SAID.encode()),
    ]
    assert wait(answers).line == "all well"
    assert len(answers.next) == 1, "not before the last answer"


def test_too_late_says_what_is_missing(answers: Answers) -> None:
    answers.next = [(200, said_with(alive=2, line='"2 of 3 nodes"'))]
    with pytest.raises(LabError, match=r"After 0 s 2 of 3 nodes are alive, in 1 part: 2 of 3"):
        wait(answers, timeout=0.1)


def test_a_dashboard_that_never_answers_is_named() -> None:
    layout = Layout(1, dashboard=1)
    with pytest.raises(LabError, match=r"does not answer at http://localhost:1\."):
        until_connected(layout, starting(), Progress(quiet=True), 0.1)


def test_trouble_ends_the_wait_at_once(answers: Answers) -> None:
    answers.next = [(200, said_with(alive=2))]
    with pytest.raises(LabError, match="node2 is dead"):
        wait(answers, starting=starting(trouble=lambda: "node2 is dead"))


def test_the_makefile_never_reads_a_text_as_a_command(tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    text = f"\"; touch {trap}; $(touch {trap}) `touch {trap}` '; touch {trap}"
    done = subprocess.run(
        ["make", "-s", "send", "FROM=node1", "TO=node2", f"TEXT={text.replace('$', '$$')}"],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "COMPOSE_PROJECT_NAME": "none",
            "P2P_DASHBOARD_PORT": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert "No dashboard answers at port 1" in done.stderr
    assert not trap.exists()
