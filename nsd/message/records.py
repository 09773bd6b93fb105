"""The walk over a message's records (RFC 1035, section 4.1.3)."""

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from nsd.message.header import HEADER_LENGTH, read_header
from nsd.zone import name
from nsd.zone.name import WireName
from nsd.zone.name_fields import NAMES_AT
from nsd.zone.record import Record
from nsd.zone.rrset import CLASS_IN

# Type, class, TTL and RDLENGTH: what stands between the owner and the RDATA.
FIXED: Final = struct.Struct(">HHIH")
_FIXED_LENGTH: Final = FIXED.size
_QUESTION_TAIL: Final = 4  # type and class


class Placed(NamedTuple):
    """A record where it stands: from `start` to `end`, its RDATA from `at`; the owner written out.

    `rrclass` and `ttl` are what stands there, whatever the type makes of them.
    """

    start: int
    owner: WireName
    rrtype: int
    rrclass: int
    ttl: int
    at: int
    end: int


def after_questions(message: bytes, count: int) -> int:
    """Tell where the first record begins; ValueError where a question is malformed."""
    at = HEADER_LENGTH
    for _ in range(count):
        at = name.read(message, at)[1] + _QUESTION_TAIL
    return at


def walk(message: bytes, at: int, count: int) -> Iterator[Placed]:
    """Go through records of which the first begins at `at`; ValueError where one is malformed."""
    octets, end = len(message), at
    for _ in range(count):
        start = end
        owner, at = name.read(message, start)
        at += _FIXED_LENGTH
        if at > octets:
            raise ValueError("a record is cut short")
        rrtype, rrclass, ttl, length = FIXED.unpack_from(message, at - _FIXED_LENGTH)
        end = at + length
        if end > octets:
            raise ValueError("a record runs out of the message")
        yield Placed(start, owner, rrtype, rrclass, ttl, at, end)


def answers(message: bytes) -> Iterator[Record]:
    """Go through the answer section; ValueError where anything is malformed or not of class IN."""
    header = read_header(message)
    first = after_questions(message, header.questions)
    for _start, owner, rrtype, rrclass, ttl, at, end in walk(message, first, header.answers):
        if rrclass != CLASS_IN:
            raise ValueError("a record of another class")
        rdata = _rdata(message, at, end, rrtype) if rrtype in NAMES_AT else message[at:end]
        # RFC 2181, section 8: a TTL with its highest bit set counts as 0.
        yield Record(name.lower(owner), rrtype, ttl if ttl < 1 << 31 else 0, rdata)


def _rdata(message: bytes, at: int, end: int, rrtype: int) -> bytes:
    """Read RDATA and write out the names that are compressed in it."""
    before, names, _after = NAMES_AT[rrtype]
    pieces = [message[at : at + before]]
    at += before
    for _ in range(names):
        found, at = name.read(message, at)
        pieces.append(found)
    if at > end:
        raise ValueError("a name runs out of its record")
    return b"".join([*pieces, message[at:end]])
