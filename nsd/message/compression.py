"""From an answer to a message: compression, truncation, sections."""

import struct
from collections.abc import Sequence
from typing import Final

from nsd.message.header import HEADER_LENGTH, TC
from nsd.zone import rrtypes
from nsd.zone.answer import Answer, Owned
from nsd.zone.name import WireName
from nsd.zone.rrset import PREFIX_LENGTH, RRset

MAX_HOPS: Final = 8  # resolvers give up on names that take many more pointers to read

_header = struct.Struct(">HHHHHH")

# Where names begin in the RDATA of the types whose names may be compressed: those of RFC 1035
# (RFC 3597, section 4). The value is the count of octets before the first name.
_COMPRESSIBLE: Final = {
    rrtypes.NS: 0,
    rrtypes.CNAME: 0,
    rrtypes.PTR: 0,
    rrtypes.MX: 2,
    rrtypes.SOA: 0,
}


class Message:
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
        _header.pack_into(self.octets, 0, ident, flags, *self._counts)
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
                self._write_rdata(packed[start:end], names_at, rrset.rrtype)
            at = end

    def _write_rdata(self, rdata: bytes, names_at: int, rrtype: int) -> None:
        octets = self.octets
        start = len(octets)
        octets += rdata[:names_at]
        at = names_at
        for _ in range(2 if rrtype == rrtypes.SOA else 1):
            end = _end_of_name(rdata, at)
            self._write_name(rdata[at:end], self._spelled, fold=False)
            at = end
        octets += rdata[at:]
        octets[start - 2 : start] = (len(octets) - start).to_bytes(2, "big")


def _end_of_name(rdata: bytes, at: int) -> int:
    while length := rdata[at]:
        at += length + 1
    return at + 1


def render(
    ident: int, flags: int, question: bytes, answer: Answer, opt: bytes, limit: int
) -> bytes:
    """Write a response of at most `limit` octets; `flags` come without TC.

    TC is set only where something required is left out (RFC 2181, section 9): the answer and
    authority sections, and glue for name servers below their own cut (RFC 9471, section 3.1).
    """
    message = Message(question, limit - len(opt))
    whole = (
        message.add_all(1, answer.answer)
        and message.add_all(2, answer.authority)
        and message.add_all(3, answer.required_glue)
    )
    if whole:
        for glue in answer.other_glue:
            message.add(3, glue)
    else:
        flags |= TC
    return message.finish(ident, flags, opt)
