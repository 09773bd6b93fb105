"""Connections accepted within limits, on real sockets."""

import asyncio
import resource
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from nsd.server import tcp
from nsd.server.acceptor import Acceptor, Limits, Place, Speaking, origin_of


class Echo(asyncio.Protocol):
    """Sends back what comes; a connection that has sent nothing is idle."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.place.rest()

    def data_received(self, data: bytes) -> None:
        self.place.work()
        assert self.transport is not None
        self.transport.write(data)

    def connection_lost(self, _error: Exception | None) -> None:
        self.place.give_back()


class Client:
    """One connection, from the other side."""

    def __init__(self, source: str) -> None:
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.bind((source, 0))
        self._loop = asyncio.get_running_loop()

    async def is_served(self) -> bool:
        """Ask; tell whether the answer came."""
        try:
            await self._loop.sock_sendall(self.socket, b"x")
            return not await self.is_ended()
        except ConnectionError:
            return False

    async def is_ended(self) -> bool:
        """Wait for an answer or the end; tell whether it was the end."""
        try:
            async with asyncio.timeout(5):
                return await self._loop.sock_recv(self.socket, 1) == b""
        except ConnectionError:
            return True


class Listening:
    """An acceptor on a free port of the loopback."""

    def __init__(self, acceptor: Acceptor, port: int) -> None:
        self.acceptor = acceptor
        self.port = port
        self.clients: list[Client] = []

    async def connect(self, source: str = "127.0.0.1") -> Client:
        client = Client(source)
        self.clients.append(client)
        await asyncio.get_running_loop().sock_connect(client.socket, ("127.0.0.1", self.port))
        return client

    async def close(self) -> None:
        self.acceptor.close()
        for client in self.clients:
            client.socket.close()
        while self.acceptor.open:
            for place in self.acceptor.open:
                place.end()
            await asyncio.sleep(0)  # what is ended is lost in the next turn


@asynccontextmanager
async def listening(
    connections: int = 100, per_address: int = 100, exempt: str = ""
) -> AsyncIterator[Listening]:
    networks = (ip_network(exempt),) if exempt else ()
    acceptor = Acceptor(Speaking(Echo), Limits(connections, per_address, networks))
    bound = tcp.bind("127.0.0.1", 0)
    acceptor.listen(bound)
    here = Listening(acceptor, bound.getsockname()[1])
    try:
        yield here
    finally:
        await here.close()


def descriptors() -> int:
    """Count the descriptors that are open, but the one that is for counting them."""
    return len(list(Path("/proc/self/fd").iterdir())) - 1


async def test_where_all_places_are_taken_the_one_idle_for_longest_goes() -> None:
    async with listening(connections=3) as here:
        busy, idle, last = [await here.connect() for _ in range(3)]
        assert await busy.is_served()
        new = await here.connect()
        assert await new.is_served()
        assert await idle.is_ended()
        assert await busy.is_served()
        assert await last.is_served()


async def test_where_none_is_idle_the_one_busy_for_longest_goes() -> None:
    async with listening(connections=2) as here:
        first, second = await here.connect(), await here.connect()
        assert await first.is_served()
        assert await second.is_served()
        new = await here.connect()
        assert await new.is_served()
        assert await first.is_ended()
        assert await second.is_served()


async def test_a_burst_never_opens_more_than_the_limit_and_all_are_served_in_turn() -> None:
    async with listening(connections=4) as here:
        most = 0

        async def watch() -> None:
            nonlocal most
            while True:
                most = max(most, len(here.acceptor.open))
                await asyncio.sleep(0)

        watching = asyncio.create_task(watch())
        for _ in range(60):
            client = await here.connect()
            assert await client.is_served()
        await asyncio.gather(*(here.connect() for _ in range(60)))
        watching.cancel()
        assert most <= 4


async def test_an_address_has_its_own_limit_and_ends_only_its_own() -> None:
    async with listening(per_address=2) as here:
        other = await here.connect("127.0.0.2")
        first = await here.connect()
        others = [await here.connect() for _ in range(5)]
        assert await first.is_ended()
        assert await other.is_served()
        assert [await one.is_served() for one in others] == [False, False, False, True, True]


async def test_a_burst_from_one_address_leaves_it_no_more_than_its_limit() -> None:
    async with listening(per_address=3) as here:
        clients = await asyncio.gather(*(here.connect() for _ in range(40)))
        served = [await client.is_served() for client in clients]
        assert sum(served) == 3, served


async def test_exempt_networks_are_bounded_in_all_only() -> None:
    async with listening(per_address=1, exempt="127.0.0.0/24") as here:
        clients = [await here.connect() for _ in range(5)]
        assert all([await client.is_served() for client in clients])


async def test_without_descriptors_nothing_spins_and_service_returns_when_there_are_some(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nsd.server.acceptor.PAUSE_SECONDS", 0.05)
    async with listening() as here:
        first = await here.connect()
        assert await first.is_served()
        second = await here.connect()
        assert await second.is_served()
        third = Client("127.0.0.1")
        here.clients.append(third)
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        with capture_logs() as logs:
            resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors(), before[1]))
            try:
                loop = asyncio.get_running_loop()
                await loop.sock_connect(third.socket, ("127.0.0.1", here.port))
                while not logs:
                    assert await first.is_served()
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, before)
        assert len(logs) < 5, "it tries once a pause, not in every turn"
        assert await third.is_served()


def test_of_ipv6_a_64_counts_as_one_address() -> None:
    assert origin_of("2001:db8::1") == origin_of("2001:db8::ffff:1") == "2001:db8::/64"
    assert origin_of("2001:db8:0:1::1") == "2001:db8:0:1::/64"
    assert origin_of("fe80::1%lo") == "fe80::/64"
    assert origin_of("192.0.2.1") == "192.0.2.1"
    assert origin_of("192.0.2.1", (ip_network("192.0.2.0/24"),)) is None
