"""Fetches a whole zone over TCP (RFC 5936) and counts what came, without keeping it."""

import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass

import dns.message
import dns.rdatatype

from bench import packet
from bench.corpus import Question
from bench.error import BenchError

_PATIENCE = 120.0  # seconds for the next octets


@dataclass(frozen=True, slots=True)
class Fetched:
    """What one transfer was."""

    messages: int
    octets: int
    records: int


def fetch(port: int, apex: str) -> Fetched:
    """Read until the SOA comes the second time; BenchError where the zone is refused."""
    query = packet.query(Question(apex, "AXFR"))
    with (
        socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE) as stream,
        stream.makefile("rb", 1 << 20) as reader,
    ):
        stream.sendall(struct.pack("!H", len(query)) + query)
        message = _next(reader.read)
        closing = _fixed_part_of_soa(message)
        messages, octets, records = 1, len(message), _count(message)
        while messages == 1 or not message.endswith(closing):
            message = _next(reader.read)
            messages += 1
            octets += len(message)
            records += _count(message)
    return Fetched(messages, octets, records)


def _next(read: Callable[[int], bytes]) -> bytes:
    length = read(2)
    message = read(int.from_bytes(length, "big"))
    if len(length) < 2 or len(message) < int.from_bytes(length, "big"):
        raise BenchError("a transfer broke off")
    return message


def _count(message: bytes) -> int:
    return int.from_bytes(message[6:8], "big")


def _fixed_part_of_soa(message: bytes) -> bytes:
    """The five numbers at the end of the SOA that a transfer begins with."""
    answer = dns.message.from_wire(message).answer
    if not answer or answer[0].rdtype != dns.rdatatype.SOA:
        raise BenchError("a transfer was refused")
    soa = answer[0][0]
    return struct.pack("!5I", soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum)
