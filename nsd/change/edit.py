"""One change of one zone, inside the writer's transaction.

An edit gathers what goes and what comes, checks every name that it touches as it will stand
then, and writes rows, serial and journal at its end. It reads and writes only the names that it
touches, so a change costs the same in a small zone and in a large one.
"""

import os
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import chain
from operator import attrgetter
from typing import Final, TypeVar

from nsd.change import follow_alias
from nsd.change import plan as plan_rules
from nsd.change.effect import Actor, Effect
from nsd.change.plan import Plans
from nsd.errors import MasterFileInvalid
from nsd.settings import Plan
from nsd.store import journal, records, served, zones
from nsd.store.defaults import Defaults
from nsd.store.records import RecordRow
from nsd.store.zones import CATALOG, PRIMARY, SECONDARY, OwnSoa, ZoneRow
from nsd.zone import check, rrtype, serial
from nsd.zone.alias import Addresses
from nsd.zone.masterfile import MasterFile
from nsd.zone.name import WireName, lower
from nsd.zone.rdata import canonical
from nsd.zone.record import Record
from nsd.zone.rrset import RRset
from nsd.zone.soa import Soa
from nsd.zone.zone import Zone

T = TypeVar("T")
_RRsets = dict[tuple[WireName, int], RRset]

REBUILD_ABOVE: Final = (
    5000  # touched names past which a zone is built anew beside the one that serves
)


