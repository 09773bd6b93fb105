"""From an answer to a message: flags, OPT record, sections, truncation, signature."""

from typing import Final

from nsd.message.compression import Draft
from nsd.message.header import AA, HEADER_LENGTH, OPCODE_BITS, QR, RCODE_BITS, RD, TC, Header
from nsd.rcode import Rcode
from nsd.server.exchange import Exchange
from nsd.server.options import Options
from nsd.zone.answer import Answer

MAX_STREAM_MESSAGE: Final = 65535
MAX_PLAIN_DATAGRAM: Final = 512  # RFC 1035, section 4.2.1


class Renderer:
    """Writes responses; `udp_size` is how long one may be in a datagram, in octets."""

    def __init__(self, udp_size: int, options: Options) -> None:
        self._udp_size = udp_size
        self._options = options

    def render(self, exchange: Exchange, answer: Answer) -> bytes:
        """Write a response.

        TC is set only where something required is left out (RFC 2181, section 9): the answer and
        authority sections, and glue for name servers below their own cut (RFC 9471, section 3.1).
        """
        query, limit = exchange.query, self.limit(exchange)
        opt = self._options.write(
            exchange, answer.rcode, limit - HEADER_LENGTH - len(query.question)
        )
        draft = Draft(query.question, limit - len(opt))
        flags = response_flags(query.header) | answer.rcode & RCODE_BITS
        if answer.authoritative:
            flags |= AA
        if not _fill(draft, answer):
            flags |= TC
        response = draft.finish(query.header.ident, flags, opt)
        return response if exchange.signer is None else exchange.signer.sign(response)

    def opt(self, exchange: Exchange, rcode: int, room: int) -> bytes:
        """Write the OPT record of a response; empty where the query had none."""
        return self._options.write(exchange, rcode, room)

    def limit(self, exchange: Exchange) -> int:
        """Give the octets that a response may have, without its signature."""
        whole = self._whole_limit(exchange)
        return whole if exchange.signer is None else whole - exchange.signer.length

    def _whole_limit(self, exchange: Exchange) -> int:
        if exchange.transport.is_stream:
            return MAX_STREAM_MESSAGE
        asked = exchange.query.edns
        if asked is None:
            return MAX_PLAIN_DATAGRAM
        return max(MAX_PLAIN_DATAGRAM, min(asked.payload_size, self._udp_size))


def _fill(draft: Draft, answer: Answer) -> bool:
    """Put in what there is room for; tell whether all that is required is in."""
    whole = (
        draft.add_all(1, answer.answer)
        and draft.add_all(2, answer.authority)
        and draft.add_all(3, answer.required_glue)
    )
    if whole:
        for glue in answer.other_glue:
            draft.add(3, glue)
    return whole


def response_flags(header: Header) -> int:
    """Copy opcode and RD (RFC 1035, section 4.1.1), but not CD (RFC 4035, section 3.1.6)."""
    return QR | header.flags & (OPCODE_BITS | RD)


def bare(header: Header, rcode: Rcode) -> bytes:
    """Write a response of a header alone, for what could not be read further."""
    flags = response_flags(header) | rcode
    return header.ident.to_bytes(2, "big") + flags.to_bytes(2, "big") + bytes(8)
