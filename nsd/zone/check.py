"""What may stand together at one name."""

from collections import Counter
from collections.abc import Sequence

from nsd.errors import Invalid
from nsd.zone import name, rrtypes
from nsd.zone.name import WireName


def node(owner: WireName, apex: WireName, records: Sequence[tuple[int, bytes]]) -> None:
    """Check all records at one name, given as (type, canonical RDATA), the SOA left out.

    `owner` and `apex` are in lower case; `name_fields.canonical` gives the RDATA. Raises Invalid
    with the field `name`, `record_type` or `value`. What breaks a rule keeps breaking it when
    records are added.
    """
    if not RULED.isdisjoint([rrtype for rrtype, _ in records]):
        _check_types(owner, apex, Counter(rrtype for rrtype, _ in records))
    if len(records) > 1 and len(set(records)) < len(records):
        raise Invalid(f"{name.to_text(owner)} has this very record already", field="value")


RULED = frozenset({rrtypes.CNAME, rrtypes.DNAME, rrtypes.ALIAS})


def _check_types(owner: WireName, apex: WireName, count: Counter[int]) -> None:
    if rrtypes.CNAME in count:
        _check_cname(owner, apex, count)
    if rrtypes.ALIAS in count:
        _check_alias(owner, count)
    if count[rrtypes.DNAME] > 1:  # RFC 6672, section 2.4
        raise _refusal(owner, "has a DNAME already, and only one may stand at a name")


def _refusal(owner: WireName, why: str) -> Invalid:
    return Invalid(f"{name.to_text(owner)} {why}", field="name")


def _check_cname(owner: WireName, apex: WireName, count: Counter[int]) -> None:
    """RFC 1034, section 3.6.2; RFC 2181, section 10.1."""
    if owner == apex:
        raise Invalid(
            f"{name.to_text(owner)} is the zone's apex, where a CNAME cannot stand beside SOA and"
            " NS; an ALIAS does what is meant",
            field="record_type",
        )
    if count[rrtypes.CNAME] > 1:
        raise _refusal(owner, "has a CNAME already, and only one may stand at a name")
    if len(count) > 1:
        raise _refusal(owner, f"has a CNAME and {_others(count)}; a CNAME stands alone at its name")


def _others(count: Counter[int]) -> str:
    return ", ".join(rrtypes.to_text(rrtype) for rrtype in count if rrtype != rrtypes.CNAME)


def _check_alias(owner: WireName, count: Counter[int]) -> None:
    if count[rrtypes.ALIAS] > 1:
        raise _refusal(owner, "has an ALIAS already, and only one may stand at a name")
    for rrtype in (rrtypes.A, rrtypes.AAAA):
        if rrtype in count:
            raise _refusal(
                owner,
                f"has an ALIAS and {rrtypes.to_text(rrtype)} records;"
                " an ALIAS makes the addresses itself, so remove one of them",
            )
