"""One query and what becomes its response, as the steps of the responder hand it on."""

from dataclasses import dataclass, field

from nsd.message import edns
from nsd.message.tsig import Key, Signer, Unsigned
from nsd.rcode import Ede, Rcode
from nsd.server.later import Later
from nsd.server.query import Query
from nsd.zone.answer import Answer


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
