#!/usr/bin/env python3
"""The laboratory's one command: `python3 p2p.py` lists what it does.

This file is read by whatever Python the machine has, so it is written in words that an old
one understands too, and only says what it needs; everything else is in `lab/`.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this is where an older Python is told
    sys.exit(
        "This needs Python 3.11 or newer, and this is Python %d.%d.\n"  # noqa: UP031 - any Python
        "Try `python3.13 p2p.py` or `python3.12 p2p.py`, or `make up PYTHON=python3.12`.\n"
        "Without any: `docker compose up --build` needs no Python at all." % sys.version_info[:2]
    )

from lab.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
