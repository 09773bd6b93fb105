"""What a master file says."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from nsd.errors import Fault
from nsd.zone.name import WireName
from nsd.zone.record import Record
from nsd.zone.soa import Soa

Place = int  # index of the file << 32 | line


@dataclass(frozen=True, slots=True)
class MasterFile:
    """A zone as read: its apex in lower case, its SOA, and the other records in file order.

    `left_out` counts the records of DNSSEC's own types, which a file from a signed zone holds and
    which are of no use once the zone is changed and signed here.
    """

    apex: WireName
    soa: Soa
    records: list[Record]
    left_out: int
    _files: Sequence[str] = field(repr=False)
    _places: Sequence[int] = field(repr=False)

    def fault(self, index: int, text: str) -> Fault:
        """Say what is wrong with `records[index]`, for checks that come after reading."""
        return fault(self._files, self._places[index], text)


def fault(files: Sequence[str], place: int, text: str) -> Fault:
    """Give a fault its file and line."""
    return Fault(files[place >> 32], place & 0xFFFFFFFF, text)
