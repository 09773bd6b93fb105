"""Every ALIAS there is, and which of them depend on what."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from nsd.change.effect import Effect
from nsd.store.records import RecordRow
from nsd.zone import rrtypes
from nsd.zone.alias import Addresses
from nsd.zone.alias_walk import Hop, Place, Walk
from nsd.zone.name import ROOT, WireName, is_wildcard, lower, parent


@dataclass(slots=True)
class AliasRecord:
    """One ALIAS, and the addresses that stand for it now; None where there were never any."""

    id: int
    apex: WireName
    owner: WireName
    hop: Hop
    addresses: Addresses | None
    walk: Walk = field(default_factory=Walk)

    @classmethod
    def of_row(cls, apex: WireName, row: RecordRow) -> "AliasRecord":
        """Take a stored record of the zone with this apex."""
        hop = Hop(lower(row.record.rdata), row.record.ttl)
        return cls(row.id, apex, row.record.owner, hop, row.addresses)


class AliasIndex:
    """All ALIAS records by id and by place, and by the names that their targets lead through."""

    def __init__(self) -> None:
        self.by_id: dict[int, AliasRecord] = {}
        self._of_zone: dict[WireName, dict[WireName, AliasRecord]] = {}
        self._above: Counter[Place] = Counter()  # how many there are below a name
        self._through: dict[WireName, set[int]] = {}
        self._below: dict[WireName, set[int]] = {}
        self._soft: dict[WireName, set[int]] = {}

    def at(self, apex: WireName, owner: WireName) -> Hop | None:
        """Say where the ALIAS at a name of a zone leads, if there is one."""
        record = self._of_zone.get(apex, {}).get(owner)
        return None if record is None else record.hop

    def has_below(self, apex: WireName, owner: WireName) -> bool:
        """Tell whether there is an ALIAS below a name that is below the apex."""
        return Place(apex, owner) in self._above

    def owners(self, apex: WireName) -> list[WireName]:
        """List the names in a zone that have an ALIAS."""
        return list(self._of_zone.get(apex, ()))

    def put(self, record: AliasRecord) -> None:
        """Add an ALIAS, instead of the one at its name."""
        self.remove(record.apex, record.owner)
        self.by_id[record.id] = record
        self._of_zone.setdefault(record.apex, {})[record.owner] = record
        self._above.update(_above(record))

    def remove(self, apex: WireName, owner: WireName) -> AliasRecord | None:
        """Take out the ALIAS at a name of a zone; give it."""
        zone = self._of_zone.get(apex, {})
        record = zone.pop(owner, None)
        if record is None:
            return None
        if not zone:
            del self._of_zone[apex]
        self._forget_walk(record)
        for place in _above(record):
            self._above[place] -= 1
            if not self._above[place]:
                del self._above[place]
        del self.by_id[record.id]
        return record

    def set_walk(self, record: AliasRecord, walk: Walk) -> None:
        """Remember which way a target leads."""
        self._forget_walk(record)
        record.walk = walk
        for sets, name in self._keys(walk):
            sets.setdefault(name, set()).add(record.id)

    def _forget_walk(self, record: AliasRecord) -> None:
        for sets, name in self._keys(record.walk):
            ids = sets.get(name, set())
            ids.discard(record.id)
            if not ids:
                sets.pop(name, None)

    def _keys(self, walk: Walk) -> Iterator[tuple[dict[WireName, set[int]], WireName]]:
        for name in walk.names:
            yield self._through, name
            above = name
            while above != ROOT:
                above = parent(above)
                yield self._below, above
        for apex in walk.soft:
            yield self._soft, apex

    def touched_by(self, effect: Effect) -> set[int]:
        """Find the records whose targets a change may lead elsewhere."""
        apex = effect.apex
        touched = set(self._soft.get(apex, ()))
        if effect.zone is not None or effect.new_serial is None or effect.alias_owners is None:
            return touched | self._through.get(apex, set()) | self._below.get(apex, set())
        owners = {owner for owner, rrtype in effect.rrsets if rrtype != rrtypes.SOA}
        for owner in owners | effect.alias_owners:
            touched |= self.led_by(apex, owner)
            if owner != apex or (apex, rrtypes.DNAME) in effect.rrsets:
                touched |= self._below.get(owner, set())  # below a cut or a DNAME
        return touched

    def led_by(self, apex: WireName, owner: WireName) -> set[int]:
        """Find the records whose targets an ALIAS at a name may lead elsewhere."""
        led = self._through.get(owner, set()) | self._soft.get(apex, set())
        if is_wildcard(owner):
            led |= self._below.get(parent(owner), set())
        return led


def _above(record: AliasRecord) -> Iterator[Place]:
    """Go through the names between that of an ALIAS and the apex of its zone."""
    name = record.owner
    while name != record.apex and (name := parent(name)) != record.apex:
        yield Place(record.apex, name)
