"""Reads: short ones never wait behind long ones, and long ones let go again and again."""

import asyncio
import gc
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nsd import pace as module
from nsd.pace import Long
from nsd.store import readers
from nsd.store.database import Database, open_database

MANY = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {}) SELECT i FROM n"


def count_to(number: int) -> Callable[[sqlite3.Connection], int]:
    def work(connection: sqlite3.Connection) -> int:
        return len(connection.execute(MANY.format(number)).fetchall())

    return work


class Held:
    """Work that goes on, statement after statement, until the test lets it end."""

    def __init__(self, begun: asyncio.Semaphore) -> None:
        self.may_end = threading.Event()
        self._loop = asyncio.get_running_loop()
        self._begun = begun

    def __call__(self, connection: sqlite3.Connection) -> str:
        self._loop.call_soon_threadsafe(self._begun.release)
        while not self.may_end.is_set():
            count_to(1000)(connection)
        return "ended"


async def test_short_reads_are_served_while_any_number_of_long_ones_is_under_way(
    database: Database,
) -> None:
    begun = asyncio.Semaphore(0)
    held = [Held(begun) for _ in range(readers.SHORT + readers.LONG + 2)]
    reading = [asyncio.create_task(database.read(work)) for work in held]
    # Each long read has left the short ones; as many as there is room for were begun anew.
    for _ in range(len(held) + readers.LONG):
        await begun.acquire()
    assert await asyncio.gather(*(database.read(count_to(10)) for _ in range(20))) == [10] * 20
    assert begun.locked()  # none was begun beyond the room for them
    assert not any(task.done() for task in reading)
    for work in held:
        work.may_end.set()
    assert await asyncio.gather(*reading) == ["ended"] * len(held)


async def test_a_read_of_slices_that_is_long_is_begun_anew_and_whole(database: Database) -> None:
    begun = []

    def work(connection: sqlite3.Connection) -> Iterator[int]:
        begun.append(threading.get_ident())
        for (number,) in connection.execute(MANY.format(100_000)):
            yield number

    assert await database.read_slices(work) == list(range(1, 100_001))
    assert len(set(begun)) == 2


async def test_a_read_that_makes_much_of_few_rows_is_found_to_be_long(database: Database) -> None:
    begun = []

    def work(connection: sqlite3.Connection) -> Iterator[int]:
        begun.append(threading.get_ident())
        for (number,) in connection.execute(MANY.format(200)):
            yield sum(range(200 * number))

    assert len(await database.read_slices(work)) == 200
    assert len(set(begun)) == 2


async def test_a_read_that_was_ended_as_too_long_leaves_its_connection_usable(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SHORT_SECONDS", 0.0)
    for _ in range(30):
        assert await database.read(count_to(100)) == 100
    monkeypatch.undo()
    for _ in range(2 * readers.SHORT):
        assert await database.read(count_to(10)) == 10


async def test_what_a_long_read_raises_reaches_its_caller(database: Database) -> None:
    def work(connection: sqlite3.Connection) -> None:
        count_to(1_000_000)(connection)
        raise LookupError("not here")

    with pytest.raises(LookupError, match="not here"):
        await database.read(work)


async def test_a_long_read_that_nobody_waits_for_any_more_ends_and_gives_its_place_back(
    tmp_path: Path,
) -> None:
    database = await open_database(tmp_path)
    for _ in range(2 * readers.LONG):
        begun = asyncio.Semaphore(0)
        reading = asyncio.create_task(database.read_long(Held(begun)))  # it never ends by itself
        await begun.acquire()
        reading.cancel()
        await asyncio.wait([reading])
    await database.close()


def test_long_work_rests_after_each_turn_and_not_before() -> None:
    now = 0.0
    rests: list[float] = []

    def clock() -> float:
        return now

    pace = Long(clock, rests.append)
    for tick in range(40):
        now = tick * module.TURN_SECONDS / 4
        pace.check()
    assert rests == [module.REST_SECONDS] * 9


def walk_within_a_walk(connection: sqlite3.Connection) -> int:
    """Go through rows of a table, and through many others for each: a long read of many cursors."""
    count = 0
    rows = connection.execute("SELECT i FROM t")
    for _ in rows:
        for _ in connection.execute(MANY.format(400_000)):
            count += 1
    return count


def fail_within_a_walk(connection: sqlite3.Connection) -> None:
    rows = connection.execute("SELECT i FROM t")
    for _ in rows:
        raise ValueError("found nothing")


async def test_a_read_that_ends_in_the_middle_leaves_no_reader_in_the_past(
    database: Database,
) -> None:
    await database.write(lambda at: at.execute("CREATE TABLE t (i)") and None)
    await database.write(lambda at: at.execute("INSERT INTO t VALUES (1), (2)") and None)
    gc.disable()
    try:
        kept: list[BaseException] = []
        assert await database.read(walk_within_a_walk) == 800_000
        for _ in range(readers.SHORT):
            with pytest.raises(ValueError, match="nothing") as raised:
                await database.read(fail_within_a_walk)
            kept.append(raised.value)
        await database.write(lambda at: at.execute("INSERT INTO t VALUES (3)") and None)
        shown = [
            await connection.run(
                lambda at: readers._in_snapshot(
                    lambda at: at.execute("SELECT count(*) FROM t").fetchone()[0], at
                )
            )
            for connection in database._readers.short
        ]
    finally:
        gc.enable()
    assert shown == [3] * readers.SHORT
