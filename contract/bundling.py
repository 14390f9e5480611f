"""Writing the file of `contract.bundle`, when the image is made."""

import importlib.machinery
import marshal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import ModuleType

from contract.bundle import Entry, age_of, python_is


class _Recorder:
    """Finds modules as Python does, and writes down which."""

    def __init__(self) -> None:
        self.found: dict[str, ModuleSpec] = {}

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            self.found[name] = spec
        return spec


@contextmanager
def recorded() -> Iterator[dict[str, ModuleSpec]]:
    """Note which modules are loaded from sources, inside and before."""
    recorder = _Recorder()
    sys.meta_path.insert(0, recorder)
    try:
        yield recorder.found
        for module in list(sys.modules.values()):
            spec = getattr(module, "__spec__", None)
            if spec is not None and isinstance(spec.loader, SourceFileLoader):
                recorder.found.setdefault(spec.name, spec)
    finally:
        sys.meta_path.remove(recorder)


def write(path: Path, found: dict[str, ModuleSpec]) -> int:
    """Put modules into a file. Returns how many. Raises OSError."""
    entries: dict[str, Entry] = {}
    codes: list[bytes] = []
    place = 0
    for name, spec in found.items():
        loader, origin = spec.loader, spec.origin
        code = loader.get_code(name) if isinstance(loader, SourceFileLoader) else None
        if code is None or origin is None:
            continue
        codes.append(marshal.dumps(code))
        package = spec.submodule_search_locations is not None
        entries[name] = (origin, spec.cached, package, age_of(origin), place, len(codes[-1]))
        place += len(codes[-1])
    index = marshal.dumps((python_is(), place, entries))
    path.write_bytes(len(index).to_bytes(4, "big") + index + b"".join(codes))
    return len(entries)


def main(load: Callable[[], None]) -> None:
    """Make the file that is named on the command line, of all that `load` loads."""
    if len(sys.argv) != 2:
        sys.exit("Name the file to write, and nothing else.")
    with recorded() as found:
        load()
    print(f"{write(Path(sys.argv[1]), found)} modules are in {sys.argv[1]}")
