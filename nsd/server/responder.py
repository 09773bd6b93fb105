"""From the octets of a query to the octets of its response.

The order of processing is `Responder._STEPS`, by opcode, and in it `Responder._BY_TYPE`. A step
lets the exchange pass, or gives what answers it, or refuses it by raising an error of ours, which
knows its rcode. Everything here is synchronous and touches memory alone.
"""

from collections.abc import Callable
from typing import ClassVar, Final, TypeAlias

from nsd.errors import (
    BadVersion,
    Malformed,
    NotAuthoritative,
    NotSupported,
    NsdError,
    PermissionDenied,
    Unavailable,
)
from nsd.message.header import HEADER_LENGTH, QR, read_header
from nsd.message.signing import Wall
from nsd.message.transport import Transport
from nsd.rcode import Rcode
from nsd.server.chaos import CLASS_CHAOS, describe
from nsd.server.cookie import Cookies
from nsd.server.exchange import Exchange
from nsd.server.handover import Handover
from nsd.server.later import Later, TransferSource
from nsd.server.options import Options
from nsd.server.query import read_query
from nsd.server.render import Renderer, bare
from nsd.server.signature import check_signature
from nsd.zone import rrtypes
from nsd.zone.answer import Answer, Owned
from nsd.zone.lookup import lookup
from nsd.zone.name import lower
from nsd.zone.rrset import CLASS_IN
from nsd.zone.table import ZoneTable

OPCODE_QUERY: Final = 0
OPCODE_NOTIFY: Final = 4
CLASS_ANY: Final = 255

_Outcome: TypeAlias = Answer | Later | None
_Method: TypeAlias = Callable[["Responder", Exchange], _Outcome]


