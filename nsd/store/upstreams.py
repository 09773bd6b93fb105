"""Where secondary zones are fetched from."""

import sqlite3
from dataclasses import dataclass

from nsd.zone.name import WireName


@dataclass(frozen=True, slots=True)
class Source:
    """A primary: its address, and the id of the key that it wants."""

    host: str
    port: int
    key_id: int | None


@dataclass(frozen=True, slots=True)
class Upstream:
    """The primary of a zone; `fetched_at` is when it last confirmed or sent the zone."""

    zone_id: int
    apex: WireName
    source: Source
    fetched_at: int
    error: str


def put(connection: sqlite3.Connection, zone_id: int, source: Source, *, now: int) -> None:
    """Say where a zone is fetched from."""
    connection.execute(
        "INSERT OR REPLACE INTO upstreams VALUES (?, ?, ?, ?, ?, '')",
        (zone_id, source.host, source.port, source.key_id, now),
    )


def remove(connection: sqlite3.Connection, zone_id: int) -> None:
    """Fetch a zone no longer."""
    connection.execute("DELETE FROM upstreams WHERE zone_id = ?", (zone_id,))


def note_success(connection: sqlite3.Connection, zone_id: int, now: int) -> None:
    """Remember that the primary confirmed or sent the zone."""
    connection.execute(
        "UPDATE upstreams SET fetched_at = ?, error = '' WHERE zone_id = ?", (now, zone_id)
    )


def note_failure(connection: sqlite3.Connection, zone_id: int, error: str) -> None:
    """Remember why a zone could not be fetched."""
    connection.execute("UPDATE upstreams SET error = ? WHERE zone_id = ?", (error, zone_id))


_QUERY = (
    "SELECT zone_id, apex, host, port, key_id, fetched_at, error FROM upstreams"
    " JOIN zones ON zones.id = zone_id"
)


def _upstream(row: tuple[int, bytes, str, int, int | None, int, str]) -> Upstream:
    zone_id, apex, host, port, key_id, fetched_at, error = row
    return Upstream(zone_id, WireName(apex), Source(host, port, key_id), fetched_at, error)


def everything(connection: sqlite3.Connection) -> list[Upstream]:
    """List them all."""
    return [_upstream(row) for row in connection.execute(f"{_QUERY} ORDER BY zone_id")]


def of_zone(connection: sqlite3.Connection, zone_id: int) -> Upstream | None:
    """Find where a zone is fetched from."""
    row = connection.execute(f"{_QUERY} WHERE zone_id = ?", (zone_id,)).fetchone()
    return None if row is None else _upstream(row)
