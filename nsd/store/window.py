"""A part of a list."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Window:
    """So many entries after so many others; a limit of -1 is none."""

    limit: int = -1
    offset: int = 0


WHOLE: Final = Window()
