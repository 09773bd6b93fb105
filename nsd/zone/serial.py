"""Serials of zones: numbers on a circle (RFC 1982)."""

from typing import Final

_CIRCLE: Final = 1 << 32
_HALF: Final = 1 << 31


def following(serial: int) -> int:
    """Give the next serial; 0 is left out, since some secondaries take it for none."""
    return (serial + 1) % _CIRCLE or 1


def is_newer(serial: int, than: int) -> bool:
    """Tell whether a secondary that holds `than` would fetch `serial` (RFC 1982, section 3.2)."""
    return 0 < (serial - than) % _CIRCLE < _HALF
