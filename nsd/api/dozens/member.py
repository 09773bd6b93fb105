"""Single members of a body: texts, numbers, truth; null and "" often mean that nothing was sent."""

from collections.abc import Mapping
from typing import Any, Final

from nsd.errors import Invalid

Body = Mapping[str, Any]

MAX_TTL: Final = 2**31 - 1
MAX_PRIO: Final = 0xFFFF
_TRUTH: Final = {"true": True, "1": True, "false": False, "0": False, "": False}


def text(body: Body, member: str) -> str:
    """Read a text that must be there. Raises Invalid."""
    given = optional_text(body, member)
    if not given:
        raise Invalid("This member is required.", field=member)
    return given


def optional_text(body: Body, member: str) -> str | None:
    """Read a text; None where it is absent or null. Raises Invalid."""
    given = body.get(member)
    if given is not None and not isinstance(given, str):
        raise Invalid("This member must be text.", field=member)
    return given


def number(body: Body, member: str, most: int) -> int | None:
    """Read a number or its digits; None where it is absent, null or "". Raises Invalid."""
    given = body.get(member)
    if given is None or given == "":
        return None
    if isinstance(given, str) and given.strip().isascii() and given.strip().isdigit():
        given = int(given.strip()[:20])
    if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= most:
        raise Invalid(f"This member must be a number from 0 to {most}.", field=member)
    return given


def truth(body: Body, member: str) -> bool:
    """Read true or false, as JSON or as text; absent and null are false. Raises Invalid."""
    given = body.get(member)
    spelled = "" if given is None else str(given).strip().lower()
    if isinstance(given, str | int | None) and spelled in _TRUTH:
        return _TRUTH[spelled]
    raise Invalid("This member must be true or false.", field=member)
