"""The connections that read: some for short reads, others for long ones.

Nobody says which reads are short. Each is begun among the short ones; one that takes longer is
begun anew among the long ones, of which only a few run at a time, none of them at full speed.
SQLite asks the pace every few rows, so work that goes through rows needs not think of it.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from nsd.errors import NotBrief
from nsd.pace import Long, Pace, Short
from nsd.store.connection import Connection, Work, connect, let_go

T = TypeVar("T")
PacedWork = Callable[[sqlite3.Connection, Pace], T]

SHORT: Final = 3  # connections for short reads
LONG: Final = 3  # long reads at a time
CACHE_KIBIBYTES: Final = 8_000
STEPS: Final = 500  # of SQLite's machine, between two questions to a pace: some 30 rows


class Readers:
    """Runs reads, each in one snapshot; open it with `open_readers`."""

    def __init__(self, path: Path, short: list[Connection]) -> None:
        self._path = path
        self.short = short
        self._room = asyncio.Semaphore(LONG)

    async def run(self, work: PacedWork[T]) -> T:
        """Run a read that is short for all we know. Raises sqlite3.Error."""
        idlest = min(self.short, key=lambda connection: connection.under_way)
        try:
            return await idlest.run(partial(_paced, work, Short))
        except NotBrief:
            return await self.run_long(work)

    async def run_long(self, work: PacedWork[T]) -> T:
        """Run a read beside the short ones, when there is room. Raises sqlite3.Error."""
        async with self._room:
            connection = await connect(self._path, CACHE_KIBIBYTES)
            pace = Long()
            try:
                return await connection.run(partial(_paced, work, lambda: pace))
            finally:
                pace.end()
                await connection.close()

    async def run_alone(self, work: Work[T]) -> T:
        """Run a read at full speed on a connection of its own. Raises sqlite3.Error."""
        connection = await connect(self._path, CACHE_KIBIBYTES)
        try:
            return await connection.run(partial(_in_snapshot, work))
        finally:
            await connection.close()

    async def close(self) -> None:
        """Finish what was asked for."""
        for connection in self.short:
            await connection.close()


async def open_readers(path: Path) -> Readers:
    """Open the connections for short reads. Raises sqlite3.Error."""
    readers = Readers(path, [])
    try:
        for _ in range(SHORT):
            readers.short.append(await connect(path, CACHE_KIBIBYTES))
    except BaseException:
        await readers.close()
        raise
    return readers


def _paced(work: PacedWork[T], make_pace: Callable[[], Pace], connection: sqlite3.Connection) -> T:
    pace = make_pace()

    def paced(connection: sqlite3.Connection) -> T:
        with _keeping(pace, connection):
            return work(connection, pace)

    return _in_snapshot(paced, connection)


def _in_snapshot(work: Work[T], connection: sqlite3.Connection) -> T:
    connection.execute("BEGIN")
    try:
        return work(connection)
    except BaseException as error:
        let_go(error)
        raise
    finally:
        connection.execute("ROLLBACK")


@contextlib.contextmanager
def _keeping(pace: Pace, connection: sqlite3.Connection) -> Iterator[None]:
    """Let SQLite keep a pace in all that is done on a connection. Raises what the pace raises."""
    stopped: list[Exception] = []

    def is_over() -> bool:
        try:
            pace.check()
        except NotBrief as error:
            stopped.append(error)
        return bool(stopped)

    connection.set_progress_handler(is_over, STEPS)
    try:
        yield
    except sqlite3.OperationalError:
        if stopped:
            raise stopped[0] from None
        raise
    finally:
        connection.set_progress_handler(None, STEPS)
