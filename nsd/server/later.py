"""Responses that take their time: what transfers are asked for, and how they are answered."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Protocol

from nsd.message.signing import Signer
from nsd.message.transport import Transport
from nsd.message.tsig import Key, Keys
from nsd.rcode import Rcode
from nsd.server.query import Query
from nsd.zone.name import WireName


@dataclass(frozen=True, slots=True)
class Later:
    """A response of one or more messages; one in datagrams is a single message."""

    messages: AsyncGenerator[bytes, None]


@dataclass(frozen=True, slots=True)
class TransferRequest:
    """A question for a whole zone, for its changes since `serial`, or for a hidden zone's SOA.

    `limit` is how long each message may be, with `opt` and without its signature; `refuse`
    writes the whole response to a request that is refused for a reason.
    """

    query: Query
    apex: WireName
    serial: int | None
    transport: Transport
    client: str
    key: Key | None
    signer: Signer | None
    opt: bytes
    limit: int
    refuse: Callable[[str], bytes]


class TransferSource(Protocol):
    """What answers requests for transfers, and hears of those that may be had elsewhere."""

    keys: Keys

    def hides(self, name: WireName) -> bool:
        """Tell whether the name is the apex of a zone that only secondaries see."""

    def is_unready(self, name: WireName) -> bool:
        """Tell whether the name is in a zone whose content has expired."""

    def answer(self, request: TransferRequest) -> AsyncGenerator[bytes, None]:
        """Give the messages of the response."""

    def notified(self, apex: WireName, client: str, key: Key | None) -> Rcode:
        """Take note that a primary says that a zone has changed (RFC 1996)."""
