"""What was probably meant by a name that does not exist."""

import difflib
from collections.abc import Iterable


def near(name: str, names: Iterable[str]) -> str:
    """A sentence that offers the nearest names, with a space before it; empty without any."""
    close = difflib.get_close_matches(name.lower(), list(names), n=3, cutoff=0.6)
    return f" Did you mean {' or '.join(close)}?" if close else ""
