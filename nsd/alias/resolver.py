"""Asking for the addresses of a name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import dns.asyncresolver
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.nameserver
import dns.rdatatype
import dns.resolver

from nsd.settings import Alias, Endpoint
from nsd.zone import name as wire_name
from nsd.zone.name import WireName


@dataclass(frozen=True, slots=True)
class Found:
    """Addresses in wire form, sorted; `exact` says that the TTL did not come out of a cache."""

    ttl: int
    addresses: tuple[bytes, ...]
    exact: bool


@dataclass(frozen=True, slots=True)
class Gone:
    """There is no such name, or no such address."""

    why: str


@dataclass(frozen=True, slots=True)
class Failed:
    """No answer that says anything."""

    why: str


Outcome = Found | Gone | Failed


class Asker(Protocol):
    """What the keeper asks."""

    async def ask(self, name: WireName, rrtype: int) -> Outcome:
        """Ask for the addresses of one family."""
        ...


class Resolver:
    """Asks the resolvers of the settings, or those of the system."""

    def __init__(self, settings: Alias) -> None:
        self._settings = settings
        self._resolver: dns.asyncresolver.Resolver | None = None

    async def ask(self, name: WireName, rrtype: int) -> Outcome:
        """Ask for the addresses of one family; never longer than the settings allow."""
        try:
            answer = await self._ready().resolve(
                dns.name.from_text(wire_name.to_text(name)),
                dns.rdatatype.RdataType.make(rrtype),
                raise_on_no_answer=False,
                search=False,
            )
        except dns.resolver.NXDOMAIN:
            return Gone("the name does not exist")
        except Exception as error:  # noqa: BLE001 -- whatever it is, the addresses stand and we ask again
            self._resolver = None  # the system's may have changed meanwhile
            return Failed(" ".join(str(error).split()) or type(error).__name__)
        return _outcome(answer)

    def _ready(self) -> dns.asyncresolver.Resolver:
        if self._resolver is None:
            self._resolver = _make(self._settings)
        return self._resolver


def _make(settings: Alias) -> dns.asyncresolver.Resolver:
    resolver = dns.asyncresolver.Resolver(configure=not settings.resolvers)
    if settings.resolvers:
        resolver.nameservers = _nameservers(settings.resolvers)
    resolver.lifetime = settings.timeout_seconds
    resolver.timeout = min(2.0, settings.timeout_seconds / 2)
    resolver.use_edns(0, 0, 1232)
    return resolver


def _nameservers(endpoints: Sequence[Endpoint]) -> Sequence[str | dns.nameserver.Nameserver]:
    return [dns.nameserver.Do53Nameserver(endpoint.host, endpoint.port) for endpoint in endpoints]


def _outcome(answer: dns.resolver.Answer) -> Outcome:
    message = answer.response
    exact = bool(message.flags & dns.flags.AA)
    if answer.rrset is not None:
        ttl = answer.chaining_result.minimum_ttl
        addresses = sorted({rdata.to_wire() or b"" for rdata in answer.rrset})
        return Found(ttl, tuple(addresses), exact)
    if exact or any(rrset.rdtype == dns.rdatatype.SOA for rrset in message.authority):
        return Gone("the name has no such address")
    # RFC 2308, section 2.2: without an SOA this may as well be a referral.
    return Failed("the answer is empty and does not say that there is none")
