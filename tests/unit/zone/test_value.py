"""The API's values: the "Values" section of the contract."""

from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nsd.errors import Invalid
from nsd.zone import name, rrtypes, value
from nsd.zone.name_fields import canonical
from tests.values import VALUES

APEX = name.from_text("example.com")
HOSTS = ["CNAME", "NS", "PTR", "DNAME", "ALIAS"]


def parse(type_: str, text: str, priority: int | None = None) -> tuple[bytes, str | None]:
    return value.parse(rrtypes.from_text(type_), text, priority, APEX)


def shown(type_: str, text: str, priority: int | None = None) -> str:
    rdata, kept = parse(type_, text, priority)
    plain, back = value.show(rrtypes.from_text(type_), rdata)
    assert back == (priority if type_ in ("MX", "SRV") else None)
    return plain if kept is None else kept


def fault(type_: str, text: str, priority: int | None = None) -> Invalid:
    with pytest.raises(Invalid) as caught:
        parse(type_, text, priority)
    return caught.value


@pytest.mark.parametrize(
    ("type_", "sent", "comes_back"),
    [
        ("A", "192.0.2.1", "192.0.2.1"),
        ("A", " 192.0.2.1 ", "192.0.2.1"),
        ("AAAA", "2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("AAAA", "::ffff:C000:0201", "::ffff:192.0.2.1"),
        ("AAAA", "64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
        ("AAAA", "1:0:0:2:0:0:0:3", "1:0:0:2::3"),
        ("AAAA", "1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"),
        ("AAAA", "::", "::"),
        ("AAAA", "1::", "1::"),
        ("CAA", '0 issue "letsencrypt.org"', '0 issue "letsencrypt.org"'),
        ("CAA", "0 issue letsencrypt.org", '0 issue "letsencrypt.org"'),
        ("DS", "1 13 2 " + "AB" * 32, "1 13 2 " + "ab" * 32),
        ("HTTPS", "1 . alpn=h2", '1 . alpn="h2"'),
        ("SVCB", "0 @", "0 example.com."),
        ("NAPTR", '1 2 "S" "x" "" .', '1 2 "S" "x" "" .'),
        ("TYPE65280", r"\# 2 ABCD", r"\# 2 abcd"),
        ("A", r"\# 4 c0000201", "192.0.2.1"),
        ("CNAME", r"\# 5 0161016200", "a.b"),
    ],
)
def test_a_value_comes_back_in_its_plain_form(type_: str, sent: str, comes_back: str) -> None:
    assert shown(type_, sent) == comes_back


@pytest.mark.parametrize("type_", HOSTS)
@pytest.mark.parametrize(
    ("sent", "comes_back"),
    [
        ("Web.Example.net", "Web.Example.net"),
        ("web.example.net.", "web.example.net"),
        ("@", "example.com"),
        ("_x.*.example.net", "_x.*.example.net"),
        ("bücher.example", "xn--bcher-kva.example"),
        (r"a\.b.example.net", r"a\.b.example.net"),
        (r"a\;\032b.example.net", r"a\;\032b.example.net"),
        ("museum.", "museum."),
    ],
)
def test_a_host_is_absolute_with_or_without_its_dot(type_: str, sent: str, comes_back: str) -> None:
    assert shown(type_, sent) == comes_back
    assert parse(type_, comes_back) == parse(type_, sent)


@pytest.mark.parametrize("type_", HOSTS)
def test_a_bare_label_is_refused_with_the_name_that_was_meant(type_: str) -> None:
    refused = fault(type_, "www")
    assert refused.field == "value"
    assert "did you mean 'www.example.com'" in refused.detail


@pytest.mark.parametrize(
    ("type_", "text"), [("MX", "mail"), ("SRV", "0 5060 sip"), ("HTTPS", "1 www alpn=h2")]
)
def test_a_bare_label_is_refused_inside_other_values_too(type_: str, text: str) -> None:
    assert "did you mean" in fault(type_, text, 10).detail


def test_in_a_zone_of_one_label_its_own_name_is_no_bare_label() -> None:
    rdata, _ = value.parse(rrtypes.CNAME, "lan", None, name.from_text("lan"))
    assert rdata == b"\x03lan\x00"
    with pytest.raises(Invalid, match=r"did you mean 'www\.lan'"):
        value.parse(rrtypes.CNAME, "www", None, name.from_text("lan"))


@pytest.mark.parametrize("type_", HOSTS)
@pytest.mark.parametrize(
    "text",
    [
        *("", " ", ".", "192.0.2.1", "::1", "http://a.example/", "a..b.c", ".a.b", "a b.c"),
        *("a\nb.c", f"{'x' * 64}.net", ".".join(["x" * 63] * 4), '"a.b"', "a.b ; c", "(a.b)"),
        *("a.b\\", "\ud800.example", r"a\256.b", r"a\1.b"),
    ],
)
def test_what_is_no_host_is_refused(type_: str, text: str) -> None:
    assert fault(type_, text).field == "value"


@pytest.mark.parametrize(
    ("type_", "priority", "text", "rdata"),
    [
        ("MX", 10, "mail.example.com", b"\x00\x0a\x04mail\x07example\x03com\x00"),
        ("MX", 0, ".", b"\x00\x00\x00"),
        ("SRV", 65535, "1 443 @", b"\xff\xff\x00\x01\x01\xbb\x07example\x03com\x00"),
        ("SRV", 1, "2 3 .", b"\x00\x01\x00\x02\x00\x03\x00"),
    ],
)
def test_a_priority_stands_in_the_rdata(type_: str, priority: int, text: str, rdata: bytes) -> None:
    assert parse(type_, text, priority) == (rdata, None)
    assert value.show(rrtypes.from_text(type_), rdata)[1] == priority


@pytest.mark.parametrize(("type_", "text"), [("MX", "mail.a.b"), ("SRV", "1 2 a.b")])
def test_a_priority_is_required(type_: str, text: str) -> None:
    refused = fault(type_, text)
    assert refused.detail == f"{type_} records require a priority value"
    assert refused.field == "priority"
    assert fault(type_, text, 65536).field == "priority"
    assert fault(type_, text, -1).field == "priority"


def test_a_priority_inside_the_value_is_refused_with_the_form_that_is_wanted() -> None:
    assert "'host', and their priority apart" in fault("MX", "10 mail.example.com", 10).detail
    assert "'weight port target'" in fault("SRV", "1 2 3 a.example.com", 1).detail


@pytest.mark.parametrize(
    ("sent", "rdata"),
    [
        ("v=spf1 -all", b"\x0bv=spf1 -all"),
        (r"a\;b c", b"\x06a\\;b c"),
        (' said "x" ', b'\x0a said "x" '),
        ("grüße", b"\x07gr\xc3\xbc\xc3\x9fe"),
        ("x" * 300, b"\xff" + b"x" * 255 + b"\x2d" + b"x" * 45),
        ('"a" "b"', b"\x01a\x01b"),
        ('"a""b"', b"\x01a\x01b"),
        (r'"a\"\\\255"', b'\x04a"\\\xff'),
        ('""', b"\x00"),
        ('"one"', b"\x03one"),
        ("\\# 2 0161", b"\x01a"),
        ("one\ntwo", b"\x07one\ntwo"),
        (" ", b"\x01 "),
    ],
)
@pytest.mark.parametrize("type_", ["TXT", "SPF"])
def test_a_text_comes_back_as_it_was_sent(type_: str, sent: str, rdata: bytes) -> None:
    assert parse(type_, sent)[0] == rdata
    assert shown(type_, sent) == sent


@pytest.mark.parametrize(
    "text", ["", '"a', '"a" b', '"a\\"', '"a\\256"', '"' + "x" * 256 + '"', "x" * 65536, "\ud800"]
)
def test_what_is_no_text_is_refused(text: str) -> None:
    assert fault("TXT", text).field == "value"


@given(st.text(min_size=1, max_size=600).filter(lambda text: not text.lstrip().startswith('"')))
def test_any_text_comes_back(text: str) -> None:
    try:
        assert shown("TXT", text) == text
    except Invalid:
        assert any("\ud800" <= letter <= "\udfff" for letter in text)


@given(st.lists(st.binary(max_size=255), min_size=1, max_size=4))
def test_any_strings_are_shown_as_what_gives_them_again(strings: list[bytes]) -> None:
    rdata = b"".join(bytes((len(string),)) + string for string in strings)
    text, _ = value.show(rrtypes.TXT, rdata)
    assert parse("TXT", text) == (rdata, None)


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        ("A", "2001:db8::1"),
        ("A", "192.0.2"),
        ("A", "192.0.2.256"),
        ("A", "192.0.2.01"),
        ("A", "192.0.2.1 192.0.2.2"),
        ("A", "\u0661.0.2.1"),
        ("AAAA", "192.0.2.1"),
        ("AAAA", "fe80::1%eth0"),
        ("AAAA", "1:2:3:4:5:6:7:8:9"),
        ("AAAA", "1::2::3"),
        ("AAAA", "1:2:3:4:5:6:7::8"),
        ("AAAA", "1:2:3:4:5:6:7"),
        ("AAAA", "12345::"),
        ("AAAA", ":1:2:3:4:5:6:7:8"),
        ("CAA", "0 issue ;"),
        ("CAA", "256 issue a"),
        ("CAA", "0 is-sue a"),
        ("CAA", "0 issue a b"),
        ("TLSA", "3 1 1 xyz"),
        ("TYPE65280", "hello"),
        ("A", r"\# 3 c00002"),
        ("A", r"\# 4 c00002"),
        ("A", r"\# 4 hello"),
        ("A", r"\#"),
        ("ALIAS", r"\# 2 c000"),
        ("CNAME", r"\# 4 0161c000"),
        ("OPENPGPKEY", "A" * 400_000),
        ("OPENPGPKEY", "A" * 100_000),
        ("LOC", "99 N 1 E 1m"),
    ],
)
def test_what_does_not_fit_its_type_is_refused(type_: str, text: str) -> None:
    assert fault(type_, text).field == "value"


