"""What other processes have changed, read from the journal."""

import sqlite3
from collections.abc import Iterable

from nsd.change.effect import Effect
from nsd.errors import NotFound
from nsd.store import journal, records, served, zones
from nsd.store.defaults import Defaults
from nsd.store.served import View
from nsd.store.zones import CATALOG, ZoneRow
from nsd.zone.name import WireName
from nsd.zone.rrset import RRset

RELOAD_ABOVE = 5000  # touched names past which a zone is built anew

_Keys = dict[WireName, set[int]]  # types by owner


def effects_since(seen: int, defaults: Defaults, connection: sqlite3.Connection) -> list[Effect]:
    """Sum up the journal after the entry `seen`: one effect for each zone that it touches."""
    touched: dict[WireName, _Keys | None] = {}  # None: the whole zone
    last = seen
    for entry in journal.after(connection, seen):
        last = entry.id
        keys = touched.setdefault(entry.apex, {})
        if None in (entry.old_serial, entry.new_serial) or entry.old_serial == entry.new_serial:
            touched[entry.apex] = None
        elif keys is not None:
            _gather(keys, entry)
    return [_effect(connection, defaults, apex, keys, last) for apex, keys in touched.items()]


def _gather(keys: _Keys, entry: journal.Entry) -> None:
    for octets in (entry.removed, entry.added):
        for record in journal.decode(octets):
            keys.setdefault(record.owner, set()).add(record.rrtype)


def _effect(
    connection: sqlite3.Connection,
    defaults: Defaults,
    apex: WireName,
    keys: _Keys | None,
    journal_id: int,
) -> Effect:
    try:
        row = zones.by_apex(connection, apex)
    except NotFound:
        return Effect(journal_id, apex, None, None)
    if row.kind == CATALOG:
        return Effect(journal_id, apex, None, row.serial, is_hidden=True)
    if keys is None or len(keys) > RELOAD_ABOVE:
        zone = served.load_zone(connection, row, defaults)
        return Effect(journal_id, apex, None, row.serial, zone=zone, alias_owners=None)
    rrsets = dict(_standing(connection, defaults, row, keys))
    return Effect(journal_id, apex, None, row.serial, rrsets=rrsets, alias_owners=None)


def _standing(
    connection: sqlite3.Connection, defaults: Defaults, row: ZoneRow, keys: _Keys
) -> Iterable[tuple[tuple[WireName, int], RRset | None]]:
    """Give what stands now for each owner and type, None for nothing."""
    view = View(row, defaults)
    for owner, types in keys.items():
        there = view.at(owner, records.at_owner(connection, row.id, owner))
        for rrtype in types:
            yield (owner, rrtype), there.get(rrtype)
