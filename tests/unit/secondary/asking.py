"""Requests for transfers, as the responder hands them over."""

import dns.message
import dns.rrset

from nsd.message.header import read_header
from nsd.message.transport import Transport
from nsd.server.later import TransferRequest
from nsd.server.query import read_query
from nsd.zone.name import WireName, from_text, to_text

APEX = from_text("example.com.")
CLIENT = "192.0.2.7"


def ask(
    kind: str = "AXFR",
    *,
    apex: WireName = APEX,
    serial: int | None = None,
    transport: Transport = Transport.TCP,
    limit: int = 65535,
) -> TransferRequest:
    """Ask for a transfer without EDNS and without a signature."""
    asked = dns.message.make_query(to_text(apex), kind, use_edns=False)
    if serial is not None:
        soa = f". . {serial} 0 0 0 0"
        asked.authority.append(dns.rrset.from_text(to_text(apex), 0, "IN", "SOA", soa))
    wire = asked.to_wire()
    return TransferRequest(
        query=read_query(read_header(wire), wire),
        apex=apex,
        serial=serial,
        transport=transport,
        client=CLIENT,
        key=None,
        signer=None,
        opt=b"",
        limit=limit,
        refuse=str.encode,
    )
