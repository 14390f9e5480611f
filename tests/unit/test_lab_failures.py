"""The last lines of a run of tests name what failed, from what a real pytest wrote."""

import subprocess
import sys
from pathlib import Path

import pytest

from lab import failures

TESTS = """
import pytest

@pytest.fixture
def broken():
    yield
    raise RuntimeError("after the test")

def test_good(): pass
@pytest.mark.skip
def test_left_out(): raise AssertionError
@pytest.mark.parametrize("number", [1, 2])
def test_bad(number): assert number == 2, "this is " + "long " * 100
def test_torn_down(broken): pass
"""


@pytest.fixture
def report(tmp_path: Path) -> Path:
    (tmp_path / "test_some.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    file = tmp_path / "some.xml"
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *failures.report_to(file)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout
    return file


def test_each_that_failed_is_named_with_its_reason_in_one_line(report: Path) -> None:
    bad, torn_down = failures.lines({"some": report})
    assert bad.startswith("test_some.py::test_bad[1]: AssertionError: this is long long")
    assert bad.endswith("…")
    assert len(bad) < 200
    assert torn_down.startswith("test_some.py::test_torn_down: ")
    assert "RuntimeError: after the test" in torn_down


def test_what_never_ran_names_nothing_and_half_a_report_says_so(tmp_path: Path) -> None:
    half = tmp_path / "half.xml"
    half.write_text("<testsuites><testsuite>")
    (said,) = failures.lines({"unit": tmp_path / "missing.xml", "api": half})
    assert said.startswith("api: what failed is not known: ")


def test_many_failures_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "many.xml"
    case = '<testcase file="a.py" name="test_a"><failure message="no"/></testcase>'
    file.write_text(f"<testsuite>{case * 14}</testsuite>")
    assert failures.lines({"unit": file}) == ["a.py::test_a: no"] * 12 + [
        "... and 2 more, see above"
    ]
