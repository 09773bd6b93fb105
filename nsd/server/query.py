"""A query, read from its bytes."""

import struct
from dataclasses import dataclass

from nsd.errors import Malformed
from nsd.message.edns import Edns
from nsd.message.edns import parse as parse_edns
from nsd.message.header import HEADER_LENGTH, Header
from nsd.message.tsig import Tsig
from nsd.message.tsig import read_rdata as read_tsig
from nsd.zone import rrtypes
from nsd.zone.name import ROOT, WireName, read

_type_and_class = struct.Struct(">HH")
_record = struct.Struct(">HHIH")


@dataclass(frozen=True, slots=True)
class Query:
    """One question, or none, and what came with it.

    `question` holds its octets as they were sent; without one it is empty, and the name, the
    type and the class say nothing.
    """

    header: Header
    question: bytes
    qname: WireName
    qtype: int
    qclass: int
    edns: Edns | None
    tsig: Tsig | None


def read_query(header: Header, message: bytes) -> Query:
    """Read a message with at most one question (RFC 9619). Raises Malformed."""
    if header.questions > 1:
        raise Malformed("more than one question")
    try:
        qname, qtype, qclass, at = ROOT, 0, 0, HEADER_LENGTH
        if header.questions:
            qname, at = _read_qname(message)
            qtype, qclass = _type_and_class.unpack_from(message, at)
            at += _type_and_class.size
        edns, tsig = _read_additional(header, message, at)
    except (ValueError, struct.error) as error:
        raise Malformed(str(error)) from error
    return Query(header, message[HEADER_LENGTH:at], qname, qtype, qclass, edns, tsig)


def _read_qname(message: bytes) -> tuple[WireName, int]:
    qname, at = read(message, HEADER_LENGTH)
    if at != HEADER_LENGTH + len(qname):  # before the question is only the header to point to
        raise ValueError("a compressed question")
    return qname, at


def read_held_serial(query: Query, message: bytes) -> int:
    """Read the serial that the client of an IXFR has (RFC 1995, section 3). Raises Malformed."""
    at = HEADER_LENGTH + len(query.question)
    try:
        for number in range(query.header.answers + query.header.authorities):
            owner, at = read(message, at)
            rrtype, _class, _ttl, length = _record.unpack_from(message, at)
            at += _record.size + length
            if number >= query.header.answers and rrtype == rrtypes.SOA and length >= 22:
                if owner.lower() != query.qname.lower():
                    raise Malformed("the SOA is another zone's")
                return int.from_bytes(message[at - 20 : at - 16], "big")
    except (ValueError, struct.error) as error:
        raise Malformed(str(error)) from error
    raise Malformed("an IXFR without the SOA that the client has")


def _read_additional(header: Header, message: bytes, at: int) -> tuple[Edns | None, Tsig | None]:
    """Walk through all records after the question; find the OPT and TSIG records."""
    edns = tsig = None
    before_additional = header.answers + header.authorities
    records = before_additional + header.additionals
    for number in range(records):
        start = at
        owner, at = read(message, at)
        rrtype, payload_size, ttl, length = _record.unpack_from(message, at)
        at += _record.size + length
        if at > len(message):
            raise ValueError("a record runs out of the message")
        if rrtype == rrtypes.OPT:
            # RFC 6891, section 6.1.1: at most one, owned by the root, in the additional section.
            if edns is not None or owner != b"\x00" or number < before_additional:
                raise ValueError("an OPT record that should not be there")
            edns = parse_edns(payload_size, ttl, message[at - length : at])
        elif rrtype == rrtypes.TSIG:
            if number != records - 1 or not header.additionals:  # RFC 8945, section 5.1
                raise ValueError("a TSIG record that is not the last")
            tsig = read_tsig(message, start, owner, at - length, at)
    return edns, tsig
