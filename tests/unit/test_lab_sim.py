"""`p2p.py sim`: the simulator from the one command, and its bar."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from lab import ROOT
from lab.progress import Progress
from lab.sim import show


def typed(*words: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "p2p.py"), "sim", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_figures_come_on_standard_output_and_progress_beside_it() -> None:
    done = typed("--nodes", "5", "--seconds", "5", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["figures"]["graph"]["nodes"] == 5
    assert "progress" not in done.stdout + done.stderr


def test_a_scenario_is_looked_for_where_the_person_is(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('nodes = 4\nseconds = 5\n[[fault]]\ndo = "join"\nat = 1\n', encoding="utf-8")
    done = typed("--scenario", "mine.toml", "--json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["figures"]["graph"]["nodes"] == 5


def test_what_is_asked_wrongly_has_the_simulators_status_and_words() -> None:
    done = typed("--nodes", "0")
    assert done.returncode == 2
    assert "nodes" in done.stderr
    assert "Traceback" not in done.stderr


def test_lines_of_progress_become_a_bar_and_others_are_passed_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stream = io.StringIO()
    progress = Progress(stream)
    show("progress 30.0 60.0 settling", progress)
    show("progress 60.0 60.0 settling", progress)
    show("something else happened", progress)
    assert "60 of 60 seconds of the world" in stream.getvalue()
    assert "something else happened" in capsys.readouterr().err
