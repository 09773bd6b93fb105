"""Names in wire form (RFC 1035, section 3.1).

A name is bytes: length octet, label, …, zero octet. The index holds names in lower case; lowering
the whole of a wire name is safe, since a length octet (at most 63) is below `A` (65).
"""

import re
from typing import NewType

import dns.exception
import dns.name

from nsd.errors import Invalid

WireName = NewType("WireName", bytes)

ROOT = WireName(b"\x00")
MAX_LENGTH = 255
_MAX_TEXT = 4 * MAX_LENGTH  # `\123` for each octet

_LENGTH = tuple(bytes((length,)) for length in range(64))
_is_label = re.compile(r"[A-Za-z0-9_*/-]{1,63}").fullmatch
_is_plain = re.compile(r"(?!\.)[A-Za-z0-9_*/.-]+").fullmatch


def from_text(text: str, origin: WireName | None = None) -> WireName:
    r"""Read the presentation form, escapes (`\.`, `\123`) included, with the letters' case kept.

    A name without closing dot is completed by `origin`, or by the root where there is none.
    Non-ASCII labels become A-labels (IDNA 2008, with the mapping of UTS 46).
    Raises Invalid.
    """
    if origin is not None and _is_label(text):
        wire = _LENGTH[len(text)] + text.encode() + origin
        if len(wire) <= MAX_LENGTH:
            return wire  # type: ignore[return-value] # calling a NewType costs, here
    if len(text) > _MAX_TEXT:
        raise Invalid(f"'{text[:40]}…' is too long for a domain name")
    plain = _plain(text, origin) if _is_plain(text) else None
    if plain is not None:
        return plain
    try:
        above = dns.name.root if origin is None else dns.name.from_wire(origin, 0)[0]
        parsed = dns.name.from_text(text, above, idna_codec=_IDNA)
    except (dns.exception.DNSException, UnicodeError) as error:
        raise Invalid(f"'{text}' is not a domain name: {_reason(error)}") from error
    return WireName(b"".join(bytes((len(label),)) + label for label in parsed.labels))


def _plain(text: str, origin: WireName | None) -> WireName | None:
    """Read a name without escapes; None where it is none, for the long way to say why."""
    octets = text.encode()
    try:
        if b"." not in octets:
            wire = _LENGTH[len(octets)] + octets
        elif b".." in octets:
            return None
        else:
            wire = b"".join([_LENGTH[len(label)] + label for label in octets.split(b".")])
    except IndexError:
        return None
    if octets[-1] != 0x2E:
        wire += ROOT if origin is None else origin
    return WireName(wire) if len(wire) <= MAX_LENGTH else None


_IDNA = dns.name.IDNA_2008_UTS_46


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


def to_text(name: bytes) -> str:
    r"""Give the presentation form with its closing dot.

    All but letters, digits and `-_*/` is escaped, since not every server reads it otherwise:
    `\.` and the like for what can be printed, `\000` for what cannot.
    """
    pieces = []
    at = 0
    while length := name[at]:
        label = name[at + 1 : at + 1 + length]
        pieces.append(label if is_plain_label(label) else _unusual.sub(_escaped, label))
        at += length + 1
    return b".".join(pieces).decode("ascii") + "."


is_plain_label = re.compile(rb"[A-Za-z0-9_*/-]+").fullmatch
_unusual = re.compile(rb"[^A-Za-z0-9_*/-]")


def _escaped(match: re.Match[bytes]) -> bytes:
    octet = match[0]
    return b"\\" + octet if b" " < octet < b"\x7f" else b"\\%03d" % octet[0]


def lower(name: bytes) -> WireName:
    """Lower the ASCII letters (RFC 4343)."""
    return name.lower()  # type: ignore[return-value] # calling a NewType costs, here


def parent(name: WireName) -> WireName:
    """Cut off the leftmost label; the root has no parent."""
    return WireName(name[name[0] + 1 :])


def labels(name: WireName) -> list[bytes]:
    """List the labels from left to right, without the root's."""
    found = []
    at = 0
    while length := name[at]:
        found.append(name[at + 1 : at + 1 + length])
        at += length + 1
    return found


def is_at_or_below(name: WireName, ancestor: WireName) -> bool:
    """Tell whether `ancestor` is the name itself or above it; both in the same case."""
    if not name.endswith(ancestor):
        return False
    above = len(name) - len(ancestor)
    at = 0
    while at < above:  # the match must begin at a label, not inside one
        at += name[at] + 1
    return at == above


def is_wildcard(name: bytes) -> bool:
    """Tell whether the leftmost label is an asterisk (RFC 4592, section 2.1.1)."""
    return name.startswith(b"\x01*")


def wildcard_below(encloser: WireName) -> WireName:
    """Name the wildcard that stands for what does not exist just below `encloser`."""
    return WireName(b"\x01*" + encloser)


def canonical_key(name: WireName) -> tuple[bytes, ...]:
    """Sort key of the canonical order (RFC 4034, section 6.1)."""
    return tuple(reversed(labels(lower(name))))


def read(message: bytes, at: int) -> tuple[WireName, int]:
    """Read a possibly compressed name; give it uncompressed, and where the next field begins.

    Raises ValueError for anything malformed: a pointer that does not point backwards, a label
    type other than the two of RFC 1035, a name over 255 octets, an end before the end.
    """
    pieces = []
    total = 1
    end = -1
    earliest = at
    try:
        while length := message[at]:
            if length < 64:
                total += length + 1
                if total > MAX_LENGTH:
                    raise ValueError("name too long")
                piece = message[at : at + length + 1]
                if len(piece) != length + 1:
                    raise ValueError("name runs out of the message")
                pieces.append(piece)
                at += length + 1
            elif length >= 192:
                if end < 0:
                    end = at + 2
                at = (length & 63) << 8 | message[at + 1]
                if at >= earliest:
                    raise ValueError("compression pointer does not point backwards")
                earliest = at
            else:
                raise ValueError("unknown label type")
    except IndexError:
        raise ValueError("name runs out of the message") from None
    return WireName(b"".join(pieces) + b"\x00"), at + 1 if end < 0 else end
