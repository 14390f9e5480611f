"""Nothing in the page's sources makes markup or code of a text, and nothing silences the checks.

The Content-Security-Policy stops a mistake in the browser; this finds it before.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FORBIDDEN = {
    "markup out of a text": (
        r"\.\s*(inner|outer)HTML\b|\[\s*[\"'`](inner|outer)HTML|insertAdjacentHTML"
        r"|createContextualFragment|(set|parse)HTML(Unsafe)?\b|\bDOMParser\b|\bsrcdoc\b"
        r"|\bdocument\s*\.\s*write(ln)?\b"
    ),
    "code out of a text": (
        r"\beval\s*\(|\bFunction\s*\(|\bset(Timeout|Interval)\s*\(\s*[\"'`]|javascript:"
        r"|setAttribute\(\s*[\"'`]on"
    ),
    "a check that is silenced": r"@ts-(ignore|nocheck|expect-error)|eslint-disable",
}
"""As they are used, so that a comment may still name them."""


def offences(source: str) -> Iterator[str]:
    for what, pattern in FORBIDDEN.items():
        for found in re.finditer(pattern, source):
            line = source.count("\n", 0, found.start()) + 1
            yield f"line {line}: {what}: {found[0]}"


def test_no_module_makes_markup_or_code_of_a_text() -> None:
    modules = sorted((ROOT / "static" / "js").rglob("*.js"))
    assert len(modules) > 40
    found = [
        f"{module.relative_to(ROOT)}, {offence}"
        for module in modules
        for offence in offences(module.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "element.innerHTML = text",
        "element['outerHTML'] = text",
        "element.insertAdjacentHTML('beforeend', text)",
        "document.write(text)",
        "eval(text)",
        "new Function(text)()",
        "setTimeout('go()', 5)",
        "link.href = `javascript:${text}`",
        "element.setAttribute('onclick', text)",
        "new DOMParser().parseFromString(text, 'text/html')",
        "// @ts-ignore",
    ],
)
def test_what_is_looked_for_is_found(line: str) -> None:
    assert list(offences(line))


def test_the_page_has_no_inline_script_style_or_handler() -> None:
    for template in sorted((ROOT / "templates").glob("*.html")):
        source = template.read_text(encoding="utf-8")
        scripts = re.findall(r"<script\b[^>]*>", source)
        assert [script for script in scripts if " src=" not in script] == [], template
        assert re.findall(r"<style\b|\sstyle\s*=|\son[a-z]+\s*=", source) == [], template
