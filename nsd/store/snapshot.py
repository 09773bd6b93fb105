"""Long reads of one state of the database, in steps, on a thread that all of them share.

A transfer takes as long as its client takes to read it. Its snapshot costs a connection with a
small cache, not a thread, so many can be open at once; the steps of all run one at a time, so
that they take turns with the event loop, never crowd it out.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

T = TypeVar("T")

CACHE_KIBIBYTES: Final = 1024


class Snapshots:
    """Opens snapshots of one database file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="snapshots")

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator["Snapshot"]:
        """Open a snapshot of what is committed now."""
        snapshot = Snapshot(self._thread, await self._run(self._connect))
        try:
            yield snapshot
        finally:
            await asyncio.shield(snapshot.close())

    def close(self) -> None:
        """End the thread; the snapshots have been closed before."""
        self._thread.shutdown()

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=60)
        try:
            connection.execute(f"PRAGMA cache_size = -{CACHE_KIBIBYTES}")
            connection.execute("BEGIN")
            connection.execute("SELECT 1 FROM zones LIMIT 1").fetchone()  # the state is now fixed
        except BaseException:
            connection.close()
            raise
        return connection


class Snapshot:
    """One state of the database."""

    def __init__(self, thread: ThreadPoolExecutor, connection: sqlite3.Connection) -> None:
        self._thread = thread
        self._connection = connection

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run one step of work."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, work, self._connection)

    async def close(self) -> None:
        """Give the state up."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._connection.close)
