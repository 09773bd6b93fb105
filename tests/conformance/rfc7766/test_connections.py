"""Queries over TCP, on real sockets."""

import asyncio
import time
from collections.abc import AsyncIterator

import dns.message
import pytest

from nsd.message.transport import Transport
from nsd.server import tcp
from nsd.server.acceptor import Limits
from nsd.server.courtesy import Courtesy
from tests.conformance.asked import Response, example

QUERY = dns.message.make_query("a.example.", "A", flags=0)


def framed(query: dns.message.Message, ident: int | None = None) -> bytes:
    if ident is not None:
        query.id = ident
    wire = query.to_wire()
    return len(wire).to_bytes(2, "big") + wire


class Listening:
    """A listener on a free port of the loopback."""

    def __init__(self, listener: tcp.TcpListener, port: int) -> None:
        self.listener = listener
        self.port = port

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)


async def listening(
    *, idle_seconds: float = 10.0, connections: int = 1000, per_address: int = 1000
) -> AsyncIterator[Listening]:
    server = example("a A 192.0.2.1\n" + "".join(f"big TXT {'x' * 250}{at}\n" for at in range(200)))
    listener = tcp.TcpListener(
        server.shortcut,
        lambda message, client: server.responder.answer(message, Transport.TCP, client),
        Courtesy(),
        Limits(connections, per_address),
        time.monotonic,
        idle_seconds=idle_seconds,
    )
    bound = tcp.bind("127.0.0.1", 0)
    listener.listen(bound)
    yield Listening(listener, bound.getsockname()[1])
    await listener.close()


@pytest.fixture
async def server() -> AsyncIterator[Listening]:
    async for one in listening():
        yield one


async def receive(reader: asyncio.StreamReader) -> Response:
    length = int.from_bytes(await reader.readexactly(2), "big")
    return Response(await reader.readexactly(length))


async def closed(reader: asyncio.StreamReader) -> bool:
    try:
        return await asyncio.wait_for(reader.read(), 10) == b""
    except ConnectionResetError:
        return True


async def test_many_queries_go_over_one_connection(server: Listening) -> None:
    reader, writer = await server.connect()
    for ident in range(50):
        writer.write(framed(QUERY, ident))
        assert (await receive(reader)).message.id == ident
    writer.close()


async def test_queries_are_answered_without_waiting_for_each_other(server: Listening) -> None:
    """Section 6.2.1.1: pipelining."""
    reader, writer = await server.connect()
    writer.write(b"".join(framed(QUERY, ident) for ident in range(500)))
    assert [(await receive(reader)).message.id for _ in range(500)] == list(range(500))
    writer.close()


async def test_a_query_may_come_octet_by_octet(server: Listening) -> None:
    reader, writer = await server.connect()
    for octet in framed(QUERY, 7):
        writer.write(bytes([octet]))
        await writer.drain()
    assert (await receive(reader)).message.id == 7
    writer.close()


async def test_a_client_that_closes_its_side_is_still_answered(server: Listening) -> None:
    reader, writer = await server.connect()
    writer.write(framed(QUERY, 1) + framed(QUERY, 2))
    writer.write_eof()
    assert [(await receive(reader)).message.id for _ in range(2)] == [1, 2]
    assert await closed(reader)
    writer.close()


async def test_a_client_that_closes_before_reading_much_gets_all_of_it(server: Listening) -> None:
    reader, writer = await server.connect()
    big = dns.message.make_query("big.example.", "TXT", flags=0)
    writer.write(b"".join(framed(big, ident) for ident in range(100)))
    writer.write_eof()
    for ident in range(100):
        assert (await receive(reader)).message.id == ident
    assert await closed(reader)
    writer.close()


async def test_what_is_no_query_ends_the_connection(server: Listening) -> None:
    for octets in (b"\x00\x00", b"\x00\x01a", b"\x00\x0c" + b"\x00\x01\x80" + bytes(9)):
        reader, writer = await server.connect()
        writer.write(octets)
        assert await closed(reader)
        writer.close()


async def test_an_idle_connection_is_closed() -> None:
    async for server in listening(idle_seconds=0.05):
        reader, writer = await server.connect()
        assert await closed(reader)
        writer.close()


async def test_half_a_query_does_not_keep_a_connection() -> None:
    async for server in listening(idle_seconds=0.05):
        reader, writer = await server.connect()
        writer.write(framed(QUERY, 1)[:-1])
        assert await closed(reader)
        writer.close()


async def test_where_there_are_too_many_the_longest_idle_one_goes() -> None:
    async for server in listening(connections=2):
        connections = []
        for ident in range(3):
            reader, writer = await server.connect()
            writer.write(framed(QUERY, ident))
            assert (await receive(reader)).message.id == ident
            connections.append((reader, writer))
        assert await closed(connections[0][0])
        for reader, writer in connections[1:]:
            writer.write(framed(QUERY, 9))
            assert (await receive(reader)).message.id == 9
        for _, writer in connections:
            writer.close()


async def test_a_client_that_does_not_read_does_not_stop_others(server: Listening) -> None:
    _, deaf = await server.connect()
    big = dns.message.make_query("big.example.", "TXT", flags=0)
    deaf.write(b"".join(framed(big, ident) for ident in range(2000)))
    reader, writer = await server.connect()
    writer.write(framed(QUERY, 5))
    assert (await asyncio.wait_for(receive(reader), 10)).message.id == 5
    deaf.transport.abort()
    writer.close()
