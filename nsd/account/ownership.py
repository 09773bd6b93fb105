"""Whose zones are whose: what is not the account's own does not exist for it.

Each function here raises NotFound for what is not there and for what is another account's, alike.
"""

import sqlite3
from collections.abc import Callable

from nsd.account.principal import Principal
from nsd.errors import NotFound
from nsd.store import records, zones
from nsd.store.records import RecordRow
from nsd.store.zones import ZoneRow
from nsd.zone.name import WireName

FindZone = Callable[[sqlite3.Connection], ZoneRow]


def owns(user_id: int, zone: ZoneRow) -> bool:
    """Tell whether a zone is an account's own."""
    return zone.user_id == user_id


def own(principal: Principal, zone: ZoneRow) -> ZoneRow:
    """Pass on a zone of the principal's account."""
    if not owns(principal.account.id, zone):
        raise NotFound
    return zone


def zone_by_uuid(principal: Principal, uuid: str, connection: sqlite3.Connection) -> ZoneRow:
    """Find a zone by any text form of its UUID."""
    return own(principal, zones.by_uuid(connection, uuid))


def zone_by_id(principal: Principal, zone_id: int, connection: sqlite3.Connection) -> ZoneRow:
    """Find a zone by its id."""
    return own(principal, zones.by_id(connection, zone_id))


def zone_by_apex(principal: Principal, apex: WireName, connection: sqlite3.Connection) -> ZoneRow:
    """Find a zone by its name, in lower case."""
    return own(principal, zones.by_apex(connection, apex))


def record_by_uuid(
    principal: Principal, uuid: str, connection: sqlite3.Connection
) -> tuple[ZoneRow, RecordRow]:
    """Find a record by any text form of its UUID, and its zone."""
    return _with_zone(principal, records.by_uuid(connection, uuid), connection)


def record_by_id(
    principal: Principal, record_id: int, connection: sqlite3.Connection
) -> tuple[ZoneRow, RecordRow]:
    """Find a record by its id, and its zone."""
    return _with_zone(principal, records.by_id(connection, record_id), connection)


def _with_zone(
    principal: Principal, row: RecordRow, connection: sqlite3.Connection
) -> tuple[ZoneRow, RecordRow]:
    return zone_by_id(principal, row.zone_id, connection), row
