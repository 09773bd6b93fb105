"""An RRset prepacked for the wire, and the records that it is made of.

The packed form of a record is `C0 0C`, type, class, TTL, RDLENGTH, RDATA: its owner is a pointer
to the question's name, so an answer is header + question + packed records, whatever the letters'
case in the question, and whether or not a wildcard was expanded (RFC 1035, section 4.1.4).
"""

import struct
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NewType

Packed = NewType("Packed", bytes)

CLASS_IN = 1
OWNER_IS_QUESTION = b"\xc0\x0c"
PREFIX_LENGTH = 12  # pointer, type, class, TTL, RDLENGTH

_prefix = struct.Struct(">2sHHIH")
_ttl_and_length = struct.Struct(">IH")


@lru_cache(maxsize=4096)
def _cached_prefix(rrtype: int, ttl: int, rdlength: int) -> bytes:
    return _prefix.pack(OWNER_IS_QUESTION, rrtype, CLASS_IN, ttl, rdlength)


def pack(rrtype: int, ttl: int, rdata: bytes) -> Packed:
    """Pack one record of class IN; `rdata` is in wire form with uncompressed names."""
    return _cached_prefix(rrtype, ttl, len(rdata)) + rdata  # type: ignore[return-value]


class RRset:
    """All records of one type at one name, with one TTL (RFC 2181, section 5.2).

    `packed` is immutable; two RRsets are equal when their records are, in this order.
    """

    __slots__ = ("count", "packed")

    def __init__(self, packed: Packed, count: int = 1) -> None:
        self.packed = packed
        self.count = count

    @property
    def rrtype(self) -> int:
        """The type of its records."""
        return self.packed[2] << 8 | self.packed[3]

    @property
    def ttl(self) -> int:
        """The TTL of its records in seconds."""
        return int.from_bytes(self.packed[6:10], "big")

    @property
    def records(self) -> list[Packed]:
        """The packed form of each record."""
        packed = self.packed
        if self.count == 1:
            return [packed]
        found = []
        at = 0
        while at < len(packed):
            start = at
            at += PREFIX_LENGTH
            at += packed[at - 2] << 8 | packed[at - 1]
            found.append(Packed(packed[start:at]))
        return found

    @property
    def rdatas(self) -> tuple[bytes, ...]:
        """The records' RDATA in wire form, names uncompressed."""
        return tuple([record[PREFIX_LENGTH:] for record in self.records])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RRset) and self.packed == other.packed

    def __hash__(self) -> int:
        return hash(self.packed)

    def __repr__(self) -> str:
        return f"RRset(type={self.rrtype}, ttl={self.ttl}, rdatas={self.rdatas!r})"


def make(rrtype: int, records: Iterable[tuple[int, bytes]]) -> RRset:
    """Build an RRset from (TTL, RDATA) pairs; differing TTLs become the lowest of them."""
    pairs: Sequence[tuple[int, bytes]] = list(records)
    if len(pairs) == 1:
        return RRset(pack(rrtype, *pairs[0]))
    ttl = min(ttl for ttl, _ in pairs)
    return RRset(Packed(b"".join(pack(rrtype, ttl, rdata) for _, rdata in pairs)), len(pairs))
