"""Packets that nobody should send, and what must hold for every reply to them."""

import random
import struct
from collections.abc import Callable

import dns.exception
import dns.flags
import dns.message
import dns.rdatatype
import dnslib

from nsd.server.cookie import Cookies
from tests.conformance.asked import Nameserver

Packet = bytes
Reply = bytes | None

RECORDS = """
a A 192.0.2.1
* TXT any
alias CNAME a
loop CNAME loop
long CNAME a.b.c.d.e.f.g.h
d DNAME d.d
e DNAME elsewhere.test.
sub NS ns.sub
ns.sub A 192.0.2.2
big TXT {big}
unknown TYPE65280 \\# 3 010203
""".format(big=" ".join(["x" * 200] * 8))

_NAMES = [
    name + ".example."
    for name in "a x.y alias loop long z.d z.e sub q.sub big unknown d *".split()  # noqa: SIM905
] + [".", "example.", "elsewhere.test.", "version.bind.", f"{'a' * 63}.{'b' * 63}.example."]

_TYPES = [0, 1, 2, 5, 6, 12, 15, 16, 28, 39, 41, 43, 46, 250, 251, 252, 253, 255, 65280, 65535]
_POINTERS = [0xC000, 0xC00C, 0xC00D, 0xC010, 0xFFFF, 0xC0FF]


def target() -> Nameserver:
    """Serve a zone with something of everything, all features on."""
    cookies = Cookies(bytes(16), wall=lambda: 1_000_000_000.0)
    return Nameserver({"example.": RECORDS}, identity="ns1", version="1", cookies=cookies)


class Hostile:
    """An endless supply of packets; the same random numbers give the same packets."""

    def __init__(self, source: random.Random) -> None:
        self.random = source
        self._ways: list[Callable[[], Packet]] = [
            self._noise,
            self._header_and_noise,
            self._query,
            self._mutated,
            self._mutated,
            self._cut_off,
            self._counts,
            self._pointers,
            self._options,
            self._spliced,
        ]

    def packet(self) -> Packet:
        """Make the next one."""
        return self.random.choice(self._ways)()

    def _noise(self) -> Packet:
        return self.random.randbytes(self.random.choice([0, 1, 5, 11, 12, 13, 20, 60, 600]))

    def _header_and_noise(self) -> Packet:
        counts = [self.random.choice([0, 1, 1, 2, 65535]) for _ in range(4)]
        return struct.pack(">HHHHHH", *self._ids(), *counts) + self._noise()

    def _ids(self) -> tuple[int, int]:
        return self.random.randrange(65536), self.random.choice([0, 0, 0x100, 0x8000, 0x2000])

    def _query(self) -> Packet:
        name, kind = self.random.choice(_NAMES), self.random.choice(_TYPES)
        query = dns.message.make_query(
            name,
            dns.rdatatype.RdataType.make(kind),
            rdclass=self.random.choice(["IN", "IN", "IN", "CH", "ANY", "CLASS77"]),
            use_edns=self.random.choice([False, 0, 0, 1]),
            payload=self.random.choice([0, 512, 1232, 65535]),
            flags=self.random.choice([0, 0, 0x100, 0x7F0]),
            id=self.random.randrange(65536),
        )
        return query.to_wire()

    def _mutated(self) -> Packet:
        octets = bytearray(self._query())
        for _ in range(self.random.randrange(1, 6)):
            at = self.random.randrange(len(octets))
            octets[at] = self.random.choice(
                [0, 1, 0x3F, 0x40, 0xC0, 0xFF, self.random.randrange(256)]
            )
        return bytes(octets)

    def _cut_off(self) -> Packet:
        query = self._query()
        return query[: self.random.randrange(len(query) + 1)]

    def _counts(self) -> Packet:
        octets = bytearray(self._query())
        at = self.random.choice([4, 6, 8, 10])
        octets[at : at + 2] = self.random.choice(
            [b"\x00\x00", b"\x00\x02", b"\xff\xff", b"\x01\x00"]
        )
        return bytes(octets)

    def _pointers(self) -> Packet:
        """Names that point at themselves, forwards, into the header, or in circles."""
        header = struct.pack(">HHHHHH", *self._ids(), 1, 0, 0, self.random.choice([0, 1, 20]))
        pieces = [
            self.random.choice([b"\x01a", b"\x3f" + b"b" * 63, b"\x00", b"\x80", b"\x40"])
            if self.random.random() < 0.4
            else self.random.choice(_POINTERS).to_bytes(2, "big")
            for _ in range(self.random.randrange(1, 30))
        ]
        return header + b"".join(pieces) + b"\x00\x01\x00\x01"

    def _options(self) -> Packet:
        """OPT records whose options lie about their lengths."""
        options = b"".join(
            struct.pack(">HH", self.random.randrange(17), self.random.choice([0, 4, 8, 24, 65535]))
            + self.random.randbytes(self.random.choice([0, 4, 8, 24]))
            for _ in range(self.random.randrange(4))
        )
        length = self.random.choice([len(options)] * 4 + [0, 65535])
        opt = (
            struct.pack(">BHHIH", 0, 41, 1232, self.random.choice([0, 0, 1 << 16]), length)
            + options
        )
        query = dns.message.make_query("a.example.", "A", id=self.random.randrange(65536))
        wire = bytearray(query.to_wire() + opt * self.random.choice([1, 1, 1, 2]))
        wire[11] = self.random.choice([1, 1, 1, 2])
        return bytes(wire)

    def _spliced(self) -> Packet:
        one, other = self._query(), self._query()
        return one[: self.random.randrange(len(one))] + other[self.random.randrange(len(other)) :]


def judge(server: Nameserver, packet: Packet, *, tcp: bool) -> Reply:
    """Send a packet and hold the reply to what every reply must be; give it."""
    reply = server.reply(packet, tcp=tcp)
    if reply is None:
        assert len(packet) < 12 or packet[2] & 0x80, packet.hex()
        return None
    assert reply[:2] == packet[:2], packet.hex()
    assert reply[2] & 0xF8 == packet[2] & 0x78 | 0x80, packet.hex()
    assert len(reply) <= (65535 if tcp else 1232), packet.hex()
    _decode(reply, packet)
    return reply


def _decode(reply: bytes, packet: Packet) -> None:
    """Decode by two libraries and hold the results against each other."""
    if reply[2] & 0x78 == 0x28:  # dnspython reads the sections of UPDATE in another way
        return
    one = dns.message.from_wire(reply, one_rr_per_rrset=True)
    try:
        other = dnslib.DNSRecord.parse(reply)
    except dnslib.DNSError as error:
        if "Invalid label" in str(error):  # dnslib takes UTF-8 alone
            return
        raise
    assert int(one.rcode()) & 15 == other.header.rcode, packet.hex()
    for ours, theirs in ((one.answer, other.rr), (one.authority, other.auth)):
        first = [(rrset.name.labels[:-1], int(rrset.rdtype), rrset.ttl) for rrset in ours]
        second = [(tuple(rr.rname.label), rr.rtype, rr.ttl) for rr in theirs]
        assert first == second, packet.hex()
    assert len(one.additional) + (one.edns >= 0) == len(other.ar), packet.hex()
