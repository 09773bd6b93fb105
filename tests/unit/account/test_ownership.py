"""Ownership: an account finds what is its own, and nothing else exists for it."""

import sqlite3
from collections.abc import Callable
from uuid import UUID

import pytest

from nsd.account import ownership
from nsd.account.principal import Principal
from nsd.errors import NotFound, PermissionDenied
from nsd.store import records, zones
from nsd.store.database import Database
from nsd.store.records import RecordRow
from nsd.store.users import User
from nsd.store.zones import ZoneRow
from nsd.zone import rrtypes
from nsd.zone.name import from_text
from nsd.zone.record import Record

APEX = from_text("a.example.")
Find = Callable[[Principal, ZoneRow, sqlite3.Connection], ZoneRow]
UUID_OF_RECORD = UUID(int=7)


def record_by_id(who: Principal, _: ZoneRow, connection: sqlite3.Connection) -> ZoneRow:
    return ownership.record_by_id(who, 1, connection)[0]


def record_by_uuid(who: Principal, _: ZoneRow, connection: sqlite3.Connection) -> ZoneRow:
    return ownership.record_by_uuid(who, str(UUID_OF_RECORD), connection)[0]


FINDERS: dict[str, Find] = {
    "zone by id": lambda who, zone, at: ownership.zone_by_id(who, zone.id, at),
    "zone by UUID": lambda who, zone, at: ownership.zone_by_uuid(who, zone.uuid, at),
    "zone by apex": lambda who, zone, at: ownership.zone_by_apex(who, zone.apex, at),
    "record by id": record_by_id,
    "record by UUID": record_by_uuid,
}


def principal(user: User) -> Principal:
    return Principal(user.name, "test", user)


@pytest.fixture
async def zone(database: Database, alice: User) -> ZoneRow:
    """A zone of Alice's with one record."""

    def work(connection: sqlite3.Connection) -> ZoneRow:
        row = zones.insert(connection, alice.id, APEX, serial=1, now=1)
        record = Record(APEX, rrtypes.A, 60, bytes(4))
        records.insert(
            connection, row.id, 1, [RecordRow(1, UUID_OF_RECORD.bytes, row.id, record, 1)]
        )
        return row

    return await database.write(work)


@pytest.mark.parametrize("find", FINDERS.values(), ids=FINDERS)
async def test_the_owner_finds_it_and_for_others_it_does_not_exist(
    database: Database, zone: ZoneRow, alice: User, bob: User, find: Find
) -> None:
    found = await database.read(lambda at: find(principal(alice), zone, at))
    assert found.id == zone.id
    with pytest.raises(NotFound) as others:
        await database.read(lambda at: find(principal(bob), zone, at))
    await database.write(lambda at: zones.delete(at, zone.id))
    with pytest.raises(NotFound) as nobodys:
        await database.read(lambda at: find(principal(alice), zone, at))
    assert others.value.detail == nobodys.value.detail


async def test_not_even_an_administrator_owns_what_is_anothers(
    database: Database, zone: ZoneRow, bob: User
) -> None:
    admin = User(bob.id, "bob", "", "free", is_admin=True, created_at=1)
    with pytest.raises(NotFound):
        await database.read(lambda at: ownership.zone_by_id(principal(admin), zone.id, at))


async def test_whoever_acts_for_no_account_owns_nothing(database: Database, zone: ZoneRow) -> None:
    operator = Principal("root", "nsdctl")
    with pytest.raises(PermissionDenied):
        await database.read(lambda at: ownership.zone_by_id(operator, zone.id, at))
