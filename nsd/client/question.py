"""The questions that this server asks others, and what it reads in their answers."""

import secrets
import struct
from dataclasses import dataclass
from typing import Final

from nsd.message.header import AA, HEADER_LENGTH, QR, TC, read_header
from nsd.zone import name, rrtypes
from nsd.zone.name import WireName
from nsd.zone.record import Record
from nsd.zone.rrset import CLASS_IN
from nsd.zone.soa import Soa

_header = struct.Struct(">HHHHHH")
_type_and_class = struct.Struct(">HH")
_record = struct.Struct(">HHIH")
_NOTIFY: Final = 4 << 11

# Where names stand in the RDATA of types in which they may be compressed: the count of octets
# before the first name, and of names (RFC 3597, section 4, with those of older specifications).
_NAMES: Final = {
    rrtypes.NS: (0, 1),
    3: (0, 1),
    4: (0, 1),
    rrtypes.CNAME: (0, 1),
    rrtypes.SOA: (0, 2),
    7: (0, 1),
    8: (0, 1),
    9: (0, 1),
    rrtypes.PTR: (0, 1),
    14: (0, 2),
    rrtypes.MX: (2, 1),
    17: (0, 2),
    18: (2, 1),
    21: (2, 1),
    26: (2, 2),
    rrtypes.SRV: (6, 1),
    36: (2, 1),
    rrtypes.DNAME: (0, 1),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a response says."""

    rcode: int
    is_authoritative: bool
    is_truncated: bool
    records: tuple[Record, ...]


def ask(apex: WireName, rrtype: int) -> bytes:
    """Write a question of class IN, with a random ID."""
    return _question(0, apex, rrtype)


def notify(apex: WireName) -> bytes:
    """Write a NOTIFY for a zone (RFC 1996, section 3.7)."""
    return _question(_NOTIFY | AA, apex, rrtypes.SOA)


def ask_changes(apex: WireName, soa: Soa) -> bytes:
    """Write an IXFR question of one who holds the zone with this SOA (RFC 1995, section 3)."""
    question = _question(0, apex, rrtypes.IXFR)
    held = apex + _record.pack(rrtypes.SOA, CLASS_IN, 0, len(soa.rdata)) + soa.rdata
    return question[:8] + b"\0\1" + question[10:] + held


def _question(flags: int, apex: WireName, rrtype: int) -> bytes:
    ident = secrets.randbits(16)
    return _header.pack(ident, flags, 1, 0, 0, 0) + apex + _type_and_class.pack(rrtype, CLASS_IN)


def answers(response: bytes, question: bytes) -> bool:
    """Tell whether a response answers a question: its ID, opcode and question section."""
    if len(response) < HEADER_LENGTH or response[:2] != question[:2]:
        return False
    header = read_header(response)
    if not header.flags & QR or header.opcode != read_header(question).opcode:
        return False
    if header.questions == 0:  # an error of one that could not read it, or a later message
        return True
    asked = _question_of(question)
    return header.questions == 1 and _question_of(response) == asked


def _question_of(message: bytes) -> bytes | None:
    try:
        qname, at = name.read(message, HEADER_LENGTH)
    except ValueError:
        return None
    return qname.lower() + message[at : at + 4]


def read(response: bytes) -> Answer:
    """Read the answer section; raises ValueError for a malformed message."""
    header = read_header(response)
    at = HEADER_LENGTH
    for _ in range(header.questions):
        at = name.read(response, at)[1] + 4
    records = []
    for _ in range(header.answers):
        record, at = _read_record(response, at)
        records.append(record)
    return Answer(
        header.flags & 15, bool(header.flags & AA), bool(header.flags & TC), tuple(records)
    )


def _read_record(message: bytes, at: int) -> tuple[Record, int]:
    owner, at = name.read(message, at)
    if at + _record.size > len(message):
        raise ValueError("a record is cut short")
    rrtype, class_, ttl, length = _record.unpack_from(message, at)
    at += _record.size
    end = at + length
    if end > len(message):
        raise ValueError("a record runs out of the message")
    if class_ != CLASS_IN:
        raise ValueError("a record of another class")
    # RFC 2181, section 8: a TTL with its highest bit set counts as 0.
    ttl = ttl if ttl < 1 << 31 else 0
    return Record(name.lower(owner), rrtype, ttl, _read_rdata(message, at, end, rrtype)), end


def _read_rdata(message: bytes, at: int, end: int, rrtype: int) -> bytes:
    """Read RDATA and write out the names that are compressed in it."""
    if rrtype not in _NAMES:
        return message[at:end]
    before, names = _NAMES[rrtype]
    pieces = [message[at : at + before]]
    at += before
    for _ in range(names):
        found, at = name.read(message, at)
        pieces.append(found)
    if at > end:
        raise ValueError("a name runs out of its record")
    return b"".join([*pieces, message[at:end]])


def serial_in(answer: Answer, apex: WireName) -> int | None:
    """Give the serial of a zone's SOA in an authoritative answer; None where there is none."""
    if answer.rcode != 0 or not answer.is_authoritative:
        return None
    for record in answer.records:
        if record.owner == apex and record.rrtype == rrtypes.SOA:
            return Soa.from_rdata(record.ttl, record.rdata).serial
    return None
