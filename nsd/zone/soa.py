"""The SOA record as a value (RFC 1035, section 3.3.13)."""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from nsd.errors import Invalid
from nsd.zone import duration, name, rdata, rrtypes
from nsd.zone.name import WireName

_numbers = struct.Struct(">5I")


@dataclass(frozen=True, slots=True)
class Soa:
    """Names in wire form with the letters' case kept; timers and TTL in seconds."""

    ttl: int
    mname: WireName
    rname: WireName
    serial: int
    refresh: int
    retry: int
    expire: int
    minimum: int

    @property
    def rdata(self) -> bytes:
        """The RDATA in wire form, names uncompressed."""
        return (
            self.mname
            + self.rname
            + _numbers.pack(self.serial, self.refresh, self.retry, self.expire, self.minimum)
        )

    @classmethod
    def from_rdata(cls, ttl: int, rdata: bytes) -> "Soa":
        """Take apart RDATA with uncompressed names; ValueError where it is malformed."""
        mname, at = name.read(rdata, 0)
        rname, at = name.read(rdata, at)
        if len(rdata) - at != _numbers.size:
            raise ValueError("an SOA ends in five numbers of four octets")
        return cls(ttl, mname, rname, *_numbers.unpack_from(rdata, at))


def from_fields(
    ttl: int | None, fields: Sequence[str], read_name: Callable[[str], WireName]
) -> Soa:
    """Read the raw fields behind the type. Raises Invalid.

    Where nothing says a TTL, the minimum is taken for it, as BIND does.
    """
    if fields and fields[0] == rdata.GENERIC:
        soa = Soa.from_rdata(0, rdata.from_fields(rrtypes.SOA, fields, read_name))
    elif len(fields) == 7:
        soa = Soa(
            0,
            read_name(fields[0]),
            read_name(fields[1]),
            rdata.number(fields[2], duration.MAX_TIMER, "serial"),
            duration.bounded(fields[3], duration.MAX_TIMER, "refresh time"),
            duration.bounded(fields[4], duration.MAX_TIMER, "retry time"),
            duration.bounded(fields[5], duration.MAX_TIMER, "expire time"),
            duration.bounded(fields[6], duration.MAX_TIMER, "minimum"),
        )
    else:
        raise Invalid("an SOA has 7 fields: mname rname serial refresh retry expire minimum")
    return replace(soa, ttl=min(soa.minimum, duration.MAX_TTL) if ttl is None else ttl)
