"""Zones that are copies, and the primaries that they are fetched from."""

import sqlite3
from dataclasses import dataclass

from nsd.store.zones import IS_SERVED
from nsd.zone.name import WireName


@dataclass(frozen=True, slots=True)
class Primary:
    """A server that zones are fetched from: its address, and the id of the key that it wants."""

    host: str
    port: int
    key_id: int | None


@dataclass(frozen=True, slots=True)
class CopyRow:
    """A copy as it is stored.

    `fetched_at`, in Unix seconds, is when the primary last confirmed or sent it; `error` is empty
    where the last question succeeded.
    """

    zone_id: int
    apex: WireName
    primary: Primary
    fetched_at: int
    error: str


def put(connection: sqlite3.Connection, zone_id: int, primary: Primary, *, now: int) -> None:
    """Say where a zone is fetched from."""
    connection.execute(
        "INSERT OR REPLACE INTO copies VALUES (?, ?, ?, ?, ?, '')",
        (zone_id, primary.host, primary.port, primary.key_id, now),
    )


def remove(connection: sqlite3.Connection, zone_id: int) -> None:
    """Fetch a zone no longer."""
    connection.execute("DELETE FROM copies WHERE zone_id = ?", (zone_id,))


def note_success(connection: sqlite3.Connection, zone_id: int, now: int) -> None:
    """Remember that the primary confirmed or sent the zone."""
    connection.execute(
        "UPDATE copies SET fetched_at = ?, error = '' WHERE zone_id = ?", (now, zone_id)
    )


def note_failure(connection: sqlite3.Connection, zone_id: int, error: str) -> None:
    """Remember why a zone could not be fetched."""
    connection.execute("UPDATE copies SET error = ? WHERE zone_id = ?", (error, zone_id))


_QUERY = (
    "SELECT zone_id, apex, host, port, key_id, fetched_at, error FROM copies"
    " JOIN zones ON zones.id = zone_id"
)


def _copy(row: tuple[int, bytes, str, int, int | None, int, str]) -> CopyRow:
    zone_id, apex, host, port, key_id, fetched_at, error = row
    return CopyRow(zone_id, WireName(apex), Primary(host, port, key_id), fetched_at, error)


def everything(connection: sqlite3.Connection) -> list[CopyRow]:
    """List all that are served."""
    query = f"{_QUERY} WHERE {IS_SERVED} ORDER BY zone_id"
    return [_copy(row) for row in connection.execute(query)]


def of_zone(connection: sqlite3.Connection, zone_id: int) -> CopyRow | None:
    """Find what is stored of a zone that is a copy; None for any other."""
    row = connection.execute(f"{_QUERY} WHERE zone_id = ?", (zone_id,)).fetchone()
    return None if row is None else _copy(row)
