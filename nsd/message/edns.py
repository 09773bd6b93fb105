"""EDNS(0): the OPT record of a query and of its response (RFC 6891)."""

import struct
from dataclasses import dataclass
from typing import Final

from nsd.zone import rrtypes

DNSSEC_OK: Final = 0x8000

# Option codes.
NSID: Final = 3
COOKIE: Final = 10
KEEPALIVE: Final = 11
EXTENDED_ERROR: Final = 15

START: Final = b"\x00\x00\x29"  # the root, and the type OPT
PLAIN_LENGTH: Final = 11  # an OPT record without options

_fixed = struct.Struct(">BHHBBHH")  # root, type, payload size, high rcode, version, flags, length
_option = struct.Struct(">HH")


@dataclass(frozen=True, slots=True)
class Edns:
    """What a query's OPT record says; `options` as (code, data) in their order."""

    payload_size: int = 512
    version: int = 0
    dnssec_ok: bool = False
    options: tuple[tuple[int, bytes], ...] = ()

    def option(self, code: int) -> bytes | None:
        """Find the first option of one code."""
        return next((data for found, data in self.options if found == code), None)


def parse(payload_size: int, ttl: int, rdata: bytes) -> Edns:
    """Read an OPT record's fields; raises ValueError if its options do not fill it exactly."""
    return Edns(
        payload_size=payload_size,
        version=ttl >> 16 & 0xFF,
        dnssec_ok=bool(ttl & DNSSEC_OK),
        options=tuple(_options(rdata)),
    )


def _options(rdata: bytes) -> list[tuple[int, bytes]]:
    found = []
    at = 0
    while at < len(rdata):
        if at + 4 > len(rdata):
            raise ValueError("an EDNS option runs out of the OPT record")
        code, length = _option.unpack_from(rdata, at)
        at += 4 + length
        if at > len(rdata):
            raise ValueError("an EDNS option runs out of the OPT record")
        found.append((code, rdata[at - length : at]))
    return found


def write(
    payload_size: int, rcode: int, *, dnssec_ok: bool, options: list[tuple[int, bytes]]
) -> bytes:
    """Write the OPT record of a response; DO is copied from the query (RFC 3225, section 3)."""
    rdata = b"".join(_option.pack(code, len(data)) + data for code, data in options)
    flags = DNSSEC_OK if dnssec_ok else 0
    return _fixed.pack(0, rrtypes.OPT, payload_size, rcode >> 4, 0, flags, len(rdata)) + rdata
