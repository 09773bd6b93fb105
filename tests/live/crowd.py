"""Many callers at once, each with a connection of its own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.live.http import PREFIX, Caller

CALLERS = 64


class Crowd:
    """Calls paths below `/api/v1` with one account's token."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def call(self, method: str, path: str, content: object = None) -> tuple[int, Any]:
        """Give the status and the JSON; raises aiohttp.ClientError where there is no answer."""
        async with self._session.request(method, PREFIX + path, json=content) as response:
            body = await response.json() if response.content_type == "application/json" else None
            return response.status, body

    async def all(self, work: Callable[[int], Awaitable[None]]) -> None:
        """Let each caller do its work, all at once."""
        async with asyncio.TaskGroup() as tasks:
            for number in range(CALLERS):
                tasks.create_task(_awaited(work(number)))


async def _awaited(work: Awaitable[None]) -> None:
    await work


@asynccontextmanager
async def crowd(caller: Caller) -> AsyncIterator[Crowd]:
    """Open a crowd with the token of a caller."""
    async with aiohttp.ClientSession(
        f"http://127.0.0.1:{caller.port}",
        headers={"Authorization": f"Bearer {caller.token}"},
        connector=aiohttp.TCPConnector(limit=CALLERS),
        timeout=aiohttp.ClientTimeout(60),
    ) as session:
        yield Crowd(session)
