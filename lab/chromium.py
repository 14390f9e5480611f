"""A Chromium for the browser tests: the machine's own, or Debian's where we may install it."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from lab import LabError
from lab.progress import Progress

_NAMES: Final = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    *("microsoft-edge", "msedge"),
)
_PATHS: Final = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
ADVICE: Final = (
    "Install Chromium, Chrome or Edge, or say where one is with P2P_CHROMIUM=/path/to/it"
)


def find() -> str | None:
    """Where it is; None without one. Raises LabError where P2P_CHROMIUM names nothing."""
    said = os.environ.get("P2P_CHROMIUM")
    if said:
        found = shutil.which(said)
        if found is None:
            raise LabError(f"P2P_CHROMIUM is {said!r}, and no program is there.", 2)
        return found
    on_path = next((found for name in _NAMES if (found := shutil.which(name))), None)
    return on_path or next((path for path in _PATHS if Path(path).exists()), None)


def install(progress: Progress) -> str | None:
    """Install Debian's package where that is possible; where it is then."""
    if not _may_install():
        return None
    progress.say("Installing Chromium for the browser tests (apt-get install chromium)")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (
        ("-qq", "update"),
        ("-qq", "install", "-y", "--no-install-recommends", "chromium"),
    ):
        done = subprocess.run(
            ["apt-get", *words],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode != 0:
            said = (done.stdout + done.stderr).strip()[-600:]
            progress.say(f"apt-get {' '.join(words)} did not work:\n{said}")
            return None
    return find()


def _may_install() -> bool:
    """Whether this is Debian and we are root. Ubuntu's package is a snap, which is no help."""
    if os.name == "nt" or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    release = Path("/etc/os-release")
    return release.exists() and "\nID=debian" in "\n" + release.read_text(encoding="utf-8")
