"""Many datagrams with one system call."""

import socket
from collections.abc import Iterator

import pytest

from nsd.server import batch, udp
from nsd.server.batch import DATAGRAMS, Batch
from nsd.server.grouping import IPV4, IPV6

if not batch.is_available():
    pytest.skip("this system has no recvmmsg and sendmmsg", allow_module_level=True)


@pytest.fixture(params=["127.0.0.1", "::1", "0.0.0.0", "::"])
def pair(request: pytest.FixtureRequest) -> Iterator[tuple[socket.socket, socket.socket]]:
    """A server's socket, and a client's that speaks to it."""
    server = udp.bind(request.param, 0)
    loopback = "127.0.0.2" if request.param == "0.0.0.0" else "127.0.0.1"
    client = socket.socket(server.family, socket.SOCK_DGRAM)
    client.settimeout(5)
    client.connect(("::1" if ":" in request.param else loopback, server.getsockname()[1]))
    yield server, client
    server.close()
    client.close()


def test_each_datagram_is_answered_to_its_sender(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    server, client = pair
    exchange = Batch(server)
    for number in range(DATAGRAMS + 3):
        client.send(b"question %d" % number)
    counts = []
    for _ in range(3):
        counts.append(exchange.receive())
        exchange.respond(lambda message, _slot: message.upper())
    assert counts == [DATAGRAMS, 3, 0]
    got = [client.recv(100) for _ in range(DATAGRAMS + 3)]
    assert got == [b"QUESTION %d" % number for number in range(DATAGRAMS + 3)]


def test_silence_leaves_the_others_answered(pair: tuple[socket.socket, socket.socket]) -> None:
    server, client = pair
    exchange = Batch(server)
    for number in range(7):
        client.send(b"%d" % number)
    silent = {b"0", b"3", b"4", b"6"}
    exchange.receive()
    exchange.respond(lambda message, _slot: None if message in silent else message)
    assert [client.recv(100) for _ in range(3)] == [b"1", b"2", b"5"]


def test_the_client_is_known_by_slot(pair: tuple[socket.socket, socket.socket]) -> None:
    server, client = pair
    exchange = Batch(server)
    client.send(b"who am I?")
    exchange.receive()
    exchange.respond(lambda _message, slot: exchange.client(slot))
    assert client.recv(100) == socket.inet_pton(client.family, client.getsockname()[0])


def test_the_sources_are_the_first_octets_of_the_addresses(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    server, client = pair
    exchange = Batch(server)
    for _ in range(3):
        client.send(b"who are we?")
    assert exchange.receive() == 3
    grouping = IPV4 if client.family == socket.AF_INET else IPV6
    packed = socket.inet_pton(client.family, client.getsockname()[0])
    assert exchange.sources() == [grouping.source(packed)] * 3
