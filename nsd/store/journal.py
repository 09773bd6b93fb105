"""The journal: for each change of a zone what went, what came, when, who, by which door."""

import sqlite3
import struct
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from nsd.zone.name import WireName
from nsd.zone.rrset import OWNER_IS_QUESTION, PREFIX_LENGTH, RRset

_fixed = struct.Struct(">HHIH")


@dataclass(frozen=True, slots=True)
class Entry:
    """One change. A new zone has no old serial; a deleted one has no new serial."""

    id: int
    zone_id: int
    apex: WireName
    old_serial: int | None
    new_serial: int | None
    removed: bytes
    added: bytes
    at: int
    actor: str
    door: str


@dataclass(frozen=True, slots=True)
class WireRecord:
    """One record as a journal keeps it and a transfer sends it."""

    owner: WireName
    rrtype: int
    ttl: int
    rdata: bytes


_COLUMNS = "id, zone_id, apex, old_serial, new_serial, removed, added, at, actor, door"


def encode(owner: WireName, rrset: RRset, without: Collection[bytes] = ()) -> bytes:
    """Write an RRset's records one after another, owners in full; leave some RDATA out."""
    return b"".join(
        owner + record[len(OWNER_IS_QUESTION) :]
        for record in rrset.records
        if not without or record[PREFIX_LENGTH:] not in without
    )


def decode(octets: bytes) -> Iterator[WireRecord]:
    """Read what `encode` wrote, any number of times."""
    at = 0
    while at < len(octets):
        start = at
        while length := octets[at]:
            at += length + 1
        owner = WireName(octets[start : at + 1])
        kind, _class, ttl, length = _fixed.unpack_from(octets, at + 1)
        at += 1 + _fixed.size + length
        yield WireRecord(owner, kind, ttl, octets[at - length : at])


def append(
    connection: sqlite3.Connection,
    *,
    zone_id: int,
    apex: WireName,
    old_serial: int | None,
    new_serial: int | None,
    removed: bytes,
    added: bytes,
    at: int,
    actor: str,
    door: str,
) -> int:
    """Append an entry; give its id."""
    cursor = connection.execute(
        "INSERT INTO journal (zone_id, apex, old_serial, new_serial, removed, added, at, actor,"
        " door) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (zone_id, apex, old_serial, new_serial, removed, added, at, actor, door),
    )
    return cursor.lastrowid or 0


def last_id(connection: sqlite3.Connection) -> int:
    """Give the id of the newest entry ever written, 0 for none."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'journal'").fetchone()
    return 0 if row is None else int(row[0])


def after(connection: sqlite3.Connection, entry_id: int) -> Iterator[Entry]:
    """Go through the entries that came after one, in order."""
    query = f"SELECT {_COLUMNS} FROM journal WHERE id > ? ORDER BY id"  # noqa: S608
    for row in connection.execute(query, (entry_id,)):
        yield Entry(*row)


def last_serial(connection: sqlite3.Connection, apex: WireName) -> int | None:
    """Give the last serial that a zone of this name had, if there ever was one."""
    row = connection.execute(
        "SELECT coalesce(new_serial, old_serial) FROM journal WHERE apex = ?"
        " ORDER BY id DESC LIMIT 1",
        (apex,),
    ).fetchone()
    return None if row is None else int(row[0])
