"""A name outside of our zones that ALIAS records point to: what is known of it, and when to ask.

Times are seconds of one clock that only goes forward; this module never looks at it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from nsd.alias.resolver import Failed, Found, Gone, Outcome
from nsd.settings import Alias
from nsd.zone.alias import FAMILIES, Addresses, unpack
from nsd.zone.name import WireName
from nsd.zone.rrset import pack

GONE_RECHECK_SECONDS: Final = 300  # how soon a name that is gone is looked for again
MAX_RETRY_SECONDS: Final = 300
REFRESH_AT: Final = 0.9  # of the TTL: before it runs out


class Event(Enum):
    """What an answer changed about a target, for the log."""

    NOTHING = auto()
    FAILING = auto()
    RECOVERED = auto()
    GONE = auto()
    GIVEN_UP = auto()


@dataclass(slots=True)
class Family:
    """The addresses of one family, as last found; `is_known` once that has been told."""

    is_known: bool = False
    ttl: int = 0
    addresses: tuple[bytes, ...] = ()
    asked_ttl: int = 0  # the TTL of the last answer
    denials: int = 0  # answers in a row that there are none, while there are some here
    failing_since: float | None = None
    _best: int = 0
    _best_since: float = 0.0

    def take(self, outcome: Outcome, now: float, keep_seconds: float) -> Event:
        """Take an answer, or the lack of one."""
        if isinstance(outcome, Failed):
            return self._fail(now, keep_seconds)
        self.failing_since = None
        if isinstance(outcome, Gone):
            return self._deny()
        self._find(outcome, now)
        return Event.NOTHING

    def _find(self, found: Found, now: float) -> None:
        """Take addresses.

        What a cache answers has a part of the TTL left. So a smaller TTL counts only when none as
        large was seen for the time that the larger one runs.
        """
        fresh = found.addresses != self.addresses or found.exact or found.ttl >= self.ttl
        self._best = max(self._best, found.ttl)
        if fresh or now - self._best_since > self.ttl:
            self.ttl = found.ttl if fresh else self._best
            self._best, self._best_since = 0, now
        self.addresses, self.asked_ttl = found.addresses, found.ttl
        self.denials, self.is_known = 0, True

    def _deny(self) -> Event:
        """Take that there are none: to withdraw what there was, it must be said twice."""
        self.denials += 1
        if self.addresses and self.denials < 2:
            return Event.NOTHING
        return self._withdraw(Event.GONE)

    def _fail(self, now: float, keep_seconds: float) -> Event:
        if self.failing_since is None:
            self.failing_since = now
        is_over = now - self.failing_since > keep_seconds
        if is_over and (self.addresses or not self.is_known):
            return self._withdraw(Event.GIVEN_UP)
        return Event.NOTHING

    def _withdraw(self, event: Event) -> Event:
        was_there = bool(self.addresses)
        self.addresses, self.is_known = (), True
        return event if was_there or event is Event.GIVEN_UP else Event.NOTHING


@dataclass(slots=True)
class Target:
    """One name. `users` are the ids of the records that point to it."""

    name: WireName
    due: float
    users: set[int] = field(default_factory=set)
    _families: dict[int, Family] = field(
        default_factory=lambda: {rrtype: Family() for rrtype in FAMILIES}
    )
    _failures: int = 0  # in a row

    def seed(self, addresses: Addresses, failing_since: float | None) -> None:
        """Begin with what was known before a restart."""
        for rrtype, ttl, address in unpack(addresses, 2**31 - 1):
            family = self._families[rrtype]
            family.is_known, family.ttl = True, ttl
            family.addresses = tuple(sorted({*family.addresses, address}))
        for family in self._families.values():
            family.failing_since = failing_since

    @property
    def is_failing(self) -> bool:
        """Tell whether the last answers left a family out."""
        return any(family.failing_since is not None for family in self._families.values())

    @property
    def addresses(self) -> Addresses | None:
        """The packed addresses; None while nothing is known."""
        if not any(family.is_known for family in self._families.values()):
            return None
        return b"".join(
            pack(rrtype, family.ttl, address)
            for rrtype, family in self._families.items()
            for address in family.addresses
        )

    def take(self, outcomes: Mapping[int, Outcome], now: float, settings: Alias) -> Event:
        """Take the answers for both families, and decide when to ask again."""
        was_failing = self.is_failing
        events = {
            self._families[rrtype].take(outcome, now, settings.keep_seconds)
            for rrtype, outcome in outcomes.items()
        }
        self._failures = self._failures + 1 if self.is_failing else 0
        self.due = now + self._pause(settings)
        if Event.GIVEN_UP in events:
            return Event.GIVEN_UP
        if Event.GONE in events and not self.addresses:
            return Event.GONE
        if was_failing == self.is_failing:
            return Event.NOTHING
        return Event.RECOVERED if was_failing else Event.FAILING

    def _pause(self, settings: Alias) -> float:
        """Say how long to wait before asking again."""
        least, most = settings.min_refresh_seconds, settings.max_refresh_seconds
        families = self._families.values()
        if any(family.denials and family.addresses for family in families):
            return least  # to be told a second time
        ttls = [family.asked_ttl for family in families if family.addresses]
        pauses = [min(ttls, default=GONE_RECHECK_SECONDS) * REFRESH_AT]
        if self._failures:
            pauses = [least * 2.0 ** min(self._failures - 1, 20), float(MAX_RETRY_SECONDS)]
        return min(max(min(pauses), least), most)
