"""One TCP connection (RFC 7766): octets in until a message is whole, its response out at once.

Nothing is read while responses wait: for the client to read them, or to be made. So a client that
asks and asks holds no more than one read, the responses under way, and one write.
"""

import asyncio
import contextlib
import socket
from functools import partial
from typing import Final, Protocol

import structlog

from nsd.server.acceptor import Place
from nsd.server.later import Later
from nsd.server.turns import READ, WRITE

log = structlog.get_logger()

LENGTH_OCTETS: Final = 2
READ_AT_ONCE: Final = 4096  # octets; some hundred queries at most
WRITTEN_AT_ONCE: Final = 16_384  # octets of responses that are gathered for one system call
LONGEST_QUERY: Final = 8192  # octets; a longer one is cut short, and malformed then
MOST_STREAMS: Final = 16  # responses that take their time
MOST_UNDER_WAY: Final = 16_384  # octets of the queries that they answer


class Host(Protocol):
    """What a connection needs of the listener that it belongs to."""

    def respond(self, message: bytes, client: str) -> bytes | Later | None:
        """Answer one message."""

    def watch(self, connection: "Connection", former: int, events: int) -> None:
        """Have the connection served when its socket can be read or written, as asked."""

    def again(self, connection: "Connection") -> None:
        """Have the connection served without news from its socket."""

    def active(self, connection: "Connection") -> None:
        """Note that the connection was used."""

    def left(self, connection: "Connection") -> None:
        """Forget the connection."""


