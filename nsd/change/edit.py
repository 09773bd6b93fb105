"""One change of one zone, inside the writer's transaction: what goes and what comes.

An edit reads only the names that it touches, so a change costs the same in a small zone and in a
large one. `settle` checks what it has gathered and writes it.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import chain, count
from operator import attrgetter
from typing import TypeVar

from nsd.account import plan as plan_rules
from nsd.account.plan import Plans
from nsd.change.rules import Rules
from nsd.errors import MasterFileInvalid, NotBrief
from nsd.order import in_parts
from nsd.settings import Plan
from nsd.store import records
from nsd.store.defaults import Defaults
from nsd.store.records import RecordRow
from nsd.store.zones import COPY, PRIMARY, OwnSoa, ZoneRow
from nsd.zone import rrtypes
from nsd.zone.alias import Addresses
from nsd.zone.masterfile import MasterFile
from nsd.zone.name import WireName, lower
from nsd.zone.record import Record
from nsd.zone.soa import Soa

T = TypeVar("T")


class ZoneEdit:
    """The zone `zone`, on its way from what it was, `old`, to what it will be.

    before, after: the records of each touched name, as they stood and as they will stand.
    inserted, updated, deleted: what becomes of the rows, by their ids.
    knows_all: every name that holds records has been touched.
    asked_serial: the serial that a new content brings along.

    With `most`, all of it raises NotBrief where more records are read or written than that.
    """

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
        rules: Rules = Rules(),  # noqa: B008 -- a constant
        most: int | None = None,
    ) -> None:
        self.connection = connection
        self.zone = zone
        self.old = zone
        self.defaults = defaults
        self.defaults_before = defaults_before or defaults
        self.plans = plans
        self.rules = rules
        self.now = now
        self.is_new = is_new
        self.knows_all = is_new
        self.asked_serial: int | None = None
        self.before: dict[WireName, list[RecordRow]] = {}
        self.after: dict[WireName, list[RecordRow]] = {}
        self.inserted: dict[int, RecordRow] = {}
        self.updated: dict[int, RecordRow] = {}
        self.deleted: set[int] = set()
        self._next_id = 0  # not known yet
        self._left = most

    @property
    def count(self) -> int:
        """How many records the zone will have."""
        return self.old.record_count + len(self.inserted) - len(self.deleted)

    @cached_property
    def plan(self) -> Plan:
        """The plan of the zone's account; raises Invalid where the settings lack it."""
        return plan_rules.plan_of(self.connection, self.plans, self.zone.user_id)

    def at(self, owner: WireName) -> list[RecordRow]:
        """Give the records at a name as they will stand; the name counts as touched from now."""
        if owner not in self.after:
            rows = []
            if not self.knows_all:
                limit = -1 if self._left is None else self._left + 1
                rows = records.at_owner(self.connection, self.zone.id, owner, limit)
                self._spend(1 + len(rows))
            self.before[owner] = rows
            self.after[owner] = list(rows)
        return self.after[owner]

    def rows(self) -> Iterator[RecordRow]:
        """Go through all records as they will stand now, in the order of their creation."""
        if self.knows_all:
            standing = list(chain.from_iterable(self.after.values()))
        else:
            stored = {row.id: row for row in records.of_zone(self.connection, self.zone.id)}
            changed = {**stored, **self.updated, **self.inserted}
            standing = [row for number, row in changed.items() if number not in self.deleted]
        return chain.from_iterable(in_parts(standing, attrgetter("id")))

    def insert(self, record: Record) -> RecordRow:
        """Add a record."""
        return self.insert_all([record])[0]

    def insert_all(self, many: Sequence[Record]) -> list[RecordRow]:
        """Add records, in their order."""
        self._spend(len(many))
        self._next_id = self._next_id or records.next_id(self.connection)
        identities = zip(count(self._next_id), records.new_uuids(len(many), self.now), many)
        rows = [
            RecordRow(number, uuid, self.zone.id, record, self.now)
            for number, uuid, record in identities
        ]
        self._next_id += len(rows)
        for row in rows:
            self.at(row.record.owner).append(row)
        self.inserted.update((row.id, row) for row in rows)
        return rows

    def update(self, row: RecordRow, record: Record) -> RecordRow:
        """Let a stored record say something else, elsewhere if need be; its identity stays."""
        changed = row._replace(
            record=record, addresses=row.addresses if record.rrtype == rrtypes.ALIAS else None
        )
        standing = self.at(row.record.owner)
        if record.owner == row.record.owner:
            standing[standing.index(row)] = changed
        else:
            standing.remove(row)
            self.at(record.owner).append(changed)
        changes = self.inserted if row.id in self.inserted else self.updated
        changes[row.id] = changed
        return changed

    def resolve(self, row: RecordRow, addresses: Addresses) -> None:
        """Let an ALIAS stand for these addresses from now on."""
        resolved = row._replace(addresses=addresses)
        standing = self.at(row.record.owner)
        standing[standing.index(row)] = resolved
        changes = self.inserted if row.id in self.inserted else self.updated
        changes[row.id] = resolved

    def delete(self, row: RecordRow) -> None:
        """Remove a record."""
        self.at(row.record.owner).remove(row)
        if self.inserted.pop(row.id, None) is None:
            self.updated.pop(row.id, None)
            self.deleted.add(row.id)

    def set_soa(self, soa: OwnSoa, *, serial: int | None = None) -> None:
        """Set what the zone says of its SOA; the serial counts only if it is newer."""
        self.zone = replace(self.zone, soa=soa)
        self.asked_serial = serial

    def load(self, content: MasterFile) -> None:
        """Make what a master file says the zone's content.

        Raises MasterFileInvalid where the account's plan forbids TTLs, with all their lines.
        """
        self.replace_content(content.soa, content.records)
        if not self.plan.ttls:
            return
        refused = {
            (record.owner, record.rrtype, record.rdata): fault
            for record in self.with_new_ttl()
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
        many = list(many)
        self._spend(len(many))
        self.touch_everything()
        standing = {
            (row.record.owner, row.record.rrtype, row.record.rdata): row
            for row in chain.from_iterable(self.after.values())
        }
        new = []
        for record in self._without_default_ns(many):
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

    def with_new_ttl(self) -> Iterable[Record]:
        """Go through the records that come, and those that get another TTL."""
        for row in self.inserted.values():
            yield row.record
        if self.updated:
            before = {row.id: row.record.ttl for row in chain.from_iterable(self.before.values())}
            for row in self.updated.values():
                if row.record.ttl != before[row.id]:
                    yield row.record

    def touch_everything(self) -> None:
        """Take all names of the zone into the edit."""
        if self.knows_all:
            return
        self._spend(self.old.record_count)
        self.knows_all = True
        everything: dict[WireName, list[RecordRow]] = {}
        for row in records.of_zone(self.connection, self.zone.id):
            everything.setdefault(row.record.owner, []).append(row)
        self.before = {**everything, **self.before}
        self.after = {**{o: list(rows) for o, rows in everything.items()}, **self.after}

    def _spend(self, records: int) -> None:
        if self._left is not None:
            self._left -= records
            if self._left < 0:
                raise NotBrief

    def _without_default_ns(self, many: list[Record]) -> list[Record]:
        if self.zone.kind == COPY:
            return many
        apex = self.zone.apex
        apex_ns = {
            lower(record.rdata)
            for record in many
            if record.rrtype == rrtypes.NS and record.owner == apex
        }
        if apex_ns != set(map(lower, self.defaults.nameservers)):
            return many
        return [record for record in many if record.rrtype != rrtypes.NS or record.owner != apex]

    def _own_soa(self, soa: Soa) -> OwnSoa:
        """Keep of an SOA only what differs from the defaults; of a copy's, everything."""
        if self.zone.kind == COPY:
            return OwnSoa(
                soa.ttl, soa.mname, soa.rname, soa.refresh, soa.retry, soa.expire, soa.minimum
            )
        default = self.defaults.soa(replace(self.zone, soa=OwnSoa()))

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
        """Make a copy one of our own zones, with all rules of ours."""
        self.touch_everything()
        self.zone = replace(self.zone, kind=PRIMARY)
        for row in list(chain.from_iterable(self.after.values())):
            if row.record.rrtype in rrtypes.DNSSEC_OWN:
                self.delete(row)


def _own(said: T, default: T) -> T | None:
    return None if said == default else said
