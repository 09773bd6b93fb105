"""The rows of records."""

import os
import sqlite3
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple
from uuid import UUID

from nsd.errors import NotFound
from nsd.store import zones
from nsd.store.window import WHOLE, Window
from nsd.zone import rrtypes
from nsd.zone.alias import Addresses
from nsd.zone.name import WireName
from nsd.zone.record import Record


class RecordRow(NamedTuple):
    """A record as it is stored; `uuid` is 16 octets.

    `addresses` are those of an ALIAS; None where its target was never resolved.
    """

    id: int
    uuid: bytes
    zone_id: int
    record: Record
    created_at: int
    addresses: Addresses | None = None

    @property
    def uuid_text(self) -> str:
        """The UUID in its usual form."""
        digits = self.uuid.hex()
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


_COLUMNS = "id, uuid, zone_id, created_at, addresses, owner, type, ttl, rdata, value, priority"
_TOGETHER = 64  # rows in one statement
# With FAIL, SQLite keeps nothing to take half a statement back; an error ends the work anyway.
_INTO = "INSERT OR FAIL INTO records (zone_id, created_at, id, uuid, owner, type, ttl, rdata"
_INSERT = f"{_INTO}, value, priority, addresses) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_SLIM = f"{_INTO}) VALUES " + ", ".join(
    f"(?1, ?2, {', '.join(f'?{number}' for number in range(first, first + 6))})"
    for first in range(3, 3 + 6 * _TOGETHER, 6)
)
_Slim = tuple[int, bytes, WireName, int, int, bytes]
_uuid7 = struct.Struct(">QQ")
_Row = tuple[int, bytes, int, int, bytes | None, WireName, int, int, bytes, str | None, int | None]


def _record(row: _Row) -> RecordRow:
    number, uuid, zone_id, created_at, addresses, *record = row
    return RecordRow(
        number,
        uuid,
        zone_id,
        Record(*record),  # type: ignore[arg-type]
        created_at,
        addresses,
    )


def next_id(connection: sqlite3.Connection) -> int:
    """Give the first id that no record has or ever had; valid within this transaction."""
    query = "SELECT seq FROM sqlite_sequence WHERE name = 'records'"
    row = connection.execute(query).fetchone()
    return 1 if row is None else int(row[0]) + 1


def new_uuids(count: int, now: int) -> list[bytes]:
    """Make UUIDs of version 7 (RFC 9562, section 5.7), each later than the one before.

    They begin with the time, so that their index grows at its end: with random ones an import
    would touch every page of it. The 12 bits behind the time count within a millisecond; `now` is
    in seconds.
    """
    begin = now * 1000 << 12
    tails = struct.unpack(f">{count}Q", os.urandom(8 * count))
    return [
        _uuid7.pack(
            at >> 12 << 16 | 0x7000 | at & 0x0FFF,
            tail & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000,
        )
        for at, tail in enumerate(tails, begin)
    ]


def insert(
    connection: sqlite3.Connection, zone_id: int, created_at: int, rows: Iterable[RecordRow]
) -> None:
    """Insert rows of one zone, made at one time, under the ids that they bring.

    Most rows of an import hold nothing but RDATA. Those go many in a statement, for a statement
    costs as much as three rows, and each of its parameters a tenth of one.
    """
    slim: list[_Slim] = []
    others = []
    for row in rows:
        number, uuid, _, (owner, rrtype, ttl, rdata, value, priority), _, addresses = row
        if value is None and priority is None and addresses is None:
            slim.append((number, uuid, owner, rrtype, ttl, rdata))
        else:
            others.append((zone_id, created_at, *row[:2], *row.record, addresses))
    whole = len(slim) // _TOGETHER * _TOGETHER
    connection.executemany(
        _INSERT_SLIM,
        (
            (zone_id, created_at, *chain.from_iterable(slim[at : at + _TOGETHER]))
            for at in range(0, whole, _TOGETHER)
        ),
    )
    others += [(zone_id, created_at, *row, None, None, None) for row in slim[whole:]]
    connection.executemany(_INSERT, others)


def update(connection: sqlite3.Connection, row: RecordRow) -> None:
    """Write what a record says."""
    record = row.record
    connection.execute(
        "UPDATE records SET owner = ?, type = ?, rdata = ?, ttl = ?, value = ?, priority = ?,"
        " addresses = ? WHERE id = ?",
        (
            record.owner,
            record.rrtype,
            record.rdata,
            record.ttl,
            record.value,
            record.priority,
            row.addresses,
            row.id,
        ),
    )


def delete(connection: sqlite3.Connection, ids: Iterable[int]) -> None:
    """Delete rows."""
    connection.executemany("DELETE FROM records WHERE id = ?", [(number,) for number in ids])


def by_id(connection: sqlite3.Connection, record_id: int) -> RecordRow:
    """Find a record; raises NotFound."""
    return _one(connection, "id", record_id)


def by_uuid(connection: sqlite3.Connection, uuid: str) -> RecordRow:
    """Find a record by any text form of its UUID; raises NotFound."""
    try:
        return _one(connection, "uuid", UUID(uuid).bytes)
    except ValueError:
        raise NotFound from None


