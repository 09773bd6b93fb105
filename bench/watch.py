"""Watching by DNS for a record to be visible."""

import asyncio
import itertools
import socket

from bench import packet
from bench.corpus import Question
from bench.error import BenchError

_PATIENCE = 5.0  # seconds until a record counts as never seen
_RETRY = 0.5  # seconds until a query counts as lost


class Watcher:
    """A UDP socket of its own towards 127.0.0.1."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.connect(("127.0.0.1", port))
        self._ids = itertools.cycle(range(65536))

    async def seen(self, name: str) -> None:
        """Return once an answer for the name's A record is there; BenchError if it never is."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_PATIENCE):
                while not await self._ask(loop, name):
                    pass
        except TimeoutError:
            raise BenchError(
                f"{name} is not visible {_PATIENCE:.0f} s after its creation"
            ) from None

    async def _ask(self, loop: asyncio.AbstractEventLoop, name: str) -> bool:
        ident = next(self._ids)
        await loop.sock_sendall(self._socket, packet.query(Question(name), ident))
        try:
            async with asyncio.timeout(_RETRY):
                while (
                    int.from_bytes((answer := await loop.sock_recv(self._socket, 4096))[:2])
                    != ident
                ):
                    pass
        except TimeoutError:
            return False
        return answer[3] & 15 == 0 and answer[6:8] != b"\0\0"

    def close(self) -> None:
        self._socket.close()