class ZoneEdit:
    """The zone `zone`, on its way from what it was to what it will be."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        zone: ZoneRow,
        defaults: Defaults,
        plans: Plans,
        now: int,
        *,
        is_new: bool = False,
        defaults_before: Defaults | None = None,
    ) -> None:
        self.connection = connection
        self.zone = zone
        self._old = zone
        self._defaults = defaults
        self._defaults_before = defaults_before or defaults
        self._plans = plans
        self._now = now
        self._is_new = is_new
        self._knows_all = is_new  # every name that holds records has been touched
        self._serial: int | None = None
        self._before: dict[WireName, list[RecordRow]] = {}
        self._after: dict[WireName, list[RecordRow]] = {}
        self._inserted: dict[int, RecordRow] = {}
        self._updated: dict[int, RecordRow] = {}
        self._deleted: set[int] = set()
        self._next_id = 0  # not known yet

    @property
    def count(self) -> int:
        """How many records the zone will have."""
        return self._old.record_count + len(self._inserted) - len(self._deleted)

    @cached_property
    def plan(self) -> Plan:
        """The plan of the zone's account; raises Invalid where the settings lack it."""
        return plan_rules.plan_of(self.connection, self._plans, self.zone.user_id)

    def at(self, owner: WireName) -> list[RecordRow]:
        """Give the records at a name as they will stand; the name counts as touched from now."""
        if owner not in self._after:
            rows = []
            if not self._knows_all:
                rows = records.at_owner(self.connection, self.zone.id, owner)
            self._before[owner] = rows
            self._after[owner] = list(rows)
        return self._after[owner]

    def rows(self) -> list[RecordRow]:
        """Give all records as they will stand, in the order of their creation."""
        self._touch_everything()
        return sorted(chain.from_iterable(self._after.values()), key=attrgetter("id"))

    def insert(self, record: Record) -> RecordRow:
        """Add a record."""
        return self.insert_all([record])[0]

    def insert_all(self, many: Sequence[Record]) -> list[RecordRow]:
        """Add records, in their order."""
        self._next_id = self._next_id or records.next_id(self.connection)
        octets = os.urandom(16 * len(many))
        rows = [
            RecordRow(
                self._next_id + number,
                _uuid4(octets[16 * number : 16 * number + 16]),
                self.zone.id,
                record,
                self._now,
            )
            for number, record in enumerate(many)
        ]
        self._next_id += len(rows)
        for row in rows:
            self.at(row.record.owner).append(row)
            self._inserted[row.id] = row
        return rows

    def update(self, row: RecordRow, record: Record) -> RecordRow:
        """Let a stored record say something else, elsewhere if need be; its identity stays."""
        changed = row._replace(
            record=record, addresses=row.addresses if record.rrtype == rrtype.ALIAS else None
        )
        standing = self.at(row.record.owner)
        if record.owner == row.record.owner:
            standing[standing.index(row)] = changed
        else:
            standing.remove(row)
            self.at(record.owner).append(changed)
        changes = self._inserted if row.id in self._inserted else self._updated
        changes[row.id] = changed
        return changed

    def resolve(self, row: RecordRow, addresses: Addresses) -> None:
        """Let an ALIAS stand for these addresses from now on."""
        resolved = row._replace(addresses=addresses)
        standing = self.at(row.record.owner)
        standing[standing.index(row)] = resolved
        changes = self._inserted if row.id in self._inserted else self._updated
        changes[row.id] = resolved

    def delete(self, row: RecordRow) -> None:
        """Remove a record."""
        self.at(row.record.owner).remove(row)
        if self._inserted.pop(row.id, None) is None:
            self._updated.pop(row.id, None)
            self._deleted.add(row.id)

    def set_soa(self, soa: OwnSoa, *, serial: int | None = None) -> None:
        """Set what the zone says of its SOA; the serial counts only if it is newer."""
        self.zone = replace(self.zone, soa=soa)
        self._serial = serial

    def load(self, content: MasterFile) -> None:
        """Make what a master file says the zone's content.

        Raises MasterFileInvalid where the account's plan forbids TTLs, with all their lines.
        """
        self.replace_content(content.soa, content.records)
        refused = {
            (record.owner, record.rrtype, record.rdata): fault
            for record in self._with_new_ttl()
            if (fault := plan_rules.ttl_fault(self.plan, record.ttl)) is not None
        }
        if refused:
            raise MasterFileInvalid(
                [
                    content.fault(index, refused[key])
                    for index, record in enumerate(content.records)
                    if (key := (record.owner, record.rrtype, record.rdata)) in refused
                ]
            )

    def replace_content(self, soa: Soa, many: Iterable[Record]) -> None:
        """Make `many` the zone's records; those that stood already keep their identity.

        Apex NS records that name just the default name servers are the default, not records,
        unless the zone is a copy of another server's.
        """
        self._touch_everything()
        standing = {
            (row.record.owner, row.record.rrtype, row.record.rdata): row
            for row in chain.from_iterable(self._after.values())
        }
        new = []
        for record in self._without_default_ns(list(many)):
            row = standing.pop((record.owner, record.rrtype, record.rdata), None)
            if row is None:
                new.append(record)
            elif row.record.ttl != record.ttl:
                self.update(row, row.record._replace(ttl=record.ttl))
        for row in standing.values():
            self.delete(row)
        self.insert_all(new)
        self.set_whole_soa(soa)

    def set_whole_soa(self, soa: Soa) -> None:
        """Let the zone's SOA be this one; the serial counts only if it is newer."""
        self.set_soa(self._own_soa(soa), serial=soa.serial)

    def _touch_everything(self) -> None:
        if self._knows_all:
            return
        self._knows_all = True
        everything: dict[WireName, list[RecordRow]] = {}
        for row in records.of_zone(self.connection, self.zone.id):
            everything.setdefault(row.record.owner, []).append(row)
        self._before = {**everything, **self._before}
        self._after = {**{o: list(rows) for o, rows in everything.items()}, **self._after}

    def _without_default_ns(self, many: list[Record]) -> list[Record]:
        if self.zone.kind == SECONDARY:
            return many
        apex = self.zone.apex
        apex_ns = {
            lower(record.rdata)
            for record in many
            if record.rrtype == rrtype.NS and record.owner == apex
        }
        if apex_ns != set(map(lower, self._defaults.nameservers)):
            return many
        return [record for record in many if record.rrtype != rrtype.NS or record.owner != apex]

    def _own_soa(self, soa: Soa) -> OwnSoa:
        """Keep of an SOA only what differs from the defaults; of a copy's, everything."""
        if self.zone.kind == SECONDARY:
            return OwnSoa(
                soa.ttl, soa.mname, soa.rname, soa.refresh, soa.retry, soa.expire, soa.minimum
            )
        default = self._defaults.soa(replace(self.zone, soa=OwnSoa()))

        return OwnSoa(
            ttl=_own(soa.ttl, default.ttl),
            mname=_own(soa.mname, default.mname),
            rname=_own(soa.rname, default.rname),
            refresh=_own(soa.refresh, default.refresh),
            retry=_own(soa.retry, default.retry),
            expire=_own(soa.expire, default.expire),
            minimum=_own(soa.minimum, default.minimum),
        )

    def take_over(self) -> None:
        """Make a copy of another server's zone one of ours, with all rules of ours."""
        self._touch_everything()
        self.zone = replace(self.zone, kind=PRIMARY)
        for row in list(chain.from_iterable(self._after.values())):
            if row.record.rrtype in rrtype.DNSSEC_OWN:
                self.delete(row)

    def differs(self) -> bool:
        """Tell whether what is served at the touched names would change, the serial aside."""
        return self._rrsets_before() != self._rrsets_after()

    def finish(self, actor: Actor) -> Effect:
        """Check all that was touched, write it, and say what it does. Raises Invalid."""
        if self._knows_all:
            self.at(self.zone.apex)
        self._check()
        self._check_plan()
        self.zone = replace(self.zone, serial=self._next_serial(), record_count=self.count)
        self._write_rows()
        self._follow_aliases()
        before, after = self._rrsets_before(), self._rrsets_after()
        if self._is_new:
            return self._settle_new(actor, after)
        changed = {
            key: after.get(key)
            for key in before.keys() | after.keys()
            if before.get(key) != after.get(key)
        }
        return self._settle(actor, before, after, changed)

    def finish_deletion(self, actor: Actor) -> Effect:
        """Delete the zone itself, with all that it holds."""
        self._touch_everything()
        self.at(self.zone.apex)
        removed = self._rrsets_before()
        zones.delete(self.connection, self.zone.id)
        journal_id = self._append(actor, removed, {}, self._old.serial, None)
        return Effect(journal_id, self.zone.apex, self._old.serial, None)

    def _check(self) -> None:
        if self.zone.kind == SECONDARY:  # its primary has checked it by its own rules
            return
        for owner, rows in self._after.items():
            if len(rows) == 1 and rows[0].record.rrtype not in check.RULED:
                continue
            check.node(
                owner,
                self.zone.apex,
                [
                    (row.record.rrtype, canonical(row.record.rrtype, row.record.rdata))
                    for row in rows
                ],
            )

    def _check_plan(self) -> None:
        if self.zone.kind != PRIMARY:
            return
        for record in self._with_new_ttl():
            plan_rules.check_ttl(self.plan, record.ttl)
        growth = len(self._inserted) - len(self._deleted)
        if growth > 0:
            plan_rules.check_records(self.connection, self.plan, self.zone.user_id, growth)

    def _with_new_ttl(self) -> Iterable[Record]:
        """Go through the records that come, and those that get another TTL."""
        for row in self._inserted.values():
            yield row.record
        if self._updated:
            before = {row.id: row.record.ttl for row in chain.from_iterable(self._before.values())}
            for row in self._updated.values():
                if row.record.ttl != before[row.id]:
                    yield row.record

    def _next_serial(self) -> int:
        asked, held = self._serial, self._old.serial
        if self._is_new:
            return held if asked is None else asked
        if asked is not None and serial.is_newer(asked, than=held):
            return asked
        return serial.following(held)

    def _rrsets_before(self) -> _RRsets:
        if self._is_new:
            return {}
        return _keyed(self._before, self._old, self._defaults_before)

    def _rrsets_after(self) -> _RRsets:
        return _keyed(self._after, self.zone, self._defaults)

    def _write_rows(self) -> None:
        zones.update(self.connection, self.zone)
        if self._deleted:
            records.delete(self.connection, self._deleted)
        for row in self._updated.values():
            records.update(self.connection, row)
        if self._inserted:
            records.insert(self.connection, self._inserted.values())

    def _follow_aliases(self) -> None:
        """Refuse loops, and give an ALIAS the addresses of a target that is ours at once."""
        if not records.has_aliases(self.connection):
            return
        before = {row.id: row.record for row in chain.from_iterable(self._before.values())}
        for row in [*self._inserted.values(), *self._updated.values()]:
            if row.record.rrtype in follow_alias.FOLLOWED and row.record != before.get(row.id):
                found = follow_alias.addresses(self.connection, row)
                if found is not None and found != row.addresses:
                    self.resolve(row, found)
                    records.update(self.connection, row._replace(addresses=found))

    def _alias_owners(self) -> frozenset[WireName]:
        before = chain.from_iterable(self._before.values())
        touched = chain(before, self._inserted.values(), self._updated.values())
        return frozenset(row.record.owner for row in touched if row.record.rrtype == rrtype.ALIAS)

    def _settle(
        self,
        actor: Actor,
        before: _RRsets,
        after: _RRsets,
        changed: dict[tuple[WireName, int], RRset | None],
    ) -> Effect:
        removed = {key: before[key] for key in changed if key in before}
        added = {key: rrset for key, rrset in changed.items() if rrset is not None}
        journal_id = self._append(actor, removed, added, self._old.serial, self.zone.serial)
        zone = None
        if len(self._after) > REBUILD_ABOVE and not self._is_hidden:
            zone = self._rebuilt(after)
            changed = {}
        return Effect(
            journal_id,
            self.zone.apex,
            self._old.serial,
            self.zone.serial,
            rrsets=changed,
            zone=zone,
            alias_owners=self._alias_owners(),
            is_hidden=self._is_hidden,
        )

    def _settle_new(self, actor: Actor, rrsets: _RRsets) -> Effect:
        journal_id = self._append(actor, {}, rrsets, None, self.zone.serial)
        zone = _zone(self.zone.apex, rrsets)
        return Effect(
            journal_id,
            self.zone.apex,
            None,
            self.zone.serial,
            zone=zone,
            alias_owners=self._alias_owners(),
            is_hidden=self._is_hidden,
        )

    def _rebuilt(self, after: _RRsets) -> Zone:
        if self._knows_all:
            return _zone(self.zone.apex, after)
        return served.load_zone(self.connection, self.zone, self._defaults)

    @property
    def _is_hidden(self) -> bool:
        return self.zone.kind == CATALOG

    def _append(
        self,
        actor: Actor,
        removed: _RRsets,
        added: _RRsets,
        old_serial: int | None,
        new_serial: int | None,
    ) -> int:
        return journal.append(
            self.connection,
            zone_id=self.zone.id,
            apex=self.zone.apex,
            old_serial=old_serial,
            new_serial=new_serial,
            removed=_difference(removed, added),
            added=_difference(added, removed),
            at=self._now,
            actor=actor.user,
            door=actor.door,
        )


