"""The connections to the one SQLite file.

Work is a plain function over a `sqlite3.Connection`, run whole on the thread of the connection
that it is for: a hop between threads for each statement would cost more than the statement.

Writes are committed together. All that wait become one transaction, each in its own savepoint,
so that one that fails leaves the others alone, and one disk flush serves them all.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import aiosqlite

from nsd.errors import StoreError, Unavailable
from nsd.store.migration import migrate

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]
Then = Callable[[T], None]
_Waiting = tuple[Work[Any], Then[Any] | None, asyncio.Future[Any]]

FILE_NAME: Final = "nsd.db"
BUSY_SECONDS: Final = 60
MOST_TOGETHER: Final = 256  # writes in one transaction


class Database:
    """One connection that writes and one that reads; open it with `open_database`."""

    def __init__(self, path: Path, writer: "_Connection", reader: "_Connection") -> None:
        self.path = path
        self._writer = writer
        self._reader = reader
        self._waiting: list[_Waiting] = []
        self._committing: asyncio.Task[None] | None = None

    async def read(self, work: Work[T]) -> T:
        """Run work in one snapshot. Raises Unavailable where the disk does not give it."""
        with _unavailable("read"):
            return await self._reader.run(partial(_in_snapshot, work))

    async def read_apart(self, work: Work[T]) -> T:
        """Run long work in one snapshot on a connection of its own. Raises Unavailable."""
        with _unavailable("read"):
            connection = await _connect(self.path)
            try:
                return await connection.run(partial(_in_snapshot, work))
            finally:
                await connection.close()

    async def write(self, work: Work[T], then: Then[T] | None = None) -> T:
        """Run work in the next transaction; returns when it is on disk.

        `then` gets the result on the event loop, in the order of the works, even if whoever
        waits here has gone. What the work raises undoes the work and is raised here. Raises
        Unavailable where the disk is full or another process keeps the database to itself.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, then, future))
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit_waiting())
        return await future

    async def data_version(self) -> int:
        """Give a number that differs once another process has written. Raises Unavailable."""
        with _unavailable("read"):
            return await self._writer.run(_data_version)

    async def close(self) -> None:
        """Finish what was asked for, then close the file."""
        if self._committing is not None:
            await self._committing
        await self._reader.close()
        await self._writer.close()

    async def _commit_waiting(self) -> None:
        try:
            while self._waiting:
                together = self._waiting[:MOST_TOGETHER]
                del self._waiting[:MOST_TOGETHER]
                await self._commit(together)
        finally:
            self._committing = None

    async def _commit(self, together: list[_Waiting]) -> None:
        try:
            outcomes = await self._writer.run(partial(_commit, [work for work, *_ in together]))
        except sqlite3.Error as error:
            outcomes = [Unavailable(f"the database cannot be written: {error}")] * len(together)
        for (_, then, future), outcome in zip(together, outcomes, strict=True):
            _answer(then, future, outcome)


async def open_database(folder: Path) -> Database:
    """Open the database in a data folder, making and migrating it as needed.

    Raises StoreError where the folder cannot be used, or the database is newer than the program.
    """
    path = folder / FILE_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 -- nothing runs beside it yet
        writer = await _connect(path)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"the data folder '{folder}' cannot be used: {error}") from error
    try:
        await writer.run(migrate)
        reader = await _connect(path)
    except BaseException as error:
        await writer.close()
        if isinstance(error, sqlite3.Error):
            raise StoreError(f"the database '{path}' cannot be used: {error}") from error
        raise
    return Database(path, writer, reader)


class _Connection(aiosqlite.Connection):
    """A connection that runs a function whole on its own thread."""

    stopped: asyncio.Future[Any] | None = None

    def stop(self) -> asyncio.Future[Any] | None:
        self.stopped = super().stop()
        return self.stopped

    async def run(self, work: Work[T]) -> T:
        result: T = await self._execute(work, self._conn)  # type: ignore[no-untyped-call]
        return result


async def _connect(path: Path) -> _Connection:
    def connector() -> sqlite3.Connection:
        connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_SECONDS)
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA cache_size = -32000")
            connection.execute("PRAGMA temp_store = MEMORY")  # what a statement may have to undo
        except BaseException:
            connection.close()
            raise
        return connection

    connecting = _Connection(connector, iter_chunk_size=64)
    try:
        return await connecting  # type: ignore[return-value]
    except BaseException:
        if connecting.stopped is not None:
            await connecting.stopped  # the thread speaks to the event loop until then
        raise


def _answer(then: Then[Any] | None, future: asyncio.Future[Any], outcome: Any) -> None:
    """Pass an outcome on; whoever waited may have gone, the change stands all the same."""
    if then is not None and not isinstance(outcome, Exception):
        try:
            then(outcome)
        except Exception as error:  # noqa: BLE001 -- the others wait for their outcomes too
            outcome = error
    if future.done():
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)


@contextlib.contextmanager
def _unavailable(what: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise Unavailable(f"the database cannot be {what}: {error}") from error


def _in_snapshot(work: Work[T], connection: sqlite3.Connection) -> T:
    connection.execute("BEGIN")
    try:
        return work(connection)
    finally:
        connection.execute("ROLLBACK")


def _commit(works: list[Work[Any]], connection: sqlite3.Connection) -> list[Any]:
    """Run each work in a savepoint of one transaction; give results and exceptions in order.

    Work that is alone needs no savepoint, for which SQLite would keep each page that it changes.
    """
    if len(works) == 1:
        return [_commit_one(works[0], connection)]
    connection.execute("BEGIN IMMEDIATE")
    try:
        outcomes = [_in_savepoint(work, connection) for work in works]
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
    return outcomes


def _commit_one(work: Work[Any], connection: sqlite3.Connection) -> Any:
    connection.execute("BEGIN IMMEDIATE")
    try:
        outcome = work(connection)
        connection.execute("COMMIT")
    except BaseException as error:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        if isinstance(error, sqlite3.Error) or not isinstance(error, Exception):
            raise
        return error
    return outcome


def _in_savepoint(work: Work[Any], connection: sqlite3.Connection) -> Any:
    connection.execute("SAVEPOINT work")
    try:
        outcome = work(connection)
    except sqlite3.Error:
        raise
    except Exception as error:  # noqa: BLE001 -- whatever it is, whoever asked gets it
        connection.execute("ROLLBACK TO work")
        outcome = error
    connection.execute("RELEASE work")
    return outcome


def _data_version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA data_version").fetchone()
    return int(version)
