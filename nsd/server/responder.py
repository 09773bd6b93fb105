"""From the octets of a query to the octets of its response.

The order of processing is `Responder._STEPS`: each step lets the exchange pass, or ends it by
setting its answer. Everything here is synchronous and touches memory alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import ClassVar, Final

from nsd.server import edns
from nsd.server.query import (
    AA,
    CD,
    HEADER_LENGTH,
    QR,
    RD,
    Header,
    Malformed,
    Query,
    read_header,
    read_query,
)
from nsd.server.render import render
from nsd.zone import rrtype
from nsd.zone.answer import Answer, Rcode
from nsd.zone.lookup import lookup
from nsd.zone.rrset import CLASS_IN
from nsd.zone.table import ZoneTable

MAX_TCP_MESSAGE: Final = 65535
MAX_PLAIN_UDP: Final = 512  # RFC 1035, section 4.2.1
OPCODE_QUERY: Final = 0
EDE_OPTION: Final = 15


class Ede(IntEnum):
    """Extended DNS Error codes (RFC 8914, section 4)."""

    OTHER = 0
    NOT_READY = 14
    PROHIBITED = 18
    NOT_AUTHORITATIVE = 20
    NOT_SUPPORTED = 21


@dataclass(slots=True)
class Exchange:
    """One query and what becomes its response; `options` are those of its OPT record."""

    query: Query
    over_tcp: bool
    client: str
    answer: Answer | None = None
    options: list[tuple[int, bytes]] = field(default_factory=list)

    def refuse(self, rcode: Rcode, reason: Ede, text: str) -> None:
        """End the exchange with an rcode and an Extended DNS Error."""
        self.answer = Answer(rcode=rcode)
        self.options.append((EDE_OPTION, reason.to_bytes(2, "big") + text.encode()))


class Responder:
    """Answers queries from a table of zones."""

    def __init__(self, table: ZoneTable, *, udp_size: int = 1232) -> None:
        self._table = table
        self._udp_size = udp_size

    def respond(self, message: bytes, *, over_tcp: bool, client: str = "") -> bytes | None:
        """Give the response to a message, or None where silence is right.

        Silent are only messages too short to have an ID, and responses: an answer to either
        could go back and forth for ever.
        """
        if len(message) < HEADER_LENGTH:
            return None
        header = read_header(message)
        if header.flags & QR:
            return None
        if header.opcode != OPCODE_QUERY:
            return _bare(header, Rcode.NOTIMP)
        if header.questions != 1:  # RFC 9619
            return _bare(header, Rcode.FORMERR)
        try:
            query = read_query(header, message)
        except Malformed:
            return _bare(header, Rcode.FORMERR)
        exchange = Exchange(query, over_tcp, client)
        for step in self._STEPS:
            step(self, exchange)
            if exchange.answer is not None:
                break
        return self._render(exchange)

    def _refuse_version(self, exchange: Exchange) -> None:
        # RFC 6891, section 6.1.3.
        asked = exchange.query.edns
        if asked is not None and asked.version != 0:
            exchange.answer = Answer(rcode=Rcode.BADVERS)

    def _refuse_class(self, exchange: Exchange) -> None:
        if exchange.query.qclass != CLASS_IN:
            exchange.refuse(Rcode.REFUSED, Ede.NOT_AUTHORITATIVE, "only class IN is served")

    def _refuse_meta_type(self, exchange: Exchange) -> None:
        kind = exchange.query.qtype
        if kind in (rrtype.AXFR, rrtype.IXFR):
            exchange.refuse(Rcode.REFUSED, Ede.PROHIBITED, "zone transfer is not allowed")
        elif kind in (rrtype.MAILA, rrtype.MAILB):
            exchange.refuse(Rcode.NOTIMP, Ede.NOT_SUPPORTED, "obsolete query type")
        elif kind in (0, rrtype.OPT) or 128 <= kind < rrtype.IXFR:
            exchange.refuse(Rcode.FORMERR, Ede.NOT_SUPPORTED, "this type cannot be asked for")

    def _look_up(self, exchange: Exchange) -> None:
        query = exchange.query
        answer = lookup(self._table, query.qname, query.qtype, whole_any=exchange.over_tcp)
        if answer.rcode == Rcode.REFUSED:
            exchange.refuse(Rcode.REFUSED, Ede.NOT_AUTHORITATIVE, "no zone here holds this name")
        else:
            exchange.answer = answer

    _STEPS: ClassVar[tuple[Callable[["Responder", Exchange], None], ...]] = (
        _refuse_version,
        _refuse_class,
        _refuse_meta_type,
        _look_up,
    )

    def _render(self, exchange: Exchange) -> bytes:
        query, answer = exchange.query, exchange.answer or Answer(rcode=Rcode.SERVFAIL)
        flags = _response_flags(query.header) | answer.rcode & 15
        if answer.authoritative:
            flags |= AA
        return render(
            query.header.ident,
            flags,
            query.question,
            answer,
            self._opt(exchange, answer.rcode),
            self._limit(exchange),
        )

    def _opt(self, exchange: Exchange, rcode: int) -> bytes:
        asked = exchange.query.edns
        if asked is None:
            return b""
        return edns.write(
            self._udp_size, rcode, dnssec_ok=asked.dnssec_ok, options=exchange.options
        )

    def _limit(self, exchange: Exchange) -> int:
        if exchange.over_tcp:
            return MAX_TCP_MESSAGE
        asked = exchange.query.edns
        if asked is None:
            return MAX_PLAIN_UDP
        return max(MAX_PLAIN_UDP, min(asked.payload_size, self._udp_size))


def _response_flags(header: Header) -> int:
    """Copy opcode, RD and CD (RFC 1035, section 4.1.1; RFC 4035, section 3.1.6)."""
    return QR | header.flags & (0x7800 | RD | CD)


def _bare(header: Header, rcode: Rcode) -> bytes:
    """Write a response of a header alone, for what could not be read further."""
    flags = _response_flags(header) | rcode
    return header.ident.to_bytes(2, "big") + flags.to_bytes(2, "big") + bytes(8)
