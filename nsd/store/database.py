"""The store of one process: who reads and who writes the one SQLite file.

Work is a plain function over a `sqlite3.Connection`, run whole: a hop between threads for each
statement would cost more than the statement.
"""

import contextlib
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from nsd.errors import StoreError, Unavailable
from nsd.pace import Pace, paced
from nsd.store.connection import Connection, Work, connect
from nsd.store.migration import migrate
from nsd.store.readers import Readers, open_readers
from nsd.store.writer import Writer

T = TypeVar("T")

FILE_NAME: Final = "nsd.db"


class Database:
    """One connection that writes and some that read; open it with `open_database`."""

    def __init__(self, path: Path, writer: Connection, readers: Readers) -> None:
        self.path = path
        self._writer = Writer(writer)
        self._readers = readers

    async def read(self, work: Work[T]) -> T:
        """Run work in one snapshot; it is begun anew where it turns out to be long.

        Raises Unavailable where the disk does not give it.
        """
        with _unavailable():
            return await self._readers.run(lambda connection, _: work(connection))

    async def read_slices(self, work: Work[Iterator[T]]) -> list[T]:
        """Gather what work yields, as `read` does; each step of it takes a millisecond or less."""
        with _unavailable():
            return await self._readers.run(partial(_gather, work))

    async def read_long(self, work: Work[T]) -> T:
        """Run work that is known to be long, in one snapshot. Raises Unavailable."""
        with _unavailable():
            return await self._readers.run_long(lambda connection, _: work(connection))

    async def read_alone(self, work: Work[T]) -> T:
        """Run long work, in one snapshot, where nothing else waits. Raises Unavailable."""
        with _unavailable():
            return await self._readers.run_alone(work)

    async def write(
        self,
        work: Work[T],
        then: Callable[[T], None] | None = None,
        brief: Work[T] | None = None,
    ) -> T:
        """Run work in the next transaction; returns when it is on disk.

        `then` gets the result on the event loop, in the order of the works, even if whoever
        waits here has gone; what it raises is logged. What the work raises undoes the work and is
        raised here. `brief` may be tried instead of it, on the event loop: it does the same within
        a millisecond or so, or raises NotBrief. Raises Unavailable where the disk is full or
        another process keeps the database to itself.
        """
        return await self._writer.write(work, then, brief)

    async def data_version(self) -> int:
        """Give a number that differs once another process has written. Raises Unavailable."""
        with _unavailable():
            return await self._writer.connection.run(_data_version)

    async def close(self) -> None:
        """Finish what was asked for, then close the file."""
        await self._writer.finish()
        await self._readers.close()
        await self._writer.connection.close()


async def open_database(folder: Path) -> Database:
    """Open the database in a data folder, making and migrating it as needed.

    Raises StoreError where the folder cannot be used, or the database is newer than the program.
    """
    path = folder / FILE_NAME
    try:
        _close_to_others(folder, path)
        writer = await connect(path)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"the data folder '{folder}' cannot be used: {error}") from error
    try:
        await writer.run(migrate)
        readers = await open_readers(path)
    except BaseException as error:
        await writer.close()
        if isinstance(error, sqlite3.Error):
            raise StoreError(f"the database '{path}' cannot be used: {error}") from error
        raise
    return Database(path, writer, readers)


def _close_to_others(folder: Path, path: Path) -> None:
    """Make what is missing for us alone; let nobody outside of its group have what is there."""
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
    path.touch(mode=0o600)  # SQLite gives its other files the same mode
    for ours in (folder, path):
        mode = stat.S_IMODE(ours.stat().st_mode)
        if mode & stat.S_IRWXO and ours.stat().st_uid == os.geteuid():
            ours.chmod(mode & ~stat.S_IRWXO)


@contextlib.contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise Unavailable(f"the database cannot be read: {error}") from error


def _gather(work: Work[Iterator[T]], connection: sqlite3.Connection, pace: Pace) -> list[T]:
    return list(paced(work(connection), pace))


def _data_version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA data_version").fetchone()
    return int(version)
