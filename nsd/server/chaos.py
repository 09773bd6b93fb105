"""What a server says of itself in class CHAOS (RFC 4892)."""

import struct
from typing import Final

from nsd.zone import rrtypes
from nsd.zone.name import WireName, lower
from nsd.zone.rrset import OWNER_IS_QUESTION, Packed, RRset

CLASS_CHAOS: Final = 3

_VERSION_NAMES: Final = (b"\x07version\x04bind\x00", b"\x07version\x06server\x00")
_IDENTITY_NAMES: Final = (b"\x08hostname\x04bind\x00", b"\x02id\x06server\x00")

_prefix = struct.Struct(">2sHHIH")


def describe(qname: WireName, qtype: int, *, version: str, identity: str) -> RRset | None:
    """Give the TXT that answers a question of class CHAOS; None where there is nothing to say."""
    name = lower(qname)
    text = version if name in _VERSION_NAMES else identity if name in _IDENTITY_NAMES else ""
    if not text or qtype not in (rrtypes.TXT, rrtypes.ANY):
        return None
    octets = text.encode()[:255]
    rdata = bytes([len(octets)]) + octets
    return RRset(
        Packed(_prefix.pack(OWNER_IS_QUESTION, rrtypes.TXT, CLASS_CHAOS, 0, len(rdata)) + rdata)
    )
