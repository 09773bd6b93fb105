"""What a question is answered with: a plain value, not yet a message."""

from dataclasses import dataclass, field
from typing import NamedTuple

from nsd.rcode import Rcode
from nsd.zone.name import WireName
from nsd.zone.rrset import RRset
from nsd.zone.zone import Zone


class Owned(NamedTuple):
    """An RRset with its owner, spelled as the message shall show it."""

    owner: WireName
    rrset: RRset


class Step:
    """One name looked up in one zone, with what a proof of it rests on (RFC 4035, section 3.1.3).

    name, key: the name, and the same in lower case.
    cut: the delegation at or above the name, where the zone's authority ends.
    encloser: the closest encloser of a name that does not exist in the zone (RFC 4592, 3.3.1).
    wildcard: the one below the encloser, where it stands for the name.

    Names but for the first are in lower case. With neither cut nor encloser the name exists, or is
    below a DNAME.
    """

    __slots__ = ("cut", "encloser", "key", "name", "wildcard", "zone")

    def __init__(self, zone: Zone, name: WireName, key: WireName) -> None:
        self.zone = zone
        self.name = name
        self.key = key
        self.cut: WireName | None = None
        self.encloser: WireName | None = None
        self.wildcard: WireName | None = None


@dataclass(slots=True)
class Answer:
    """The parts of a response that lookup decides.

    `glue` are the addresses that a referral needs; those of `required` owners may not be left out
    without truncation (RFC 9471, section 3.1). `steps` are the names that were looked up: the
    question's own, then the targets of CNAMEs and DNAMEs, each in the zone that is closest to it.
    """

    rcode: Rcode = Rcode.NOERROR
    authoritative: bool = False
    answer: list[Owned] = field(default_factory=list)
    authority: list[Owned] = field(default_factory=list)
    required_glue: list[Owned] = field(default_factory=list)
    other_glue: list[Owned] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
