"""The end of a change: what an edit has gathered is checked, written, and said.

All of it happens inside the writer's transaction, so what is refused here leaves no trace.
"""

from collections import Counter
from dataclasses import replace
from itertools import chain
from typing import Final

from nsd.account import plan as plan_rules
from nsd.account.principal import Principal
from nsd.change import follow_alias
from nsd.change.difference import Difference, Side, compare
from nsd.change.edit import ZoneEdit
from nsd.change.effect import Effect
from nsd.change.rules import MAX_OCTETS, check_sizes
from nsd.store import inner_names, journal, records, served, zones
from nsd.store.zones import CATALOG, COPY, PRIMARY
from nsd.zone import check, rrtypes, serial
from nsd.zone.name import WireName, parent
from nsd.zone.name_fields import canonical

REBUILD_ABOVE: Final = (
    5000  # touched names past which a zone is built anew beside the one that serves
)


def finish(edit: ZoneEdit, principal: Principal) -> Effect:
    """Check all that was touched, write it, and say what it does. Raises Invalid."""
    if edit.knows_all:
        edit.at(edit.zone.apex)
    _check(edit)
    _check_plan(edit)
    edit.zone = replace(edit.zone, serial=_next_serial(edit), record_count=edit.count)
    _write_rows(edit)
    follow_alias.follow_new(edit)
    is_hidden = edit.zone.kind == CATALOG
    is_in_memory = not is_hidden and not edit.zone.is_suspended
    rebuilds = edit.is_new or (len(edit.after) > REBUILD_ABOVE and is_in_memory)
    difference = compare(_before(edit), _after(edit), build=rebuilds and edit.knows_all)
    zone = difference.zone
    if rebuilds and zone is None:
        zone = served.load_zone(edit.connection, edit.zone, edit.defaults)
    return Effect(
        _append(edit, principal, difference, edit.zone.serial),
        edit.zone.apex,
        None if edit.is_new else edit.old.serial,
        edit.zone.serial,
        rrsets={} if rebuilds else difference.rrsets,
        zone=zone,
        alias_owners=_alias_owners(edit),
        is_hidden=is_hidden,
    )


def finish_deletion(edit: ZoneEdit, principal: Principal) -> Effect:
    """Delete the zone itself, with all that it holds."""
    edit.touch_everything()
    edit.at(edit.zone.apex)
    gone = Side(edit.zone, edit.defaults, {owner: [] for owner in edit.before}, exists=False)
    zones.delete(edit.connection, edit.zone.id)
    journal_id = _append(edit, principal, compare(_before(edit), gone), None)
    return Effect(journal_id, edit.zone.apex, edit.old.serial, None)


def differs(edit: ZoneEdit) -> bool:
    """Tell whether what is served at the touched names would change, the serial aside."""
    return bool(compare(_before(edit), _after(edit)).rrsets)


def _before(edit: ZoneEdit) -> Side:
    return Side(edit.old, edit.defaults_before, edit.before, exists=not edit.is_new)


def _after(edit: ZoneEdit) -> Side:
    return Side(edit.zone, edit.defaults, edit.after)


def _check(edit: ZoneEdit) -> None:
    if edit.zone.kind == COPY:  # its primary has checked it by its own rules
        return
    for owner, rows in edit.after.items():
        if len(rows) == 1 and rows[0].record.rrtype not in check.RULED:
            if len(rows[0].record.rdata) > MAX_OCTETS:
                check_sizes(edit.rules, owner, [], [rows[0].record])
            continue
        if edit.zone.kind == PRIMARY:
            before = [row.record for row in edit.before.get(owner, ())]
            check_sizes(edit.rules, owner, before, [row.record for row in rows])
        check.node(
            owner,
            edit.zone.apex,
            [(row.record.rrtype, canonical(row.record.rrtype, row.record.rdata)) for row in rows],
        )


def _check_plan(edit: ZoneEdit) -> None:
    if edit.zone.kind != PRIMARY:
        return
    if (edit.inserted or edit.updated) and edit.plan.ttls:
        for record in edit.with_new_ttl():
            plan_rules.check_ttl(edit.plan, record.ttl)
    growth = len(edit.inserted) - len(edit.deleted)
    if growth > 0:
        plan_rules.check_records(edit.connection, edit.plan, edit.zone.user_id, growth)


def _next_serial(edit: ZoneEdit) -> int:
    asked, held = edit.asked_serial, edit.old.serial
    if edit.is_new:
        return held if asked is None else asked
    if asked is not None and serial.is_newer(asked, than=held):
        return asked
    return serial.following(held)


def _write_rows(edit: ZoneEdit) -> None:
    zones.update(edit.connection, edit.zone)
    if edit.deleted:
        records.delete(edit.connection, edit.deleted)
    for row in edit.updated.values():
        records.update(edit.connection, row)
    if edit.inserted:
        records.insert(edit.connection, edit.zone.id, edit.now, edit.inserted.values())
    if edit.zone.kind != CATALOG:
        _count_inner_names(edit)


def _count_inner_names(edit: ZoneEdit) -> None:
    before, after, cut = edit.before, edit.after, len(edit.zone.apex)
    deep = [owner for owner in after if len(owner) - cut > owner[0] + 1]  # two labels or more
    growth = Counter([parent(owner) for owner in deep if after[owner] and not before[owner]])
    growth.subtract([parent(owner) for owner in deep if before[owner] and not after[owner]])
    if growth:
        inner_names.count(edit.connection, edit.zone.id, edit.zone.apex, growth)


def _alias_owners(edit: ZoneEdit) -> frozenset[WireName]:
    before = chain.from_iterable(edit.before.values())
    touched = chain(before, edit.inserted.values(), edit.updated.values())
    return frozenset(row.record.owner for row in touched if row.record.rrtype == rrtypes.ALIAS)


def _append(
    edit: ZoneEdit, principal: Principal, difference: Difference, new_serial: int | None
) -> int:
    return journal.append(
        edit.connection,
        zone_id=edit.zone.id,
        apex=edit.zone.apex,
        old_serial=None if edit.is_new else edit.old.serial,
        new_serial=new_serial,
        removed=b"".join(difference.removed),
        added=b"".join(difference.added),
        at=edit.now,
        byline=principal.byline,
    )
