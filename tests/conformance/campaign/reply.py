"""A reply made comparable: what the servers must agree on, in lower case and without order."""

from dataclasses import dataclass
from itertools import groupby

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

Lines = tuple[str, ...]


@dataclass(frozen=True)
class Reply:
    """The compared part of a message.

    `answer` keeps the order of its RRsets, each line being one record in lower case; the other
    sections have none.
    """

    rcode: str
    aa: bool
    answer: Lines
    authority: frozenset[str]
    additional: frozenset[str]

    def __str__(self) -> str:
        flags = " aa" if self.aa else ""
        parts = [f"{self.rcode}{flags}"]
        for title in ("answer", "authority", "additional"):
            parts += [f"  {title}: {line}" for line in getattr(self, title)]
        return "\n".join(parts)

    @property
    def is_referral(self) -> bool:
        """Tell whether the authority section points elsewhere."""
        return any(" ns " in line for line in self.authority)


def _odd(what: str) -> Reply:
    return Reply(what, aa=False, answer=(), authority=frozenset(), additional=frozenset())


NO_REPLY = _odd("NO REPLY")


def read(wire: bytes | None) -> Reply:
    """Decode a reply; one that is missing or cannot be decoded gets an rcode that says so."""
    if wire is None:
        return NO_REPLY
    try:
        message = dns.message.from_wire(wire, one_rr_per_rrset=True)
    except dns.exception.DNSException as error:
        return _odd(f"UNREADABLE {type(error).__name__}")
    return Reply(
        dns.rcode.to_text(message.rcode()),
        bool(message.flags & dns.flags.AA),
        _in_order(message.answer, whole_nodes=message.question[0].rdtype == dns.rdatatype.ANY),
        frozenset(line for rrset in message.authority for line in _lines(rrset)),
        frozenset(line for rrset in message.additional for line in _lines(rrset)),
    )


def _in_order(records: list[dns.rrset.RRset], *, whole_nodes: bool) -> Lines:
    """Keep the order of the RRsets, but not that of the records of one, or of a node for ANY."""
    lines = []
    for _, group in groupby(
        records, key=lambda record: (record.name, whole_nodes or record.rdtype)
    ):
        lines += sorted(line for record in group for line in _lines(record))
    return tuple(lines)


def _lines(rrset: dns.rrset.RRset) -> list[str]:
    kind = dns.rdatatype.to_text(rrset.rdtype)
    return [f"{rrset.name} {rrset.ttl} {kind} {rdata.to_text()}".lower() for rdata in rrset]
