"""The rows of zones."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

from nsd.errors import NotFound
from nsd.store.path import past, path_of
from nsd.store.window import WHOLE, Window
from nsd.zone.name import WireName

PRIMARY: Final = "primary"
COPY: Final = "copy"  # held for another primary, read-only here
CATALOG: Final = "catalog"  # made by the server, for secondaries only


@dataclass(frozen=True, slots=True)
class OwnSoa:
    """What a zone's owner has said of its SOA; None where the defaults hold."""

    ttl: int | None = None
    mname: WireName | None = None
    rname: WireName | None = None
    refresh: int | None = None
    retry: int | None = None
    expire: int | None = None
    minimum: int | None = None


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """A zone as it is stored, without its records.

    `suspended_by` is what keeps it from being served: `zone` where it was suspended itself,
    `account` where only its account was, else empty.
    """

    id: int
    uuid: str
    user_id: int
    apex: WireName
    serial: int
    record_count: int
    created_at: int
    soa: OwnSoa
    kind: str = PRIMARY
    suspended_by: str = ""

    @property
    def is_suspended(self) -> bool:
        """Whether it is not served, for its own or its account's sake."""
        return bool(self.suspended_by)


_BY_ACCOUNT = (
    "EXISTS (SELECT 1 FROM users WHERE users.id = zones.user_id AND users.suspended_at IS NOT NULL)"
)
IS_SERVED: Final = f"zones.suspended_at IS NULL AND NOT {_BY_ACCOUNT}"  # a condition in SQL
_COLUMNS = (
    "id, uuid, user_id, apex, serial, record_count, created_at,"
    " soa_ttl, mname, rname, refresh, retry, expire, minimum, kind,"
    f" CASE WHEN suspended_at IS NOT NULL THEN 'zone' WHEN {_BY_ACCOUNT} THEN 'account' ELSE '' END"
)


def _zone(row: tuple[Any, ...]) -> ZoneRow:
    number, uuid, user_id, apex, serial, record_count, created_at, *soa, kind, suspended_by = row
    own = OwnSoa(*soa)
    return ZoneRow(
        number, uuid, user_id, apex, serial, record_count, created_at, own, kind, suspended_by
    )


def insert(
    connection: sqlite3.Connection,
    user_id: int,
    apex: WireName,
    *,
    serial: int,
    now: int,
    kind: str = PRIMARY,
) -> ZoneRow:
    """Insert a zone without records; the apex must be free."""
    uuid = str(uuid4())
    cursor = connection.execute(
        "INSERT INTO zones (uuid, user_id, apex, path, serial, record_count, created_at, kind)"
        " VALUES (?, ?, ?, ?, ?, 0, ?, ?)",
        (uuid, user_id, apex, path_of(apex), serial, now, kind),
    )
    return ZoneRow(cursor.lastrowid or 0, uuid, user_id, apex, serial, 0, now, OwnSoa(), kind)


def update(connection: sqlite3.Connection, zone: ZoneRow) -> None:
    """Write a zone's serial, count, SOA and kind."""
    soa = zone.soa
    connection.execute(
        "UPDATE zones SET serial = ?, record_count = ?, soa_ttl = ?, mname = ?, rname = ?,"
        " refresh = ?, retry = ?, expire = ?, minimum = ?, kind = ? WHERE id = ?",
        (
            zone.serial,
            zone.record_count,
            soa.ttl,
            soa.mname,
            soa.rname,
            soa.refresh,
            soa.retry,
            soa.expire,
            soa.minimum,
            zone.kind,
            zone.id,
        ),
    )


def suspend(connection: sqlite3.Connection, zone_id: int, since: int | None) -> None:
    """Suspend a zone since a time, or with None no longer."""
    connection.execute("UPDATE zones SET suspended_at = ? WHERE id = ?", (since, zone_id))


def give(connection: sqlite3.Connection, zone_id: int, user_id: int) -> None:
    """Let a zone be another account's."""
    connection.execute("UPDATE zones SET user_id = ? WHERE id = ?", (user_id, zone_id))


def delete(connection: sqlite3.Connection, zone_id: int) -> None:
    """Delete a zone and its records."""
    connection.execute("DELETE FROM zones WHERE id = ?", (zone_id,))


def by_id(connection: sqlite3.Connection, zone_id: int) -> ZoneRow:
    """Find a zone; raises NotFound."""
    return _one(connection, "id", zone_id)


