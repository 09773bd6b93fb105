"""DNS over TCP (RFC 7766): the connections of some listening sockets, and what bounds them."""

import asyncio
import socket
from collections.abc import Callable
from typing import Final

from nsd.server.acceptor import Acceptor, Limits, Place
from nsd.server.connection import Connection
from nsd.server.courtesy import Courtesy
from nsd.server.later import Later
from nsd.server.shortcut import Shortcut
from nsd.server.turns import Turns

Respond = Callable[[bytes, str], bytes | Later | None]

LOOKS: Final = 16  # for idle connections, in the time that they may be idle
MOST_UNSENT: Final = 65_536  # octets of one connection that the system holds and has not sent yet


class TcpListener:
    """Answers on accepted connections, as many as `limits` allow, and ends those that are idle.

    What `shortcut` leaves goes to `respond` with the client's address. `clock` gives seconds that
    only go forward.
    """

    def __init__(
        self,
        shortcut: Shortcut,
        respond: Respond,
        courtesy: Courtesy,
        limits: Limits,
        clock: Callable[[], float],
        *,
        idle_seconds: float = 10.0,
    ) -> None:
        self._shortcut = shortcut.respond
        self._respond = respond
        self._idle_seconds = idle_seconds
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._turns = Turns(courtesy, clock)
        self._acceptor = Acceptor(self._begin, limits)
        self._connections: set[Connection] = set()
        self._timer: asyncio.TimerHandle | None = None

    def listen(self, bound: socket.socket) -> None:
        """Accept what comes to a bound socket, too."""
        _bound_unsent(bound)
        self._acceptor.listen(bound)

    async def close(self) -> None:
        """Stop listening and end all connections, after what they have been asked."""
        self._acceptor.close()
        if self._timer is not None:
            self._timer.cancel()
        await asyncio.gather(*[connection.close() for connection in self._connections])
        self._turns.close()

    def respond(self, message: bytes, client: str) -> bytes | Later | None:
        """Answer one message."""
        return self._shortcut(message) or self._respond(message, client)

    def watch(self, connection: Connection, former: int, events: int) -> None:
        """Have a connection served when its socket can be read or written, as asked."""
        self._turns.watch(connection.socket, former, events, connection)

    def again(self, connection: Connection) -> None:
        """Have a connection served without news from its socket."""
        self._turns.again(connection)

    def active(self, connection: Connection) -> None:
        """Note that a connection was used: its idle time starts anew."""
        connection.used = self._clock()
        self._acceptor.move(connection.place, is_idle=not connection.is_busy)

    def left(self, connection: Connection) -> None:
        """Forget a connection."""
        self._connections.discard(connection)
        connection.place.give_back()

    def _begin(self, accepted: socket.socket, place: Place) -> None:
        connection = Connection(accepted, place, self)
        place.begin(connection)
        self._connections.add(connection)
        self.active(connection)
        self._look_again()

    def _look_again(self) -> None:
        if self._timer is None and self._connections:
            pause = self._idle_seconds / LOOKS
            self._timer = self._loop.call_later(pause, self._end_idle)

    def _end_idle(self) -> None:
        """End the connections that were idle for too long."""
        self._timer = None
        before = self._clock() - self._idle_seconds
        for connection in [one for one in self._connections if one.used <= before]:
            if connection.is_busy:
                self.active(connection)
            else:
                connection.abort()
        self._look_again()


def _bound_unsent(bound: socket.socket) -> None:
    """Let the system hold little for clients that do not read; accepted sockets inherit it."""
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, MOST_UNSENT)
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def bind(host: str, port: int) -> socket.socket:
    """Bind a socket for TcpListener; raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound
