"""Imports that leave out what is not used.

A hundred nodes share two cores while they start, and all they do then is import. Some
libraries import whole others for the sake of a feature that we do not use; `kept_away`
keeps these away while such a library is loaded. Whoever imports them later gets the real
ones. Measured: eventlet without asyncio 40 ms less of CPU, Socket.IO's server without
requests and asyncio 75 ms, of some 400 ms that a node would take; TLS, clients and the
inspection of code 25 ms more.
"""

import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from types import ModuleType


class _Hollow(ModuleType):
    """A module that has a class of any name, and nothing in it."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


@contextmanager
def kept_away(
    *,
    hollow: Collection[str] = (),
    absent: Collection[str] = (),
    instead: Collection[ModuleType] = (),
) -> Iterator[None]:
    """Import what is imported inside while some modules that are not there yet are kept away.

    `hollow` ones import as empty modules: for a library that only touches them in functions
    which we never call. `absent` ones raise ImportError as if they were not installed: for a
    library that is ready for that. `instead` are modules that take the place of the real one.
    """
    away: dict[str, ModuleType | None] = {
        **{other: _Hollow(other) for other in hollow},
        **{module.__name__: module for module in instead},
        **dict.fromkeys(absent),  # None in sys.modules is an ImportError
    }
    away = {other: module for other, module in away.items() if other not in sys.modules}
    sys.modules.update(away)  # type: ignore[arg-type] # the documented meaning of None
    try:
        yield
    finally:
        for other in away:
            del sys.modules[other]
