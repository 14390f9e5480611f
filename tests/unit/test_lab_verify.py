"""`p2p.py verify` as it is typed; the network itself is for other tests."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from test_lab_verification import good

from lab import ROOT
from lab.folder import Folder, Run
from lab.layout import Layout
from lab.verification.history import save


def typed(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "p2p.py"), "verify", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_kept_run_is_judged_again(tmp_path: Path) -> None:
    file = tmp_path / "run.history"
    history = good()
    save(history, file)
    done = typed("--judge", str(file))
    assert done.returncode == 0, done.stderr
    assert "HOLDS" in done.stdout
    del history.inboxes["node2"][0]
    save(history, file)
    done = typed("--judge", str(file), "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["lost"] == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--judge", "/nowhere/at/all"), "/nowhere/at/all"),
        (("--keep", "/nowhere/at/all"), "/nowhere/at/all"),
        (("--seeds", "3"), "--seeds is for --sim"),
        (("--rate", "nan"), "must be from"),
        (("--rate", "0"), "must be from"),
        (("--nodes", "2"), "from 3 to 100"),
        (("--local", "--docker"), "not allowed with"),
        (("--name", "Not A Name"), "cannot be called"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_starts(
    words: tuple[str, ...], said: str
) -> None:
    done = typed(*words)
    assert done.returncode == 2, done.stdout + done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_network_that_is_there_is_left_alone() -> None:
    folder = Folder("p2p-verify-there")
    folder.remember(Run("local", Layout(3, 1_23, 1_2345)))
    try:
        done = typed("--name", folder.name)
        assert done.returncode == 1
        assert "down --name p2p-verify-there" in done.stderr
        assert folder.run() is not None
    finally:
        folder.remove()
