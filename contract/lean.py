"""Imports that leave out what is not used.

A hundred nodes share two cores while they start, and all they do then is import. Some
libraries import whole others for the sake of a feature that we do not use; `lean_import`
keeps these away while such a library is loaded. Whoever imports them later gets the real
ones. Measured: eventlet without asyncio 40 ms less of CPU, Socket.IO's server without
requests and asyncio 75 ms, of some 400 ms that a node would take.
"""

import importlib
import sys
from collections.abc import Collection
from types import ModuleType


def lean_import(
    name: str, *, hollow: Collection[str] = (), absent: Collection[str] = ()
) -> ModuleType:
    """Import `name` while some modules that are not there yet are kept away.

    `hollow` ones import as empty modules: for a library that only touches them in functions
    which we never call. `absent` ones raise ImportError as if they were not installed: for a
    library that is ready for that.
    """
    kept_away: dict[str, ModuleType | None] = {
        **{other: ModuleType(other) for other in hollow},
        **dict.fromkeys(absent),  # None in sys.modules is an ImportError
    }
    kept_away = {other: module for other, module in kept_away.items() if other not in sys.modules}
    sys.modules.update(kept_away)  # type: ignore[arg-type] # the documented meaning of None
    try:
        return importlib.import_module(name)
    finally:
        for other in kept_away:
            del sys.modules[other]
