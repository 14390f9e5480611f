"""How a program ends, where that tells whoever started it something."""

from typing import Final

AGAIN: Final = 75
"""It ends because somebody asked for a fault, and is to be started again: that is no crash
(`EX_TEMPFAIL` of sysexits.h, "the user is invited to try again")."""

BROKEN: Final = 70
"""A part of it failed for a reason that nobody thought of (`EX_SOFTWARE`, "an internal software
error"): rather than go on without that part it ends, and starts anew where somebody sees to it."""
