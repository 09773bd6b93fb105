"""The addresses that an ALIAS stands for: packed A and AAAA records of its target."""

from collections.abc import Iterable, Iterator
from typing import Final

from nsd.zone import rrtypes
from nsd.zone.rrset import RRset, pack

FAMILIES: Final = (rrtypes.A, rrtypes.AAAA)

# What is stored with an ALIAS: packed records, A before AAAA; none where the target has no address.
Addresses = bytes


def addresses_of(rrsets: Iterable[RRset | None], most_ttl: int) -> Addresses:
    """Pack the addresses of RRsets with TTLs of `most_ttl` at the most, in a fixed order."""
    return b"".join(
        pack(rrset.rrtype, min(rrset.ttl, most_ttl), rdata)
        for rrset in rrsets
        if rrset is not None
        for rdata in sorted(rrset.rdatas)
    )


def unpack(addresses: Addresses | None, most_ttl: int) -> Iterator[tuple[int, int, bytes]]:
    """Go through (type, TTL, RDATA), the TTL being `most_ttl` at the most."""
    at = 0
    while addresses and at < len(addresses):
        rrtype = int.from_bytes(addresses[at + 2 : at + 4], "big")
        ttl = int.from_bytes(addresses[at + 6 : at + 10], "big")
        end = at + 12 + int.from_bytes(addresses[at + 10 : at + 12], "big")
        yield rrtype, min(ttl, most_ttl), addresses[at + 12 : end]
        at = end
