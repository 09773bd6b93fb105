"""What one TCP connection holds, on real sockets, with answers that a test makes."""

import asyncio
import socket
import struct
import time
from collections.abc import AsyncGenerator, AsyncIterator

import pytest
from structlog.testing import capture_logs

from nsd.server import tcp
from nsd.server.acceptor import Limits
from nsd.server.connection import (
    LONGEST_QUERY,
    MOST_STREAMS,
    MOST_UNDER_WAY,
    READ_AT_ONCE,
    WRITTEN_AT_ONCE,
    Connection,
)
from nsd.server.courtesy import Courtesy
from nsd.server.later import Later
from nsd.server.shortcut import Shortcut
from nsd.server.tcp import TcpListener
from nsd.server.turns import WRITE
from nsd.zone.table import ZoneTable

LONG = b"long" * 1000
QUIET_TURNS = 500


def framed(message: bytes) -> bytes:
    return len(message).to_bytes(2, "big") + message


class Desk:
    """Answers messages by their first octet.

    e: the message again; b: something long; s: later, once `released`; f: later, but it fails;
    t: a transfer of many long messages; anything else: nothing at all.
    """

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.begun = self.under_way = self.sent = 0
        self.released = asyncio.Event()

    def respond(self, message: bytes, _client: str) -> bytes | Later | None:
        self.messages.append(message)
        answers = {b"s": self.slow, b"f": self.failing, b"t": self.transfer}
        if later := answers.get(message[:1]):
            return Later(later(message))
        return {b"e": message, b"b": LONG}.get(message[:1])

    async def slow(self, message: bytes) -> AsyncGenerator[bytes, None]:
        self.begun += 1
        self.under_way += len(message)
        await self.released.wait()
        self.under_way -= len(message)
        yield message[:1]

    async def failing(self, _message: bytes) -> AsyncGenerator[bytes, None]:
        yield b"first"
        raise ValueError("a defect")

    async def transfer(self, _message: bytes) -> AsyncGenerator[bytes, None]:
        for _ in range(10_000):
            self.sent += 1
            yield LONG


