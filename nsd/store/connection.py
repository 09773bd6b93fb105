"""A connection to the SQLite file, with a thread of its own to wait for the disk."""

import asyncio
import sqlite3
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import aiosqlite

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]
Done = Callable[[Any], None]

BUSY_SECONDS: Final = 60  # how long another process may keep the file to itself


class Connection(aiosqlite.Connection):
    """Runs functions whole on its thread, in their order; open it with `connect`."""

    stopped: asyncio.Future[Any] | None = None
    under_way: int = 0  # works that were asked of it and are not done

    def stop(self) -> asyncio.Future[Any] | None:
        """End the thread after all that was asked of it; `stopped` tells when it has."""
        self.stopped = super().stop()
        return self.stopped

    @property
    def idle(self) -> sqlite3.Connection | None:
        """The connection itself while its thread has nothing to do with it, else None."""
        return None if self.under_way else self._conn

    def submit(self, work: Work[Any], done: Done) -> None:
        """Run work on the thread; `done` gets its result or exception on the event loop."""
        self.under_way += 1
        self._tx.put_nowait((None, partial(_job, asyncio.get_running_loop(), work, self, done)))

    async def run(self, work: Work[T]) -> T:
        """Run work on the thread; give its result."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self.submit(work, partial(settle, future))
        return await future

    def perform(self, work: Work[Any]) -> Any:
        """Run work on this thread; give its result or its exception."""
        try:
            return work(self._conn)
        except BaseException as error:  # noqa: BLE001 -- whoever asked gets it
            return error

    def hand_over(self, done: Done, outcome: Any) -> None:
        """Take an outcome from the thread back to the event loop."""
        self.under_way -= 1
        done(outcome)


def _job(loop: asyncio.AbstractEventLoop, work: Work[Any], on: Connection, done: Done) -> None:
    outcome = on.perform(work)
    loop.call_soon_threadsafe(on.hand_over, done, outcome)


def settle(future: asyncio.Future[Any], outcome: Any) -> None:
    """Give a future its result or exception, if anyone still waits for it."""
    if future.done():
        return
    if isinstance(outcome, BaseException):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)


def let_go(error: BaseException | None) -> None:
    """Drop the cursors of work that broke off, which its traceback keeps.

    A statement that is not at its end keeps its snapshot, whatever is rolled back: all that came
    after on the connection would read the past.
    """
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__context__


async def connect(path: Path, cache_kibibytes: int = 32_000) -> Connection:
    """Open the file, making it if need be. Raises sqlite3.Error."""

    def connector() -> sqlite3.Connection:
        connection = sqlite3.connect(
            path, isolation_level=None, timeout=BUSY_SECONDS, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute(f"PRAGMA cache_size = -{cache_kibibytes}")
            connection.execute("PRAGMA temp_store = MEMORY")  # what a statement may have to undo
        except BaseException:
            connection.close()
            raise
        return connection

    connecting = Connection(connector, iter_chunk_size=64)
    try:
        return await connecting  # type: ignore[return-value]
    except BaseException:
        if connecting.stopped is not None:
            await connecting.stopped  # the thread speaks to the event loop until then
        raise
