"""A response without records that says: ask again over TCP."""

from typing import Final

from nsd.message import edns
from nsd.message.header import HEADER_LENGTH, RCODE_BITS, TC, read_header
from nsd.message.records import after_questions, walk
from nsd.zone import rrtypes

# OPT records that nearly all responses end with: without options, and with a cookie.
_COMMON_LENGTHS: Final = (edns.PLAIN_LENGTH, edns.PLAIN_LENGTH + 4 + 24)


def cut_short(response: bytes) -> bytes:
    """Leave of a response the header, the question and the OPT record, and set TC.

    It says NOERROR, so that nobody takes it for a denial.
    """
    header = read_header(response)
    records = after_questions(response, header.questions)
    opt = _opt(response, records) if header.additionals else b""
    flags = header.flags & ~RCODE_BITS | TC
    counts = (header.questions, 0, 0, 1 if opt else 0)
    fields = (header.ident, flags, *counts)
    head = b"".join(field.to_bytes(2, "big") for field in fields)
    return head + response[HEADER_LENGTH:records] + opt


def _opt(response: bytes, at: int) -> bytes:
    """Find the OPT record."""
    for length in _COMMON_LENGTHS:
        found = response[-length:]
        if found.startswith(edns.START) and _rdata_length(found) == length - edns.PLAIN_LENGTH:
            return found
    header = read_header(response)
    count = header.answers + header.authorities + header.additionals
    for record in walk(response, at, count):
        if record.rrtype == rrtypes.OPT:
            return response[record.start : record.end]
    return b""


def _rdata_length(opt: bytes) -> int:
    return opt[edns.PLAIN_LENGTH - 2] << 8 | opt[edns.PLAIN_LENGTH - 1]