class Client:
    """The other side of a connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def ask(self, *messages: bytes) -> None:
        self.writer.write(b"".join(map(framed, messages)))

    async def receive(self) -> bytes:
        async with asyncio.timeout(10):
            return await self.reader.readexactly(
                int.from_bytes(await self.reader.readexactly(2), "big")
            )

    async def is_ended(self) -> bool:
        try:
            async with asyncio.timeout(10):
                return await self.reader.read() == b""
        except ConnectionError:
            return True

    def reset(self) -> None:
        """End the connection so that the other side notices at once."""
        ours = self.writer.get_extra_info("socket")
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


class Stage:
    """A listener with one connection on it."""

    def __init__(self, desk: Desk, listener: TcpListener, port: int) -> None:
        self.desk = desk
        self.listener = listener
        self.port = port
        self.clients: list[Client] = []

    async def connect(self) -> Client:
        client = Client(*await asyncio.open_connection("127.0.0.1", self.port))
        self.clients.append(client)
        return client

    @property
    def connection(self) -> Connection:
        (connection,) = self.listener._connections
        return connection

    async def until_nothing_moves(self) -> None:
        """Wait until many turns of the event loop have changed nothing."""
        seen, quiet = (-1, -1, -1), 0
        while quiet < QUIET_TURNS:
            now = (len(self.desk.messages), self.desk.begun, self.desk.sent)
            quiet = quiet + 1 if now == seen else 0
            seen = now
            await asyncio.sleep(0)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    desk = Desk()
    shortcut = Shortcut(ZoneTable(), 1232)
    limits = Limits(10, 10)
    listener = TcpListener(shortcut, desk.respond, Courtesy(), limits, time.monotonic)
    bound = tcp.bind("127.0.0.1", 0)
    listener.listen(bound)
    made = Stage(desk, listener, bound.getsockname()[1])
    yield made
    for client in made.clients:
        client.writer.transport.abort()
    await listener.close()


async def test_of_a_client_that_never_reads_little_is_held(stage: Stage) -> None:
    client = await stage.connect()
    client.ask(*[b"big" + bytes(30)] * 100_000)
    await stage.until_nothing_moves()
    held = stage.connection
    assert 0 < len(held._unsent) <= WRITTEN_AT_ONCE + len(LONG) + 2
    assert len(held._unread) <= READ_AT_ONCE
    assert held._watched == WRITE, "what waits to be read must not keep the event loop busy"
    assert len(stage.desk.messages) < 1000


async def test_a_client_that_reads_late_gets_everything_in_order(stage: Stage) -> None:
    client = await stage.connect()
    client.ask(*(b"e%05d" % number + b"x" * 500 for number in range(20_000)))
    await stage.until_nothing_moves()
    for number in range(20_000):
        assert (await client.receive())[:6] == b"e%05d" % number


async def test_no_more_than_some_answers_are_made_at_once(stage: Stage) -> None:
    client = await stage.connect()
    client.ask(*[b"slow"] * 2000, b"end")
    await stage.until_nothing_moves()
    assert stage.desk.begun == MOST_STREAMS
    assert len(stage.connection._unread) <= READ_AT_ONCE
    assert not stage.connection._watched, "what waits to be read must not keep the event loop busy"
    stage.desk.released.set()
    assert [await client.receive() for _ in range(2001)][-1] in {b"end", b"s"}
    assert stage.desk.begun == 2000


async def test_long_queries_are_not_held_in_number(stage: Stage) -> None:
    client = await stage.connect()
    client.ask(*[b"slow" + bytes(6000)] * 100)
    await stage.until_nothing_moves()
    assert stage.desk.under_way < MOST_UNDER_WAY + 6004
    stage.desk.released.set()
    assert [await client.receive() for _ in range(100)] == [b"s"] * 100


async def test_answers_that_are_at_hand_pass_those_that_are_made(stage: Stage) -> None:
    client = await stage.connect()
    client.ask(b"slow", b"echo")
    assert await client.receive() == b"echo"
    stage.desk.released.set()
    assert await client.receive() == b"s"


@pytest.mark.parametrize("length", [LONGEST_QUERY + 1, 20_000, 65_535])
async def test_a_query_that_is_too_long_is_cut_short_and_the_next_one_whole(
    stage: Stage, length: int
) -> None:
    client = await stage.connect()
    client.ask(b"e" * length, b"echo")
    assert await client.receive() == b"e" * LONGEST_QUERY
    assert await client.receive() == b"echo"


async def test_the_longest_query_is_whole(stage: Stage) -> None:
    client = await stage.connect()
    client.ask(b"e" * LONGEST_QUERY, b"echo")
    assert await client.receive() == b"e" * LONGEST_QUERY
    assert await client.receive() == b"echo"


async def test_a_transfer_goes_no_faster_than_its_client_reads(stage: Stage) -> None:
    client = await stage.connect()
    client.ask(b"transfer")
    await stage.until_nothing_moves()
    assert 0 < stage.desk.sent < 5000
    for _ in range(10_000):
        assert await client.receive() == LONG


async def test_an_answer_that_breaks_off_ends_the_connection(stage: Stage) -> None:
    client = await stage.connect()
    with capture_logs() as logs:
        client.ask(b"fail")
        assert await client.receive() == b"first"
        assert await client.is_ended()
    assert [line["event"] for line in logs] == ["a transfer failed"]


async def test_a_client_that_goes_away_ends_what_is_made_for_it(stage: Stage) -> None:
    client = await stage.connect()
    client.ask(*[b"slow"] * 5)
    await stage.until_nothing_moves()
    streams = list(stage.connection._streams)
    client.reset()
    await asyncio.wait(streams, timeout=10)
    assert all(stream.cancelled() for stream in streams)


async def test_what_nobody_who_speaks_dns_sends_ends_the_connection_after_its_answers(
    stage: Stage,
) -> None:
    client = await stage.connect()
    client.ask(b"echo", b"?", b"echo")
    assert await client.receive() == b"echo"
    assert await client.is_ended()


async def test_what_has_come_is_answered_before_the_end(stage: Stage) -> None:
    client = await stage.connect()
    client.ask(b"echo")
    assert await client.receive() == b"echo"
    connection = stage.connection
    stage.listener._turns.watch(connection.socket, connection._watched, 0, connection)
    connection._watched = 0  # as if its turn had not come yet
    client.ask(b"echo last")
    await client.writer.drain()
    await stage.until_nothing_moves()
    await connection.close()
    assert await client.receive() == b"echo last"
