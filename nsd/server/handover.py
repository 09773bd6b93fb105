"""What the responder hands over: questions for transfers, and word that a zone has changed."""

from functools import partial

from nsd.errors import NotSupported, PermissionDenied
from nsd.message.signing import Unsigned
from nsd.server.exchange import Exchange
from nsd.server.later import Later, TransferRequest, TransferSource
from nsd.server.query import read_held_serial
from nsd.server.render import Renderer
from nsd.zone import rrtypes
from nsd.zone.answer import Answer
from nsd.zone.name import lower
from nsd.zone.rrset import CLASS_IN


class Handover:
    """Hands over to a source of transfers; what it refuses is written by `renderer`."""

    def __init__(self, source: TransferSource, renderer: Renderer) -> None:
        self.source = source
        self._renderer = renderer

    def whole_zone(self, exchange: Exchange) -> Later:
        """Begin a transfer of a zone (RFC 5936). Raises PermissionDenied."""
        if not exchange.transport.is_stream:  # RFC 5936, section 4.2
            raise PermissionDenied("a whole zone goes over TCP only")
        return self._begin(exchange, None)

    def changes(self, exchange: Exchange) -> Later:
        """Begin a transfer of a zone's changes (RFC 1995). Raises Malformed."""
        return self._begin(exchange, read_held_serial(exchange.query, exchange.message))

    def hidden_soa(self, exchange: Exchange) -> Later:
        """Begin to answer for a zone that only secondaries see."""
        return self._begin(exchange, None)

    def notify(self, exchange: Exchange) -> Answer:
        """Take note that a primary says that a zone has changed (RFC 1996, 3.10 to 3.14)."""
        query = exchange.query
        if query.qtype != rrtypes.SOA or query.qclass != CLASS_IN:
            raise NotSupported("only zones' changes are taken note of")
        rcode = self.source.notified(lower(query.qname), exchange.client, exchange.key)
        return Answer(rcode=rcode, authoritative=True)

    def _begin(self, exchange: Exchange, held: int | None) -> Later:
        assert not isinstance(exchange.signer, Unsigned)  # that was refused before
        limit = self._renderer.limit(exchange)
        request = TransferRequest(
            query=exchange.query,
            apex=lower(exchange.query.qname),
            serial=held,
            transport=exchange.transport,
            client=exchange.client,
            key=exchange.key,
            signer=exchange.signer,
            opt=self._renderer.opt(exchange, 0, limit),
            limit=limit,
            refuse=partial(self._refuse, exchange),
        )
        return Later(self.source.answer(request))

    def _refuse(self, exchange: Exchange, why: str) -> bytes:
        return self._renderer.render(exchange, exchange.refuse(PermissionDenied(why)))
