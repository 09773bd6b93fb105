"""A query, read from its bytes."""

import struct
from typing import NamedTuple

from nsd.errors import Malformed
from nsd.message import tsig
from nsd.message.edns import Edns
from nsd.message.edns import parse as parse_edns
from nsd.message.header import HEADER_LENGTH, Header
from nsd.message.records import walk
from nsd.message.tsig import Tsig
from nsd.zone import rrtypes
from nsd.zone.name import ROOT, WireName, read

_type_and_class = struct.Struct(">HH")


class Query(NamedTuple):
    """One question, or none, and what came with it. A tuple, since every query makes one.

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
        edns, signature = _read_additional(header, message, at)
    except (ValueError, struct.error) as error:
        raise Malformed(str(error)) from error
    return Query(header, message[HEADER_LENGTH:at], qname, qtype, qclass, edns, signature)


def _read_qname(message: bytes) -> tuple[WireName, int]:
    qname, at = read(message, HEADER_LENGTH)
    if at != HEADER_LENGTH + len(qname):  # before the question is only the header to point to
        raise ValueError("a compressed question")
    return qname, at


def read_held_serial(query: Query, message: bytes) -> int:
    """Read the serial that the client of an IXFR has (RFC 1995, section 3). Raises Malformed."""
    at = HEADER_LENGTH + len(query.question)
    header = query.header
    for number, found in enumerate(walk(message, at, header.answers + header.authorities)):
        is_soa = found.rrtype == rrtypes.SOA and found.end - found.at >= 22
        if is_soa and number >= header.answers:
            if found.owner.lower() != query.qname.lower():
                raise Malformed("the SOA is another zone's")
            return int.from_bytes(message[found.end - 20 : found.end - 16], "big")
    raise Malformed("an IXFR without the SOA that the client has")


def _read_additional(header: Header, message: bytes, at: int) -> tuple[Edns | None, Tsig | None]:
    """Walk through all records after the question; find the OPT and TSIG records."""
    edns = signature = None
    before_additional = header.answers + header.authorities
    count = before_additional + header.additionals
    for number, found in enumerate(walk(message, at, count)):
        if found.rrtype == rrtypes.OPT:
            # RFC 6891, section 6.1.1: at most one, owned by the root, in the additional section.
            if edns is not None or found.owner != ROOT or number < before_additional:
                raise ValueError("an OPT record that should not be there")
            edns = parse_edns(found.rrclass, found.ttl, message[found.at : found.end])
        elif found.rrtype == rrtypes.TSIG:
            if number != count - 1 or not header.additionals:  # RFC 8945, section 5.1
                raise ValueError("a TSIG record that is not the last")
            signature = tsig.read(message, found)
    return edns, signature