class Connection:
    """One connection on an accepted socket, which does not block."""

    __slots__ = (
        "_has_ended",
        "_host",
        "_is_ending",
        "_is_half_closed",
        "_room",
        "_skipped",
        "_streams",
        "_under_way",
        "_unread",
        "_unsent",
        "_watched",
        "place",
        "socket",
        "used",
    )

    def __init__(self, accepted: socket.socket, place: Place, host: Host) -> None:
        self.socket = accepted
        self.place = place
        self._host = host
        self._unread = bytearray()
        self._skipped = 0  # octets yet to come of a query that was cut short
        self._unsent = b""
        self._streams: set[asyncio.Task[None]] = set()
        self._under_way = 0
        self._room = asyncio.Event()
        self._is_half_closed = False  # the client will send no more
        self._is_ending = False  # nothing is read any more, what is written is sent yet
        self._has_ended = False
        self._watched = 0
        self.used = 0.0  # when its last whole query came, or a response went; set by the host
        self._come_to_rest()

    @property
    def is_busy(self) -> bool:
        """Whether it is us who are slow: responses are being made, and the client takes them."""
        return bool(self._streams) and not self._unsent

    def has_more(self) -> bool:
        """Tell whether a whole query has been read, and can be answered now."""
        return self._takes_more() and self._has_whole()

    def serve(self, most: int) -> int:
        """Send what waits, or read; answer at most so many queries, and count them."""
        if self._unsent:
            self._send(b"")
        served = 0
        if self._takes_more():
            if not self._is_half_closed and not self._has_whole():
                self._read()
            served = self._answer(most)
        if served and not self._has_ended:
            self._host.active(self)
        if self._watched != READ or self._is_half_closed or not self._takes_more():
            self._come_to_rest()
        return served

    def abort(self) -> None:
        """End at once; what is not sent yet is lost."""
        if not self._has_ended:
            self._has_ended = True
            self._watch(0)
            self._host.left(self)
            self.socket.close()
            self._room.set()
            for stream in self._streams:
                stream.cancel()

    async def close(self) -> None:
        """Break off what takes its time, answer what has come, and end."""
        for stream in self._streams:
            stream.cancel()
        await asyncio.gather(*self._streams, return_exceptions=True)
        self.serve(READ_AT_ONCE)
        self.abort()

    def _takes_more(self) -> bool:
        return not (
            self._unsent
            or self._is_ending
            or self._has_ended
            or len(self._streams) >= MOST_STREAMS
            or self._under_way >= MOST_UNDER_WAY
        )

    def _has_whole(self) -> bool:
        unread = self._unread
        if len(unread) < LENGTH_OCTETS:
            return False
        return len(unread) >= LENGTH_OCTETS + min(unread[0] << 8 | unread[1], LONGEST_QUERY)

    def _read(self) -> None:
        try:
            octets = self.socket.recv(READ_AT_ONCE)
        except BlockingIOError:
            return
        except OSError:
            self.abort()
            return
        self._is_half_closed = not octets
        if self._skipped:
            skipped = min(self._skipped, len(octets))
            self._skipped -= skipped
            octets = octets[skipped:]
        self._unread += octets

    def _answer(self, most: int) -> int:
        """Answer whole queries, as long as the client takes responses; count them."""
        unread, written = self._unread, bytearray()
        served = at = 0
        while served < most and len(unread) >= at + LENGTH_OCTETS and self._takes_more():
            start = at + LENGTH_OCTETS
            length = unread[at] << 8 | unread[at + 1]
            end = start + min(length, LONGEST_QUERY)
            if len(unread) < end:
                break
            response = self._host.respond(bytes(unread[start:end]), self.place.client)
            at = start + length
            served += 1
            if isinstance(response, bytes):
                written += len(response).to_bytes(LENGTH_OCTETS, "big") + response
            else:
                self._take_uncommon(response, length)
            if len(written) >= WRITTEN_AT_ONCE:
                self._send(written)
                written = bytearray()
        if written:
            self._send(written)
        self._skipped = max(self._skipped, at - len(unread))
        del unread[:at]
        return served

    def _take_uncommon(self, response: Later | None, octets: int) -> None:
        """Begin a response that takes its time; end where there is none."""
        if response is None:  # nobody who speaks DNS sends this: RFC 7766, section 8
            self._is_ending = True
            return
        self._under_way += octets
        stream = asyncio.create_task(self._stream(response))
        self._streams.add(stream)
        stream.add_done_callback(partial(self._ended, octets))

    def _send(self, octets: bytes | bytearray) -> None:
        """Send octets after those that wait; what the client does not take yet waits."""
        if self._unsent:
            octets = self._unsent + octets
        try:
            sent = self.socket.send(octets)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.abort()
            return
        if sent < len(octets):
            self._unsent = bytes(octets[sent:])
        elif self._unsent:
            self._unsent = b""
            self._room.set()

    async def _stream(self, later: Later) -> None:
        """Send messages as fast as the client reads them; end where they break off."""
        try:
            async with contextlib.aclosing(later.messages) as messages:
                async for message in messages:
                    await self._have_room()
                    self._send(len(message).to_bytes(LENGTH_OCTETS, "big") + message)
                    if self._has_ended:
                        return
                    self._come_to_rest()
                    self._host.active(self)
                    await self._have_room()
        except Exception:
            log.exception("a transfer failed", client=self.place.client)
            self.abort()

    async def _have_room(self) -> None:
        """Wait until the client has taken what was sent."""
        while self._unsent and not self._has_ended:
            self._room.clear()
            await self._room.wait()

    def _ended(self, octets: int, stream: asyncio.Task[None]) -> None:
        self._streams.discard(stream)
        self._under_way -= octets
        if not self._has_ended:
            self._host.again(self)

    def _come_to_rest(self) -> None:
        """End where all is done; else wait for what can be done next."""
        if self._is_done():
            self.abort()
        elif not self._has_ended:
            reads = self._takes_more() and not self._is_half_closed
            self._watch(WRITE if self._unsent else READ if reads else 0)

    def _is_done(self) -> bool:
        if self._unsent:
            return False
        nothing_left = self._is_half_closed and not self._streams and not self._has_whole()
        return self._is_ending or nothing_left

    def _watch(self, events: int) -> None:
        if events != self._watched:
            self._host.watch(self, self._watched, events)
            self._watched = events
