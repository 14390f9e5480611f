"""What version a kept verdict has; without the libraries that making one needs."""

from typing import Final

SCHEMA: Final = 1
