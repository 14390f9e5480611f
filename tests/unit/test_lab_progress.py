"""What a person and what a log see while something is under way."""

import io

import pytest

from lab.progress import Progress


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


class Ascii(Terminal):
    encoding = "ascii"


def test_a_log_has_plain_lines_and_each_goal_once() -> None:
    log = io.StringIO()
    progress = Progress(log)
    for done in range(51):
        progress.count("nodes connected", done, 50)
    progress.count("nodes connected", 50, 50)
    progress.say("done")
    progress.close()
    lines = log.getvalue().splitlines()
    assert [line.split("s  ")[-1] for line in lines] == [
        "0 of 50 nodes connected",
        "50 of 50 nodes connected",
        "done",
    ]
    assert all(line.isprintable() for line in lines)


def test_a_terminal_has_one_line_that_fills_up() -> None:
    screen = Terminal()
    progress = Progress(screen)
    progress.count("containers", 0, 52)
    progress.count("nodes connected", 0, 50)
    progress.count("containers", 52, 52)
    drawn = screen.getvalue().split("\r\x1b[K")
    assert drawn[1].startswith("[" + "·" * 24 + "] 0 of 52 containers")
    assert drawn[-1].startswith("[" + "█" * 12 + "·" * 12 + "] 52 of 52 containers · 0 of 50")
    assert "\n" not in screen.getvalue()
    progress.close()
    assert screen.getvalue().endswith("\r\x1b[K")


def test_a_line_that_stays_replaces_the_bar() -> None:
    screen = Terminal()
    progress = Progress(screen)
    progress.count("image", 0, 1)
    progress.say("Building")
    assert screen.getvalue().endswith("\r\x1b[KBuilding\n")


def test_a_terminal_without_blocks_gets_what_it_has() -> None:
    screen = Ascii()
    Progress(screen).count("image", 1, 2)
    assert "############............" in screen.getvalue()
    assert screen.getvalue().isascii()


def test_a_dumb_terminal_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    screen = Terminal()
    Progress(screen).count("image", 1, 1)
    assert "\r" not in screen.getvalue()
    assert "\x1b" not in screen.getvalue()


def test_never_more_than_all() -> None:
    log = io.StringIO()
    Progress(log).count("libraries", 9, 7)
    assert "7 of 7 libraries" in log.getvalue()
