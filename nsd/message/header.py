"""The header of a message (RFC 1035, section 4.1.1)."""

import struct
from dataclasses import dataclass
from typing import Final

HEADER_LENGTH: Final = 12

QR: Final = 0x8000
AA: Final = 0x0400
TC: Final = 0x0200
RD: Final = 0x0100
OPCODE_BITS: Final = 0x7800

_header = struct.Struct(">HHHHHH")


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


def read_header(message: bytes) -> Header:
    """Read the header; the message has at least twelve octets."""
    return Header(*_header.unpack_from(message))
