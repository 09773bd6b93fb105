"""Pages of long lists cost what they show, not what the lists hold."""

import sqlite3
from collections.abc import Callable, Iterable

import pytest

from nsd.store import records, users, zones
from nsd.store.database import Database
from nsd.store.records import OfUser, RecordRow
from nsd.store.window import Window
from nsd.store.zones import Choice
from nsd.zone import rrtypes
from nsd.zone.name import WireName
from nsd.zone.record import Record

ZONES, EACH, LARGE = 300, 3, 3000
PAGE = Window(20)
A_FEW = 1500  # steps of SQLite's machine: enough for a page, not for a list


@pytest.fixture
async def account(database: Database) -> int:
    """An account with many zones, the first of which is large."""

    def fill(connection: sqlite3.Connection) -> int:
        user = users.add(connection, "u", email="", plan="", is_admin=False, now=1)
        for number in range(ZONES):
            apex = WireName(b"\x04%04d\x00" % number)
            zone = zones.insert(connection, user.id, apex, serial=1, now=1)
            count = EACH if number else LARGE
            put(connection, zone.id, apex, count)
            connection.execute("UPDATE zones SET record_count = ? WHERE id = ?", (count, zone.id))
        return user.id

    return await database.write(fill)


def put(connection: sqlite3.Connection, zone_id: int, apex: WireName, count: int) -> None:
    first = records.next_id(connection)
    uuids = records.new_uuids(count, first)
    records.insert(
        connection,
        zone_id,
        1,
        [
            RecordRow(first + at, uuids[at], zone_id, record(apex, count - at), 1)
            for at in range(count)
        ],
    )


def record(apex: WireName, number: int) -> Record:
    owner = WireName(b"\x04%04d" % number + apex)
    if number % 2:
        return Record(owner, rrtypes.A, 60, bytes(4))
    return Record(owner, rrtypes.MX, 60, bytes(3))


async def steps(
    database: Database, work: Callable[[sqlite3.Connection], Iterable[object]]
) -> tuple[list[object], int]:
    """Give what work goes through, and how many steps it takes SQLite's machine."""
    taken = 0

    def step() -> int:
        nonlocal taken
        taken += 100
        return 0

    def counted(connection: sqlite3.Connection) -> list[object]:
        connection.set_progress_handler(step, 100)
        try:
            return list(work(connection))
        finally:
            connection.set_progress_handler(None, 0)

    return await database.read_alone(counted), taken


async def test_a_page_of_zones_reads_no_more_than_the_page(
    database: Database, account: int
) -> None:
    found, taken = await steps(database, lambda reader: Choice(account).rows(reader, PAGE))
    assert len(found) == 20
    assert taken < A_FEW
    newest, taken = await steps(
        database, lambda reader: Choice(account).rows(reader, PAGE, newest_first=True)
    )
    everything = await database.read(lambda reader: list(zones.of_user(reader, account)))
    assert newest == everything[::-1][:20]
    assert taken < A_FEW


async def test_a_page_of_a_large_zone_reads_no_more_than_the_page(
    database: Database, account: int
) -> None:
    found, taken = await steps(database, lambda reader: records.of_zone(reader, 1, PAGE))
    assert len(found) == 20
    assert taken < A_FEW


@pytest.mark.parametrize("of_zone", [None, 1, ZONES])
@pytest.mark.parametrize("rrtype", [None, rrtypes.MX])
async def test_a_page_of_an_accounts_records_reads_no_more_than_the_page(
    database: Database, account: int, of_zone: int | None, rrtype: int | None
) -> None:
    wanted = OfUser(account, of_zone, rrtype)
    found, taken = await steps(database, lambda reader: wanted.rows(reader, PAGE))
    everything = await database.read(lambda reader: list(wanted.rows(reader)))
    assert found == everything[:20]
    assert taken < A_FEW
    assert len(everything) == await database.read(wanted.count)


async def test_all_types_are_counted_without_a_look_at_records(
    database: Database, account: int
) -> None:
    count, taken = await steps(database, lambda reader: [OfUser(account).count(reader)])
    assert count == [LARGE + EACH * (ZONES - 1)]
    assert taken < 10 * ZONES