def test_an_address_of_the_other_family_is_told_its_type() -> None:
    assert "belongs in an AAAA record" in fault("A", "::1").detail
    assert "belongs in an A record" in fault("AAAA", "192.0.2.1").detail


@pytest.mark.parametrize(
    "type_",
    [
        *("SOA", "DNSKEY", "RRSIG", "NSEC", "NSEC3", "NSEC3PARAM", "CDS", "CDNSKEY", "SIG", "KEY"),
        *("NXT", "OPT", "ANY", "AXFR", "IXFR", "MAILA", "MAILB", "TSIG", "TKEY", "MD", "MF"),
        *("TYPE0", "TYPE128", "TYPE200", "TYPE65535"),
    ],
)
def test_a_type_that_is_not_the_users_is_refused(type_: str) -> None:
    assert fault(type_, r"\# 0", 1).field == "record_type"


@pytest.mark.parametrize("text", ["", "FOO", "TYPE65536", "TYPE", "TYPE-1", "A B", "Ä"])
def test_what_is_no_type_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        rrtypes.from_text(text)
    assert caught.value.field == "record_type"


@pytest.mark.parametrize("type_", VALUES)
def test_every_type_is_read_from_what_is_shown(type_: str) -> None:
    number = rrtypes.from_text(type_)
    assert rrtypes.to_text(number) == type_
    for text in VALUES[type_]:
        priority = None
        if type_ in ("MX", "SRV"):
            first, _, text = text.partition(" ")  # noqa: PLW2901
            priority = int(first)
        rdata, _ = parse(type_, text, priority)
        again, back = value.show(number, rdata)
        assert back == priority
        assert parse(type_, again, priority) == (rdata, None)


