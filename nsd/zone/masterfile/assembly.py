"""Make a zone of the records that a master file holds, and find what cannot be one."""

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import compress
from operator import itemgetter

from nsd.errors import Invalid, MasterFileInvalid
from nsd.zone import check, name
from nsd.zone.masterfile.content import MasterFile, Place, fault
from nsd.zone.name import WireName
from nsd.zone.name_fields import canonical
from nsd.zone.record import Record
from nsd.zone.soa import Soa

MAX_FAULTS = 1000

Nodes = dict[WireName, int | list[int]]  # the records at each name, by their indexes


@dataclass(slots=True)
class Found:
    """What reading the lines gave: the records with their places, and the faults."""

    files: list[str] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    places: "array[int]" = field(default_factory=lambda: array("Q"))
    soas: list[tuple[Place, WireName, Soa | None]] = field(default_factory=list)
    left_out: int = 0
    faults: list[tuple[Place, str]] = field(default_factory=list)

    def fault(self, place: int, text: str) -> None:
        """Note a fault; raise MasterFileInvalid where there have been enough."""
        self.faults.append((place, text if len(text) <= 500 else text[:500] + "…"))
        if len(self.faults) >= MAX_FAULTS:
            raise refusal(self)


def assemble(found: Found, apex: WireName | None) -> MasterFile:
    """Check the records as a zone; `apex` is what it must be, if that is known beforehand.

    Exact duplicates are dropped. Raises MasterFileInvalid with all faults, those of reading too.
    """
    owner = _check_soas(found, apex)
    if owner is not None:
        _check_nodes(found, owner)
    if found.faults:
        raise refusal(found)
    _, owner, soa = found.soas[0]
    assert soa is not None  # a fault was noted where it could not be read
    return MasterFile(owner, soa, found.records, found.left_out, found.files, found.places)


def refusal(found: Found) -> MasterFileInvalid:
    """Give the error with all faults in the order of their files and lines."""
    listed = [
        fault(found.files, place, text) for place, text in sorted(found.faults, key=itemgetter(0))
    ]
    if len(listed) >= MAX_FAULTS:
        last = max(place for place, _ in found.faults)
        listed.append(fault(found.files, last, "too many faults; what follows was not looked at"))
    return MasterFileInvalid(listed)


def _check_soas(found: Found, apex: WireName | None) -> WireName | None:
    """Find the apex; None where there is nothing that could tell it."""
    if not found.soas:
        found.fault(1, "the zone has no SOA record")
        return apex
    first, owner, _ = found.soas[0]
    if apex is not None and owner != apex:
        found.fault(
            first, f"the SOA is that of {name.to_text(owner)}, the zone is {name.to_text(apex)}"
        )
    for place, _, _ in found.soas[1:]:
        line = fault(found.files, first, "").line
        found.fault(place, f"a second SOA record; the first is in line {line}")
    return apex or owner


def _check_nodes(found: Found, apex: WireName) -> None:
    nodes = _group(found.records)
    keep = bytearray(b"\x01") * len(found.records)
    inside: set[bytes] = {apex}  # names in the zone below which owners were seen
    for owner, at in nodes.items():
        above = owner[owner[0] + 1 :]
        if above not in inside and owner != apex:
            if not name.is_at_or_below(owner, apex):
                first = at if isinstance(at, int) else at[0]
                text = f"{name.to_text(owner)} is outside the zone {name.to_text(apex)}"
                found.fault(found.places[first], text)
                continue
            inside.add(above)
        if isinstance(at, list):
            _check_node(found, owner, apex, list(_without_duplicates(found.records, at, keep)))
        elif owner == apex:
            _check_node(found, owner, apex, [at])
    if 0 in keep:
        found.records = list(compress(found.records, keep))
        found.places = array("Q", compress(found.places, keep))


def _group(records: list[Record]) -> Nodes:
    nodes: Nodes = {}
    for index, record in enumerate(records):
        other = nodes.setdefault(record.owner, index)
        if other is not index:
            if isinstance(other, list):
                other.append(index)
            else:
                nodes[record.owner] = [other, index]
    return nodes


def _without_duplicates(records: list[Record], at: list[int], keep: bytearray) -> Iterator[int]:
    """Pass on the first of equal records; clear `keep` for the others."""
    seen = set()
    for index in at:
        record = records[index]
        same = record.rrtype, canonical(record.rrtype, record.rdata)
        if same in seen:
            keep[index] = 0
        else:
            seen.add(same)
            yield index


def _check_node(found: Found, owner: WireName, apex: WireName, at: list[int]) -> None:
    records = [(found.records[index].rrtype, found.records[index].rdata) for index in at]

    def fault_of_first(count: int) -> Invalid | None:
        try:
            check.node(owner, apex, records[:count])
        except Invalid as error:
            return error
        return None

    error = fault_of_first(len(at))
    if error:
        # The rules stay broken as records are added, so halving finds the one that broke them.
        count = bisect_left(range(len(at)), 1, key=lambda count: fault_of_first(count) is not None)
        found.fault(found.places[at[count - 1]], error.detail)
