"""Steps of the project's own tools, one beside another."""

import os
import sys
import time

import pytest

from lab import steps


def test_a_step_beside_others_is_shown_when_it_is_waited_for(
    capfd: pytest.CaptureFixture[str],
) -> None:
    script = "import sys; print('first'); print('then', file=sys.stderr); sys.exit(3)"
    beside = steps.Beside("later", [sys.executable, "-c", script], dict(os.environ))
    deadline = time.monotonic() + 20
    while beside._process.poll() is None and time.monotonic() < deadline:
        assert capfd.readouterr().out == ""
    result = beside.result()
    said = capfd.readouterr().out
    assert said.index("=== later") < said.index("first")
    assert "then" in said
    assert (result.name, result.status, result.word) == ("later", 3, "FAILED")
    assert 0 < result.seconds < 20
