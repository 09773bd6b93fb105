"""Rows of records: many in a statement, and identities that grow."""

import sqlite3
from uuid import RFC_4122, UUID

from nsd.store import records, users, zones
from nsd.store.database import Database
from nsd.store.records import RecordRow
from nsd.zone.name import WireName
from nsd.zone.record import Record


def test_new_identities_are_of_version_7_and_each_is_later_than_the_one_before() -> None:
    made = records.new_uuids(10_000, 1_700_000_000)  # more than count within one millisecond
    assert made == sorted(set(made))
    assert made[0][:6] == (1_700_000_000_000).to_bytes(6, "big")
    assert {(UUID(bytes=one).version, UUID(bytes=one).variant) for one in made} == {(7, RFC_4122)}


async def test_many_rows_come_back_as_they_were_inserted(database: Database) -> None:
    """Some of them hold more than RDATA, and their number fills no whole statements."""
    owner = WireName(b"\x01a\x00")
    common = [Record(owner, 1, number, number.to_bytes(4, "big")) for number in range(300)]
    odd = [
        Record(owner, 16, 60, b"\x01x", "x", None),
        Record(owner, 1, 60, b"\xff\x00\x00\x01", None, 5),
    ]
    many = [*common[:100], *odd, *common[100:]]
    rows = [
        RecordRow(number, uuid, 1, record, 7, b"\x00" if number == 150 else None)
        for number, (uuid, record) in enumerate(
            zip(records.new_uuids(len(many), 1), many, strict=True), 1
        )
    ]

    def insert(connection: sqlite3.Connection) -> None:
        users.add(connection, "u", email="", plan="", is_admin=False, now=1)
        zones.insert(connection, 1, WireName(b"\x00"), serial=1, now=1)
        records.insert(connection, 1, 7, rows)

    await database.write(insert)
    assert await database.read(lambda connection: list(records.of_zone(connection, 1))) == rows
    assert await database.read(records.next_id) == len(rows) + 1