class Responder:
    """Answers queries from a table of zones.

    wall: Unix seconds, for signatures.
    udp_size: the largest response over UDP in octets, and what our OPT records announce.
    version, identity: what CHAOS questions and NSID tell; empty tells nothing.
    cookies: makes and checks server cookies; None ignores cookies.
    tcp_idle_seconds: what EDNS keepalive announces.
    transfers: answers requests for transfers and finds keys; None refuses both.
    """

    def __init__(
        self,
        table: ZoneTable,
        *,
        wall: Wall,
        udp_size: int = 1232,
        version: str = "",
        identity: str = "",
        cookies: Cookies | None = None,
        tcp_idle_seconds: float = 10.0,
        transfers: TransferSource | None = None,
    ) -> None:
        self._table = table
        self._version = version
        self._identity = identity
        self._wall = wall
        self._options = Options(udp_size, identity, cookies, tcp_idle_seconds)
        self._renderer = Renderer(udp_size, self._options)
        self._handover = None if transfers is None else Handover(transfers, self._renderer)

    def respond(self, message: bytes, transport: Transport, client: str = "") -> bytes | None:
        """Give the response of a responder without transfers, all of whose responses are at hand.

        None where silence is right.
        """
        response = self.answer(message, transport, client)
        assert not isinstance(response, Later)
        return response

    def answer(self, message: bytes, transport: Transport, client: str) -> bytes | Later | None:
        """Give the response to a message from an address, or None where silence is right.

        Silent are only messages too short to have an ID, and responses: an answer to either
        could go back and forth for ever.
        """
        if len(message) < HEADER_LENGTH:
            return None
        header = read_header(message)
        if header.flags & QR:
            return None
        try:
            query = read_query(header, message)
        except Malformed as error:
            return bare(header, error.rcode if header.opcode == OPCODE_QUERY else Rcode.NOTIMP)
        exchange = Exchange(query, message, transport, client)
        try:
            outcome = self._take_steps(exchange)
        except NsdError as error:
            outcome = exchange.refuse(error)
        return outcome if isinstance(outcome, Later) else self._renderer.render(exchange, outcome)

    def _take_steps(self, exchange: Exchange) -> Answer | Later:
        for step in self._STEPS.get(exchange.query.header.opcode, self._OTHER_STEPS):
            outcome = step(self, exchange)
            if outcome is not None:
                return outcome
        raise AssertionError("the last step always gives an outcome")

    def _check_signature(self, exchange: Exchange) -> Answer | None:
        signature = exchange.query.tsig
        if signature is None:
            return None
        keys = None if self._handover is None else self._handover.source.keys
        return check_signature(exchange, signature, keys, self._wall)

    def _check_version(self, exchange: Exchange) -> None:
        asked = exchange.query.edns
        if asked is not None and asked.version != 0:
            raise BadVersion("only EDNS version 0 is spoken")

    def _refuse_opcode(self, _exchange: Exchange) -> _Outcome:
        raise NotSupported("only queries are answered")

    def _take_notify(self, exchange: Exchange) -> Answer:
        if self._handover is None:
            raise NotSupported("only queries are answered")
        return self._handover.notify(exchange)

    def _read_options(self, exchange: Exchange) -> Answer | None:
        return self._options.read(exchange)

    def _check_question(self, exchange: Exchange) -> None:
        if not exchange.query.question:
            raise Malformed("there is no question")

    def _answer_chaos(self, exchange: Exchange) -> Answer | None:
        query = exchange.query
        if query.qclass != CLASS_CHAOS:
            return None
        found = describe(query.qname, query.qtype, version=self._version, identity=self._identity)
        if found is None:
            raise PermissionDenied("this server does not tell")
        return Answer(authoritative=True, answer=[Owned(query.qname, found)])

    def _check_class(self, exchange: Exchange) -> None:
        if exchange.query.qclass not in (CLASS_IN, CLASS_ANY):
            raise NotAuthoritative("only class IN is served")

    def _answer_by_type(self, exchange: Exchange) -> Answer | Later:
        answer = self._BY_TYPE.get(exchange.query.qtype, Responder._look_up)
        return answer(self, exchange)

    def _refuse_type_zero(self, _exchange: Exchange) -> Answer:
        # RFC 6895, section 3.1: reserved, and no type of any record.
        raise Malformed("type 0 cannot be asked for")

    def _refuse_meta_type(self, _exchange: Exchange) -> Answer:
        # RFC 8906, section 3.1.2: meta types alone may be not implemented.
        raise NotSupported("this type cannot be asked for")

    def _transfer_zone(self, exchange: Exchange) -> Later:
        return self._transferring().whole_zone(exchange)

    def _transfer_changes(self, exchange: Exchange) -> Later:
        return self._transferring().changes(exchange)

    def _transferring(self) -> Handover:
        if self._handover is None:
            raise PermissionDenied("zone transfer is not allowed")
        return self._handover

    def _look_up(self, exchange: Exchange) -> Answer | Later:
        query = exchange.query
        whole_any = exchange.transport.is_stream
        answer = lookup(self._table, query.qname, query.qtype, whole_any=whole_any)
        if answer.rcode == Rcode.REFUSED:
            return self._answer_outside(exchange)
        if query.qclass == CLASS_ANY:  # who knows what other classes hold at this name?
            answer.authoritative = False
        return answer

    def _answer_outside(self, exchange: Exchange) -> Later:
        """Answer for a name outside the zones that everyone sees."""
        zone = self._table.find(lower(exchange.query.qname), exchange.query.qtype)
        if zone is not None:
            raise PermissionDenied("the zone is suspended")
        if self._handover is not None:
            source, name = self._handover.source, lower(exchange.query.qname)
            if exchange.query.qtype == rrtypes.SOA and source.hides(name):
                return self._handover.hidden_soa(exchange)
            if source.is_unready(name):
                raise Unavailable("the zone has expired")
        raise NotAuthoritative("no zone here holds this name")

    _FIRST: ClassVar[tuple[_Method, ...]] = (_check_signature, _check_version)

    _STEPS: ClassVar[dict[int, tuple[_Method, ...]]] = {
        OPCODE_QUERY: (
            *_FIRST,
            _read_options,
            _check_question,
            _answer_chaos,
            _check_class,
            _answer_by_type,
        ),
        OPCODE_NOTIFY: (*_FIRST, _take_notify),
    }
    _OTHER_STEPS: ClassVar[tuple[_Method, ...]] = (*_FIRST, _refuse_opcode)

    _BY_TYPE: ClassVar[dict[int, Callable[["Responder", Exchange], Answer | Later]]] = {
        0: _refuse_type_zero,
        rrtypes.OPT: _refuse_meta_type,
        **dict.fromkeys(range(128, rrtypes.ANY), _refuse_meta_type),
        rrtypes.AXFR: _transfer_zone,
        rrtypes.IXFR: _transfer_changes,
    }


def fail(message: bytes) -> bytes:
    """Answer SERVFAIL to a message that `answer` could not answer because of a fault of ours."""
    return bare(read_header(message), Rcode.SERVFAIL)
