"""TTLs and timers in seconds or with units: `3600`, `1h30m`, `2W`."""

import re

from nsd.errors import Invalid

MAX_TTL = 2**31 - 1  # RFC 2181, section 8
MAX_TIMER = 2**32 - 1

_UNIT = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_is_duration = re.compile(
    r"(?=[0-9])(?:[0-9]{1,10}[smhdw])*(?:[0-9]{1,10})?", re.ASCII | re.IGNORECASE
).fullmatch
_parts = re.compile(r"([0-9]+)([a-z]?)", re.IGNORECASE).findall


def seconds(text: str) -> int | None:
    """Add up the parts; None where the text is no duration at all."""
    if not _is_duration(text):
        return None
    return sum(int(digits) * _UNIT[unit.lower()] for digits, unit in _parts(text))


def bounded(text: str, most: int, what: str) -> int:
    """Read a duration of at most `most` seconds. Raises Invalid naming `what`."""
    found = seconds(text)
    if found is None or found > most:
        raise Invalid(f"'{text[:40]}' is not a {what} (0 to {most} seconds)")
    return found
