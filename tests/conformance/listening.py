"""A name server over zones in memory, on real sockets."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from nsd.message.transport import Transport
from nsd.server import tcp, udp
from nsd.server.acceptor import Limits
from nsd.server.courtesy import Courtesy
from nsd.server.gate import Gate
from tests.conformance.asked import Nameserver
from tests.live.port import free_port


@asynccontextmanager
async def listening(server: Nameserver, gate: Gate | None = None) -> AsyncIterator[int]:
    """Listen on UDP and TCP of one port of the loopback; give the port."""
    port = free_port()
    answer, courtesy = server.responder.answer, Courtesy()
    datagrams = udp.UdpListener(
        udp.bind("127.0.0.1", port),
        server.shortcut,
        lambda message, client: answer(message, Transport.UDP, client),
        courtesy,
        gate,
    )
    streams = tcp.TcpListener(
        server.shortcut,
        lambda message, client: answer(message, Transport.TCP, client),
        courtesy,
        Limits(connections=1000, per_address=1000),
        time.monotonic,
    )
    streams.listen(tcp.bind("127.0.0.1", port))
    try:
        yield port
    finally:
        datagrams.close()
        await streams.close()
