"""`python -m simulator --help`."""

import sys

from simulator.command import main

if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)  # whoever pressed the keys knows
