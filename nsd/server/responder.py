"""From the octets of a query to the octets of its response.

The order of processing is `Responder._STEPS`: each step lets the exchange pass, or ends it by
setting its answer. Everything here is synchronous and touches memory alone.
"""

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import ClassVar, Final

from nsd.server import edns
from nsd.server.chaos import CLASS_CHAOS, describe
from nsd.server.cookie import Cookies
from nsd.server.query import (
    AA,
    HEADER_LENGTH,
    OPCODE_BITS,
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
from nsd.zone.answer import Answer, Owned, Rcode
from nsd.zone.lookup import lookup
from nsd.zone.rrset import CLASS_IN
from nsd.zone.table import ZoneTable

MAX_TCP_MESSAGE: Final = 65535
MAX_PLAIN_UDP: Final = 512  # RFC 1035, section 4.2.1
OPCODE_QUERY: Final = 0
CLASS_ANY: Final = 255
KEEPALIVE_UNITS: Final = 10  # a second (RFC 7828, section 3.1)


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
        self.options.append((edns.EXTENDED_ERROR, reason.to_bytes(2, "big") + text.encode()))


class Responder:
    """Answers queries from a table of zones.

    udp_size: the largest response over UDP in octets, and what our OPT records announce.
    version, identity: what CHAOS questions and NSID tell; empty tells nothing.
    cookies: makes and checks server cookies; None ignores cookies.
    tcp_idle_seconds: what EDNS keepalive announces.
    """

    def __init__(
        self,
        table: ZoneTable,
        *,
        udp_size: int = 1232,
        version: str = "",
        identity: str = "",
        cookies: Cookies | None = None,
        tcp_idle_seconds: float = 10.0,
    ) -> None:
        self._table = table
        self._udp_size = udp_size
        self._version = version
        self._identity = identity
        self._cookies = cookies
        self._keepalive = min(int(tcp_idle_seconds * KEEPALIVE_UNITS), 0xFFFF).to_bytes(2, "big")

    def respond(self, message: bytes, *, over_tcp: bool, client: str = "") -> bytes | None:
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
        except Malformed:
            return _bare(header, Rcode.FORMERR if header.opcode == OPCODE_QUERY else Rcode.NOTIMP)
        exchange = Exchange(query, over_tcp, client)
        for step in self._STEPS:
            step(self, exchange)
            if exchange.answer is not None:
                break
        return self._render(exchange)

    def _refuse_opcode(self, exchange: Exchange) -> None:
        if exchange.query.header.opcode != OPCODE_QUERY:
            exchange.refuse(Rcode.NOTIMP, Ede.NOT_SUPPORTED, "only queries are answered")

    def _refuse_version(self, exchange: Exchange) -> None:
        # RFC 6891, section 6.1.3.
        asked = exchange.query.edns
        if asked is not None and asked.version != 0:
            exchange.refuse(Rcode.BADVERS, Ede.NOT_SUPPORTED, "only EDNS version 0 is spoken")

    def _read_options(self, exchange: Exchange) -> None:
        """Answer the options that tell of a server or a connection, then the cookie."""
        asked = exchange.query.edns
        if asked is None or not asked.options:
            return
        if self._identity and asked.option(edns.NSID) is not None:  # RFC 5001, section 2.1
            exchange.options.append((edns.NSID, self._identity.encode()))
        if exchange.over_tcp and asked.option(edns.KEEPALIVE) is not None:  # RFC 7828, 3.3.2
            exchange.options.append((edns.KEEPALIVE, self._keepalive))
        cookie = asked.option(edns.COOKIE)
        if cookie is not None and self._cookies is not None:
            self._check_cookie(self._cookies, cookie, exchange)

    def _check_cookie(self, cookies: Cookies, cookie: bytes, exchange: Exchange) -> None:
        """Refuse, or give a server cookie (RFC 7873, section 5.2)."""
        try:
            answered, good = cookies.check(cookie, _packed(exchange.client))
        except ValueError as error:
            exchange.refuse(Rcode.FORMERR, Ede.OTHER, str(error))
            return
        exchange.options.append((edns.COOKIE, answered))
        if cookies.required and not good and not exchange.over_tcp:
            exchange.refuse(Rcode.BADCOOKIE, Ede.OTHER, "ask again with this cookie")
        elif not exchange.query.question:  # RFC 7873, section 5.4
            exchange.answer = Answer()

    def _refuse_no_question(self, exchange: Exchange) -> None:
        if not exchange.query.question:
            exchange.refuse(Rcode.FORMERR, Ede.OTHER, "there is no question")

    def _answer_chaos(self, exchange: Exchange) -> None:
        query = exchange.query
        if query.qclass == CLASS_CHAOS:
            found = describe(
                query.qname, query.qtype, version=self._version, identity=self._identity
            )
            if found is None:
                exchange.refuse(Rcode.REFUSED, Ede.PROHIBITED, "this server does not tell")
            else:
                exchange.answer = Answer(authoritative=True, answer=[Owned(query.qname, found)])

    def _refuse_class(self, exchange: Exchange) -> None:
        if exchange.query.qclass not in (CLASS_IN, CLASS_ANY):
            exchange.refuse(Rcode.REFUSED, Ede.NOT_AUTHORITATIVE, "only class IN is served")

    def _refuse_meta_type(self, exchange: Exchange) -> None:
        kind = exchange.query.qtype
        if kind in (rrtype.AXFR, rrtype.IXFR):
            exchange.refuse(Rcode.REFUSED, Ede.PROHIBITED, "zone transfer is not allowed")
        elif kind == 0:  # RFC 6895, section 3.1: reserved, and no type of any record
            exchange.refuse(Rcode.FORMERR, Ede.OTHER, "type 0 cannot be asked for")
        elif kind == rrtype.OPT or 128 <= kind < rrtype.ANY:
            # RFC 8906, section 3.1.2: meta types alone may be not implemented.
            exchange.refuse(Rcode.NOTIMP, Ede.NOT_SUPPORTED, "this type cannot be asked for")

    def _look_up(self, exchange: Exchange) -> None:
        query = exchange.query
        answer = lookup(self._table, query.qname, query.qtype, whole_any=exchange.over_tcp)
        if answer.rcode == Rcode.REFUSED:
            exchange.refuse(Rcode.REFUSED, Ede.NOT_AUTHORITATIVE, "no zone here holds this name")
            return
        if query.qclass == CLASS_ANY:  # who knows what other classes hold at this name?
            answer.authoritative = False
        exchange.answer = answer

    _STEPS: ClassVar[tuple[Callable[["Responder", Exchange], None], ...]] = (
        _refuse_opcode,
        _refuse_version,
        _read_options,
        _refuse_no_question,
        _answer_chaos,
        _refuse_class,
        _refuse_meta_type,
        _look_up,
    )

    def _render(self, exchange: Exchange) -> bytes:
        query, answer = exchange.query, exchange.answer or Answer(rcode=Rcode.SERVFAIL)
        flags = _response_flags(query.header) | answer.rcode & 15
        if answer.authoritative:
            flags |= AA
        limit = self._limit(exchange)
        opt = self._opt(exchange, answer.rcode, limit - HEADER_LENGTH - len(query.question))
        return render(query.header.ident, flags, query.question, answer, opt, limit)

    def _opt(self, exchange: Exchange, rcode: int, room: int) -> bytes:
        """Write the OPT record; where there is no room for all options, with the cookie alone."""
        asked = exchange.query.edns
        if asked is None:
            return b""
        options = exchange.options
        opt = edns.write(self._udp_size, rcode, dnssec_ok=asked.dnssec_ok, options=options)
        if len(opt) <= room:
            return opt
        options = [option for option in options if option[0] == edns.COOKIE]
        return edns.write(self._udp_size, rcode, dnssec_ok=asked.dnssec_ok, options=options)

    def _limit(self, exchange: Exchange) -> int:
        if exchange.over_tcp:
            return MAX_TCP_MESSAGE
        asked = exchange.query.edns
        if asked is None:
            return MAX_PLAIN_UDP
        return max(MAX_PLAIN_UDP, min(asked.payload_size, self._udp_size))


def _packed(client: str) -> bytes:
    address = client.partition("%")[0]  # a link-local address names its interface
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)


def _response_flags(header: Header) -> int:
    """Copy opcode and RD (RFC 1035, section 4.1.1), but not CD (RFC 4035, section 3.1.6)."""
    return QR | header.flags & (OPCODE_BITS | RD)


def fail(message: bytes) -> bytes:
    """Answer SERVFAIL to a message that `respond` could not answer because of a fault of ours."""
    return _bare(read_header(message), Rcode.SERVFAIL)


def _bare(header: Header, rcode: Rcode) -> bytes:
    """Write a response of a header alone, for what could not be read further."""
    flags = _response_flags(header) | rcode
    return header.ident.to_bytes(2, "big") + flags.to_bytes(2, "big") + bytes(8)
