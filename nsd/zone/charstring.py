r"""Character strings (RFC 1035, section 3.3): octets of a counted length, and their text.

A raw field is what stands in a master file: `word`, `"two words"`, with `\"` and `\123` for what
cannot stand for itself (section 5.1).
"""

import re
from collections.abc import Iterable

from nsd.errors import Invalid

MAX_LENGTH = 255
_LENGTH = tuple(bytes((length,)) for length in range(256))
_escape = re.compile(rb"\\([0-9]{3}|[^0-9]|)", re.DOTALL)
_special = re.compile(rb'["\\\x00-\x1f\x7f-\xff]')


def encode(text: str) -> bytes:
    """Give the octets of a text, in UTF-8. Raises Invalid."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise Invalid("a character is not valid Unicode") from None


def unescape(raw: str) -> bytes:
    """Give the octets that a raw field stands for, its quotes taken off. Raises Invalid."""
    if raw[:1] == '"':
        raw = raw[1:-1]
    octets = encode(raw)
    return octets if b"\\" not in octets else _escape.sub(_unescaped, octets)


def _unescaped(match: re.Match[bytes]) -> bytes:
    code = match[1]
    if not code:
        raise Invalid("a backslash must be followed by three digits or a character to keep")
    if len(code) == 1:
        return code
    if int(code) > 255:
        raise Invalid(f"\\{code.decode()} is not an octet (000 to 255)")
    return _LENGTH[int(code)]


def pack(strings: Iterable[bytes]) -> bytes:
    """Put a length octet before each string and join them. Raises Invalid."""
    try:
        return b"".join([_LENGTH[len(string)] + string for string in strings])
    except IndexError:
        raise Invalid(
            "a quoted string may have 255 octets at most; split it into several"
        ) from None


def split(octets: bytes) -> bytes:
    """Pack octets of any number into strings of 255 and a rest; none become one empty string."""
    if len(octets) <= MAX_LENGTH:
        return _LENGTH[len(octets)] + octets
    return pack(octets[at : at + MAX_LENGTH] for at in range(0, len(octets), MAX_LENGTH))


def unpack(packed: bytes) -> list[bytes]:
    """List the strings of packed ones."""
    found = []
    at = 0
    while at < len(packed):
        end = at + 1 + packed[at]
        found.append(packed[at + 1 : end])
        at = end
    return found


def quote(octets: bytes) -> str:
    """Give the quoted text of one string, in ASCII."""
    return '"' + _special.sub(_escaped, octets).decode("ascii") + '"'


def _escaped(match: re.Match[bytes]) -> bytes:
    octet = match[0]
    return b"\\" + octet if octet in b'"\\' else b"\\%03d" % octet[0]
