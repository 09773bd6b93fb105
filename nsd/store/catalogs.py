"""Which zones are in which catalog (RFC 9432): one catalog for each group of secondaries."""

import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nsd.errors import NotFound
from nsd.store.zones import IS_SERVED
from nsd.zone.name import WireName


@dataclass(frozen=True, slots=True)
class Catalog:
    """A group of secondaries, and the catalog zone that tells them their zones."""

    zone_id: int
    group: str
    apex: WireName
    serial: int


@dataclass(frozen=True, slots=True)
class Member:
    """A zone in a catalog; `former_id` is the catalog that it is leaving."""

    zone_id: int
    catalog_id: int
    label: str
    property: str = ""
    former_id: int | None = None
    leaves_at: int | None = None


_MEMBER = "members.zone_id, catalog_id, label, property, former_id, leaves_at"


def everything(connection: sqlite3.Connection) -> list[Catalog]:
    """List the catalogs in the order of their creation."""
    rows = connection.execute(
        "SELECT zone_id, group_name, apex, serial FROM catalogs JOIN zones ON zones.id = zone_id"
        " ORDER BY zone_id"
    )
    return [Catalog(*row) for row in rows]


def of_group(connection: sqlite3.Connection, group: str) -> Catalog:
    """Find the catalog of a group; raises NotFound."""
    for catalog in everything(connection):
        if catalog.group == group:
            return catalog
    raise NotFound(f"there is no group '{group}'")


def insert(connection: sqlite3.Connection, zone_id: int, group: str) -> None:
    """Make a catalog of a zone that was inserted for it."""
    connection.execute("INSERT INTO catalogs VALUES (?, ?)", (zone_id, group))


def new_label() -> str:
    """Make a label that no member ever had (RFC 9432, section 4.1)."""
    return secrets.token_hex(12)


def put(connection: sqlite3.Connection, member: Member) -> None:
    """Write which catalog a zone is in."""
    connection.execute(
        "INSERT OR REPLACE INTO members VALUES (?, ?, ?, ?, ?, ?)",
        (
            member.zone_id,
            member.catalog_id,
            member.label,
            member.property,
            member.former_id,
            member.leaves_at,
        ),
    )


def member(connection: sqlite3.Connection, zone_id: int) -> Member | None:
    """Find a zone's place, if it has one."""
    query = f"SELECT {_MEMBER} FROM members WHERE zone_id = ?"  # noqa: S608
    row = connection.execute(query, (zone_id,)).fetchone()
    return None if row is None else Member(*row)


def leaving(connection: sqlite3.Connection, now: int) -> list[Member]:
    """List the members whose time in their former catalog is over."""
    query = f"SELECT {_MEMBER} FROM members WHERE former_id IS NOT NULL AND leaves_at <= ?"  # noqa: S608
    return [Member(*row) for row in connection.execute(query, (now,))]


def groups_of(
    connection: sqlite3.Connection, apexes: Iterable[WireName]
) -> dict[WireName, tuple[int, frozenset[int]]]:
    """Give for each zone that exists its serial and the catalogs whose secondaries serve it.

    A catalog itself is served by its own secondaries, a suspended zone by none.
    """
    query = (
        "SELECT serial, catalog_id, former_id, kind, id FROM zones"  # noqa: S608
        f" LEFT JOIN members ON zone_id = id AND {IS_SERVED} WHERE apex = ?"
    )
    found = {}
    for apex in apexes:
        row = connection.execute(query, (apex,)).fetchone()
        if row is not None:
            serial, catalog_id, former_id, kind, zone_id = row
            ids = {zone_id} if kind == "catalog" else {catalog_id, former_id} - {None}
            found[apex] = (serial, frozenset(ids))
    return found


def zones_of(connection: sqlite3.Connection, catalog_id: int) -> Iterator[tuple[WireName, int]]:
    """Go through apex and serial of a catalog's zones, itself first, the suspended left out."""
    return connection.execute(
        "SELECT apex, serial FROM zones WHERE id = :id UNION ALL"  # noqa: S608
        " SELECT apex, serial FROM members JOIN zones ON id = zone_id"
        f" WHERE catalog_id = :id AND {IS_SERVED}",
        {"id": catalog_id},
    )
