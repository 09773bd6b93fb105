"""Write a master file that every server reads alike.

The order is the canonical one (RFC 4034, section 6), the apex first, so equal zones give equal
text. Owners are relative to the apex, names in values absolute. Types that not every server knows
by name are written in the generic form of RFC 3597; ALIAS is one of them, which servers other than
this one hold without a meaning.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from nsd.order import in_parts
from nsd.zone import address, name, name_fields, rdata, rrtypes
from nsd.zone.name import WireName
from nsd.zone.record import Record
from nsd.zone.soa import Soa

AT_ONCE: Final = 200  # records in one slice

Entry = tuple[bytes, int, bytes, int, WireName]  # in the order in which they sort

_PORTABLE = frozenset(map(rrtypes.from_text, re.findall(r"\S+", """
    A NS CNAME PTR HINFO MX TXT RP AFSDB RT AAAA LOC SRV NAPTR KX CERT DNAME APL
    DS SSHFP IPSECKEY DHCID TLSA SMIMEA OPENPGPKEY CSYNC ZONEMD SVCB HTTPS SPF NID L32 L64 LP
    EUI48 EUI64 URI CAA
""")))  # fmt: skip
_BARE = _PORTABLE - {rrtypes.MX, rrtypes.SRV, *rrtypes.HOST_TYPES}  # dnspython writes their names

_separators = re.compile(rb"[\x00\x01]")


def write(apex: WireName, soa: Soa, records: Iterable[Record]) -> str:
    """Give the text of a zone; the records are at or below the apex, and no SOA is among them."""
    return "".join(slices(apex, soa, records))


def slices(apex: WireName, soa: Soa, records: Iterable[Record]) -> Iterator[str]:
    """Give what `write` gives, slice by slice; none takes long, and some are empty."""
    cut = -len(apex)
    entries: list[Entry] = []
    ttls = Counter[int]()
    for number, (owner, rrtype, record_ttl, packed, *_) in enumerate(records):
        entries.append((_order(owner[:cut]), rrtype, packed, record_ttl, owner))
        ttls[record_ttl] += 1
        if number % AT_ONCE == 0:
            yield ""
    # Of those as common the largest one, so that the order of the records does not matter.
    ttl = max(ttls, key=lambda one: (ttls[one], one), default=soa.ttl)
    yield "".join(_head(apex, soa, ttl))
    lines = _Lines(apex, ttl)
    for part in in_parts(entries, lambda entry: entry):
        for at in range(0, len(part), AT_ONCE):
            yield "".join(lines.of(part[at : at + AT_ONCE]))


def _order(relative: bytes) -> bytes:
    """Give octets that sort as the names do (RFC 4034, section 6.1)."""
    if not relative:
        return b""
    if len(relative) == relative[0] + 1 and not _separators.search(relative, 1):
        return relative[1:]
    labels = reversed(name.labels(WireName(relative + b"\x00")))
    return b"\x00".join(
        [label.replace(b"\x01", b"\x01\x02").replace(b"\x00", b"\x01\x01") for label in labels]
    )


def _head(apex: WireName, soa: Soa, ttl: int) -> Iterable[str]:
    own_ttl = "" if soa.ttl == ttl else f"{soa.ttl}\t"
    yield f"$ORIGIN {name.to_text(apex)}\n$TTL {ttl}\n"
    yield f"@\t{own_ttl}IN\tSOA\t{name.to_text(soa.mname)} {name.to_text(soa.rname)} (\n"
    yield f"\t\t{soa.serial}\t; serial\n"
    yield f"\t\t{soa.refresh}\t; refresh\n"
    yield f"\t\t{soa.retry}\t; retry\n"
    yield f"\t\t{soa.expire}\t; expire\n"
    yield f"\t\t{soa.minimum}\t; minimum\n"
    yield "\t\t)\n"


class _Lines:
    """Lines of records, with the texts that come again kept at hand."""

    def __init__(self, apex: WireName, ttl: int) -> None:
        self._cut = -len(apex)
        self._ttl = ttl
        self._middles: dict[tuple[int, int], tuple[str, Callable[[bytes], str]]] = {}

    def of(self, entries: Iterable[Entry]) -> Iterable[str]:
        owner_before = None
        text = ""
        for _, rrtype, packed, ttl, owner in entries:
            if owner is not owner_before:
                text = self._relative(owner)
                owner_before = owner
            middle, value = self._middles.get((rrtype, ttl)) or self._middle(rrtype, ttl)
            yield f"{text}{middle}{value(packed)}\n"

    def _relative(self, owner: WireName) -> str:
        relative = owner[: self._cut]
        if not relative:
            return "@"
        label = relative[1:]
        if len(label) == relative[0] and name.is_plain_label(label):
            return label.decode("ascii")
        return name.to_text(relative + b"\x00")[:-1]

    def _middle(self, rrtype: int, ttl: int) -> tuple[str, Callable[[bytes], str]]:
        own_ttl = "" if ttl == self._ttl else f"{ttl}\t"
        mnemonic = rrtypes.to_text(rrtype) if rrtype in _PORTABLE else f"TYPE{rrtype}"
        made = self._middles[rrtype, ttl] = (f"\t{own_ttl}IN\t{mnemonic}\t", _value(rrtype))
        return made


def _value(rrtype: int) -> Callable[[bytes], str]:
    if rrtype in _FAST:
        return _FAST[rrtype]
    if rrtype in _PORTABLE:
        return lambda packed: _by_name(rrtype, packed)
    return rdata.generic_text


def _by_name(rrtype: int, packed: bytes) -> str:
    """Give the type's own form, but not where Knot would stumble over a name bare of escapes."""
    if rrtype in _BARE and any(
        "\\" in name.to_text(found) for found in name_fields.names(rrtype, packed)
    ):
        return rdata.generic_text(packed)
    return rdata.to_text(rrtype, packed)


_FAST: dict[int, Callable[[bytes], str]] = {
    rrtypes.A: address.v4_text,
    rrtypes.AAAA: address.v6_text,
    **dict.fromkeys(rrtypes.HOST_TYPES - {rrtypes.ALIAS}, name.to_text),
    rrtypes.ALIAS: lambda packed: f"{rdata.generic_text(packed)} ; ALIAS {name.to_text(packed)}",
}
