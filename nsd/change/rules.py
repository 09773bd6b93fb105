"""What the operator allows in all zones, whatever the account."""

from dataclasses import dataclass
from typing import Final

from nsd.errors import Invalid
from nsd.zone import name, rrtypes
from nsd.zone.name import WireName, is_at_or_below, to_text
from nsd.zone.record import Record

MAX_TYPES: Final = 100  # at one name
# What a message of 65,535 octets holds besides the RRset that it is sent for: the header, the
# question, an OPT with all options, and a signature.
_BESIDES: Final = 12 + 259 + 512 + 512
MAX_OCTETS: Final = 65535 - _BESIDES
_POINTER_AND_HEAD: Final = 12  # of a record: its owner compressed, type, class, TTL, RDLENGTH


@dataclass(frozen=True, slots=True)
class Rules:
    """How many records an RRset may have, and below which name the catalogs are."""

    max_rrset: int = 100
    catalog_suffix: WireName = name.from_text("catalog.invalid.")  # noqa: RUF009 -- a constant


def check_sizes(rules: Rules, owner: WireName, before: list[Record], after: list[Record]) -> None:
    """Refuse what grows beyond what may stand at a name. Raises Invalid.

    What is beyond it already may stay, and become less.
    """
    was, now = _sizes(before), _sizes(after)
    if len(now) > max(MAX_TYPES, len(was)):
        raise Invalid(
            f"{to_text(owner)} may have records of {MAX_TYPES} types at the most", field="name"
        )
    for rrtype, (count, octets) in now.items():
        count_before, octets_before = was.get(rrtype, (0, 0))
        what = f"{to_text(owner)} may have"
        if count > max(rules.max_rrset, count_before):
            raise Invalid(
                f"{what} {rules.max_rrset} {rrtypes.to_text(rrtype)} records at the most",
                field="name",
            )
        if octets > max(MAX_OCTETS, octets_before):
            raise Invalid(
                f"{what} {rrtypes.to_text(rrtype)} records of {MAX_OCTETS} octets in all, since"
                " they are sent in one message",
                field="value",
            )


def _sizes(records: list[Record]) -> dict[int, tuple[int, int]]:
    """Count the records and the octets of each type."""
    sizes: dict[int, tuple[int, int]] = {}
    for record in records:
        count, octets = sizes.get(record.rrtype, (0, 0))
        sizes[record.rrtype] = (count + 1, octets + _POINTER_AND_HEAD + len(record.rdata))
    return sizes


def check_reserved(rules: Rules, nameservers: tuple[WireName, ...], apex: WireName) -> None:
    """Refuse names that are the operator's alone. Raises Invalid."""
    for reserved in (*_SPECIAL, rules.catalog_suffix):
        if is_at_or_below(apex, reserved):
            raise _reserved(apex)
    if any(is_at_or_below(server, apex) for server in nameservers):
        raise _reserved(apex)


def _reserved(apex: WireName) -> Invalid:
    text = to_text(apex).rstrip(".")
    return Invalid(
        f"'{text}' is reserved: only an administrator can create a zone for it", field="domain"
    )


# Special-use names (RFC 6761, 6762, 7686, 8375) and the reverse zones that every resolver serves
# by itself (RFC 6303), without those of documentation.
_SPECIAL: Final = tuple(
    name.from_text(text)
    for text in (
        "localhost.",
        "invalid.",
        "test.",
        "onion.",
        "local.",
        "home.arpa.",
        "0.in-addr.arpa.",
        "10.in-addr.arpa.",
        "127.in-addr.arpa.",
        "254.169.in-addr.arpa.",
        *(f"{number}.172.in-addr.arpa." for number in range(16, 32)),
        "168.192.in-addr.arpa.",
        "255.255.255.255.in-addr.arpa.",
        f"{'0.' * 32}ip6.arpa.",
        f"1.{'0.' * 31}ip6.arpa.",
        "d.f.ip6.arpa.",
        *(f"{digit}.e.f.ip6.arpa." for digit in "89ab"),
    )
)
