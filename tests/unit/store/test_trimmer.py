"""Trimming the journal: what goes, what stays, and what is tried again."""

import sqlite3
from collections.abc import Callable
from functools import partial

import pytest

from nsd.errors import Unavailable
from nsd.store import journal
from nsd.store.byline import Byline
from nsd.store.database import Database
from nsd.store.trimmer import (
    EVERYTHING_SECONDS,
    NOTHING,
    STEP,
    Limits,
    Past,
    Trimmer,
    count,
    trim,
)
from nsd.zone.name import WireName, from_text

NOBODY = Byline("", "", "", "")
A, B = from_text("a.example."), from_text("b.example.")


class Clock:
    """Seconds that a test sets; Unix seconds and others alike."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make(database: Database, clock: Clock) -> Callable[..., Trimmer]:
    return lambda entries=1000, octets=10**6, seconds=10**6: Trimmer(
        database, entries=entries, octets=octets, seconds=seconds, clock=clock, wall=clock
    )


async def append(database: Database, apex: WireName, *times: int) -> None:
    """Append entries of ten octets, made at these times."""

    def work(connection: sqlite3.Connection) -> None:
        for at in times:
            journal.append(
                connection,
                zone_id=1,
                apex=apex,
                old_serial=at,
                new_serial=at + 1,
                removed=b"12345",
                added=b"67890",
                at=at,
                byline=NOBODY,
            )

    await database.write(work)


async def kept(database: Database, apex: WireName = A) -> list[int]:
    """List the times of a zone's entries."""
    entries = await database.read(lambda connection: list(journal.after(connection, 0)))
    return [entry.at for entry in entries if entry.apex == apex]


@pytest.mark.parametrize(
    ("limits", "left"),
    [
        ({"entries": 2}, [3, 4]),
        ({"octets": 39}, [2, 3, 4]),
        ({"seconds": 998}, [2, 3, 4]),
        ({}, [1, 2, 3, 4]),
    ],
)
async def test_what_is_beyond_a_limit_goes_the_oldest_first(
    database: Database, make: Callable[..., Trimmer], limits: dict[str, int], left: list[int]
) -> None:
    await append(database, A, 1, 2, 3, 4)
    await make(**limits).trim_noted()
    assert await kept(database) == left


@pytest.mark.parametrize("limits", [{"entries": 0}, {"octets": 0}, {"seconds": 0}])
async def test_the_newest_entry_stays_whatever_the_limits_say(
    database: Database, make: Callable[..., Trimmer], limits: dict[str, int]
) -> None:
    await append(database, A, 1, 2)
    await make(**limits).trim_noted()
    assert await kept(database) == [2]


async def test_more_than_goes_in_one_write_goes_too(
    database: Database, make: Callable[..., Trimmer]
) -> None:
    await append(database, A, *range(STEP + 10))
    await make(entries=1).trim_noted()
    assert await kept(database) == [STEP + 9]


async def test_zones_that_have_changed_are_trimmed_soon_and_all_at_times(
    database: Database, make: Callable[..., Trimmer], clock: Clock
) -> None:
    trimmer = make(entries=1)
    await trimmer.trim_noted()
    await append(database, A, 1, 2)
    await append(database, B, 1, 2)
    trimmer.note(A)
    await trimmer.trim_noted()
    assert (await kept(database, A), await kept(database, B)) == ([2], [1, 2])
    clock.now += EVERYTHING_SECONDS
    await trimmer.trim_noted()
    assert await kept(database, B) == [2]


async def rename(database: Database, before: str, after: str) -> None:
    """Put the journal where it is not found, or back."""
    await database.write(
        lambda connection: connection.execute(f"ALTER TABLE {before} RENAME TO {after}")
    )


async def test_what_could_not_be_trimmed_is_trimmed_with_the_next_step(
    database: Database, make: Callable[..., Trimmer]
) -> None:
    trimmer = make(entries=1)
    await trimmer.trim_noted()
    await append(database, A, 1, 2)
    trimmer.note(A)
    await rename(database, "journal", "elsewhere")
    with pytest.raises(Unavailable):
        await trimmer.trim_noted()
    await rename(database, "elsewhere", "journal")
    await trimmer.trim_noted()
    assert await kept(database) == [2]


async def test_zones_that_could_not_be_listed_are_trimmed_with_the_next_step(
    database: Database, make: Callable[..., Trimmer]
) -> None:
    trimmer = make(entries=1)
    await append(database, A, 1, 2)
    await rename(database, "journal", "elsewhere")
    with pytest.raises(Unavailable):
        await trimmer.trim_noted()
    await rename(database, "elsewhere", "journal")
    await trimmer.trim_noted()
    assert await kept(database) == [2]


async def counted(database: Database, known: Past = NOTHING) -> tuple[Past, int]:
    """Count the past of A; give the machine steps that SQLite took for it, in hundreds."""
    steps = 0

    def tick() -> int:
        nonlocal steps
        steps += 1
        return 0

    def work(connection: sqlite3.Connection) -> Past:
        connection.set_progress_handler(tick, 100)
        try:
            return count(connection, A, known)
        finally:
            connection.set_progress_handler(None, 0)

    return await database.read(work), steps


async def test_what_is_known_of_a_long_past_is_not_read_again(database: Database) -> None:
    await append(database, A, *range(5000))
    known, steps = await counted(database)
    assert (known.entries, known.octets) == (5000, 50_000)
    assert steps > 100
    await append(database, A, 5000)
    past, steps = await counted(database, known)
    assert steps <= 1
    assert past == (await counted(database))[0]
    assert (past.entries, past.octets) == (5001, 50_010)


@pytest.mark.parametrize(("oldest", "left"), [(0, 5), (100, 1)])
async def test_a_past_that_was_trimmed_is_known_to_be_so(
    database: Database, oldest: int, left: int
) -> None:
    await append(database, A, *range(8))
    past, _ = await counted(database)
    limits = Limits(entries=5, octets=1000, oldest=oldest)
    past = await database.write(partial(trim, A, past, limits))
    assert past == (await counted(database))[0]
    assert past.entries == left


async def test_what_somebody_else_has_trimmed_is_counted_anew(
    database: Database, make: Callable[..., Trimmer]
) -> None:
    trimmer = make(entries=5)
    await append(database, A, *range(5))
    trimmer.note(A)
    await trimmer.trim_noted()
    await database.write(lambda connection: connection.execute("DELETE FROM journal WHERE at < 3"))
    await append(database, A, 5)
    trimmer.note(A)
    await trimmer.trim_noted()
    assert await kept(database) == [3, 4, 5]
