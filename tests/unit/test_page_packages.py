"""What the page is made of, and what only its developers need."""

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def test_the_lock_file_pins_every_package_and_names_no_registry() -> None:
    lock = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in re.sub(r'"(funding|url)": .*', "", lock)
    packages: dict[str, Any] = json.loads(lock)["packages"]
    assert all("integrity" in package for name, package in packages.items() if name)


def test_the_page_is_given_no_tool_of_its_developers() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    copied = set(
        re.findall(r'^  \["([^"]+)", ', (ROOT / "vendor.mjs").read_text("utf-8"), re.MULTILINE)
    )
    assert copied
    for name in copied:
        assert not lock["packages"][f"node_modules/{name}"].get("dev"), name
    for tool in ("typescript", "axe-core"):
        assert lock["packages"][f"node_modules/{tool}"]["dev"] is True
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "npm ci --omit=dev" in dockerfile
