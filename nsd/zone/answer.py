"""What a question is answered with: a plain value, not yet a message."""

from dataclasses import dataclass, field
from typing import NamedTuple

from nsd.rcode import Rcode
from nsd.zone.name import WireName
from nsd.zone.rrset import RRset


class Owned(NamedTuple):
    """An RRset with its owner, spelled as the message shall show it."""

    owner: WireName
    rrset: RRset


@dataclass(slots=True)
class Answer:
    """The parts of a response that lookup decides.

    `glue` are the addresses that a referral needs; those of `required` owners may not be left out
    without truncation (RFC 9471, section 3.1).
    """

    rcode: Rcode = Rcode.NOERROR
    authoritative: bool = False
    answer: list[Owned] = field(default_factory=list)
    authority: list[Owned] = field(default_factory=list)
    required_glue: list[Owned] = field(default_factory=list)
    other_glue: list[Owned] = field(default_factory=list)
