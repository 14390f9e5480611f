"""Texts from the network, made safe to store and to print.

A name or a message may hold anything. Two things must never happen: a newline in a
message that forges a log line, and a control character that plays with the terminal of
whoever reads the log (CWE-117). So texts are stored as they came and escaped where they
are printed.
"""

import unicodedata

from contract.errors import malformed, out_of_range

# Cc: control, Cf: invisible format (bidirectional overrides among them), Cs: lone
# surrogates, Zl and Zp: the line and paragraph separators.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def one_line(text: str) -> str:
    """The text on one line: whatever is not printable becomes a visible escape."""
    if text.isprintable():  # true for nearly every message, and a fast C loop
        return text
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if unicodedata.category(character) not in _UNPRINTABLE:
        return character
    return character.encode("unicode_escape").decode("ascii")


def checked(value: object, field: str, longest: int, *, blank: bool = False) -> str:
    """A text from a request: 400 when it is none, 422 when empty, too long or not Unicode."""
    if not isinstance(value, str):
        raise malformed(f"'{field}' must be a text", field)
    if len(value) > longest:
        raise out_of_range(
            f"'{field}' has {len(value):,} characters; at most {longest:,} are taken", field
        )
    if not blank and not value.strip():
        raise out_of_range(f"'{field}' must not be empty", field)
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise out_of_range(f"'{field}' holds half a surrogate pair, which is no character", field)
    return value
