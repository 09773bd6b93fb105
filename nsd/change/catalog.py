"""Catalog zones (RFC 9432): which zones the secondaries of a group serve, told as a zone.

A catalog is changed in the same transaction as the zones that it lists, by edits like any other,
so it has a serial and a journal of its own.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from nsd.account.principal import Principal
from nsd.change.edit import ZoneEdit
from nsd.change.effect import Effect
from nsd.change.settle import finish
from nsd.errors import Invalid
from nsd.store import catalogs, users, zones
from nsd.store.catalogs import Catalog, Member
from nsd.store.defaults import Defaults
from nsd.store.zones import CATALOG, OwnSoa, ZoneRow
from nsd.zone import charstring, name, rrtypes
from nsd.zone.name import WireName
from nsd.zone.record import Record

_INVALID: Final = name.from_text("invalid.")  # RFC 9432, section 4.1
_SOA: Final = OwnSoa(0, _INVALID, _INVALID, refresh=300, retry=30, expire=2419200, minimum=0)
_CATALOG: Final = Principal.server("catalog")


@dataclass(frozen=True, slots=True)
class CatalogEdits:
    """What every edit of a catalog needs; the principal is who causes it."""

    connection: sqlite3.Connection
    defaults: Defaults
    now: int
    principal: Principal = _CATALOG

    def begin(self, catalog_id: int) -> ZoneEdit:
        """Begin the edit of a catalog."""
        row = zones.by_id(self.connection, catalog_id)
        return ZoneEdit(self.connection, row, self.defaults, {}, self.now)


def ensure(edits: CatalogEdits, group: str, suffix: WireName) -> tuple[Catalog, list[Effect]]:
    """Find the catalog of a group, or make it; the first one takes all zones that there are."""
    known = catalogs.everything(edits.connection)
    for catalog in known:
        if catalog.group == group:
            return catalog, []
    apex = name.lower(name.from_text(group.replace(".", "-"), suffix))
    row = _insert(edits, apex)
    catalogs.insert(edits.connection, row.id, group)
    edit = ZoneEdit(edits.connection, row, edits.defaults, {}, edits.now, is_new=True)
    edit.set_soa(_SOA)
    edit.insert(Record(apex, rrtypes.NS, 0, _INVALID))
    edit.insert(Record(WireName(b"\x07version" + apex), rrtypes.TXT, 0, b"\x012"))
    if not known:
        for zone in list(zones.everything(edits.connection)):
            member = _new_member(edits, zone, row.id)
            if not zone.is_suspended:
                _enter(edit, member, zone.apex)
    effect = finish(edit, edits.principal)
    return Catalog(row.id, group, apex, edit.zone.serial), [effect]


def _insert(edits: CatalogEdits, apex: WireName) -> ZoneRow:
    if zones.at_above_or_below(edits.connection, apex):
        raise Invalid(
            f"the catalog {name.to_text(apex)} would stand beside a zone of that name:"
            " choose another group, or another transfer.catalog_suffix"
        )
    owner = users.server(edits.connection, edits.now)
    return zones.insert(
        edits.connection, owner.id, apex, serial=edits.now, now=edits.now, kind=CATALOG
    )


def join(edits: CatalogEdits, zone: ZoneRow) -> list[Effect]:
    """Enter a new zone into the first catalog, if there is one."""
    known = catalogs.everything(edits.connection)
    if not known:
        return []
    edit = edits.begin(known[0].zone_id)
    _enter(edit, _new_member(edits, zone, known[0].zone_id), zone.apex)
    return [finish(edit, edits.principal)]


def _new_member(edits: CatalogEdits, zone: ZoneRow, catalog_id: int) -> Member:
    member = Member(zone.id, catalog_id, catalogs.new_label())
    catalogs.put(edits.connection, member)
    return member


def leave(edits: CatalogEdits, member: Member | None) -> list[Effect]:
    """Take a zone that is deleted out of the catalogs that it was in."""
    if member is None:
        return []
    return [_without(edits, catalog_id, member.label) for catalog_id in _listing(member)]


def _listing(member: Member) -> list[int]:
    """Give the catalogs that list a member."""
    both = (member.catalog_id, member.former_id)
    return [catalog_id for catalog_id in both if catalog_id is not None]


def withdraw(edits: CatalogEdits, suspended: Iterable[ZoneRow]) -> list[Effect]:
    """List zones no longer that keep their places; a handover that is under way is finished."""
    labels: dict[int, list[str]] = {}
    for member in _members(edits, suspended):
        for catalog_id in _listing(member):
            labels.setdefault(catalog_id, []).append(member.label)
        catalogs.put(edits.connection, replace(member, former_id=None, leaves_at=None))
    return [_without(edits, catalog_id, *found) for catalog_id, found in labels.items()]


def restore(edits: CatalogEdits, resumed: Iterable[ZoneRow]) -> list[Effect]:
    """List zones again that were withdrawn, in the places that they had."""
    begun: dict[int, ZoneEdit] = {}
    for zone in resumed:
        for member in _members(edits, [zone]):
            if member.catalog_id not in begun:
                begun[member.catalog_id] = edits.begin(member.catalog_id)
            _enter(begun[member.catalog_id], member, zone.apex)
    return [finish(edit, edits.principal) for edit in begun.values()]


def _members(edits: CatalogEdits, rows: Iterable[ZoneRow]) -> list[Member]:
    found = (catalogs.member(edits.connection, zone.id) for zone in rows)
    return [member for member in found if member is not None]


def move(
    edits: CatalogEdits, zone: ZoneRow, catalog: Catalog, property_: str | None, handover: int
) -> list[Effect]:
    """Hand a zone over to another group (RFC 9432, section 4.3.1), or set its group property.

    It stays in its former catalog for `handover` seconds, with a property `coo` there. Raises
    Invalid for a zone that is suspended: no catalog lists it.
    """
    if zone.is_suspended:
        raise Invalid("the zone is suspended: resume it before it is handed over")
    member = catalogs.member(edits.connection, zone.id)
    if member is None:
        member = Member(zone.id, catalog.zone_id, catalogs.new_label(), property_ or "")
        effects = [_with(edits, member, zone.apex)]
    elif member.catalog_id != catalog.zone_id:
        effects = _finish_handover(edits, member)
        former = member
        member = replace(
            member,
            catalog_id=catalog.zone_id,
            property=member.property if property_ is None else property_,
            former_id=former.catalog_id,
            leaves_at=edits.now + handover,
        )
        effects += [_with_coo(edits, former, catalog.apex), _with(edits, member, zone.apex)]
    elif property_ is not None and property_ != member.property:
        member = replace(member, property=property_)
        effects = [_with(edits, member, zone.apex)]
    else:
        return []
    catalogs.put(edits.connection, member)
    return effects


def finish_handovers(edits: CatalogEdits) -> list[Effect]:
    """Take zones out of the former catalogs that they were to leave by now."""
    effects = []
    for member in catalogs.leaving(edits.connection, edits.now):
        effects += _finish_handover(edits, member)
        catalogs.put(edits.connection, replace(member, former_id=None, leaves_at=None))
    return effects


def _finish_handover(edits: CatalogEdits, member: Member) -> list[Effect]:
    if member.former_id is None:
        return []
    return [_without(edits, member.former_id, member.label)]


def _with(edits: CatalogEdits, member: Member, apex: WireName) -> Effect:
    edit = edits.begin(member.catalog_id)
    _remove(edit, member.label)
    _enter(edit, member, apex)
    return finish(edit, edits.principal)


def _with_coo(edits: CatalogEdits, member: Member, catalog_apex: WireName) -> Effect:
    edit = edits.begin(member.catalog_id)
    owner = _owner(edit, member.label, b"\x03coo")
    edit.insert(Record(owner, rrtypes.PTR, 0, catalog_apex))
    return finish(edit, edits.principal)


def _without(edits: CatalogEdits, catalog_id: int, *labels: str) -> Effect:
    edit = edits.begin(catalog_id)
    for label in labels:
        _remove(edit, label)
    return finish(edit, edits.principal)


def _enter(edit: ZoneEdit, member: Member, apex: WireName) -> None:
    edit.insert_all(list(_records(edit, member, apex)))


def _records(edit: ZoneEdit, member: Member, apex: WireName) -> Iterator[Record]:
    yield Record(_owner(edit, member.label), rrtypes.PTR, 0, apex)
    if member.property:
        owner = _owner(edit, member.label, b"\x05group")
        yield Record(owner, rrtypes.TXT, 0, charstring.split(member.property.encode()))


def _remove(edit: ZoneEdit, label: str) -> None:
    for prefix in (b"", b"\x05group", b"\x03coo"):
        for row in list(edit.at(_owner(edit, label, prefix))):
            edit.delete(row)


def _owner(edit: ZoneEdit, label: str, prefix: bytes = b"") -> WireName:
    octets = label.encode()
    return WireName(prefix + bytes((len(octets),)) + octets + b"\x05zones" + edit.zone.apex)
