"""IPv4 and IPv6 addresses: text to octets and back, without a socket."""

import re
import struct
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from nsd.errors import Invalid

_OCTET = {str(value): value for value in range(256)}
_GROUPS = re.compile(r"[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4})*").fullmatch
_is_hex_and_colons = re.compile(r"[0-9A-Fa-f:]+").fullmatch
_EIGHT_GROUPS = ":" + "{:x}:" * 8
_RUNS = tuple(":" + "0:" * length for length in range(8, 1, -1))
_groups_of = struct.Struct(">8H")
_MAPPED = bytes(10) + b"\xff\xff"


def v4(text: str) -> bytes:
    """Read an IPv4 address into 4 octets. Raises Invalid."""
    try:
        first, second, third, fourth = text.split(".")
        return bytes((_OCTET[first], _OCTET[second], _OCTET[third], _OCTET[fourth]))
    except (ValueError, KeyError):
        raise Invalid(f"'{text}' is not an IPv4 address{_other_family(text)}") from None


def _other_family(text: str) -> str:
    return "; an IPv6 address belongs in an AAAA record" if is_address(text) else ""


def v6(text: str) -> bytes:
    """Read an IPv6 address in any form of RFC 4291, section 2.2, into 16 octets. Raises Invalid."""
    if _is_hex_and_colons(text):
        head, gap, tail = text.partition("::")
        found = head.split(":") if head else []
        if gap:
            after = tail.split(":") if tail else []
            found += ["0"] * max(8 - len(found) - len(after), 1) + after
        if len(found) == 8 and "" not in found:
            digits = "".join([group.zfill(4) for group in found])
            if len(digits) == 32:
                return bytes.fromhex(digits)
    return _v6_with_dots(text)


def groups(text: str, count: int) -> bytes:
    """Read hexadecimal groups of two octets each. Raises Invalid."""
    if not _GROUPS(text) or text.count(":") != count - 1:
        raise Invalid(f"'{text}' is not {count} groups of hexadecimal digits")
    return bytes.fromhex("".join([group.zfill(4) for group in text.split(":")]))


def _v6_with_dots(text: str) -> bytes:
    try:
        address = IPv6Address(text)
    except AddressValueError:
        hint = "; an IPv4 address belongs in an A record" if is_address(text) else ""
        raise Invalid(f"'{text}' is not an IPv6 address{hint}") from None
    if address.scope_id is not None:
        raise Invalid(f"'{text}' has a zone index, which means nothing in DNS")
    return address.packed


def is_address(text: str) -> bool:
    """Tell whether the text is an address of either family."""
    for family in (IPv4Address, IPv6Address):
        try:
            family(text)
        except AddressValueError:
            continue
        return True
    return False


def v4_text(packed: bytes) -> str:
    """Give the dotted form of 4 octets."""
    first, second, third, fourth = packed
    return f"{first}.{second}.{third}.{fourth}"


def v6_text(packed: bytes) -> str:
    """Give the form of RFC 5952: short, lower case, mapped addresses with dots (section 5)."""
    if packed.startswith(_MAPPED):
        return "::ffff:" + v4_text(packed[12:])
    text = _EIGHT_GROUPS.format(*_groups_of.unpack(packed))
    # Section 4.2.3: the longest run of zeros, the first of equal ones, and never a single group.
    for run in _RUNS:
        if run in text:
            head, _, tail = text.partition(run)
            return f"{head[1:]}::{tail[:-1]}"
    return text[1:-1]
