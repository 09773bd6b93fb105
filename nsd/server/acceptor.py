"""Connections accepted on listening sockets, never more than their limits allow.

The interpreter's own accept loop knows no limit, and where the process has no descriptor left it
tries again and again. Here nothing is accepted that has no place: where all are taken, the
connection that has been idle for longest is ended, and the next one is accepted once its socket is
closed.
"""

import asyncio
import errno
import socket
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address
from itertools import chain
from typing import Final, Protocol

import structlog

log = structlog.get_logger()

MOST_A_TURN: Final = 16  # connections accepted in one turn of the event loop
BACKLOG: Final = 1024
PAUSE_SECONDS: Final = 1.0  # after the process had no descriptor left
_NO_DESCRIPTOR: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


@dataclass(frozen=True, slots=True)
class Limits:
    """How many connections may be open: in all, and from one address.

    Of IPv6 a /64 counts as one address. Those in `exempt` networks, such as a proxy's, are bounded
    in all only.
    """

    connections: int
    per_address: int
    exempt: tuple[IPv4Network | IPv6Network, ...] = ()


class Abortable(Protocol):
    """What can be ended at once."""

    def abort(self) -> None:
        """Close the socket, whatever is still to be sent."""


class Place:
    """One connection's place. Whoever holds it gives it back when the connection is lost."""

    __slots__ = ("_acceptor", "_connection", "client", "is_ending", "origin")

    def __init__(self, acceptor: "Acceptor", client: str, origin: str | None) -> None:
        self._acceptor = acceptor
        self.client = client
        self.origin = origin  # what limits for one address count; None where they do not
        self.is_ending = False
        self._connection: Abortable | None = None  # once it has begun

    def begin(self, connection: Abortable) -> None:
        """Say what has to be aborted where the place is needed for another connection."""
        self._connection = connection
        if self.is_ending:
            connection.abort()

    def end(self) -> None:
        """Close the connection at once, whatever is still to be sent."""
        self.is_ending = True
        if self._connection is not None:
            self._connection.abort()

    def work(self) -> None:
        """Say that something was asked that is not answered yet."""
        self._acceptor.move(self, is_idle=False)

    def rest(self) -> None:
        """Say that nothing is left to be answered; it is idle from now on."""
        self._acceptor.move(self, is_idle=True)

    def give_back(self) -> None:
        """Say that the connection is lost."""
        self._connection = None
        self._acceptor.take_back(self)


Begin = Callable[[socket.socket, Place], None]


class Acceptor:
    """Accepts what comes to some listening sockets; `begin` takes each connection over.

    It says so to the place, at once or later.
    """

    def __init__(self, begin: Begin, limits: Limits) -> None:
        self._begin = begin
        self._limits = limits
        self._listening: list[socket.socket] = []
        self._is_accepting = False
        self._idle: dict[Place, None] = {}  # both in the order in which they came to be so
        self._busy: dict[Place, None] = {}
        self._by_origin: Counter[str] = Counter()
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def open(self) -> Collection[Place]:
        """All connections that are open."""
        return [*self._idle, *self._busy]

    def listen(self, bound: socket.socket) -> None:
        """Accept what comes to a bound socket, too."""
        bound.setblocking(False)
        bound.listen(BACKLOG)
        self._stop()
        self._listening.append(bound)
        self._resume()

    def close(self) -> None:
        """Accept nothing more. What is open stays."""
        self._stop()
        for bound in self._listening:
            bound.close()
        self._listening.clear()

    def move(self, place: Place, *, is_idle: bool) -> None:
        """Note that a connection has something to do, or nothing any more."""
        former = self._idle if place in self._idle else self._busy
        if place in former:
            del former[place]
            (self._idle if is_idle else self._busy)[place] = None

    def take_back(self, place: Place) -> None:
        """Count a connection no longer."""
        self._idle.pop(place, None)
        self._busy.pop(place, None)
        self._leave_origin(place)
        self._resume()

    def _leave_origin(self, place: Place) -> None:
        if place.origin is not None:
            self._by_origin[place.origin] -= 1
            if not self._by_origin[place.origin]:
                del self._by_origin[place.origin]
            place.origin = None

    def _resume(self) -> None:
        if self._is_accepting:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._is_accepting = bool(self._listening)
        for bound in self._listening:
            self._loop.add_reader(bound, self._accept, bound)

    def _stop(self) -> None:
        for bound in self._listening if self._is_accepting else ():
            self._loop.remove_reader(bound)
        self._is_accepting = False

    def _accept(self, bound: socket.socket) -> None:
        if self._is_full:
            self._stop()  # until the one that is ended has gone
            self._end_oldest()
        for _ in range(MOST_A_TURN):
            if self._is_full:
                return
            try:
                accepted, peer = bound.accept()
            except OSError as error:
                self._take_refusal(error)
                return
            self._take(accepted, peer[0])

    @property
    def _is_full(self) -> bool:
        return len(self._idle) + len(self._busy) >= self._limits.connections

    def _take_refusal(self, error: OSError) -> None:
        """Wait where there is no descriptor; other errors are those of one connection."""
        if error.errno in _NO_DESCRIPTOR:
            log.warning("no connection can be accepted for now", why=error.strerror)
            self._stop()
            self._timer = self._loop.call_later(PAUSE_SECONDS, self._resume)

    def _take(self, accepted: socket.socket, client: str) -> None:
        place = Place(self, client, origin_of(client, self._limits.exempt))
        if place.origin is not None:
            if self._by_origin[place.origin] >= self._limits.per_address:
                self._end_oldest(place.origin)
            self._by_origin[place.origin] += 1
        self._busy[place] = None
        accepted.setblocking(False)
        self._begin(accepted, place)

    def _end_oldest(self, origin: str | None = None) -> None:
        """End the one idle, or else busy, for longest: of one origin, or of all."""
        for place in chain(self._idle, self._busy):
            if not place.is_ending and origin in (None, place.origin):
                self._leave_origin(place)
                place.end()
                return


class Speaking:
    """Begins connections of asyncio: `speak` makes the protocol of each."""

    def __init__(self, speak: Callable[[Place], asyncio.Protocol]) -> None:
        self._speak = speak
        self._beginning: set[asyncio.Task[None]] = set()

    def __call__(self, accepted: socket.socket, place: Place) -> None:
        """Begin a connection, in one of the next turns of the event loop."""
        task = asyncio.create_task(self._connect(accepted, place))
        self._beginning.add(task)
        task.add_done_callback(self._beginning.discard)

    async def _connect(self, accepted: socket.socket, place: Place) -> None:
        try:
            transport, _ = await asyncio.get_running_loop().connect_accepted_socket(
                lambda: self._speak(place), accepted
            )
        except OSError:  # the client has gone already
            accepted.close()
            place.give_back()
            return
        assert isinstance(transport, asyncio.Transport)
        place.begin(transport)


def origin_of(client: str, exempt: tuple[IPv4Network | IPv6Network, ...] = ()) -> str | None:
    """Name what limits for one address count: the address, of IPv6 its /64; None if exempt."""
    address = ip_address(client.partition("%")[0])
    if any(address in network for network in exempt):
        return None
    if address.version == 4:
        return str(address)
    return str(IPv6Network((int(address) >> 64 << 64, 64)))