def _one(connection: sqlite3.Connection, column: str, value: object) -> RecordRow:
    query = f"SELECT {_COLUMNS} FROM records WHERE {column} = ?"  # noqa: S608
    row = connection.execute(query, (value,)).fetchone()
    if row is None:
        raise NotFound
    return _record(row)


def of_zone(
    connection: sqlite3.Connection, zone_id: int, window: Window = WHOLE
) -> Iterator[RecordRow]:
    """Go through a zone's records in the order of their creation."""
    query = f"SELECT {_COLUMNS} FROM records WHERE zone_id = ? ORDER BY id LIMIT ? OFFSET ?"  # noqa: S608
    return map(_record, connection.execute(query, (zone_id, window.limit, window.offset)))


def at_owner(
    connection: sqlite3.Connection, zone_id: int, owner: WireName, limit: int = -1
) -> list[RecordRow]:
    """List the records at one name in the order of their creation; a limit of -1 is none."""
    query = f"SELECT {_COLUMNS} FROM records WHERE zone_id = ? AND owner = ? ORDER BY id LIMIT ?"  # noqa: S608
    return [_record(row) for row in connection.execute(query, (zone_id, owner, limit))]


_OF_RECORDS = ", ".join(f"records.{column}" for column in _COLUMNS.split(", "))
_WITH_ZONES = "FROM zones JOIN records ON records.zone_id = zones.id"


@dataclass(frozen=True, slots=True)
class OfUser:
    """Which records of an account: those of one zone or of one type where these are given."""

    user_id: int
    zone_id: int | None = None
    rrtype: int | None = None

    def rows(
        self, connection: sqlite3.Connection, window: Window = WHOLE
    ) -> Iterator[tuple[WireName, RecordRow]]:
        """Go through them with their zones' apexes, zone by zone in the order of creation."""
        where, wanted = self._where()
        rows = connection.execute(
            f"SELECT apex, {_OF_RECORDS} {_WITH_ZONES} {where} ORDER BY zones.id, records.id"
            " LIMIT ? OFFSET ?",
            (*wanted, window.limit, window.offset),
        )
        return ((row[0], _record(row[1:])) for row in rows)

    def count(self, connection: sqlite3.Connection) -> int:
        """Count them; those of all types are counted at each zone."""
        where, wanted = self._where()
        counted = "count(*)"
        tables = _WITH_ZONES
        if self.rrtype is None:
            counted, tables = "total(record_count)", "FROM zones"
        query = f"SELECT {counted} {tables} {where}"
        return int(connection.execute(query, wanted).fetchone()[0])

    def _where(self) -> tuple[str, list[int]]:
        wanted = {"user_id": self.user_id, "zones.id": self.zone_id, "type": self.rrtype}
        given = {column: value for column, value in wanted.items() if value is not None}
        return f"WHERE {' AND '.join(f'{column} = ?' for column in given)}", list(given.values())


_IN_SERVED = f"zone_id NOT IN (SELECT id FROM zones WHERE NOT ({zones.IS_SERVED}))"  # noqa: S608


def served_columns(
    connection: sqlite3.Connection, zone_id: int | None = None
) -> Iterator[tuple[int, WireName, int, int, bytes]]:
    """Go through (zone id, owner, type, TTL, RDATA) of all records, or those of one zone.

    An ALIAS is not among them, and of all records not those of catalogs and suspended zones.
    """
    query = f"SELECT zone_id, owner, type, ttl, rdata FROM records WHERE type <> {rrtypes.ALIAS}"  # noqa: S608
    if zone_id is None:
        not_hidden = f"{query} AND zone_id NOT IN (SELECT zone_id FROM catalogs)"  # noqa: S608
        return connection.execute(f"{not_hidden} AND {_IN_SERVED}")
    return connection.execute(f"{query} AND zone_id = ?", (zone_id,))


_ALIASES = f"FROM records WHERE type = {rrtypes.ALIAS}"  # the very words of its index


def has_aliases(connection: sqlite3.Connection) -> bool:
    """Tell whether there is any ALIAS at all."""
    query = f"SELECT EXISTS (SELECT 1 {_ALIASES})"
    return bool(connection.execute(query).fetchone()[0])


def aliases(connection: sqlite3.Connection, zone_id: int | None = None) -> list[RecordRow]:
    """List every ALIAS in zones that are served, or those of one zone."""
    query = f"SELECT {_COLUMNS} {_ALIASES}"
    if zone_id is None:
        return [_record(row) for row in connection.execute(f"{query} AND {_IN_SERVED}")]
    return [_record(row) for row in connection.execute(f"{query} AND zone_id = ?", (zone_id,))]


def below_apex(
    connection: sqlite3.Connection, zone_id: int, apex: WireName
) -> Iterator[tuple[WireName, int, int, bytes, bytes | None]]:
    """Go through (owner, type, TTL, RDATA, addresses) of a zone, name by name, but for the apex."""
    return connection.execute(
        "SELECT owner, type, ttl, rdata, addresses FROM records WHERE zone_id = ? AND owner <> ?"
        " ORDER BY owner",
        (zone_id, apex),
    )
