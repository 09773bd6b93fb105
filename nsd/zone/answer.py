"""What a question is answered with: a plain value, not yet a message."""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from nsd.zone.name import WireName
from nsd.zone.rrset import RRset


class Rcode(IntEnum):
    """Response codes (RFC 6895, section 2.3)."""

    NOERROR = 0
    FORMERR = 1
    SERVFAIL = 2
    NXDOMAIN = 3
    NOTIMP = 4
    REFUSED = 5
    YXDOMAIN = 6
    NOTAUTH = 9
    BADVERS = 16
    BADCOOKIE = 23


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
