"""Our responder as one of the servers asked, in this process."""

import asyncio
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from nsd.message.transport import Transport
from nsd.server import tcp, udp
from nsd.server.acceptor import Limits
from nsd.server.courtesy import Courtesy
from nsd.server.responder import Responder
from nsd.server.shortcut import Shortcut
from nsd.zone.table import ZoneTable
from tests.conformance.asked import read_zone
from tests.conformance.campaign.asker import Query
from tests.conformance.campaign.peers import Peer
from tests.live.port import free_port

CLIENT = "127.0.0.1"


class OurServer:
    """Answers from zones in memory, without sockets."""

    name = "ours"

    def __init__(self, texts: Sequence[tuple[str, str]], table: ZoneTable | None = None) -> None:
        self.table = ZoneTable() if table is None else table
        for apex, text in texts:
            self.table.put(read_zone(text, apex))
        self.stop = asyncio.Event()
        self._responder = Responder(self.table, wall=time.time)
        self._shortcut = Shortcut(self.table, 1232)
        self._takes_shortcut = table is None  # a table that deviates must be asked

    def ask(self, queries: Sequence[Query]) -> list[bytes | None]:
        """Answer each query; a truncated reply is asked for again over TCP."""
        return [self._ask(query) for query in queries]

    def _ask(self, query: Query) -> bytes | None:
        reply = None
        if self._takes_shortcut:
            reply = self._shortcut.respond(query.wire)
        if reply is None:
            reply = self._reply(_transport(tcp=query.tcp), query.wire, CLIENT)
        if reply is not None and reply[2] & 2:
            return self._reply(Transport.TCP, query.wire, CLIENT)
        return reply

    async def serve(self, port: int, ready: threading.Event) -> None:
        """Answer on a port of the loopback until told to stop."""
        bound = udp.bind("127.0.0.1", port)
        courtesy = Courtesy()
        datagrams = udp.UdpListener(
            bound, self._shortcut, partial(self._reply, Transport.UDP), courtesy
        )
        limits = Limits(connections=1000, per_address=1000)
        streams = tcp.TcpListener(
            self._shortcut,
            partial(self._reply, Transport.TCP),
            courtesy,
            limits,
            time.monotonic,
        )
        streams.listen(tcp.bind("127.0.0.1", port))
        ready.set()
        await self.stop.wait()
        datagrams.close()
        await streams.close()

    def _reply(self, transport: Transport, message: bytes, client: str) -> bytes | None:
        return self._responder.respond(message, transport, client)


def _transport(*, tcp: bool) -> Transport:
    return Transport.TCP if tcp else Transport.UDP


@contextmanager
def listening(server: OurServer) -> Iterator[Peer]:
    """Serve on real sockets of the loopback, from an event loop of its own."""
    loop = asyncio.new_event_loop()
    port = free_port()
    ready = threading.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(server.serve(port, ready),))
    thread.start()
    try:
        ready.wait()
        yield Peer("ours, on sockets", ("127.0.0.1", port))
    finally:
        loop.call_soon_threadsafe(server.stop.set)
        thread.join()
        loop.close()
