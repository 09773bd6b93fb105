"""Journal entries: records in wire form, written and read."""

from hypothesis import given
from hypothesis import strategies as st

from nsd.store.journal import decode, encode
from nsd.zone.name import WireName
from nsd.zone.record import Record
from nsd.zone.rrset import make

labels = st.binary(min_size=1, max_size=63)
owners = st.lists(labels, max_size=3).map(
    lambda parts: WireName(b"".join(bytes((len(part),)) + part for part in parts) + b"\0")
)
rdatas = st.lists(st.binary(max_size=300), min_size=1, max_size=4)
rrsets = st.builds(
    lambda kind, ttl, found: make(kind, [(ttl, rdata) for rdata in found]),
    st.integers(1, 65535),
    st.integers(0, 2**31 - 1),
    rdatas,
)


def records(owner: WireName, kind: int, ttl: int, found: list[bytes]) -> list[Record]:
    return [Record(owner, kind, ttl, rdata) for rdata in found]


@given(st.lists(st.tuples(owners, rrsets), max_size=4))
def test_what_is_written_is_read_in_its_order(content: list[tuple[WireName, object]]) -> None:
    written = b"".join(encode(owner, rrset) for owner, rrset in content)  # type: ignore[arg-type]
    expected = [
        record
        for owner, rrset in content
        for record in records(owner, rrset.rrtype, rrset.ttl, list(rrset.rdatas))  # type: ignore[attr-defined]
    ]
    assert list(decode(written)) == expected


def test_some_records_may_be_left_out() -> None:
    owner = WireName(b"\1a\0")
    rrset = make(16, [(60, b"\1a"), (60, b"\1b"), (60, b"\1c")])
    left = list(decode(encode(owner, rrset, frozenset((b"\1b",)))))
    assert left == records(owner, 16, 60, [b"\1a", b"\1c"])
    assert encode(owner, rrset, frozenset(rrset.rdatas)) == b""
