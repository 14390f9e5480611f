"""A strict reader of Prometheus' text format 0.0.4, by the grammar of its documentation.

Stricter than Prometheus itself, which forgives: every family has its HELP and its TYPE, once and
before its samples, which stand together; no sample stands twice; names are as the conventions
say; the page ends with a line feed.
"""

import re

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(,|$)')
_SAMPLE = re.compile(rf"({_NAME})(?:\{{(.*)\}})? ([^ ]+)")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?|Inf)|NaN")
_MEMBERS = {"summary": ("_sum", "_count")}

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


class BadPageError(ValueError):
    """The page breaks a rule."""


def read(page: str) -> tuple[Samples, dict[str, str]]:
    """All samples, by name and labels, and the type of each family. Raises BadPageError."""
    if not page.endswith("\n") or "\r" in page:
        raise BadPageError("lines end with a line feed, the last one too")
    samples: Samples = {}
    types: dict[str, str] = {}
    helped: set[str] = set()
    family = ""
    for line in page.removesuffix("\n").split("\n"):
        if line.startswith("# HELP "):
            family = _help(line, helped)
        elif line.startswith("# TYPE "):
            name, kind = _type(line, family)
            if name in types:
                raise BadPageError(f"twice: {line}")
            types[name] = kind
        else:
            name, labels, number = _sample(line)
            ends = _MEMBERS.get(types.get(family, ""), ("",))
            if family not in types or name not in {family + end for end in ends}:
                raise BadPageError(f"outside of its family: {line}")
            key = (name, frozenset(labels.items()))
            if key in samples:
                raise BadPageError(f"twice: {line}")
            if types[family] == "counter" and not number >= 0:
                raise BadPageError(f"a counter below 0: {line}")
            samples[key] = number
    return samples, types


def _help(line: str, helped: set[str]) -> str:
    family, _, about = line.removeprefix("# HELP ").partition(" ")
    if not re.fullmatch(_NAME, family) or family in helped or not about:
        raise BadPageError(f"no proper help: {line}")
    if "\\" in about.replace("\\\\", "").replace("\\n", ""):
        raise BadPageError(f"not escaped: {line}")
    helped.add(family)
    return family


def _type(line: str, family: str) -> tuple[str, str]:
    name, _, kind = line.removeprefix("# TYPE ").partition(" ")
    if name != family:
        raise BadPageError(f"a type without its help: {line}")
    if kind not in {"counter", "gauge", "summary", "histogram", "untyped"}:
        raise BadPageError(f"no type: {line}")
    if (kind == "counter") != name.endswith("_total"):
        raise BadPageError(f"_total is for counters, and for all of them: {line}")
    return name, kind


def value(samples: Samples, name: str, **labels: str) -> float:
    """One sample."""
    return samples[name, frozenset(labels.items())]


def _sample(line: str) -> tuple[str, dict[str, str], float]:
    found = _SAMPLE.fullmatch(line)
    if found is None or not _NUMBER.fullmatch(found[3]):
        raise BadPageError(f"no sample: {line}")
    return found[1], _labels(found[2]), float(found[3])


def _labels(text: str | None) -> dict[str, str]:
    if text is None:
        return {}
    labels: dict[str, str] = {}
    at = 0
    while at < len(text):
        found = _LABEL.match(text, at)
        if found is None or found[1] in labels or found[1].startswith("__"):
            raise BadPageError(f"no labels: {text}")
        if found[3] == "," and found.end() == len(text):
            raise BadPageError(f"a comma at the end: {text}")
        labels[found[1]] = re.sub(r"\\(.)", lambda one: "\n" if one[1] == "n" else one[1], found[2])
        at = found.end()
    return labels
