"""`p2p.py replay`: which program is started, where, and what is said when it cannot be."""

import socket
from pathlib import Path

import pytest

from lab import LabError
from lab.main import main
from lab.replay import free_port, program


def test_it_shows_that_file_and_takes_no_other_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASHBOARD_DATA", "/somewhere")
    monkeypatch.setenv("DASHBOARD_SEEDS", "http://node1:5000")
    told = program(Path("lesson.p2prun"), 8090)
    assert {key: told[key] for key in told if key.startswith("DASHBOARD_")} == {
        "DASHBOARD_HOST": "127.0.0.1",
        "DASHBOARD_PORT": "8090",
        "DASHBOARD_REPLAY": str(Path("lesson.p2prun").absolute()),
    }


def test_where_a_port_is_taken_the_next_one_is(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        found = free_port(port)
    assert port < found < port + 100
    assert f"Port {port} is taken" in capsys.readouterr().err
    assert free_port(found) == found


def test_without_a_free_port_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.ports.free", lambda _: False)
    with pytest.raises(LabError, match="--dashboard-port"):
        free_port(65_530)


def test_a_file_that_is_not_there_is_a_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", str(tmp_path / "none.p2prun")]) == 2
    assert "There is no file" in capsys.readouterr().err
