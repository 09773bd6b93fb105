"""Records on their way out, packed into messages."""

from collections.abc import Iterable, Iterator
from typing import Final

from nsd.message.header import AA, HEADER, HEADER_LENGTH, QR
from nsd.server.later import TransferRequest
from nsd.zone.name import WireName, to_text

Records = Iterator[tuple[WireName, bytes]]  # a record's owner, and what follows it

TARGET: Final = 32 * 1024  # octets of a message, where single records are not longer
_POINTER: Final = (0xC000 | HEADER_LENGTH).to_bytes(2, "big")  # to the question's name, the apex


class _TooLong(Exception):
    """A record that no message has room for; private; it may end a transfer."""


def pack(request: TransferRequest, records: Records) -> Iterator[bytes]:
    """Pack records into messages, each with the question, to which owners point."""
    room = request.limit - len(_message(request, 0, b""))
    target = min(TARGET, room)
    body, count = bytearray(), 0
    for record in _shortened(len(request.apex), records):
        if count and len(body) + len(record) > target:
            yield _message(request, count, body)
            body, count = bytearray(), 0
        if len(record) > room:
            zone = to_text(request.apex)
            raise _TooLong(f"a record of the zone {zone} is too long for any message")
        body += record
        count += 1
    yield _message(request, count, body)


def one_or(messages: Iterator[bytes], instead: Iterator[bytes]) -> Iterator[bytes]:
    """Give a response of a single message as it is, another one for a longer (RFC 1995)."""
    try:
        first = next(messages)
        is_single = next(messages, None) is None
    except _TooLong:
        is_single = False
    yield first if is_single else next(instead)


def _shortened(apex_length: int, records: Iterable[tuple[WireName, bytes]]) -> Iterator[bytes]:
    for owner, rest in records:
        yield owner[:-apex_length] + _POINTER + rest


def _message(request: TransferRequest, count: int, body: bytes | bytearray) -> bytes:
    counts = (1, count, 0, 1 if request.opt else 0)
    header = HEADER.pack(request.query.header.ident, QR | AA, *counts)
    return header + request.query.question + body + request.opt
