"""The servers that fetch zones from here, and what each was last seen to serve."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nsd.errors import Invalid, NotFound
from nsd.zone.name import WireName


@dataclass(frozen=True, slots=True)
class Secondary:
    """A secondary: where it answers, what it signs with, and the catalog it follows."""

    id: int
    name: str
    host: str
    port: int
    key_id: int | None
    catalog_id: int
    control: str
    is_from_settings: bool
    created_at: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What a secondary was seen to serve of one zone; times are Unix seconds.

    `serial` is None where it served nothing; `error` is empty where the last look succeeded.
    """

    serial: int | None
    seen_at: int | None
    behind_since: int | None
    error: str


_COLUMNS = "id, name, host, port, key_id, catalog_id, control, is_from_settings, created_at"


def add(
    connection: sqlite3.Connection,
    name: str,
    *,
    host: str,
    port: int,
    key_id: int | None,
    catalog_id: int,
    control: str = "",
    is_from_settings: bool = False,
    now: int,
) -> Secondary:
    """Add a secondary; raises Invalid where the name is taken."""
    columns = (name, host, port, key_id, catalog_id, control, int(is_from_settings), now)
    try:
        cursor = connection.execute(
            "INSERT INTO secondaries (name, host, port, key_id, catalog_id, control,"
            " is_from_settings, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            columns,
        )
    except sqlite3.IntegrityError as error:
        raise Invalid(f"there is a secondary '{name}' already", field="name") from error
    return _secondary((cursor.lastrowid or 0, *columns))


def update(connection: sqlite3.Connection, secondary: Secondary) -> None:
    """Write where a secondary is and what it follows."""
    connection.execute(
        "UPDATE secondaries SET host = ?, port = ?, key_id = ?, catalog_id = ?, control = ?,"
        " is_from_settings = ? WHERE id = ?",
        (
            secondary.host,
            secondary.port,
            secondary.key_id,
            secondary.catalog_id,
            secondary.control,
            int(secondary.is_from_settings),
            secondary.id,
        ),
    )


def remove(connection: sqlite3.Connection, name: str) -> None:
    """Remove a secondary; raises NotFound."""
    connection.execute("DELETE FROM secondaries WHERE id = ?", (by_name(connection, name).id,))


def by_name(connection: sqlite3.Connection, name: str) -> Secondary:
    """Find a secondary; raises NotFound."""
    for secondary in everything(connection):
        if secondary.name == name:
            return secondary
    raise NotFound(f"there is no secondary '{name}'")


def names_of(connection: sqlite3.Connection, secondary: Secondary) -> tuple[WireName | None, str]:
    """Name a secondary's key, if it has one, and its group."""
    key, group = connection.execute(
        "SELECT tsig_keys.name, group_name FROM catalogs LEFT JOIN tsig_keys ON tsig_keys.id = ?"
        " WHERE zone_id = ?",
        (secondary.key_id, secondary.catalog_id),
    ).fetchone()
    return None if key is None else WireName(key), group


def everything(connection: sqlite3.Connection) -> list[Secondary]:
    """List the secondaries in the order of their creation."""
    query = f"SELECT {_COLUMNS} FROM secondaries ORDER BY id"  # noqa: S608
    return [_secondary(row) for row in connection.execute(query)]


def _secondary(row: tuple[int, str, str, int, int | None, int, str, int, int]) -> Secondary:
    number, name, host, port, key_id, catalog_id, control, is_from_settings, created_at = row
    return Secondary(
        number, name, host, port, key_id, catalog_id, control, bool(is_from_settings), created_at
    )


def write_seen(
    connection: sqlite3.Connection, rows: Iterable[tuple[int, WireName, Seen | None]]
) -> None:
    """Store what secondaries, by id, serve of zones; None forgets it."""
    for secondary_id, apex, seen in rows:
        if seen is None:
            connection.execute(
                "DELETE FROM secondary_status WHERE secondary_id = ? AND apex = ?",
                (secondary_id, apex),
            )
        else:
            connection.execute(  # the secondary may have been removed meanwhile
                "INSERT OR REPLACE INTO secondary_status SELECT id, ?, ?, ?, ?, ? FROM secondaries"
                " WHERE id = ?",
                (apex, seen.serial, seen.seen_at, seen.behind_since, seen.error, secondary_id),
            )


def seen_by(connection: sqlite3.Connection, secondary_id: int) -> Iterator[tuple[WireName, Seen]]:
    """Go through what a secondary was seen to serve."""
    rows = connection.execute(
        "SELECT apex, serial, seen_at, behind_since, error FROM secondary_status"
        " WHERE secondary_id = ?",
        (secondary_id,),
    )
    for apex, *seen in rows:
        yield WireName(apex), Seen(*seen)
