"""The names below a zone's apex that have names with records below them.

Some of them have no record of their own, and what is below a name is no range of the records'
index, for that begins with the lowest label. So they are kept here, by their labels from the apex
down.
"""

import sqlite3
from collections.abc import Mapping

from nsd.store.path import past, path_of
from nsd.zone.name import WireName


def path_below(owner: bytes, apex: bytes) -> bytes:
    """Give the path from a zone's apex down to a name in it."""
    return path_of(WireName(owner[: len(owner) - len(apex)] + b"\x00"))


def count(
    connection: sqlite3.Connection, zone_id: int, apex: WireName, growth: Mapping[WireName, int]
) -> None:
    """Note how many more names one label below each of these have records now, or how many less."""
    rows = [(zone_id, path_below(owner, apex), more) for owner, more in growth.items() if more]
    connection.executemany(
        "INSERT INTO inner_names VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET children = children + excluded.children",
        rows,
    )
    connection.executemany(
        "DELETE FROM inner_names WHERE zone_id = ? AND path = ? AND children = 0",
        [(zone_id, path) for _, path, more in rows if more < 0],
    )


def has_below(
    connection: sqlite3.Connection, zone_id: int, apex: WireName, owner: WireName
) -> bool:
    """Tell whether there is a record below a name that is below the apex."""
    path = path_below(owner, apex)
    row = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM inner_names WHERE zone_id = ? AND path >= ? AND path < ?)",
        (zone_id, path, past(path)),
    ).fetchone()
    return bool(row[0])
