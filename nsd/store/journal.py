"""The journal: for each change of a zone what went, what came, when, who, by which door."""

import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from nsd.message.records import FIXED
from nsd.store import byline
from nsd.store.byline import Byline
from nsd.zone.name import WireName
from nsd.zone.record import Record
from nsd.zone.rrset import OWNER_IS_QUESTION, PREFIX_LENGTH, Packed, RRset


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
    byline: Byline


_COLUMNS = f"zone_id, apex, old_serial, new_serial, removed, added, at, {byline.COLUMNS}"


def encode(owner: WireName, rrset: RRset, without: Collection[bytes] = ()) -> bytes:
    """Write an RRset's records one after another, owners in full; leave some RDATA out."""
    return b"".join(
        encode_record(owner, record)
        for record in rrset.records
        if not without or record[PREFIX_LENGTH:] not in without
    )


def encode_record(owner: WireName, packed: Packed) -> bytes:
    """Write one record with its owner in full."""
    return owner + packed[len(OWNER_IS_QUESTION) :]


def decode(octets: bytes) -> Iterator[Record]:
    """Read what `encode` wrote, any number of times."""
    for owner, rest in in_wire_form(octets):
        rrtype, _class, ttl, _length = FIXED.unpack_from(rest)
        yield Record(owner, rrtype, ttl, rest[FIXED.size :])


def in_wire_form(octets: bytes) -> Iterator[tuple[WireName, bytes]]:
    """Go through what `encode` wrote as pairs: a record's owner, and what follows it."""
    at = 0
    while at < len(octets):
        start = at
        while length := octets[at]:
            at += length + 1
        at += 1
        end = at + FIXED.size + int.from_bytes(octets[at + 8 : at + 10], "big")
        yield WireName(octets[start:at]), octets[at:end]
        at = end


@dataclass(frozen=True, slots=True)
class Steps:
    """The entries, by id, that lead from one serial to the present; `size` is their octets."""

    ids: tuple[int, ...]
    size: int


def steps_from(
    connection: sqlite3.Connection, zone_id: int, apex: WireName, held: int, current: int
) -> Steps | None:
    """Find how a zone came from the serial `held` to `current`; None where it is not known."""
    rows = connection.execute(
        "SELECT id, zone_id, old_serial, new_serial, length(removed) + length(added)"
        " FROM journal WHERE apex = ? ORDER BY id DESC",
        (apex,),
    )
    ids = []
    size = 0
    for number, of_zone, old_serial, new_serial, octets in rows:
        if of_zone != zone_id or new_serial != current or old_serial is None:
            return None
        ids.append(number)
        size += octets
        current = old_serial
        if current == held:
            return Steps(tuple(reversed(ids)), size)
    return None


def content(connection: sqlite3.Connection, entry_id: int) -> tuple[bytes, bytes]:
    """Give what an entry removed and added."""
    query = "SELECT removed, added FROM journal WHERE id = ?"
    removed, added = connection.execute(query, (entry_id,)).fetchone()
    return removed, added


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
    byline: Byline,
) -> int:
    """Append an entry; give its id."""
    cursor = connection.execute(
        f"INSERT INTO journal ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
        (zone_id, apex, old_serial, new_serial, removed, added, at, *byline),
    )
    return cursor.lastrowid or 0


def last_id(connection: sqlite3.Connection) -> int:
    """Give the id of the newest entry ever written, 0 for none."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'journal'").fetchone()
    return 0 if row is None else int(row[0])


def after(connection: sqlite3.Connection, entry_id: int) -> Iterator[Entry]:
    """Go through the entries that came after one, in order."""
    query = f"SELECT id, {_COLUMNS} FROM journal WHERE id > ? ORDER BY id"  # noqa: S608
    for row in connection.execute(query, (entry_id,)):
        number, zone_id, apex, old_serial, new_serial, removed, added, at, *who = row
        yield Entry(number, zone_id, apex, old_serial, new_serial, removed, added, at, Byline(*who))


def last_serial(connection: sqlite3.Connection, apex: WireName) -> int | None:
    """Give the last serial that a zone of this name had, if there ever was one."""
    row = connection.execute(
        "SELECT coalesce(new_serial, old_serial) FROM journal WHERE apex = ?"
        " ORDER BY id DESC LIMIT 1",
        (apex,),
    ).fetchone()
    return None if row is None else int(row[0])
