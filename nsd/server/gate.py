"""The one place between a response over UDP and the socket: there it may still be held back.

Over TCP nothing is limited by rate: who completes a handshake is who it says it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final, TypeAlias

import structlog

from nsd import metrics
from nsd.server.grouping import Grouping
from nsd.server.rate import Rates, Tally
from nsd.server.shortcut import Clients
from nsd.server.subject import SubjectKind, Subjects, kind_of
from nsd.server.truncation import cut_short
from nsd.zone.name import WireName, to_text

log = structlog.get_logger()

_HELD_BACK: Final = {
    (kind, outcome): metrics.RATE_LIMITED.labels(kind.name.lower(), outcome)
    for kind in SubjectKind
    for outcome in ("dropped", "cut", "sent", "logged")
}

Network: TypeAlias = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class RateLimits:
    """What is held back, and how.

    Every `slip`th response beyond its rate is cut short instead of dropped, so that a resolver
    asks again over TCP; 0 drops all. Clients in `exempt` networks are never limited. With
    `only_log` all is sent, and what would not be is logged and counted.
    """

    rates: Rates
    slip: int
    exempt: tuple[Network, ...]
    only_log: bool = False


class _One:
    """The only client that there is."""

    def __init__(self, client: bytes) -> None:
        self._client = client

    def client(self, _slot: int) -> bytes:
        return self._client


class Gate:
    """Holds back responses to networks of one family that get too many about one subject."""

    def __init__(
        self, limits: RateLimits, grouping: Grouping, subjects: Subjects, clock: Callable[[], float]
    ) -> None:
        self._limits = limits
        self._grouping = grouping
        self._subjects = subjects
        self._exempt = [
            found for one in limits.exempt if (found := grouping.covers(one)) is not None
        ]
        self._narrow = [one for one in limits.exempt if grouping.covers(one) is None]
        self._most = limits.rates.most()
        self.tally = Tally(limits.rates, grouping.mask, self._is_exempt, clock)

    def judge(
        self, count: int, subject: bytes, response: bytes, clients: Clients, slot: int
    ) -> bytes | None:
        """Give what is sent of a response that has been counted; None for silence."""
        most = self._most[kind_of(subject)]
        if count <= most:
            return response
        client = ip_address(clients.client(slot))
        if self._narrow and any(client in narrow for narrow in self._narrow):
            return response
        if count == most + 1:
            self._tell(subject, str(client))
        return self._hold_back(kind_of(subject), count, response)

    def pass_alone(self, message: bytes, response: bytes, client: bytes) -> bytes | None:
        """Count a response outside of any batch; give what is sent of it, None for silence."""
        networks = self.tally.look(lambda: [self._grouping.source(client)])
        subject = self.subject(message, response, client) if networks else None
        if networks is None or subject is None:
            return response
        count = self.tally.count(networks[0], subject)
        return self.judge(count, subject, response, _One(client), 0)

    def subject(self, message: bytes, response: bytes, client: bytes) -> bytes | None:
        """Find what a response is about that was not made by the shortcut.

        None where the client's address is proven: then nothing is limited.
        """
        return self._subjects.of(message, response, client)

    def _is_exempt(self, network: int) -> bool:
        return any(network & mask == rest for mask, rest in self._exempt)

    def _hold_back(self, kind: SubjectKind, count: int, response: bytes) -> bytes | None:
        slips = self._limits.slip and not count % self._limits.slip
        if self._limits.only_log:
            outcome = "logged"
        elif not slips:
            outcome = "dropped"
        else:  # an error is small, and asking again gives no better answer
            outcome = "sent" if kind is SubjectKind.ERRORS else "cut"
        _HELD_BACK[kind, outcome].inc()
        if outcome == "cut":
            return cut_short(response)
        return None if outcome == "dropped" else response

    def _tell(self, subject: bytes, client: str) -> None:
        kind = kind_of(subject)
        name = subject if kind is SubjectKind.ANSWERS else subject[1:]
        log.warning(
            "responses to a network are limited",
            network=str(ip_network((client, self._grouping.prefix), strict=False)),
            about=kind.name.lower(),
            name=to_text(WireName(name)) if name else None,
            only_logged=self._limits.only_log,
        )
