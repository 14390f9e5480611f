"""A node is broken by a press, seen to be broken, and healed."""

import re
from typing import Any

import requests
from browsing import Open, Start
from picture import click_node
from playwright.sync_api import expect
from running import Laboratory, until


def faults(laboratory: Laboratory, name: str) -> list[Any]:
    """What the node itself says."""
    found: list[Any] = requests.get(f"{laboratory.url(name)}/faults", timeout=10).json()["faults"]
    return found


def test_a_node_is_frozen_by_a_press_and_healed_by_another(start: Start, open_page: Open) -> None:
    laboratory = start(["node1", "node2", "node3"])
    page = open_page(laboratory, 3)
    click_node(page, "node2")
    section = page.locator("details.section", has=page.locator(".breaking"))
    section.locator("summary").click()
    expect(section.locator(".fault")).to_have_count(0)
    section.get_by_role("button", name="Freeze").click()
    row = section.locator(".fault")
    expect(row).to_have_count(1)
    expect(row.locator(".fault-words")).to_have_text("freeze")
    expect(row.locator(".fault-left")).to_have_text(re.compile(r"^1?\d s left|20 s left$"))
    expect(section.locator(".section-count")).to_have_text("1 fault")
    (fault,) = faults(laboratory, "node2")
    assert (fault["kind"], fault["by"]) == ("freeze", "the page")
    # The others notice: it is suspected, as it answers nothing.
    until(
        lambda: any(m["name"] == "node2" and m["state"] != "alive" for m in members(laboratory)),
        "node1 suspects node2",
        lambda: members(laboratory),
    )
    row.get_by_role("button", name="Heal").click()
    expect(row).to_have_count(0)
    assert faults(laboratory, "node2") == []
    # By the keyboard, too; and what ends by itself goes by itself.
    requests.post(
        f"{laboratory.url('node2')}/faults",
        json={"kind": "delay", "mean_ms": 20, "for_seconds": 8},
        timeout=10,
    ).raise_for_status()
    expect(row.locator(".fault-words")).to_have_text("late by 20 ms")  # somebody else set it
    expect(row).to_have_count(0)
    section.get_by_role("button", name="Lossy").focus()
    page.keyboard.press("Enter")
    expect(row.locator(".fault-words")).to_have_text("loses 30 %")


def members(laboratory: Laboratory) -> list[Any]:
    found: list[Any] = requests.get(f"{laboratory.url('node1')}/status", timeout=10).json()[
        "members"
    ]
    return found
