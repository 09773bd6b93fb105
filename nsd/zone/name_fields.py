"""Where names stand in RDATA: one table for all that reads, compresses, lowers or lists them."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from nsd.zone import name, rrtypes
from nsd.zone.name import WireName


class NamesAt(NamedTuple):
    """The octets before the first name, how many names follow, and the octets after them."""

    before: int
    names: int
    after: int = 0


# The types of RFC 3597, section 4, and of RFC 4034, section 6.2, as RFC 6840, section 5.1, has it:
# their names may come compressed, and the case of their names does not matter. NAPTR is one of
# them; before its name stand strings of any length.
NAMES_AT: Final = {
    rrtypes.NS: NamesAt(0, 1),
    rrtypes.CNAME: NamesAt(0, 1),
    rrtypes.SOA: NamesAt(0, 2, after=20),
    rrtypes.PTR: NamesAt(0, 1),
    rrtypes.MX: NamesAt(2, 1),
    rrtypes.SRV: NamesAt(6, 1),
    rrtypes.DNAME: NamesAt(0, 1),
    **dict.fromkeys((3, 4, 7, 8, 9), NamesAt(0, 1)),  # MD, MF, MB, MG, MR
    **dict.fromkeys((14, 17), NamesAt(0, 2)),  # MINFO, RP
    **dict.fromkeys((18, 21, 36), NamesAt(2, 1)),  # AFSDB, RT, KX
    26: NamesAt(2, 2),  # PX
}

# Types whose RDATA ends in its only name.
END_IN_NAME: Final = {
    rrtype: there.before for rrtype, there in NAMES_AT.items() if there[1:] == (1, 0)
}

_WITH_OURS: Final = {**NAMES_AT, rrtypes.ALIAS: NamesAt(0, 1)}


def canonical(rrtype: int, rdata: bytes) -> bytes:
    """Lower the names inside RDATA where DNS equality ignores their case."""
    if rrtype == rrtypes.NAPTR:
        begin = _after_strings(rdata)
        return rdata[:begin] + rdata[begin:].lower()
    there = _WITH_OURS.get(rrtype)
    if there is None:
        return rdata
    begin, end = there.before, len(rdata) - there.after
    return rdata[:begin] + rdata[begin:end].lower() + rdata[end:]


def _after_strings(naptr: bytes) -> int:
    """Tell where flags, service and regular expression of a NAPTR end."""
    at = 4
    for _ in range(3):
        at += 1 + naptr[at]
    return at


def names(rrtype: int, rdata: bytes) -> Iterator[WireName]:
    """Give the names inside uncompressed RDATA of a type that every server knows by name."""
    at, count = _first_and_count(rrtype, rdata)
    for _ in range(count):
        found, at = name.read(rdata, at)
        yield found


def _first_and_count(rrtype: int, rdata: bytes) -> tuple[int, int]:
    if rrtype == rrtypes.NAPTR:
        return _after_strings(rdata), 1
    if rrtype in (rrtypes.SVCB, rrtypes.HTTPS):
        return 2, 1
    if rrtype == rrtypes.IPSECKEY:  # RFC 4025, section 2.3: the gateway may be a name
        return 3, int(rdata[1] == 3)
    there = _WITH_OURS.get(rrtype, NamesAt(0, 0))
    return there.before, there.names
