"""Imports that are kept away, and what a node must not load at its start."""

import hashlib
import hmac
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from contract.lean import kept_away

ROOT = Path(__file__).parents[2]
NEVER_AT_THE_START = {
    *("asyncio", "inspect", "dataclasses", "typing_extensions", "subprocess", "difflib"),
    *("ssl", "_ssl", "_hashlib", "flask", "werkzeug", "requests", "networkx"),
    *("node.faults", "node.webhooks", "contract.signing", "contract.reach"),
}


def printed(program: str) -> list[str]:
    """The words that a program prints, run by a Python of its own."""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_hollow_modules_have_a_class_of_any_name_and_are_gone_afterwards() -> None:
    with kept_away(hollow=["no_such_module"]):
        from no_such_module import Anything  # type: ignore[import-not-found]
    assert isinstance(Anything, type)
    with pytest.raises(ModuleNotFoundError):
        __import__("no_such_module")


def test_absent_modules_are_not_installed_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "this", raising=False)
    with kept_away(absent=["this"]), pytest.raises(ImportError):
        __import__("this")


def test_one_may_stand_in_for_another() -> None:
    stand_in = ModuleType("no_such_module")
    with kept_away(instead=[stand_in]):
        assert __import__("no_such_module") is stand_in


def test_what_is_loaded_already_stays() -> None:
    with kept_away(hollow=["json"], absent=["pathlib"]):
        import json
        import pathlib
    assert json.loads("1") == 1
    assert pathlib.Path is Path


def test_a_node_loads_nothing_at_its_start_that_a_hundred_would_pay_for_in_vain() -> None:
    assert NEVER_AT_THE_START.isdisjoint(printed("import node.__main__, sys; print(*sys.modules)"))


def test_a_node_can_still_speak_tls_and_hash() -> None:
    assert printed(
        "import node.__main__, hashlib, hmac; from contract.server import green_ssl;"
        "print(green_ssl().create_default_context().check_hostname,"
        "hmac.new(b'k', b'm', 'sha256').hexdigest(), hashlib.sha1(b'').hexdigest())"
    ) == [
        "True",
        hmac.new(b"k", b"m", "sha256").hexdigest(),
        hashlib.sha1(b"", usedforsecurity=False).hexdigest(),
    ]


def test_a_node_starts_without_a_word_of_warning() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import node.__main__"], cwd=ROOT, capture_output=True, check=True
    )
    assert done.stderr == b"", "eventlet warns whoever loads it that it is not for new projects"


def test_what_a_node_leaves_out_is_there_for_whoever_imports_it() -> None:
    program = (
        "import node.__main__; from contract import server; server.load()\n"
        "import email.header, msgspec.inspect, ntpath, html, gzip\n"
        "print(email.header.Header('ä', 'utf-8').encode(), html.unescape('&auml;') == 'ä',"
        " ntpath.join('a', 'b'), msgspec.inspect.type_info(int) is not None,"
        " gzip.decompress(gzip.compress(b'x')) == b'x')"
    )
    assert printed(program) == ["=?utf-8?b?w6Q=?=", "True", "a\\b", "True", "True"]
