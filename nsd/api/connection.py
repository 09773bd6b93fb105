"""The connections of HTTP: who is asking, who is idle, and who takes too long.

The library reads requests and writes answers; this ends connections that neither ask nor read in
time, and gives what the library itself refuses our own form.
"""

import asyncio
from enum import Enum, auto
from typing import Final

from aiohttp import web

from nsd.api.refusal import refusal
from nsd.errors import InternalError, NsdError, Unparsable
from nsd.server.acceptor import Place

HEAD_SECONDS: Final = 10.0  # for the head of a request, from its first octet
KEEP_ALIVE_SECONDS: Final = 75.0  # between two requests
STALL_SECONDS: Final = 30.0  # in which a client reads LEAST_READ of what it asked for
LEAST_READ: Final = 32 * 1024  # octets
LINGERING_SECONDS: Final = 2.0  # in which the rest of a body that was refused is read


SERVER: Final = "nsdctl"  # without a version: it helps nobody but attackers


class Phase(Enum):
    """What a connection is doing."""

    IDLE = auto()
    SENDING_HEAD = auto()
    UNDER_WAY = auto()


class HttpConnection(web.RequestHandler):
    """One connection, with the place that it holds."""

    def __init__(self, place: Place, server: web.Server) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(
            server,
            loop=loop,
            access_log=None,  # type: ignore[arg-type] # the library's own way to have none
            auto_decompress=False,
            lingering_time=LINGERING_SECONDS,
        )
        self._place = place
        self._phase = Phase.SENDING_HEAD
        self._deadline = loop.time() + HEAD_SECONDS
        self._unread = 0  # octets of answers that the client had not read at the last look
        self._timer = loop.call_at(self._deadline, self._look)

    def begin(self) -> None:
        """Note that a request has come."""
        self._phase = Phase.UNDER_WAY
        self._place.work()

    def finish(self) -> None:
        """Note that a request has been answered."""
        self._phase = Phase.IDLE
        self._look_at(self._loop.time() + KEEP_ALIVE_SECONDS)
        self._place.rest()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to speak."""
        self._place.rest()
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        if self._phase is Phase.IDLE:
            self._phase = Phase.SENDING_HEAD
            self._look_at(self._loop.time() + HEAD_SECONDS)
        super().data_received(data)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Give the place back."""
        self._timer.cancel()
        super().connection_lost(exc)
        self._place.give_back()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 -- it may quote what was sent
    ) -> web.StreamResponse:
        """Answer what the library refuses to read, or a defect of ours."""
        error: NsdError | BaseException = exc or InternalError()
        if status < 500:
            error = Unparsable("this is no HTTP request")
        response = refusal(error, request)
        response.headers["Server"] = SERVER
        response.force_close()
        return response

    def _look_at(self, deadline: float) -> None:
        self._deadline = deadline
        self._timer.cancel()
        self._timer = self._loop.call_at(deadline, self._look)

    def _look(self) -> None:
        """End the connection if its time is over, or it reads nothing; otherwise look again."""
        now = self._loop.time()
        unread = 0 if self.transport is None else self.transport.get_write_buffer_size()
        is_stalled = self._unread > 0 and unread > max(self._unread - LEAST_READ, 0)
        is_waiting = self._phase is not Phase.UNDER_WAY and not unread
        if is_stalled or (is_waiting and now >= self._deadline):
            self._place.end()
            return
        self._unread = unread
        again = min(now + STALL_SECONDS, self._deadline) if is_waiting else now + STALL_SECONDS
        self._timer = self._loop.call_at(again, self._look)
