"""DNS over TCP (RFC 7766): many queries on a connection, each answered as it is read.

Responses that take their time, such as transfers, are sent beside what else is asked.
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Final

import structlog

from nsd.server.later import Later
from nsd.server.shortcut import Shortcut

log = structlog.get_logger()

Respond = Callable[[bytes, str], bytes | Later | None]

LENGTH_OCTETS: Final = 2
MOST_STREAMS: Final = 16  # responses under way on one connection
WRITTEN_AT_ONCE: Final = 16_384  # octets of responses that are gathered for one system call


class TcpListener:
    """The connections of one listening socket, and what bounds them.

    What `shortcut` leaves goes to `respond` with the client's address.
    """

    def __init__(
        self,
        shortcut: Shortcut,
        respond: Respond,
        *,
        connections: int = 1000,
        idle_seconds: float = 10.0,
    ) -> None:
        self._shortcut = shortcut.respond
        self._respond = respond
        self._most = connections
        self._idle_seconds = idle_seconds
        self._open: dict[_Connection, None] = {}  # in the order of their last activity
        self._server: asyncio.Server | None = None

    async def start(self, bound: socket.socket) -> None:
        """Listen on a bound socket."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), sock=bound, backlog=1024)

    async def close(self) -> None:
        """Stop listening and end all connections, after what they have been asked."""
        if self._server is not None:
            self._server.close()
            streams = [connection.close() for connection in list(self._open)]
            await asyncio.gather(*streams)
            await self._server.wait_closed()

    def respond(self, message: bytes, client: str) -> bytes | Later | None:
        """Answer one message."""
        return self._shortcut(message) or self._respond(message, client)

    def entered(self, connection: "_Connection") -> None:
        """Take in a new connection; where there are too many, the one idle for longest goes."""
        if len(self._open) >= self._most:
            next(iter(self._open)).end()
        self._open[connection] = None

    def active(self, connection: "_Connection") -> float:
        """Note that a connection was used; give the seconds that it may now stay idle."""
        self._open.pop(connection, None)
        self._open[connection] = None
        return self._idle_seconds

    def left(self, connection: "_Connection") -> None:
        """Forget a connection."""
        self._open.pop(connection, None)


class _Connection(asyncio.Protocol):
    """One connection: octets in until a message is whole, its response out at once."""

    def __init__(self, listener: TcpListener) -> None:
        self._listener = listener
        self._unread = bytearray()
        self._transport: asyncio.Transport | None = None
        self._client = ""
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._deadline = 0.0
        self._half_closed = False
        self._writable = True
        self._room = asyncio.Event()
        self._room.set()
        self._streams: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        peer = transport.get_extra_info("peername")
        self._client = peer[0] if peer else ""
        self._listener.entered(self)
        self._wait()

    def data_received(self, data: bytes) -> None:
        self._unread += data
        self._serve()

    def eof_received(self) -> bool:
        """Answer what came before the client closed its side, then close ours."""
        self._half_closed = True
        self._end_if_done()
        return True

    def pause_writing(self) -> None:
        """Read no more from a client that does not read what it asked for."""
        self._writable = False
        self._room.clear()
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._writable = True
        self._room.set()
        if self._transport is not None:
            self._transport.resume_reading()
            self._serve()
            self._end_if_done()

    def connection_lost(self, _error: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._listener.left(self)
        self._transport = None
        for stream in self._streams:
            stream.cancel()

    def end(self) -> None:
        """Close after sending what is written."""
        if self._transport is not None:
            self._transport.close()

    async def close(self) -> None:
        """Break off what takes its time, then close."""
        for stream in self._streams:
            stream.cancel()
        await asyncio.gather(*self._streams, return_exceptions=True)
        self.end()

    def _end_if_done(self) -> None:
        if self._half_closed and self._writable and not self._streams:
            self.end()

    def _serve(self) -> None:
        """Answer every whole message that has been read, as long as the client takes responses."""
        unread, written = self._unread, bytearray()
        at = 0
        while self._takes_more() and len(unread) >= at + LENGTH_OCTETS:
            end = at + LENGTH_OCTETS + int.from_bytes(unread[at : at + LENGTH_OCTETS], "big")
            if len(unread) < end:
                break
            response = self._listener.respond(bytes(unread[at + LENGTH_OCTETS : end]), self._client)
            if response is None:  # nobody who speaks DNS sends this: RFC 7766, section 8
                self._write(written)
                unread.clear()  # what was answered is not answered again while the rest is sent
                self.end()
                return
            if isinstance(response, Later):
                self._begin(response)
            else:
                written += len(response).to_bytes(LENGTH_OCTETS, "big") + response
            at = end
            if len(written) >= WRITTEN_AT_ONCE:
                self._write(written)
                written = bytearray()
        if at:
            self._write(written)
            del unread[:at]
            self._wait()

    def _takes_more(self) -> bool:
        return self._writable and self._transport is not None and len(self._streams) < MOST_STREAMS

    def _write(self, octets: bytearray) -> None:
        if octets and self._transport is not None:
            self._transport.write(octets)

    def _begin(self, later: Later) -> None:
        stream = asyncio.create_task(self._stream(later))
        self._streams.add(stream)
        stream.add_done_callback(self._ended)

    async def _stream(self, later: Later) -> None:
        """Send messages as fast as the client reads them; close where they break off."""
        async with contextlib.aclosing(later.messages) as messages:
            try:
                async for message in messages:
                    if self._transport is None:
                        return
                    self._transport.write(len(message).to_bytes(LENGTH_OCTETS, "big") + message)
                    self._wait()
                    await self._room.wait()
            except Exception:
                log.exception("a transfer failed", client=self._client)
                self._abort()

    def _ended(self, stream: asyncio.Task[None]) -> None:
        self._streams.discard(stream)
        if self._transport is not None and not self._transport.is_closing():
            self._serve()
            self._end_if_done()

    def _wait(self) -> None:
        """Start the idle time anew: only whole messages count as activity."""
        self._deadline = self._loop.time() + self._listener.active(self)
        if self._timer is None:
            self._timer = self._loop.call_at(self._deadline, self._time_out)

    def _time_out(self) -> None:
        self._timer = None
        if self._loop.time() < self._deadline:  # it was used since the timer was set
            self._timer = self._loop.call_at(self._deadline, self._time_out)
        elif self._streams and self._writable:  # it is us who are slow
            self._wait()
        else:
            self._abort()

    def _abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()


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
