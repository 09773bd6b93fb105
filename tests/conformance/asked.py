"""Zones from master-file text, asked in wire form; replies that show themselves in assertions."""

import socket
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rdata
import dns.rdatatype
import dns.rrset
import dnslib

from nsd.message.transport import Transport
from nsd.server.responder import Responder
from nsd.server.shortcut import Shortcut
from nsd.zone import masterfile, rrtypes
from nsd.zone.name import WireName, from_text, lower
from nsd.zone.rrset import RRset, make
from nsd.zone.table import ZoneTable
from nsd.zone.zone import Zone

Records = list[str]
CLIENT = "192.0.2.99"

HEAD = """$ORIGIN {apex}
$TTL 300
@ 3600 SOA ns.example.org. host.example.org. 1 7200 900 1209600 900
@ 3600 NS ns.example.org.
"""


def read_zone(text: str, apex: str) -> Zone:
    """Read a whole master file."""
    parsed = masterfile.parse(text, file="zone", origin=from_text(apex))
    return Zone.build(parsed.apex, _rrsets(parsed))


def _rrsets(parsed: masterfile.MasterFile) -> Iterator[tuple[WireName, RRset]]:
    yield parsed.apex, make(rrtypes.SOA, [(parsed.soa.ttl, parsed.soa.rdata)])
    found: dict[tuple[WireName, int], list[tuple[int, bytes]]] = defaultdict(list)
    for record in parsed.records:
        found[record.owner, record.rrtype].append((record.ttl, record.rdata))
    for (owner, kind), pairs in found.items():
        yield owner, make(kind, pairs)


def option(code: int, data: bytes = b"") -> dns.edns.GenericOption:
    """Make an EDNS option."""
    return dns.edns.GenericOption(dns.edns.OptionType.make(code), data)


class Response:
    """A reply, decoded by dnspython and, to hold it against that, by dnslib.

    Records are lines: owner, TTL, type, data; their order and their letters' case are kept.
    """

    def __init__(self, wire: bytes) -> None:
        self.wire = wire
        self.message = dns.message.from_wire(wire, one_rr_per_rrset=True)
        self._hold_against_dnslib()

    def _hold_against_dnslib(self) -> None:
        """Count the records; dnslib knows no labels that are not UTF-8 and no empty RDATA."""
        try:
            other = dnslib.DNSRecord.parse(self.wire)
        except dnslib.DNSError as error:
            if "Invalid label" in str(error) or "Empty RR" in str(error):
                return
            raise
        counts = [len(other.rr), len(other.auth), len(other.ar)]
        message = self.message
        ours = [len(one) for one in (message.answer, message.authority, message.additional)]
        assert counts == [ours[0], ours[1], ours[2] + (message.edns >= 0)], self

    def __str__(self) -> str:
        return f"\n{self.message}"

    __repr__ = __str__

    @property
    def rcode(self) -> str:
        """The whole response code, its upper bits from the OPT record."""
        return dns.rcode.to_text(self.message.rcode())

    @property
    def flags(self) -> set[str]:
        """The flags that are set, as `dig` names them, QR left out."""
        return set(dns.flags.to_text(self.message.flags).lower().split()) - {"qr"}

    @property
    def answer(self) -> Records:
        """The answer section."""
        return _lines(self.message.answer)

    @property
    def authority(self) -> Records:
        """The authority section."""
        return _lines(self.message.authority)

    @property
    def additional(self) -> Records:
        """The additional section without the OPT record."""
        return _lines(self.message.additional)

    @property
    def options(self) -> dict[int, bytes]:
        """The data of the OPT record's options by code."""
        return {int(one.otype): one.to_wire() or b"" for one in self.message.options}

    @property
    def extended_error(self) -> int | None:
        """The code of the Extended DNS Error (RFC 8914)."""
        found = self.options.get(15)
        return None if found is None else int.from_bytes(found[:2], "big")


def _lines(rrsets: Iterable[dns.rrset.RRset]) -> Records:
    return [
        f"{rrset.name} {rrset.ttl} {dns.rdatatype.to_text(rrset.rdtype)} {rdata}".rstrip()
        for rrset in rrsets
        for rdata in rrset
    ]


class Nameserver:
    """A responder over zones given as (apex, records) pairs; each gets an SOA and an NS."""

    def __init__(self, zones: dict[str, str], **options: Any) -> None:
        self.table = ZoneTable()
        for apex, records in zones.items():
            self.add(apex, records)
        self.responder = Responder(self.table, wall=time.time, **options)
        self.shortcut = Shortcut(self.table, options.get("udp_size", 1232), options.get("cookies"))

    def add(self, apex: str, records: str) -> None:
        """Serve one more zone."""
        self.table.put(read_zone(HEAD.format(apex=apex) + records, apex))

    def remove(self, owner: str, kind: str) -> None:
        """Take an RRset out of the zone that is nearest to its owner."""
        zone, name = self._place(owner)
        zone.remove(name, rrtypes.from_text(kind))

    def add_record(self, owner: str, kind: str, text: str, ttl: int = 300) -> None:
        """Put an RRset of one record into the zone that is nearest to its owner."""
        zone, name = self._place(owner)
        rdata = dns.rdata.from_text("IN", kind, text).to_digestable()
        zone.put(name, make(rrtypes.from_text(kind), [(ttl, rdata)]))

    def _place(self, owner: str) -> tuple[Zone, WireName]:
        name = lower(from_text(owner))
        zone = self.table.find(name, rrtypes.A)
        assert zone is not None, owner
        return zone, name

    def ask(self, name: str, kind: str = "A", *, tcp: bool = False, **options: Any) -> Response:
        """Ask a question; the options are those of `dns.message.make_query`."""
        query = dns.message.make_query(name, kind, **{"flags": 0, **options})
        response = self.send(query.to_wire(), tcp=tcp)
        assert response.message.id == query.id, response
        return response

    def send(self, wire: bytes, *, tcp: bool = False, client: str = CLIENT) -> Response:
        """Send octets that must be replied to."""
        reply = self.reply(wire, tcp=tcp, client=client)
        assert reply is not None, wire.hex()
        return Response(reply)

    def reply(self, wire: bytes, *, tcp: bool = False, client: str = CLIENT) -> bytes | None:
        """Reply as the listeners do: by the shortcut, where it leads to the same."""
        ordinary = self.responder.respond(wire, Transport.TCP if tcp else Transport.UDP, client)
        quick = self.shortcut.respond(wire, None if tcp else Sender(client))
        if quick is None:
            return ordinary
        assert ordinary is not None, wire.hex()
        assert _sections(quick) == _sections(ordinary), wire.hex()
        return quick


class Sender:
    """Where every datagram comes from."""

    def __init__(self, client: str) -> None:
        self._packed = packed(client)

    def client(self, _slot: int) -> bytes:
        """Give the address in octets."""
        return self._packed


def packed(client: str) -> bytes:
    """Give an address as the system does, 4 or 16 octets."""
    address = client.partition("%")[0]
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)


def _sections(wire: bytes) -> str:
    return dns.message.from_wire(wire, one_rr_per_rrset=True).to_text()


def example(records: str, **options: Any) -> Nameserver:
    """Serve the zone `example.`."""
    return Nameserver({"example.": records}, **options)


SOA = "example. 900 SOA ns.example.org. host.example.org. 1 7200 900 1209600 900"
"""What negative answers of `example.` carry."""
