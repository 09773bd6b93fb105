"""DNS over UDP: datagrams in, datagrams out.

The socket is drained by hand whenever it is readable: one turn of the event loop serves up to
`DRAIN` datagrams, which is much cheaper than a turn each, and bounded, so that a flood cannot
starve HTTP.
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Final

Respond = Callable[[bytes, str], bytes | None]

DRAIN: Final = 64
RECEIVE_BUFFER: Final = 4 * 1024 * 1024
MAX_DATAGRAM: Final = 65535
_PKTINFO_SPACE: Final = socket.CMSG_SPACE(20)


class UdpListener:
    """One bound socket, read on the running event loop."""

    def __init__(self, bound: socket.socket, respond: Respond) -> None:
        self._socket = bound
        self._respond = respond
        self._loop = asyncio.get_running_loop()
        self._to_any = bound.getsockname()[0] in ("0.0.0.0", "::")  # noqa: S104
        self._loop.add_reader(bound, self._drain_any if self._to_any else self._drain)

    @property
    def port(self) -> int:
        """The port that it is bound to."""
        return int(self._socket.getsockname()[1])

    def close(self) -> None:
        """Serve what has arrived, then stop."""
        self._loop.remove_reader(self._socket)
        (self._drain_any if self._to_any else self._drain)()
        self._socket.close()

    def _drain(self) -> None:
        receive, send, respond = self._socket.recvfrom, self._socket.sendto, self._respond
        for _ in range(DRAIN):
            try:
                message, client = receive(MAX_DATAGRAM)
            except OSError:  # nothing left, or an ICMP error that concerns no query of ours
                return
            response = respond(message, client[0])
            if response is not None:
                with contextlib.suppress(OSError):  # a full send buffer: the client asks again
                    send(response, client)

    def _drain_any(self) -> None:
        """Drain a socket bound to all addresses: reply from the one that was asked."""
        receive, send, respond = self._socket.recvmsg, self._socket.sendmsg, self._respond
        for _ in range(DRAIN):
            try:
                message, ancillary, _flags, client = receive(MAX_DATAGRAM, _PKTINFO_SPACE)
            except OSError:
                return
            response = respond(message, client[0])
            if response is not None:
                with contextlib.suppress(OSError):
                    send([response], ancillary, 0, client)


def bind(host: str, port: int) -> socket.socket:
    """Bind a socket for UdpListener; raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_DGRAM)
    try:
        bound.setblocking(False)
        with contextlib.suppress(OSError):
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
        else:
            bound.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


_IP_PKTINFO: Final = getattr(socket, "IP_PKTINFO", 8)  # named by Python from 3.12 on
