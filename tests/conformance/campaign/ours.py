"""Our responder as one of the servers asked, in this process."""

from collections.abc import Iterator, Sequence

import dns.name
import dns.rdataclass
import dns.zone

from nsd.server.responder import Responder
from nsd.server.shortcut import Shortcut
from nsd.zone.name import WireName, lower
from nsd.zone.rrset import RRset, make
from nsd.zone.table import ZoneTable
from nsd.zone.zone import Zone
from tests.conformance.campaign.asker import Query


class OurServer:
    """Answers from zones in memory, without sockets."""

    name = "ours"

    def __init__(self, texts: Sequence[tuple[str, str]], table: ZoneTable | None = None) -> None:
        self.table = ZoneTable() if table is None else table
        for apex, text in texts:
            self.table.put(read_zone(apex, text))
        self._responder = Responder(self.table)
        self._shortcut = Shortcut(self.table, 1232)

    def ask(self, queries: Sequence[Query]) -> list[bytes | None]:
        """Answer each query; a truncated reply is asked for again over TCP."""
        return [self._ask(query) for query in queries]

    def _ask(self, query: Query) -> bytes | None:
        reply = None if query.tcp else self._shortcut.respond(query.wire)
        if reply is None:
            reply = self._responder.respond(query.wire, over_tcp=query.tcp, client="127.0.0.1")
        if reply is not None and reply[2] & 2:
            return self._responder.respond(query.wire, over_tcp=True, client="127.0.0.1")
        return reply


def read_zone(apex: str, text: str) -> Zone:
    """Build a zone from a master file, read by dnspython."""
    origin = dns.name.from_text(apex)
    parsed = dns.zone.from_text(text, origin, relativize=False, check_origin=False)
    return Zone.build(lower(origin.to_wire()), _rrsets(parsed))


def _rrsets(zone: dns.zone.Zone) -> Iterator[tuple[WireName, RRset]]:
    for owner, rdataset in zone.iterate_rdatasets():
        pairs = [(rdataset.ttl, rdata.to_wire()) for rdata in rdataset]
        yield lower(owner.to_wire()), make(rdataset.rdtype, pairs)