def _zone(apex: WireName, rrsets: _RRsets) -> Zone:
    return Zone.build(apex, ((owner, rrset) for (owner, _), rrset in rrsets.items()))


def _own(said: T, default: T) -> T | None:
    return None if said == default else said


def _uuid4(octets: bytes) -> bytes:
    """Mark 16 random octets as a UUID of version 4 (RFC 9562, section 5.4)."""
    return (
        octets[:6]
        + bytes((octets[6] & 0x0F | 0x40, octets[7], octets[8] & 0x3F | 0x80))
        + octets[9:]
    )


def _keyed(
    rows_by_owner: dict[WireName, list[RecordRow]], zone: ZoneRow, defaults: Defaults
) -> _RRsets:
    """Give the RRsets that are served at the touched names, the apex SOA and NS among them."""
    keyed = {
        (owner, kind): rrset
        for owner, rows in rows_by_owner.items()
        for kind, rrset in served.rrsets_at(rows).items()
    }
    apex = zone.apex
    keyed[apex, rrtype.SOA] = served.soa_rrset(zone, defaults)
    if apex in rows_by_owner:
        keyed.setdefault((apex, rrtype.NS), defaults.ns())
    return keyed


def _difference(these: _RRsets, those: _RRsets) -> bytes:
    """Write the records of `these` that `those` lack, the SOA first (RFC 1995, section 4)."""
    written: list[bytes] = []
    for key, rrset in these.items():
        other = those.get(key)
        kept = frozenset(other.rdatas) if other is not None and other.ttl == rrset.ttl else ()
        octets = journal.encode(key[0], rrset, kept)
        written.insert(0 if key[1] == rrtype.SOA else len(written), octets)
    return b"".join(written)
