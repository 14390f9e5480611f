"""A page of numbers for Prometheus, in its text format 0.0.4 (`GET /metrics`).

A page is made anew for each question and read once, out of counters that there are anyway, so
all that it takes is a writer. Names follow the conventions (prometheus.io, "Metric and label
naming"): a prefix, base units (`_seconds`, `_bytes`), `_total` behind what only grows, `_info`
behind a gauge that is 1 and has words for labels. A family, that is a name, stands once, with
all its samples below its HELP and TYPE.

Labels are few and have few values: a state, a kind, a route, an outcome. Each value is a time
series of its own, for as long as Prometheus remembers; so no id of a message and no text of a
stranger is one. What a person has named (a node) may have any character: it is escaped.
"""

import math
import re
from collections.abc import Iterable, Mapping
from typing import Final

TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
"""The format's media type [prometheus.io, "Exposition formats"]."""
_NAME: Final = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL: Final = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]*")

Labels = Mapping[str, str]
Samples = Iterable[tuple[Labels, float]]


class Page:
    """Families of metrics, written one after the other."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._names: set[str] = set()

    def gauge(self, name: str, about: str, value: "float | Samples") -> None:
        """What goes up and down."""
        self._family(name, "gauge", about, [(name, *one) for one in _samples(value)])

    def counter(self, name: str, about: str, value: "float | Samples") -> None:
        """What only grows while the program runs; its name ends in `_total`."""
        if not name.endswith("_total"):
            raise ValueError(f"a counter's name ends in _total, not as {name}")
        self._family(name, "counter", about, [(name, *one) for one in _samples(value)])

    def info(self, name: str, about: str, /, **labels: str) -> None:
        """Words about the program, as labels."""
        if not name.endswith("_info"):
            raise ValueError(f"a name for words ends in _info, not as {name}")
        self._family(name, "gauge", about, [(name, labels, 1)])

    def summary(self, name: str, about: str, total: float, count: int) -> None:
        """How much something was altogether, and how often: the rates' quotient is the mean."""
        self._family(
            name, "summary", about, [(f"{name}_sum", {}, total), (f"{name}_count", {}, count)]
        )

    def text(self) -> str:
        """The page."""
        return "".join(f"{line}\n" for line in self._lines)

    def _family(
        self, name: str, kind: str, about: str, samples: Iterable[tuple[str, Labels, float]]
    ) -> None:
        if _NAME.fullmatch(name) is None or name in self._names:
            raise ValueError(f"{name} is no name for a family, or there is one already")
        self._names.add(name)
        about = about.replace("\\", "\\\\").replace("\n", "\\n")
        self._lines += [f"# HELP {name} {about}", f"# TYPE {name} {kind}"]
        self._lines += [
            f"{sample}{_labels(labels)} {number(value)}" for sample, labels, value in samples
        ]


def number(value: float) -> str:
    """A number as the format has it (that of Go's `ParseFloat`)."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return repr(int(value)) if value == int(value) and abs(value) < 2**53 else repr(float(value))


def _samples(value: "float | Samples") -> Samples:
    return [({}, value)] if isinstance(value, int | float) else value


def _labels(labels: Labels) -> str:
    for name in labels:
        if _LABEL.fullmatch(name) is None:
            raise ValueError(f"{name} is no name for a label")
    told = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{told}}}" if told else ""


def _escaped(value: str) -> str:
    """A label's value. Surrogates without a partner, which are no text, become marks."""
    value = value.encode("utf-8", "replace").decode()
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
