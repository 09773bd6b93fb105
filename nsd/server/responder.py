"""From the octets of a query to the octets of its response.

The order of processing is `Responder._STEPS`: each step lets the exchange pass, or ends it by
setting its answer. Everything here is synchronous and touches memory alone.
"""

import socket
from collections.abc import Callable
from functools import partial
from typing import ClassVar, Final

from nsd.errors import Malformed
from nsd.message import edns
from nsd.message.header import AA, HEADER_LENGTH, OPCODE_BITS, QR, RD, Header, read_header
from nsd.message.tsig import Unsigned
from nsd.rcode import Ede, Rcode
from nsd.server.chaos import CLASS_CHAOS, describe
from nsd.server.cookie import Cookies
from nsd.server.exchange import Exchange
from nsd.server.later import Later, TransferRequest, Transfers
from nsd.server.query import read_held_serial, read_query
from nsd.server.render import render
from nsd.server.signature import check_signature
from nsd.zone import rrtypes
from nsd.zone.answer import Answer, Owned
from nsd.zone.lookup import lookup
from nsd.zone.name import lower
from nsd.zone.rrset import CLASS_IN
from nsd.zone.table import ZoneTable

MAX_TCP_MESSAGE: Final = 65535
MAX_PLAIN_UDP: Final = 512  # RFC 1035, section 4.2.1
OPCODE_QUERY: Final = 0
OPCODE_NOTIFY: Final = 4
CLASS_ANY: Final = 255
KEEPALIVE_UNITS: Final = 10  # a second (RFC 7828, section 3.1)


class Responder:
    """Answers queries from a table of zones.

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
        udp_size: int = 1232,
        version: str = "",
        identity: str = "",
        cookies: Cookies | None = None,
        tcp_idle_seconds: float = 10.0,
        transfers: Transfers | None = None,
    ) -> None:
        self._table = table
        self._transfers = transfers
        self._udp_size = udp_size
        self._version = version
        self._identity = identity
        self._cookies = cookies
        self._keepalive = min(int(tcp_idle_seconds * KEEPALIVE_UNITS), 0xFFFF).to_bytes(2, "big")

    def respond(self, message: bytes, *, over_tcp: bool, client: str = "") -> bytes | None:
        """Give the response of a responder without transfers, all of whose responses are at hand.

        None where silence is right.
        """
        response = self.answer(message, over_tcp=over_tcp, client=client)
        assert not isinstance(response, Later)
        return response

    def answer(self, message: bytes, *, over_tcp: bool, client: str = "") -> bytes | Later | None:
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
        exchange = Exchange(query, message, over_tcp, client)
        for step in self._STEPS:
            step(self, exchange)
            if exchange.answer is not None:
                break
            if exchange.later is not None:
                return exchange.later
        return self._render(exchange)

    def _check_signature(self, exchange: Exchange) -> None:
        if exchange.query.tsig is not None:
            keys = None if self._transfers is None else self._transfers.keys
            check_signature(exchange, exchange.query.tsig, keys)

    def _refuse_opcode(self, exchange: Exchange) -> None:
        opcode = exchange.query.header.opcode
        if opcode == OPCODE_NOTIFY and self._transfers is not None:
            self._take_notify(exchange, self._transfers)
        elif opcode != OPCODE_QUERY:
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
        rrtype = exchange.query.qtype
        if rrtype in (rrtypes.AXFR, rrtypes.IXFR):
            self._transfer(exchange)
        elif rrtype == 0:  # RFC 6895, section 3.1: reserved, and no type of any record
            exchange.refuse(Rcode.FORMERR, Ede.OTHER, "type 0 cannot be asked for")
        elif rrtype == rrtypes.OPT or 128 <= rrtype < rrtypes.ANY:
            # RFC 8906, section 3.1.2: meta types alone may be not implemented.
            exchange.refuse(Rcode.NOTIMP, Ede.NOT_SUPPORTED, "this type cannot be asked for")

    def _take_notify(self, exchange: Exchange, transfers: Transfers) -> None:
        """RFC 1996, sections 3.10 to 3.14."""
        query = exchange.query
        if query.qtype != rrtypes.SOA or query.qclass != CLASS_IN:
            exchange.refuse(
                Rcode.NOTIMP, Ede.NOT_SUPPORTED, "only zones' changes are taken note of"
            )
        else:
            rcode = transfers.notified(lower(query.qname), exchange.client, exchange.key)
            exchange.answer = Answer(rcode=rcode, authoritative=True)

    def _transfer(self, exchange: Exchange) -> None:
        held = None
        if self._transfers is None:
            exchange.refuse(Rcode.REFUSED, Ede.PROHIBITED, "zone transfer is not allowed")
            return
        if exchange.query.qtype == rrtypes.IXFR:
            try:
                held = read_held_serial(exchange.query, exchange.message)
            except Malformed as error:
                exchange.refuse(Rcode.FORMERR, Ede.OTHER, str(error))
                return
        elif not exchange.over_tcp:  # RFC 5936, section 4.2
            exchange.refuse(Rcode.REFUSED, Ede.PROHIBITED, "a whole zone goes over TCP only")
            return
        self._hand_over(exchange, self._transfers, held)

    def _hand_over(self, exchange: Exchange, transfers: Transfers, held: int | None) -> None:
        assert not isinstance(exchange.signer, Unsigned)  # that was refused before
        request = TransferRequest(
            query=exchange.query,
            apex=lower(exchange.query.qname),
            serial=held,
            over_tcp=exchange.over_tcp,
            client=exchange.client,
            key=exchange.key,
            signer=exchange.signer,
            opt=self._opt(exchange, 0, self._limit(exchange)),
            limit=self._limit(exchange),
            refuse=partial(self._refuse_later, exchange),
        )
        exchange.later = Later(transfers.answer(request))

    def _refuse_later(self, exchange: Exchange, why: str) -> bytes:
        exchange.refuse(Rcode.REFUSED, Ede.PROHIBITED, why)
        return self._render(exchange)

    def _look_up(self, exchange: Exchange) -> None:
        query = exchange.query
        answer = lookup(self._table, query.qname, query.qtype, whole_any=exchange.over_tcp)
        if answer.rcode == Rcode.REFUSED:
            self._miss(exchange)
            return
        if query.qclass == CLASS_ANY:  # who knows what other classes hold at this name?
            answer.authoritative = False
        exchange.answer = answer

    def _miss(self, exchange: Exchange) -> None:
        """Answer for a name outside the zones that everyone sees."""
        transfers, name = self._transfers, lower(exchange.query.qname)
        if transfers is not None:
            if exchange.query.qtype == rrtypes.SOA and transfers.hides(name):
                self._hand_over(exchange, transfers, None)
                return
            if transfers.is_unready(name):
                exchange.refuse(Rcode.SERVFAIL, Ede.NOT_READY, "the zone has expired")
                return
        exchange.refuse(Rcode.REFUSED, Ede.NOT_AUTHORITATIVE, "no zone here holds this name")

    _STEPS: ClassVar[tuple[Callable[["Responder", Exchange], None], ...]] = (
        _check_signature,
        _refuse_version,
        _refuse_opcode,
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
        response = render(query.header.ident, flags, query.question, answer, opt, limit)
        return response if exchange.signer is None else exchange.signer.sign(response)

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
        """Give the octets that a response may have, without its signature."""
        whole = self._whole_limit(exchange)
        return whole if exchange.signer is None else whole - exchange.signer.length

    def _whole_limit(self, exchange: Exchange) -> int:
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
