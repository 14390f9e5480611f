"""All threads of the dashboard have one heap, where the C library is glibc."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAPS = """
import ctypes, sys, threading
from dashboard import heap
if "shared" in sys.argv:
    assert heap.share()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
together = threading.Barrier(4)
def take():
    together.wait()
    libc.malloc(50_000)
    together.wait()
threads = [threading.Thread(target=take) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
"""


def heaps(*arguments: str) -> int:
    own = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    told = subprocess.run(
        [sys.executable, "-c", HEAPS, *arguments],
        cwd=ROOT,
        env=own,  # somebody may have limited the heaps for all programs
        capture_output=True,
        check=True,
    )
    return told.stdout.count(b"<heap nr=")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has arenas")
def test_threads_share_one_heap() -> None:
    assert heaps() > 1, "otherwise there is nothing to see"
    assert heaps("shared") == 1
