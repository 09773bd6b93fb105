"""Whatever is sent, the server answers or drops as defined; `make fuzz` runs long."""

import asyncio
import gc
import random
import socket
from collections.abc import AsyncIterator

import dns.message
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.conformance.asked import Nameserver
from tests.conformance.listening import listening
from tests.property.hostile import Hostile, judge, target

PACKETS = 3000


@pytest.fixture(scope="module")
def server() -> Nameserver:
    return target()


@settings(max_examples=300)
@given(st.binary(max_size=600), st.booleans())
@example(b"", False)
@example(bytes(12), False)
@example(b"\xff" * 600, True)
def test_any_octets_are_answered_or_dropped(octets: bytes, over_tcp: bool) -> None:
    judge(target(), octets, tcp=over_tcp)


@pytest.mark.parametrize("over_tcp", [False, True])
def test_broken_queries_are_answered_or_dropped(server: Nameserver, over_tcp: bool) -> None:
    hostile = Hostile(random.Random(1))
    answered = sum(
        judge(server, hostile.packet(), tcp=over_tcp) is not None for _ in range(PACKETS)
    )
    assert answered > PACKETS / 3


def test_nothing_grows(server: Nameserver) -> None:
    hostile = Hostile(random.Random(2))
    packets = [hostile.packet() for _ in range(PACKETS)]

    def send() -> int:
        for packet in packets:
            server.reply(packet)
        gc.collect()
        return len(gc.get_objects())

    send()
    before = send()
    assert send() - before < 50


@pytest.fixture
async def port(server: Nameserver) -> AsyncIterator[int]:
    """Listen on UDP and TCP."""
    async with listening(server) as port:
        yield port


QUERY = dns.message.make_query("a.example.", "A", id=7, flags=0).to_wire()


async def test_hostile_datagrams_do_not_stop_a_good_one(port: int) -> None:
    hostile = Hostile(random.Random(3))
    loop = asyncio.get_running_loop()
    with (
        socket.socket(type=socket.SOCK_DGRAM) as noise,
        socket.socket(type=socket.SOCK_DGRAM) as good,
    ):
        for one in (noise, good):
            one.setblocking(False)
            one.connect(("127.0.0.1", port))
        for _ in range(300):
            await loop.sock_sendall(noise, hostile.packet())
        await loop.sock_sendall(good, QUERY)
        reply = await asyncio.wait_for(loop.sock_recv(good, 4096), 10)
    assert dns.message.from_wire(reply).answer


async def test_hostile_streams_do_not_stop_a_good_one(port: int) -> None:
    hostile = Hostile(random.Random(4))
    writers = []
    for _ in range(100):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        packet = hostile.packet()
        length = hostile.random.choice([len(packet), len(packet) + 7, 0, 65535])
        writer.write(length.to_bytes(2, "big") + packet)
        writers.append(writer)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(len(QUERY).to_bytes(2, "big") + QUERY)
    length = int.from_bytes(await asyncio.wait_for(reader.readexactly(2), 10), "big")
    assert dns.message.from_wire(await reader.readexactly(length)).answer
    for one in (*writers, writer):
        one.transport.abort()
