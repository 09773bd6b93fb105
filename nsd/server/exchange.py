"""One query and what becomes its response, as the steps of the responder hand it on."""

from dataclasses import dataclass, field

from nsd.errors import NsdError
from nsd.message import edns
from nsd.message.signing import Signer, Unsigned
from nsd.message.transport import Transport
from nsd.message.tsig import Key
from nsd.server.query import Query
from nsd.zone.answer import Answer


@dataclass(slots=True)
class Exchange:
    """One query, and what its response carries beside an answer.

    `options` are those of its OPT record; `key` is what a signed query was signed with, `signer`
    what signs the response.
    """

    query: Query
    message: bytes
    transport: Transport
    client: str
    options: list[tuple[int, bytes]] = field(default_factory=list)
    key: Key | None = None
    signer: Signer | Unsigned | None = None

    def refuse(self, error: NsdError) -> Answer:
        """Answer with an error's rcode and its Extended DNS Error (RFC 8914)."""
        said = error.ede.to_bytes(2, "big") + error.detail.encode()
        self.options.append((edns.EXTENDED_ERROR, said))
        return Answer(rcode=error.rcode)
