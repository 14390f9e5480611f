"""What several commands ask for in the same way."""

import argparse
import os
from collections.abc import Callable


def number(lowest: int, highest: int) -> Callable[[str], int]:
    """A whole number between two, said so when it is not."""

    def read(text: str) -> int:
        try:
            value = int(text) if len(text) <= 10 else None
        except ValueError:
            value = None
        if value is None or not lowest <= value <= highest:
            raise argparse.ArgumentTypeError(
                f"must be a whole number from {lowest} to {highest}, not {text[:40]!r}"
            )
        return value

    return read


def setting(variable: str, otherwise: int) -> str:
    """An option's default: what the environment says, as compose.yaml reads it too."""
    return os.environ.get(variable) or str(otherwise)  # argparse checks it like a typed one


def name_option(parser: argparse.ArgumentParser) -> None:
    """Which network, where one machine has several."""
    parser.add_argument(
        "--name",
        metavar="NAME",
        help="which network, when several run side by side (COMPOSE_PROJECT_NAME, else p2p)",
    )
