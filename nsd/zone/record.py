"""A record: one value, the API's unit."""

from typing import NamedTuple

from nsd.zone.name import WireName


class Record(NamedTuple):
    """One record as it is asked for or stored, without the identity that the store gives it.

    `owner` is absolute and in lower case. `rdata` is in wire form, names uncompressed, letters'
    case kept. `value` is the text that was sent, kept only where `nsd.zone.value.show` would
    give another; `priority` is kept only where the RDATA has no place for it (all types but MX
    and SRV). A tuple, since imports make them by the million.
    """

    owner: WireName
    rrtype: int
    ttl: int
    rdata: bytes
    value: str | None = None
    priority: int | None = None