def by_uuid(connection: sqlite3.Connection, uuid: str) -> ZoneRow:
    """Find a zone by any text form of its UUID; raises NotFound."""
    try:
        return _one(connection, "uuid", uuid)
    except NotFound:  # in this spelling
        return _one(connection, "uuid", _usual_spelling(uuid))


def _usual_spelling(uuid: str) -> str:
    try:
        return str(UUID(uuid))
    except ValueError:
        raise NotFound from None


def by_apex(connection: sqlite3.Connection, apex: WireName) -> ZoneRow:
    """Find a zone; raises NotFound."""
    return _one(connection, "apex", apex)


def _one(connection: sqlite3.Connection, column: str, value: object) -> ZoneRow:
    query = f"SELECT {_COLUMNS} FROM zones WHERE {column} = ?"  # noqa: S608
    row = connection.execute(query, (value,)).fetchone()
    if row is None:
        raise NotFound
    return _zone(row)


def of_user(connection: sqlite3.Connection, user_id: int) -> list[ZoneRow]:
    """List an account's zones in the order of their creation."""
    return list(Choice(user_id).rows(connection))


def count_of_user(connection: sqlite3.Connection, user_id: int) -> int:
    """Count an account's zones."""
    query = "SELECT count(*) FROM zones WHERE user_id = ?"
    return int(connection.execute(query, (user_id,)).fetchone()[0])


def records_of_user(connection: sqlite3.Connection, user_id: int) -> int:
    """Count the records in an account's zones."""
    query = "SELECT total(record_count) FROM zones WHERE user_id = ?"
    return int(connection.execute(query, (user_id,)).fetchone()[0])


def everything(connection: sqlite3.Connection) -> Iterator[ZoneRow]:
    """Go through all zones but catalogs in the order of their creation."""
    query = f"SELECT {_COLUMNS} FROM zones WHERE kind <> 'catalog' ORDER BY id"  # noqa: S608
    for row in connection.execute(query):
        yield _zone(row)


@dataclass(frozen=True, slots=True)
class Choice:
    """Zones of any account, catalogs aside: those of one account or of one name where given."""

    user_id: int | None = None
    apex: WireName | None = None

    def rows(
        self, connection: sqlite3.Connection, window: Window = WHOLE, *, newest_first: bool = False
    ) -> Iterator[ZoneRow]:
        """Go through them in the order of their creation, or in the opposite one."""
        where, wanted = self._where()
        order = "id DESC" if newest_first else "id"
        query = f"SELECT {_COLUMNS} FROM zones {where} ORDER BY {order} LIMIT ? OFFSET ?"  # noqa: S608
        return map(_zone, connection.execute(query, (*wanted, window.limit, window.offset)))

    def count(self, connection: sqlite3.Connection) -> int:
        """Count them."""
        where, wanted = self._where()
        query = f"SELECT count(*) FROM zones {where}"  # noqa: S608
        return int(connection.execute(query, wanted).fetchone()[0])

    def _where(self) -> tuple[str, list[object]]:
        """Give a condition that an index answers, and its values."""
        wanted = {"user_id": self.user_id, "apex": self.apex}
        given = {column: value for column, value in wanted.items() if value is not None}
        equal = "".join(f" AND {column} = ?" for column in given)
        where = f"WHERE id NOT IN (SELECT zone_id FROM catalogs){equal}"  # noqa: S608
        return where, list(given.values())


def with_apexes(connection: sqlite3.Connection, apexes: Iterable[WireName]) -> list[ZoneRow]:
    """Find those of these zones that are served, catalogs aside."""
    query = f"SELECT {_COLUMNS} FROM zones WHERE apex = ? AND kind <> 'catalog' AND {IS_SERVED}"  # noqa: S608
    rows = (connection.execute(query, (apex,)).fetchone() for apex in apexes)
    return [_zone(row) for row in rows if row is not None]


def at_above_or_below(connection: sqlite3.Connection, apex: WireName) -> list[ZoneRow]:
    """List the zones with this apex, with one above it, or with one below it."""
    path = path_of(apex)
    above = [path_of(WireName(apex[at:])) for at in _label_starts(apex)]
    query = (
        f"SELECT {_COLUMNS} FROM zones WHERE path IN ({','.join('?' * len(above))})"  # noqa: S608
        " OR (path > ? AND path < ?) ORDER BY id"
    )
    return [_zone(row) for row in connection.execute(query, (*above, path, past(path)))]


def _label_starts(name: WireName) -> list[int]:
    starts = [0]
    while length := name[starts[-1]]:
        starts.append(starts[-1] + length + 1)
    return starts
