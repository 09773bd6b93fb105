"""What a committed change does to the zones in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from nsd.zone.name import WireName
from nsd.zone.rrset import RRset
from nsd.zone.table import ZoneTable
from nsd.zone.zone import Zone

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Effect:
    """One journal entry's outcome.

    `zone` is the whole new zone where it was built anew; otherwise `rrsets` holds what stands
    now, None for what is gone. Without a new serial the zone is gone. `alias_owners` are the names
    where an ALIAS was touched; None where that is not known. A hidden zone (a catalog) is not
    in memory.
    """

    journal_id: int
    apex: WireName
    old_serial: int | None
    new_serial: int | None
    rrsets: dict[tuple[WireName, int], RRset | None] = field(default_factory=dict)
    zone: Zone | None = None
    alias_owners: frozenset[WireName] | None = frozenset()
    is_hidden: bool = False

    @property
    def served_serial(self) -> int | None:
        """The serial that is served now; None where the zone is gone or suspended."""
        is_suspended = self.zone is not None and self.zone.is_suspended
        return None if is_suspended else self.new_serial


@dataclass(frozen=True, slots=True)
class Committed(Generic[T]):
    """A change that is on disk: what it gave to whoever asked for it, and what it does to zones."""

    result: T
    effects: Sequence[Effect]


def apply(effect: Effect, table: ZoneTable) -> None:
    """Bring the zones in memory up to date; without an await, so no query sees half of it."""
    if effect.is_hidden:
        return
    if effect.new_serial is None:
        table.remove(effect.apex)
    elif effect.zone is not None:
        table.put(effect.zone)
    else:
        zone = table.by_apex.get(effect.apex)
        if zone is None or zone.is_suspended:  # or expired: it is loaded when it is served again
            return
        for (owner, rrtype), rrset in effect.rrsets.items():
            if rrset is None:
                zone.remove(owner, rrtype)
            else:
                zone.put(owner, rrset)