@given(
    st.binary(min_size=16, max_size=16)
    | st.lists(st.sampled_from([b"\0\0", b"\0\1", b"\xab\xcd"]), min_size=8, max_size=8).map(
        b"".join
    )
)
def test_any_ipv6_address_is_shown_as_rfc_5952_says(packed: bytes) -> None:
    text, _ = value.show(rrtypes.AAAA, packed)
    if packed[:12] != bytes(10) + b"\xff\xff":
        assert text == str(IPv6Address(packed))
    assert parse("AAAA", text) == (packed, None)
    assert parse("AAAA", IPv6Address(packed).exploded) == (packed, None)


@given(st.text(alphabet="0123456789abcdefABCDEF:.%/ gx", max_size=45))
def test_an_ipv6_address_is_read_where_the_library_reads_one(text: str) -> None:
    try:
        expected: bytes | None = IPv6Address(text.strip()).packed
    except ValueError:
        expected = None
    if "%" in text:
        expected = None
    try:
        assert parse("AAAA", text)[0] == expected
    except Invalid:
        assert expected is None


@given(st.sampled_from(sorted(VALUES)), st.text(max_size=60), st.none() | st.integers())
def test_any_value_is_read_or_refused(type_: str, text: str, priority: int | None) -> None:
    try:
        rdata, _ = parse(type_, text, priority)
    except Invalid as refused:
        assert refused.field in ("value", "priority")  # noqa: PT017
    else:
        value.show(rrtypes.from_text(type_), rdata)


@pytest.mark.parametrize(
    ("type_", "one", "other"),
    [
        ("CNAME", r"\# 3 014100", r"\# 3 016100"),
        ("NAPTR", '1 2 "S" "x" "" A.b.', '1 2 "S" "x" "" a.B.'),
        ("RP", "A.b. C.d.", "a.b. c.d."),
        ("KX", "1 A.b.", "1 a.b."),
    ],
)
def test_names_in_rdata_are_equal_whatever_their_case(type_: str, one: str, other: str) -> None:
    number = rrtypes.from_text(type_)
    assert canonical(number, parse(type_, one)[0]) == canonical(number, parse(type_, other)[0])


@pytest.mark.parametrize(
    ("type_", "one", "other"),
    [
        ("NAPTR", '1 2 "S" "x" "" a.b.', '1 2 "s" "x" "" a.b.'),
        ("SVCB", "1 A.b.", "1 a.b."),
        ("TXT", "A", "a"),
        ("CAA", '0 issue "A"', '0 issue "a"'),
    ],
)
def test_what_is_no_name_keeps_its_case(type_: str, one: str, other: str) -> None:
    number = rrtypes.from_text(type_)
    assert canonical(number, parse(type_, one)[0]) != canonical(number, parse(type_, other)[0])
