"""`verify --docker`: real containers killed, paused, restarted and taken off their network."""

import json
import subprocess
import sys

import pytest
from engine import ROOT

pytestmark = pytest.mark.docker

NODES, SECONDS, SEED = 20, 60, 3
"""A minute for the suite; by itself `verify --docker` takes 50 containers and five minutes."""


def test_no_message_is_lost_or_doubled_whatever_is_done_to_containers() -> None:
    done = subprocess.run(
        [
            *(sys.executable, "p2p.py", "verify", "--docker", "--json"),
            *("--nodes", str(NODES), "--seconds", str(SECONDS), "--seed", str(SEED)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.stdout, done.stderr
    said = json.loads(done.stdout)
    assert said["holds"], json.dumps(said["problems"][:10], indent=1)
    assert done.returncode == 0
    assert said["faults"] >= 8
    assert said["faults_undone"] <= 3
    assert said["delivered"] > 0.9 * said["accepted"] > 500
