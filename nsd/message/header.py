"""The header of a message (RFC 1035, section 4.1.1)."""

import struct
from typing import Final, NamedTuple

HEADER_LENGTH: Final = 12

QR: Final = 0x8000
AA: Final = 0x0400
TC: Final = 0x0200
RD: Final = 0x0100
OPCODE_BITS: Final = 0x7800
RCODE_BITS: Final = 0x000F

HEADER: Final = struct.Struct(">HHHHHH")


class Header(NamedTuple):
    """Its twelve octets as six numbers. A tuple, since every message makes one."""

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

    @property
    def rcode(self) -> int:
        """The lower four bits of the response code."""
        return self.flags & RCODE_BITS


def read_header(message: bytes) -> Header:
    """Read the header; the message has at least twelve octets."""
    return Header(*HEADER.unpack_from(message))
