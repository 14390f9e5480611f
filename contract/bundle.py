"""All modules that a program loads at its start, in one file: how they are taken from there.

Python looks for each module in several folders, asks for the age of its source, and opens,
reads and closes the compiled file: 230 times for a node, and a hundred nodes do it in the
same seconds on two cores. The image is made once and never changes, so all of that can be
done when it is made: `contract.bundling` writes the file, and `use` lets Python take the
modules from there. That saves a node 15 of some 90 ms [measured].

What is in the file is what is in the compiled files, byte for byte. Where it cannot be right
(another Python, other switches, a source of ours that was changed since, as when somebody
mounts his own code into a container) it is left alone, and Python looks by itself.

This module is loaded before the file is, so it imports only what Python has loaded by then.
"""

import importlib.machinery
import importlib.util
import marshal
import os
import sys
from importlib.machinery import ModuleSpec, SourceFileLoader

TYPE_CHECKING = False  # the one in `typing` takes 2 ms
if TYPE_CHECKING:
    from types import CodeType

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
Age = tuple[int, int] | None
"""When a source of ours was changed (seconds), and its size (bytes); None for a library's."""
Entry = tuple[str, str | None, bool, Age, int, int]
"""Source, compiled file, whether it is a package, age, place in the file, length."""


def use(path: str) -> bool:
    """Take modules from a file from now on. False where there is none for this Python."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            import mmap  # late: where there is no such file it is not needed

            # Mapped, not read: a hundred nodes share its 2.7 MiB, and none copies it.
            content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError):  # not there, or empty
        return False
    start = 4 + int.from_bytes(content[:4], "big")
    try:
        python, length, entries = marshal.loads(content[4:start])  # noqa: S302 - ours, as compiled files are
    except (EOFError, ValueError, TypeError):
        return False
    if python != python_is() or length != len(content) - start:
        return False
    place = sys.meta_path.index(importlib.machinery.PathFinder)
    sys.meta_path.insert(place, _Finder(entries, content[start:]))
    return True


class _Finder:
    """Finds the modules that are in the file."""

    def __init__(self, entries: dict[str, Entry], codes: memoryview) -> None:
        self._entries = entries
        self._codes = codes

    def find_spec(
        self, name: str, _path: object = None, _target: object = None
    ) -> ModuleSpec | None:
        entry = self._entries.get(name)
        if entry is None:
            return None
        origin, cached, package, age, place, length = entry
        if age is not None and age_of(origin) != age:
            return None
        loader = _Loader(name, origin, self._codes[place : place + length])
        spec = ModuleSpec(name, loader, origin=origin, is_package=package)
        spec.has_location = True
        spec.cached = cached
        if spec.submodule_search_locations is not None:
            spec.submodule_search_locations.append(origin.rpartition(os.sep)[0])
        return spec


class _Loader(SourceFileLoader):
    """Python's own loader, which has the compiled code at hand."""

    def __init__(self, name: str, path: str, code: memoryview) -> None:
        super().__init__(name, path)
        self._code = code

    def get_code(self, fullname: str) -> "CodeType | None":
        if fullname != self.name:
            return super().get_code(fullname)
        code: CodeType = marshal.loads(self._code)  # noqa: S302 - as above
        return code


def age_of(source: str) -> Age:
    """To tell whether a source was changed since."""
    if not source.startswith(ROOT + os.sep):
        return None
    try:
        status = os.stat(source)  # noqa: PTH116
    except OSError:
        return (0, 0)
    return int(status.st_mtime), status.st_size


def python_is() -> tuple[bytes, int]:
    """What compiled code depends on."""
    return importlib.util.MAGIC_NUMBER, sys.flags.optimize
