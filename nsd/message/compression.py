"""Writing a message with its names compressed (RFC 1035, section 4.1.4)."""

from collections.abc import Sequence
from typing import Final

from nsd.message.header import HEADER, HEADER_LENGTH
from nsd.zone import rrtypes
from nsd.zone.answer import Owned
from nsd.zone.name import WireName
from nsd.zone.name_fields import NAMES_AT, NamesAt
from nsd.zone.rrset import PREFIX_LENGTH, RRset

MAX_HOPS: Final = 8  # resolvers give up on names that take many more pointers to read

# The types whose names may be compressed: those of RFC 1035 (RFC 3597, section 4).
_COMPRESSIBLE: Final = {
    rrtype: NAMES_AT[rrtype]
    for rrtype in (rrtypes.NS, rrtypes.CNAME, rrtypes.PTR, rrtypes.MX, rrtypes.SOA)
}


class Draft:
    """A response under construction, never longer than its limit.

    Owners are compressed whatever their case, since a response repeats the question's spelling;
    names in RDATA only onto names spelled alike, so that their case is kept.
    """

    __slots__ = ("_counts", "_folded", "_hops", "_limit", "_spelled", "octets")

    def __init__(self, question: bytes, limit: int) -> None:
        self.octets = bytearray(HEADER_LENGTH) + question
        self._limit = limit
        self._counts = [1 if question else 0, 0, 0, 0]
        self._spelled: dict[bytes, int] = {}
        self._folded: dict[bytes, int] = {}
        self._hops: dict[int, int] = {}  # how many pointers it takes from an offset, if any
        if question:
            self._remember(question[:-4], HEADER_LENGTH)

    def add(self, section: int, owned: Owned) -> bool:
        """Add a whole RRset to a section, 1 to 3; if it does not fit, add nothing and say so."""
        start = len(self.octets)
        self._write_rrset(owned.owner, owned.rrset)
        if len(self.octets) > self._limit:
            self._forget(start)
            return False
        self._counts[section] += owned.rrset.count
        return True

    def add_all(self, section: int, rrsets: Sequence[Owned]) -> bool:
        """Add RRsets until one does not fit; tell whether all did."""
        return all(self.add(section, owned) for owned in rrsets)

    def finish(self, ident: int, flags: int, opt: bytes) -> bytes:
        """Append the OPT record and fill in the header."""
        if opt:
            self.octets += opt
            self._counts[3] += 1
        HEADER.pack_into(self.octets, 0, ident, flags, *self._counts)
        return bytes(self.octets)

    def _forget(self, start: int) -> None:
        del self.octets[start:]
        for known in (self._spelled, self._folded):
            for name in [name for name, offset in known.items() if offset >= start]:
                del known[name]
        self._hops = {offset: hops for offset, hops in self._hops.items() if offset < start}

    def _remember(self, name: bytes, offset: int) -> None:
        """Note each suffix of a name just written at `offset`, as far as pointers reach."""
        at = 0
        while (length := name[at]) and length < 64 and offset + at < 0x4000:
            suffix = name[at:]
            self._spelled.setdefault(suffix, offset + at)
            self._folded.setdefault(suffix.lower(), offset + at)
            at += length + 1

    def _write_name(self, name: bytes, known: dict[bytes, int], *, fold: bool) -> None:
        start = len(self.octets)
        at = hops = 0
        while length := name[at]:
            suffix = name[at:]
            offset = known.get(suffix.lower() if fold else suffix)
            if offset is not None and self._hops.get(offset, 0) < MAX_HOPS:
                hops = self._hops.get(offset, 0) + 1
                self.octets += name[:at] + (0xC000 | offset).to_bytes(2, "big")
                break
            at += length + 1
        else:
            self.octets += name
        self._remember_new(name, start, at, hops)

    def _remember_new(self, name: bytes, start: int, written: int, hops: int) -> None:
        at = 0
        while at < written and start + at < 0x4000:
            suffix = name[at:]
            self._spelled.setdefault(suffix, start + at)
            self._folded.setdefault(suffix.lower(), start + at)
            if hops:
                self._hops[start + at] = hops
            at += name[at] + 1

    def _write_rrset(self, owner: WireName, rrset: RRset) -> None:
        packed = rrset.packed
        names_at = _COMPRESSIBLE.get(rrset.rrtype)
        at = 0
        while at < len(packed):
            self._write_name(owner, self._folded, fold=True)
            start = at + PREFIX_LENGTH
            end = start + (packed[start - 2] << 8 | packed[start - 1])
            if names_at is None:
                self.octets += packed[at + 2 : end]
            else:
                self.octets += packed[at + 2 : start]
                self._write_rdata(packed[start:end], names_at)
            at = end

    def _write_rdata(self, rdata: bytes, names_at: NamesAt) -> None:
        octets = self.octets
        start = len(octets)
        at = names_at.before
        octets += rdata[:at]
        for _ in range(names_at.names):
            end = _end_of_name(rdata, at)
            self._write_name(rdata[at:end], self._spelled, fold=False)
            at = end
        octets += rdata[at:]
        octets[start - 2 : start] = (len(octets) - start).to_bytes(2, "big")


def _end_of_name(rdata: bytes, at: int) -> int:
    while length := rdata[at]:
        at += length + 1
    return at + 1
