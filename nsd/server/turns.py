"""Turns of many connections on one event loop: each gets a little, then all others come first.

The sockets are watched by a selector of their own, which the event loop watches like one socket.
So it costs the loop the same however many of them have something to say.
"""

import asyncio
import selectors
import socket
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from nsd.server.courtesy import Courtesy

READ: Final = selectors.EVENT_READ
WRITE: Final = selectors.EVENT_WRITE

MAX_TURN: Final = 256  # messages and events in one turn of the event loop
SHORT_TURN: Final = 64
TURN_SECONDS: Final = 0.002  # no connection's turn begins later than that in a turn of the loop
MAX_SHARE: Final = 16  # messages of one connection before the next one's turn


class Served(Protocol):
    """One connection."""

    def serve(self, most: int) -> int:
        """Read, answer at most so many messages, write; give how many it answered."""

    def has_more(self) -> bool:
        """Tell whether it could answer more at once, without news from its socket."""


class Turns:
    """Serves connections in rounds: in a round each that can do something has one turn.

    A round goes over many turns of the event loop where many connections are busy. `clock` gives
    seconds that only go forward.
    """

    def __init__(self, courtesy: Courtesy, clock: Callable[[], float]) -> None:
        self._courtesy = courtesy
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._selector = selectors.DefaultSelector()
        self._round: deque[Served] = deque()
        self._next: dict[Served, None] = {}
        self._is_due = False  # a turn is coming without news from any socket
        self._loop.add_reader(self._selector, self._notice)

    def close(self) -> None:
        """Serve nobody any more."""
        self._loop.remove_reader(self._selector)
        self._selector.close()
        self._round.clear()
        self._next.clear()

    def watch(self, bound: socket.socket, former: int, events: int, connection: Served) -> None:
        """Serve a connection when its socket can be read or written; `former` is asked no more."""
        if not former:
            self._selector.register(bound, events, connection)
        elif not events:
            self._selector.unregister(bound)
        else:
            self._selector.modify(bound, events, connection)

    def again(self, connection: Served) -> None:
        """Serve a connection without news from its socket, when its turn comes."""
        self._next[connection] = None
        self._come_soon()

    def _come_soon(self) -> None:
        if not self._is_due:
            self._is_due = True
            self._loop.call_soon(self._take_due)

    def _notice(self) -> None:
        if not self._is_due:
            self._take()

    def _take_due(self) -> None:
        self._is_due = False
        self._take()

    def _take(self) -> None:
        """Take one turn of the event loop."""
        if not self._round:
            self._begin_round()
        left, until = self._courtesy.turn(MAX_TURN, SHORT_TURN), self._clock() + TURN_SECONDS
        while self._round and left > 0 and self._clock() < until:
            connection = self._round.popleft()
            served = connection.serve(MAX_SHARE)
            left -= 1 + served
            if served >= MAX_SHARE and connection.has_more():
                self._next[connection] = None
        if self._round or self._next:
            self._come_soon()

    def _begin_round(self) -> None:
        """Gather who can do something now."""
        gathered = self._next
        self._next = {}
        for key, _ in self._selector.select(0):
            gathered[key.data] = None
        self._round.extend(gathered)
