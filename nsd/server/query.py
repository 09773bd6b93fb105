"""A query, read from its bytes."""

import struct
from dataclasses import dataclass
from typing import Final

from nsd.server.edns import Edns
from nsd.server.edns import parse as parse_edns
from nsd.zone import rrtype
from nsd.zone.name import WireName, read

HEADER_LENGTH: Final = 12

QR: Final = 0x8000
AA: Final = 0x0400
TC: Final = 0x0200
RD: Final = 0x0100
CD: Final = 0x0010

_header = struct.Struct(">HHHHHH")
_type_and_class = struct.Struct(">HH")
_record = struct.Struct(">HHIH")


class Malformed(ValueError):
    """A message that cannot be read as a query; it is answered with FORMERR."""


@dataclass(frozen=True, slots=True)
class Header:
    """The twelve octets of RFC 1035, section 4.1.1."""

    ident: int
    flags: int
    questions: int
    answers: int
    authorities: int
    additionals: int

    @property
    def opcode(self) -> int:
        """The kind of query."""
        return self.flags >> 11 & 15


@dataclass(frozen=True, slots=True)
class Query:
    """One question and what came with it. `question` holds its octets as they were sent."""

    header: Header
    question: bytes
    qname: WireName
    qtype: int
    qclass: int
    edns: Edns | None


def read_header(message: bytes) -> Header:
    """Read the header; the message has at least twelve octets."""
    return Header(*_header.unpack_from(message))


def read_query(header: Header, message: bytes) -> Query:
    """Read a message with one question. Raises Malformed."""
    try:
        qname, at = read(message, HEADER_LENGTH)
        qtype, qclass = _type_and_class.unpack_from(message, at)
        at += 4
        question = message[HEADER_LENGTH:at]
        edns = _read_additional(header, message, at)
    except (ValueError, struct.error) as error:
        raise Malformed(str(error)) from error
    return Query(header, question, qname, qtype, qclass, edns)


def _read_additional(header: Header, message: bytes, at: int) -> Edns | None:
    """Walk through all records after the question; find the OPT record."""
    edns = None
    before_additional = header.answers + header.authorities
    for number in range(before_additional + header.additionals):
        owner, at = read(message, at)
        kind, payload_size, ttl, length = _record.unpack_from(message, at)
        at += _record.size + length
        if at > len(message):
            raise ValueError("a record runs out of the message")
        if kind == rrtype.OPT:
            # RFC 6891, section 6.1.1: at most one, owned by the root, in the additional section.
            if edns is not None or owner != b"\x00" or number < before_additional:
                raise ValueError("an OPT record that should not be there")
            edns = parse_edns(payload_size, ttl, message[at - length : at])
    return edns
