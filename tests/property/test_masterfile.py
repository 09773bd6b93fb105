"""Master files of every kind: what is written is read again, and nothing upsets the reader."""

from hypothesis import example, given
from hypothesis import strategies as st

from nsd.errors import Invalid, MasterFileInvalid
from nsd.zone import check, fields, masterfile, name, rdata, rrtypes
from nsd.zone.name import WireName
from nsd.zone.name_fields import canonical
from nsd.zone.record import Record
from nsd.zone.soa import Soa
from tests.values import VALUES

LABELS = st.one_of(
    st.sampled_from([b"a", b"b", b"*", b"_x", b"1h", b"in", b"@", b"$ttl", b"\\#", b"a.b", b"\0"]),
    st.binary(min_size=1, max_size=12),
    st.binary(min_size=63, max_size=63),
)


def wire(labels: list[bytes]) -> WireName:
    return WireName(b"".join(bytes((len(label),)) + label for label in labels) + b"\0")


NAMES = st.lists(LABELS, max_size=3).map(wire)
APEXES = st.lists(LABELS, max_size=1).map(wire).map(name.lower)
NUMBERS = st.integers(0, 2**32 - 1)
TTLS = st.sampled_from([0, 60, 300, 2**31 - 1])
SOAS = st.builds(Soa, TTLS, NAMES, NAMES, *[NUMBERS] * 5)


def packed(type_: str, text: str) -> tuple[int, bytes]:
    number = rrtypes.from_text(type_)
    return number, rdata.from_fields(number, fields.split(text), name.from_text)


RDATAS = st.one_of(
    st.sampled_from([packed(type_, text) for type_, texts in VALUES.items() for text in texts]),
    st.tuples(st.just(rrtypes.A), st.binary(min_size=4, max_size=4)),
    st.tuples(st.just(rrtypes.AAAA), st.binary(min_size=16, max_size=16)),
    st.tuples(st.sampled_from([rrtypes.CNAME, rrtypes.NS, rrtypes.ALIAS]), NAMES),
    st.tuples(st.just(rrtypes.MX), NAMES.map(lambda host: b"\0\x0a" + host)),
    st.tuples(
        st.just(rrtypes.TXT),
        st.lists(st.binary(max_size=255), min_size=1, max_size=3).map(
            lambda strings: b"".join(bytes((len(string),)) + string for string in strings)
        ),
    ),
    st.tuples(st.sampled_from([65280, 731]), st.binary(max_size=20)),
)


@st.composite
def zones(draw: st.DrawFn) -> tuple[WireName, Soa, list[Record]]:
    apex = draw(APEXES)
    records: list[Record] = []
    held: dict[bytes, list[tuple[int, bytes]]] = {}
    for above, (type_, octets), ttl in draw(
        st.lists(st.tuples(st.lists(LABELS, max_size=2), RDATAS, TTLS), max_size=12)
    ):
        owner = name.lower(wire(above)[:-1] + apex)
        here = [*held.get(owner, []), (type_, canonical(type_, octets))]
        try:
            check.node(owner, apex, here)
        except Invalid:
            continue
        held[owner] = here
        records.append(Record(owner, type_, ttl, octets))
    return apex, draw(SOAS), records


def order(record: Record) -> tuple[tuple[bytes, ...], int, bytes, int]:
    return name.canonical_key(record.owner), record.rrtype, record.rdata, record.ttl


@given(zones())
def test_what_is_written_is_read_again_in_canonical_order(
    zone: tuple[WireName, Soa, list[Record]],
) -> None:
    apex, soa, records = zone
    text = masterfile.write(apex, soa, records)
    read = masterfile.parse(text, file="zone")
    assert (read.apex, read.soa) == (apex, soa), text
    assert read.records == sorted(records, key=order), text
    assert masterfile.write(apex, soa, reversed(records)) == text


WORDS = (
    "a b.c @ * x.example. $ORIGIN $TTL $INCLUDE $GENERATE $X 1-3 a$ ${0,3} 300 1h 1h1h 99999999999"
    " IN CH CLASS1 CLASS9 A AAAA CNAME MX TXT SOA CAA HTTPS DS NAPTR TYPE65280 TYPE1 RRSIG ANY"
    ' 192.0.2.1 2001:db8::1 10 \\# 4 c0000201 \\ \\. \\300 alpn=h2 " "a" "a ( ) ; ;x ä \x00'
    " \u2028 \x0b \ud800 \xa0 \u0663 ² issue . .. -"
)
LINES = st.lists(
    st.tuples(st.sampled_from(WORDS.split(" ")), st.sampled_from([" ", "\t", "", "\r", "\n"])),
    max_size=9,
).map(lambda pairs: "".join(word + gap for word, gap in pairs))


@given(st.lists(LINES | st.text(max_size=20), max_size=12).map("\n".join), st.booleans())
@example("@ SOA a b 1 2 3 4 5\na A 192.0.2.1\n", False)
def test_any_text_is_read_or_refused(text: str, has_soa: bool) -> None:
    head = "$ORIGIN example.\n@ SOA a b 1 2 3 4 5\n" if has_soa else ""
    try:
        read = masterfile.parse(head + text, file="zone", include=lambda file: file)
    except MasterFileInvalid as refused:
        assert refused.faults  # noqa: PT017
    else:
        masterfile.write(read.apex, read.soa, read.records)


PLAIN = (
    "a b.c @ * x.example. $ORIGIN $TTL $GENERATE 1-3 a$ 300 1h IN in CH CLASS1 A a AAAA CNAME MX"
    " TXT SRV 192.0.2.1 2001:db8::1 ::1 10 mail mail.example. . .. - 0 SOA NS CAA"
)
PLAIN_LINES = st.tuples(
    st.sampled_from(["", " ", "\t", "n1 ", "n2 IN A "]),
    st.lists(st.sampled_from(PLAIN.split()), max_size=6),
).map(lambda parts: parts[0] + " ".join(parts[1]))


def outcome(lines: list[str]) -> object:
    text = "\n".join(["$ORIGIN example.", "@ SOA a b 1 2 3 4 5", *lines])
    try:
        read = masterfile.parse(text, file="zone")
    except MasterFileInvalid as refused:
        return refused.faults
    return read.apex, read.soa, read.records


@given(st.lists(PLAIN_LINES, max_size=8))
def test_plain_lines_mean_the_same_the_long_way(lines: list[str]) -> None:
    assert outcome(lines) == outcome([f"{line} ( )" for line in lines])
