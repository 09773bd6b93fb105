"""The SOA record as a value (RFC 1035, section 3.3.13)."""

import struct
from dataclasses import dataclass

from nsd.zone import name
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
