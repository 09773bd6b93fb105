"""Asks one server many questions at once over a UDP socket, and single ones over TCP."""

import select
import socket
import struct
from collections.abc import Sequence
from typing import Protocol

import dns.flags
import dns.message
import dns.name
import dns.rdataclass

from tests.conformance.campaign.world import Placed, Question

WINDOW = 60
PATIENCE = 2.0
ATTEMPTS = 3
PAYLOAD = 1232


class Server(Protocol):
    """Whatever answers queries."""

    @property
    def name(self) -> str:
        """What the server is called in tables."""

    def ask(self, queries: Sequence["Query"]) -> list[bytes | None]:
        """Answer each query in its place; None where no reply came."""


class Query:
    """A question in wire form, and over which transport it goes."""

    __slots__ = ("tcp", "wire")

    def __init__(self, wire: bytes, *, tcp: bool) -> None:
        self.wire = wire
        self.tcp = tcp


def query(placed: Placed, question: Question) -> Query:
    """Write the query for a question to a placed world, with ID 0."""
    message = dns.message.make_query(
        question.name.derelativize(placed.base),
        question.rrtype,
        use_edns=0 if question.edns else False,
        payload=PAYLOAD,
        id=0,
        flags=0,
    )
    return Query(message.to_wire(), tcp=question.tcp)


def ask(address: tuple[str, int], queries: Sequence[Query]) -> list[bytes | None]:
    """Ask all; a truncated reply is asked for again over TCP."""
    replies = _ask_udp(address, queries)
    for at, one in enumerate(queries):
        reply = replies[at]
        if one.tcp or (reply is not None and reply[2] & 2):
            replies[at] = ask_tcp(address, one.wire)
    return replies


def _ask_udp(address: tuple[str, int], queries: Sequence[Query]) -> list[bytes | None]:
    replies: list[bytes | None] = [None] * len(queries)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wires:
        wires.connect(address)
        wires.setblocking(False)
        for _ in range(ATTEMPTS):
            left = [at for at, one in enumerate(queries) if not one.tcp and replies[at] is None]
            for start in range(0, len(left), WINDOW):
                _exchange(wires, queries, left[start : start + WINDOW], replies)
    return replies


def _exchange(
    wires: socket.socket,
    queries: Sequence[Query],
    wanted: Sequence[int],
    replies: list[bytes | None],
) -> None:
    """Send the wanted queries, with their place as ID, and take what comes back."""
    waiting = set(wanted)
    for at in wanted:
        wires.send(struct.pack(">H", at & 0xFFFF) + queries[at].wire[2:])
    places = {at & 0xFFFF: at for at in wanted}
    while waiting and select.select([wires], [], [], PATIENCE)[0]:
        reply = wires.recv(65535)
        at = places.get(int.from_bytes(reply[:2], "big"), -1)
        if at in waiting:
            waiting.discard(at)
            replies[at] = reply


def ask_tcp(address: tuple[str, int], wire: bytes) -> bytes | None:
    """Ask over a connection of its own."""
    with socket.create_connection(address, timeout=PATIENCE) as wires:
        wires.sendall(struct.pack(">H", len(wire)) + wire)
        try:
            head = _receive(wires, 2)
            return _receive(wires, int.from_bytes(head, "big"))
        except (TimeoutError, EOFError):
            return None


def _receive(wires: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        piece = wires.recv(count - len(found))
        if not piece:
            raise EOFError
        found += piece
    return found
