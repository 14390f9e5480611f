"""Locks that were made before eventlet was there, made green: found by the collector.

`eventlet.monkey_patch` looks for them by walking through everything that can be reached
from `sys.modules`, which takes each of a hundred nodes on two cores 20 of some 100 ms of
its start [measured]. The garbage collector knows all of them, and who holds them, in two
passes through its lists. The locks of the import system are left alone, as eventlet does.
"""

import gc
from collections.abc import Callable
from typing import Any


def replace_all(old_type: type, made: Callable[[Any], Any]) -> None:
    """Put `made(lock)` in the place of each lock of a type: in dicts, lists, attributes."""
    locks = [held for held in gc.get_objects() if type(held) is old_type]
    if not locks:
        return
    new = {}
    for holder in gc.get_referrers(*locks):
        if holder is locks or type(holder).__name__ == "_ModuleLock":
            continue
        for key, held in _places(holder):
            if type(held) is old_type:
                if id(held) not in new:
                    new[id(held)] = made(held)
                _put(holder, key, new[id(held)])


def _places(holder: Any) -> list[tuple[Any, Any]]:
    if isinstance(holder, dict):
        return list(holder.items())
    if isinstance(holder, list):
        return list(enumerate(holder))
    try:  # since Python 3.13 an object may hold its attributes without a dict
        return list(vars(holder).items())
    except TypeError:
        return []  # a frame, a tuple, a cell: nothing that could be replaced


def _put(holder: Any, key: Any, lock: Any) -> None:
    if isinstance(holder, dict | list):
        holder[key] = lock
    else:
        setattr(holder, key, lock)
