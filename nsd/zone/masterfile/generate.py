"""BIND's `$GENERATE`: many lines from one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nsd.errors import Invalid

MAX_LINES = 65536  # of all the file's directives together
MAX_LENGTH = 2**24  # of their characters
_MAX_WIDTH = 255

_range = re.compile(r"([0-9]{1,10})-([0-9]{1,10})(?:/([0-9]{1,10}))?", re.ASCII).fullmatch
_variable = re.compile(r"\\.|\$\$|\$\{([^}]*)\}|\$", re.DOTALL)
_modifier = re.compile(r"(-?[0-9]{1,10})(?:,([0-9]{1,3})(?:,([doxXnN]))?)?", re.ASCII).fullmatch


@dataclass(frozen=True, slots=True)
class Generator:
    """What one directive makes: the raw fields of a record for each number of a range."""

    numbers: range
    template: tuple[str, ...]

    def fields(self, number: int) -> list[str]:
        """Give the fields for one number. Raises Invalid."""
        return [
            _variable.sub(lambda found: _expand(found, number), field) for field in self.template
        ]


def read(fields: Sequence[str]) -> Generator:
    """Read the fields behind `$GENERATE`: range, owner, and the rest of a record.

    Raises Invalid.
    """
    if len(fields) < 4:
        raise Invalid("expected '$GENERATE start-stop[/step] owner [TTL] [class] type value'")
    return Generator(_read_range(fields[0]), tuple(fields[1:]))


def _read_range(text: str) -> range:
    found = _range(text)
    if not found:
        raise Invalid(f"'{text[:40]}' is not a range of the form start-stop or start-stop/step")
    start, stop, step = int(found[1]), int(found[2]), int(found[3] or 1)
    if start > stop or step < 1:
        raise Invalid(f"the range '{text}' must go up, by a step of at least 1")
    return range(start, stop + 1, step)


def _expand(found: re.Match[str], number: int) -> str:
    if found[0] == "$":
        return str(number)
    if found[0] == "$$":
        return r"\$"
    if found[1] is None:
        return found[0]  # an escape, for the reader of names and strings
    return _format(found[1], number)


def _format(modifier: str, number: int) -> str:
    """Do what `${offset,width,base}` says."""
    parts = _modifier(modifier)
    if not parts or int(parts[2] or 0) > _MAX_WIDTH:
        raise Invalid(f"'${{{modifier[:40]}}}' is not of the form ${{offset[,width[,base]]}}")
    shifted = number + int(parts[1])
    if shifted < 0:
        raise Invalid(f"'${{{modifier}}}' makes {number} negative")
    width, base = int(parts[2] or 0), parts[3] or "d"
    if base in "nN":
        return _nibbles(shifted, width, base)
    return format(shifted, f"0{width}{base}" if width else base)


def _nibbles(number: int, width: int, base: str) -> str:
    """Give the hex digits from the lowest up with dots between; the width counts the dots too."""
    digits = format(number, "x" if base == "n" else "X")[::-1]
    text = ".".join(digits.ljust((width + 1) // 2, "0"))
    return text + "." if len(text) < width else text
