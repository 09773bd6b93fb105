"""One query and what becomes its response, as the steps of the responder hand it on."""

from dataclasses import dataclass, field
from enum import IntEnum

from nsd.server import edns
from nsd.server.later import Later
from nsd.server.query import Query
from nsd.server.tsig import Key, Signer, Unsigned
from nsd.zone.answer import Answer, Rcode


class Ede(IntEnum):
    """Extended DNS Error codes (RFC 8914, section 4)."""

    OTHER = 0
    NOT_READY = 14
    PROHIBITED = 18
    NOT_AUTHORITATIVE = 20
    NOT_SUPPORTED = 21


@dataclass(slots=True)
class Exchange:
    """One query and what becomes its response; `options` are those of its OPT record.

    `key` is what a signed query was signed with, `signer` what signs its response; `later` is
    the response where it takes its time.
    """

    query: Query
    message: bytes
    over_tcp: bool
    client: str
    answer: Answer | None = None
    options: list[tuple[int, bytes]] = field(default_factory=list)
    key: Key | None = None
    signer: Signer | Unsigned | None = None
    later: Later | None = None

    def refuse(self, rcode: Rcode, reason: Ede, text: str) -> None:
        """End the exchange with an rcode and an Extended DNS Error."""
        self.answer = Answer(rcode=rcode)
        self.options.append((edns.EXTENDED_ERROR, reason.to_bytes(2, "big") + text.encode()))
