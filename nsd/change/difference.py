"""What a change does to what is served: the RRsets that differ, and the journal's words for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nsd.store import journal
from nsd.store.defaults import Defaults
from nsd.store.records import RecordRow
from nsd.store.served import View
from nsd.store.zones import ZoneRow
from nsd.zone import rrtypes
from nsd.zone.name import WireName
from nsd.zone.rrset import Packed, RRset
from nsd.zone.zone import Zone

Rows = Mapping[WireName, list[RecordRow]]


@dataclass(frozen=True, slots=True)
class Side:
    """A zone before or after a change, at the names that the change touches.

    `rows` are the records by owner; `exists` is False before the zone is made and after it is
    deleted.
    """

    zone: ZoneRow
    defaults: Defaults
    rows: Rows
    exists: bool = True

    @property
    def view(self) -> View:
        """What is served on this side."""
        return View(self.zone, self.defaults)

    def at_apex(self) -> dict[int, RRset]:
        """Give the RRsets at the apex by type: the SOA always, the rest if it is touched."""
        if not self.exists:
            return {}
        rows = self.rows.get(self.zone.apex)
        if rows is None:
            return {rrtypes.SOA: self.view.soa()}
        return self.view.at(self.zone.apex, rows)


@dataclass(slots=True)
class Difference:
    """What a change does.

    `rrsets` are those that stand after it, None for those that are gone; where `zone` is built
    anew, they are in there instead. `removed` and `added` are the records that went and came, as
    the journal keeps them, the SOA first (RFC 1995, section 4).
    """

    zone: Zone | None = None
    rrsets: dict[tuple[WireName, int], RRset | None] = field(default_factory=dict)
    removed: list[bytes] = field(default_factory=list)
    added: list[bytes] = field(default_factory=list)

    def note_first(self, owner: WireName, rrtype: int, packed: Packed) -> None:
        """Add the only record of a name where nothing stood."""
        self.added.append(journal.encode_record(owner, packed))
        if self.zone is None:
            self.rrsets[owner, rrtype] = RRset(packed)
        else:
            self.zone.put_first(owner, packed)

    def note(self, owner: WireName, before: dict[int, RRset], after: dict[int, RRset]) -> None:
        """Add what differs at a name."""
        for rrtype in {**before, **after}:
            was, now = before.get(rrtype), after.get(rrtype)
            if self.zone is not None and now is not None:
                self.zone.put(owner, now)
            if was == now:
                continue
            if self.zone is None:
                self.rrsets[owner, rrtype] = now
            if was is not None:
                self.removed.append(journal.encode(owner, was, _kept(was, now)))
            if now is not None:
                self.added.append(journal.encode(owner, now, _kept(now, was)))


def _kept(rrset: RRset, other: RRset | None) -> frozenset[bytes]:
    """Give the RDATA of the records that are in both."""
    if other is None or other.ttl != rrset.ttl:
        return frozenset()
    return frozenset(other.rdatas)


def compare(before: Side, after: Side, *, build: bool = False) -> Difference:
    """Find what differs; both sides must have the same owners.

    With `build`, for which all names of the zone must be there, the zone is built anew.
    """
    apex = after.zone.apex
    was, now = before.view, after.view
    found = Difference(Zone(apex, after.zone.user_id) if build else None)
    found.note(apex, before.at_apex(), after.at_apex())
    for owner, rows in after.rows.items():
        if owner == apex:
            continue
        stood = before.rows[owner]
        if not stood and (only := now.only(owner, rows)) is not None:
            found.note_first(owner, *only)
        elif rows != stood:
            found.note(owner, was.at(owner, stood), now.at(owner, rows))
        elif build:
            stands = now.at(owner, rows)
            found.note(owner, stands, stands)
    return found
