"""The questions that this server asks others, and what it reads in their answers.

dnslib writes and reads the messages. dnspython would take TSIG and the sockets off our hands too,
but a signed question and its answer take 790 µs of a core with it, 240 so, and every change asks
each secondary twice or more.
"""

import secrets
from typing import Any, Final, TypeAlias

from dnslib import EDNS0, QTYPE, RD, RR, DNSBuffer, DNSHeader, DNSLabel, DNSQuestion, DNSRecord

from nsd.errors import BadAnswer
from nsd.message.header import AA
from nsd.zone import name, rrtypes
from nsd.zone.name import WireName
from nsd.zone.soa import Soa

PAYLOAD_SIZE: Final = 1232  # octets that a datagram to us may have
_NOTIFY: Final = 4 << 11

Message: TypeAlias = Any  # a DNSRecord: dnslib has no types


def ask(qname: WireName, rrtype: int, *, with_edns: bool = False) -> bytes:
    """Write a question of class IN, with a random ID."""
    question = _question(0, qname, rrtype)
    if with_edns:
        question.add_ar(EDNS0(udp_len=PAYLOAD_SIZE))
    return bytes(question.pack())


def notify(apex: WireName) -> bytes:
    """Write a NOTIFY for a zone (RFC 1996, section 3.7)."""
    return bytes(_question(_NOTIFY | AA, apex, rrtypes.SOA).pack())


def ask_changes(apex: WireName, soa: Soa) -> bytes:
    """Write an IXFR question of one who holds the zone with this SOA (RFC 1995, section 3)."""
    question = _question(0, apex, rrtypes.IXFR)
    question.add_auth(RR(_label(apex), QTYPE.SOA, rdata=RD(soa.rdata)))
    return bytes(question.pack())


def _question(flags: int, qname: WireName, rrtype: int) -> Message:
    return DNSRecord(
        DNSHeader(id=secrets.randbits(16), bitmap=flags), q=DNSQuestion(_label(qname), rrtype)
    )


def _label(qname: WireName) -> Message:
    return DNSLabel(name.labels(qname))


class _Buffer(DNSBuffer):  # type: ignore[misc]
    """Reads names as the rest of us does: dnslib's own way takes UTF-8 alone."""

    offset: int

    def decode_name(self, last: int = -1) -> Message:  # noqa: ARG002 -- the signature is dnslib's
        found, self.offset = name.read(self.data, self.offset)
        return _label(found)


def read(wire: bytes) -> Message:
    """Read a whole message. Raises BadAnswer."""
    buffer = _Buffer(wire)
    try:
        header = DNSHeader.parse(buffer)
        questions = [DNSQuestion.parse(buffer) for _ in range(header.q)]
        answers, authorities, additionals = (
            [RR.parse(buffer) for _ in range(count)] for count in (header.a, header.auth, header.ar)
        )
    except Exception as error:  # dnslib lets through whatever a malformed record makes it raise
        raise BadAnswer(f"a malformed answer: {error}") from error
    return DNSRecord(header, questions, answers, auth=authorities, ar=additionals)


def serial_in(answer: Message, apex: WireName) -> int | None:
    """Give the serial of a zone's SOA in an authoritative answer; None where there is none."""
    if answer.header.rcode or not answer.header.aa:
        return None
    for record in answer.rr:
        if record.rtype == QTYPE.SOA and record.rname == _label(apex):
            serial: int = record.rdata.times[0]
            return serial
    return None
