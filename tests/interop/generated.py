"""Zones with every record type of the contract, made from a seed."""

from collections.abc import Iterator
from random import Random
from typing import Any

from tests.values import VALUES

Content = dict[str, Any]

# ALIAS is resolved here and means nothing to BIND; the others stand only where they may.
_PLACED = frozenset({"ALIAS", "CNAME", "DNAME", "NS", "DS"})
TYPES = sorted(VALUES.keys() - _PLACED)
LABELS = ("www", "_sip._tcp", "*", "a.*.b", r"odd\.dot", r"sp\032ace", r"\000", "x" * 63, "1", "ns")


def zones(count: int) -> Iterator[tuple[str, list[Content]]]:
    """Give (domain, records as the API takes them), each type in many zones."""
    for number in range(count):
        random = Random(number)
        domain = _domain(number)
        yield domain, list(_records(random, TYPES[number % len(TYPES)], domain))


def _domain(number: int) -> str:
    """Odd names among ordinary ones."""
    forms = (
        "zone{}.example",
        "{}/25.2.0.192.in-addr.arpa",
        "_service{}.example",
        "xn--bcher-kva.{}.example",
        "{}." + ".".join(["y" * 40] * 4) + ".example",
        "include.named.conf.{}.zone",
        "{}.con.nul.example",
        "x" * 63 + "{}.example".replace("{}", ".{}"),
    )
    return forms[number % len(forms)].format(number)


def _records(random: Random, certain: str, domain: str) -> Iterator[Content]:
    for kind in {certain, *random.sample(TYPES, 12)}:
        value = random.choice(VALUES[kind])
        yield _record(random, kind, random.choice(("@", *LABELS)), value)
        if random.random() < 0.3:
            yield _record(random, kind, f"deep.{kind.lower()}", random.choice(VALUES[kind]))
    for number in range(random.randrange(3)):
        yield _record(random, "A", "many", f"192.0.2.{number}", ttl=random.choice((60, 600)))
    yield _record(
        random, "CNAME", "alias", random.choice(("@", "missing.example", f"www.{domain}"))
    )
    yield _record(random, "DNAME", "tree", "other.example")
    yield from _delegation(random, domain)
    if random.random() < 0.3:
        yield _record(random, "NS", "@", f"ns1.{domain}")
        yield _record(random, "AAAA", "ns1", "2001:db8::53")


def _delegation(random: Random, domain: str) -> Iterator[Content]:
    yield _record(random, "NS", "sub", f"ns.sub.{domain}")
    if random.random() < 0.5:
        yield _record(random, "A", "ns.sub", "192.0.2.53")
    if random.random() < 0.5:
        yield _record(random, "DS", "sub", VALUES["DS"][0])


def _record(random: Random, kind: str, name: str, value: str, ttl: int | None = None) -> Content:
    record = {"record_type": kind, "name": name, "value": value}
    record["ttl"] = str(ttl if ttl is not None else random.choice((0, 60, 3600, 2**31 - 1)))
    if kind in ("MX", "SRV"):
        record["priority"], _, record["value"] = value.partition(" ")
    return record
