"""One file of all modules that a program loads at its start, and when it must not be believed."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WRITE = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from contract import bundle, bundling
bundle.ROOT = sys.argv[1]
with bundling.recorded() as found:
    import outer.inner
bundling.write(Path(sys.argv[2]), found)
"""
USE = """
import sys
sys.path.insert(0, sys.argv[1])
from contract import bundle
bundle.ROOT = sys.argv[1]
print(bundle.use(sys.argv[2]))
import outer.inner
print(type(outer.inner.__loader__).__name__, outer.inner.VALUE)
print(outer.inner.__file__, outer.__path__)
"""


def run(program: str, *arguments: Path) -> list[str]:
    """The lines that a Python of its own prints."""
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A folder with a package of one module."""
    (tmp_path / "outer").mkdir()
    (tmp_path / "outer/__init__.py").touch()
    (tmp_path / "outer/inner.py").write_text("VALUE = 'as written'\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def bundle(package: Path) -> Path:
    """The package in one file."""
    run(WRITE, package, package / "bundle")
    return package / "bundle"


def test_modules_come_from_the_file_and_say_where_their_source_is(
    package: Path, bundle: Path
) -> None:
    assert run(USE, package, bundle) == [
        "True",
        "_Loader as written",
        f"{package}/outer/inner.py ['{package}/outer']",
    ]


def test_a_source_that_was_changed_since_counts(package: Path, bundle: Path) -> None:
    (package / "outer/inner.py").write_text("VALUE = 'changed afterwards'\n", encoding="utf-8")
    assert run(USE, package, bundle)[:2] == ["True", "SourceFileLoader changed afterwards"]


@pytest.mark.parametrize("kept", [0, 3, 100, -1])
def test_a_file_that_was_cut_short_is_left_alone(package: Path, bundle: Path, kept: int) -> None:
    bundle.write_bytes(bundle.read_bytes()[:kept])
    assert run(USE, package, bundle)[:2] == ["False", "SourceFileLoader as written"]


def test_without_a_file_python_looks_by_itself(package: Path) -> None:
    assert run(USE, package, package / "none")[:2] == ["False", "SourceFileLoader as written"]


def test_a_file_of_another_python_is_left_alone(package: Path, bundle: Path) -> None:
    other = USE.replace("print(bundle.use", "bundle.python_is = lambda: 0\nprint(bundle.use")
    assert run(other, package, bundle)[:2] == ["False", "SourceFileLoader as written"]


def test_a_node_finds_all_that_it_loads_at_its_start_in_its_file(tmp_path: Path) -> None:
    path = tmp_path / "node.bundle"
    subprocess.run([sys.executable, "-m", "node.bundle", path], cwd=ROOT, check=True)
    looked_for = run(
        "import sys\n"
        "from contract import bundle\n"
        "bundle.use(sys.argv[1])\n"
        "before = set(sys.modules)\n"
        "import node.__main__\n"
        "from contract import server; server.load()\n"
        "from node import subscribe; subscribe.load()\n"
        "new = {name: sys.modules[name] for name in set(sys.modules) - before}\n"
        "loaders = {name: getattr(new[name], '__loader__', None) for name in new}\n"
        "print(*(n for n in loaders if type(loaders[n]).__name__ == 'SourceFileLoader'))",
        path,
    )
    assert looked_for == [""]
