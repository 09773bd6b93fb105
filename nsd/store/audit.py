"""The audit: who changed users, credentials, keys and secondaries, and when."""

import sqlite3
from dataclasses import dataclass
from typing import Final

from nsd.store import byline
from nsd.store.byline import Byline

KEPT: Final = 100_000  # entries; the oldest go


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change: of what kind of thing, which one, and its fields as JSON. `at`: Unix seconds."""

    id: int
    at: int
    verb: str
    kind: str
    name: str
    fields: str
    byline: Byline


_COLUMNS = f"at, verb, kind, name, fields, {byline.COLUMNS}"


def append(
    connection: sqlite3.Connection,
    *,
    at: int,
    verb: str,
    kind: str,
    name: str,
    fields: str,
    byline: Byline,
) -> None:
    """Append an entry; the oldest goes where there are too many."""
    cursor = connection.execute(
        f"INSERT INTO audit ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
        (at, verb, kind, name, fields, *byline),
    )
    connection.execute("DELETE FROM audit WHERE id <= ?", ((cursor.lastrowid or 0) - KEPT,))


def newest(connection: sqlite3.Connection, limit: int) -> list[AuditEntry]:
    """List the newest entries, the newest first."""
    query = f"SELECT id, {_COLUMNS} FROM audit ORDER BY id DESC LIMIT ?"  # noqa: S608
    return [
        AuditEntry(number, at, verb, kind, name, fields, Byline(*who))
        for number, at, verb, kind, name, fields, *who in connection.execute(query, (limit,))
    ]
