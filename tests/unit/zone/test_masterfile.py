"""Master files (RFC 1035, section 5), read and written."""

from collections.abc import Mapping

import pytest

from nsd.errors import LimitReached, MasterFileInvalid
from nsd.zone import masterfile, name, rrtypes
from nsd.zone.masterfile import MasterFile
from nsd.zone.rdata import to_text
from nsd.zone.record import Record

APEX = name.from_text("example.com")
SOA = "@ IN SOA ns1 hostmaster 1 2 3 4 5\n"
HEAD = "$TTL 300\n" + SOA


def parse(text: str, files: Mapping[str, str] | None = None) -> MasterFile:
    include = None if files is None else files.__getitem__

    def missing(file: str) -> str:
        if files is None or file not in files:
            raise FileNotFoundError(file)
        return files[file]

    return masterfile.parse(text, file="zone", origin=APEX, include=missing if include else None)


def lines(text: str, files: Mapping[str, str] | None = None) -> list[str]:
    return [line_of(record) for record in parse(text, files).records]


def line_of(record: Record) -> str:
    return (
        f"{name.to_text(record.owner)} {record.ttl} {rrtypes.to_text(record.rrtype)}"
        f" {to_text(record.rrtype, record.rdata)}"
    )


def faults(text: str, files: Mapping[str, str] | None = None) -> list[str]:
    with pytest.raises(MasterFileInvalid) as caught:
        parse(text, files)
    return list(map(str, caught.value.faults))


@pytest.mark.parametrize(
    ("line", "record"),
    [
        ("www IN A 192.0.2.1", "www.example.com. 300 A 192.0.2.1"),
        ("www 60 IN A 192.0.2.1", "www.example.com. 60 A 192.0.2.1"),
        ("www IN 60 A 192.0.2.1", "www.example.com. 60 A 192.0.2.1"),
        ("www 1h30m A 192.0.2.1", "www.example.com. 5400 A 192.0.2.1"),
        ("www A 192.0.2.1 ; here", "www.example.com. 300 A 192.0.2.1"),
        ("www\tin\ta\t192.0.2.1\r", "www.example.com. 300 A 192.0.2.1"),
        ("WWW.Example.COM. CLASS1 TYPE1 192.0.2.1", "www.example.com. 300 A 192.0.2.1"),
        ("www A \\# 4 c0000201", "www.example.com. 300 A 192.0.2.1"),
        ("www ( IN\n A ; one\n 192.0.2.1 )", "www.example.com. 300 A 192.0.2.1"),
        ("www A ((192.0.2.1))", "www.example.com. 300 A 192.0.2.1"),
        ("@ A 192.0.2.1", "example.com. 300 A 192.0.2.1"),
        (" A 192.0.2.1", "example.com. 300 A 192.0.2.1"),
        ("* A 192.0.2.1", "*.example.com. 300 A 192.0.2.1"),
        ("a CNAME @", "a.example.com. 300 CNAME example.com."),
        ("a CNAME B.c", "a.example.com. 300 CNAME B.c.example.com."),
        ("a CNAME .", "a.example.com. 300 CNAME ."),
        (r"a\.b CNAME c\032d", r"a\.b.example.com. 300 CNAME c\032d.example.com."),
        (r"\065 CNAME b", "a.example.com. 300 CNAME b.example.com."),
        ("grün A 192.0.2.1", "xn--grn-ioa.example.com. 300 A 192.0.2.1"),
        ("300 300 A 192.0.2.1", "300.example.com. 300 A 192.0.2.1"),
        ("in IN A 192.0.2.1", "in.example.com. 300 A 192.0.2.1"),
        ("a MX 10 mail", "a.example.com. 300 MX 10 mail.example.com."),
        ("a SRV 1 2 3 .", "a.example.com. 300 SRV 1 2 3 ."),
        ('t TXT "a ; b (c)" d\\ e', 't.example.com. 300 TXT "a ; b (c)" "d e"'),
        ('t TXT "\\"" \\; ""', 't.example.com. 300 TXT "\\"" ";" ""'),
        ("t TXT ä", 't.example.com. 300 TXT "\\195\\164"'),
        ('h HTTPS 1 . alpn="h2,h3"', 'h.example.com. 300 HTTPS 1 . alpn="h2,h3"'),
        ('h HTTPS 1 svc key65333="a b"',
         'h.example.com. 300 HTTPS 1 svc.example.com. key65333="a b"'),
        ("d DS ( 1 13 2 abab\n cdcd " + "ee" * 28 + " )",
         "d.example.com. 300 DS 1 13 2 ababcdcd" + "ee" * 28),
        ("u TYPE65280 \\# 2 ab cd", "u.example.com. 300 TYPE65280 \\# 2 abcd"),
        ("x ALIAS web.example.net.", "x.example.com. 300 ALIAS web.example.net."),
    ],
)  # fmt: skip
def test_a_line_gives_a_record(line: str, record: str) -> None:
    assert lines(HEAD + line + "\n") == [record]
    assert lines(HEAD + line) == [record]


def test_an_owner_left_blank_is_the_one_before() -> None:
    assert lines(HEAD + "a A 192.0.2.1\n\n; x\n  \n\tAAAA ::1\nb A 192.0.2.2\n MX 0 .\n") == [
        "a.example.com. 300 A 192.0.2.1",
        "a.example.com. 300 AAAA ::1",
        "b.example.com. 300 A 192.0.2.2",
        "b.example.com. 300 MX 0 .",
    ]


def test_origin_moves_and_is_relative_to_itself() -> None:
    text = HEAD + "$ORIGIN a\nb CNAME c\n@ A 192.0.2.1\n$ORIGIN example.com.\nb A 192.0.2.1\n"
    assert lines(text) == [
        "b.a.example.com. 300 CNAME c.a.example.com.",
        "a.example.com. 300 A 192.0.2.1",
        "b.example.com. 300 A 192.0.2.1",
    ]


def test_the_same_text_is_another_owner_under_another_origin() -> None:
    assert lines(HEAD + "b A 192.0.2.1\n$ORIGIN x\nb A 192.0.2.1\n") == [
        "b.example.com. 300 A 192.0.2.1",
        "b.x.example.com. 300 A 192.0.2.1",
    ]


def ttls(text: str) -> list[int]:
    read = parse(text)
    return [read.soa.ttl, *[record.ttl for record in read.records]]


def test_a_ttl_is_the_records_else_the_directives() -> None:
    text = "$TTL 1h\n" + SOA + "a A 192.0.2.1\nb 5 A 192.0.2.1\nc A 192.0.2.1\n$TTL 7\nd A 1.1.1.1"
    assert ttls(text) == [3600, 3600, 5, 3600, 7]  # RFC 2308, section 4


def test_without_directive_a_ttl_is_that_of_the_record_before() -> None:
    text = "@ 9 IN SOA a b 1 2 3 4 5\na A 192.0.2.1\nb 6 A 192.0.2.1\nc A 192.0.2.1"
    assert ttls(text) == [9, 9, 6, 6]


def test_where_nothing_says_a_ttl_the_soas_minimum_does() -> None:
    assert ttls(SOA + "a A 192.0.2.1") == [5, 5]


def test_the_soa_is_read_with_units() -> None:
    read = parse("@ 1d IN SOA ns1 Host\\.Master ( 2024010101 ; serial\n 1h 15M\n 1w 1h30m )")
    soa = read.soa
    assert (soa.ttl, soa.serial, soa.refresh) == (86400, 2024010101, 3600)
    assert (soa.retry, soa.expire, soa.minimum) == (900, 604800, 5400)
    assert name.to_text(soa.mname) == "ns1.example.com."
    assert name.to_text(soa.rname) == r"Host\.Master.example.com."
    assert masterfile.parse(f"@ SOA \\# {len(soa.rdata)} {soa.rdata.hex()}", file="f",
                            origin=APEX).soa.rdata == soa.rdata  # fmt: skip


def test_the_soas_owner_is_the_apex() -> None:
    read = masterfile.parse("$ORIGIN Example.NET.\n" + SOA + "a A 192.0.2.1\n", file="zone")
    assert name.to_text(read.apex) == "example.net."
    read = masterfile.parse("Example.NET. SOA a. b. 1 2 3 4 5", file="zone")
    assert name.to_text(read.apex) == "example.net."


def test_a_byte_order_mark_is_no_character_of_the_file() -> None:
    assert parse("\ufeff" + HEAD).records == []


def test_exact_duplicates_are_dropped() -> None:
    text = HEAD + "a CNAME b.c.\nA 60 CNAME B.C.\nx A 192.0.2.1\nx A 192.0.2.2\nx A 192.0.2.1\n"
    assert len(parse(text).records) == 3


def test_what_a_signer_made_is_left_out_and_counted() -> None:
    text = HEAD + (
        "@ DNSKEY 257 3 13 ( AQID\n BAUG )\n@ RRSIG A whatever\n@ NSEC a A\nd DS 1 13 2 "
        + "ab" * 32
        + "\n\n"
        "@ NSEC3PARAM 1 0 0 -\nx NSEC3 1 0 0 - y\n@ CDS 0 0 0 00\n@ CDNSKEY 0 3 0 AA==\n"
    )
    read = parse(text)
    assert read.left_out == 7
    assert [record.rrtype for record in read.records] == [rrtypes.DS]


def test_a_record_knows_its_line() -> None:
    read = parse(
        HEAD + "a A 192.0.2.1\na A 192.0.2.1\n\n$INCLUDE x\nc A 192.0.2.1", {"x": "b A 1.1.1.1"}
    )
    places = [str(read.fault(index, "here")) for index in range(3)]
    assert places == ["zone:3: here", "x:1: here", "zone:7: here"]


@pytest.mark.parametrize(
    ("directive", "made"),
    [
        ("1-3 h$ A 192.0.2.$", ["h1 192.0.2.1", "h2 192.0.2.2", "h3 192.0.2.3"]),
        ("0-4/2 h$ A 192.0.2.$", ["h0 192.0.2.0", "h2 192.0.2.2", "h4 192.0.2.4"]),
        ("1-1 h${10} A 192.0.2.${-1}", ["h11 192.0.2.0"]),
        ("9-10 h${0,3} IN A 192.0.2.$", ["h009 192.0.2.9", "h010 192.0.2.10"]),
        ("255-255 h${0,4,x}-${0,0,X}-${0,0,o} 60 A 192.0.2.1", ["h00ff-ff-377 192.0.2.1"]),
        ("18-18 ${0,5,n} A 192.0.2.1", ["2.1.0 192.0.2.1"]),
        (r"1-1 a$$b\$c A 192.0.2.$", [r"a\$b\$c 192.0.2.1"]),
    ],
)
def test_generate_makes_records(directive: str, made: list[str]) -> None:
    read = parse(HEAD + f"$GENERATE {directive}\n")
    shown = [
        f"{name.to_text(record.owner).removesuffix('.example.com.')} "
        f"{to_text(record.rrtype, record.rdata)}"
        for record in read.records
    ]
    assert shown == made


def test_an_included_file_leaves_origin_and_owner_as_they_were() -> None:
    files = {"sub file": "w A 192.0.2.1\n$ORIGIN z\nv A 192.0.2.1\n$INCLUDE b\n", "b": "@ MX 0 ."}
    text = HEAD + 'a A 192.0.2.1\n$INCLUDE "sub file" sub\n A 192.0.2.2\nb A 192.0.2.1'
    assert lines(text, files) == [
        "a.example.com. 300 A 192.0.2.1",
        "w.sub.example.com. 300 A 192.0.2.1",
        "v.z.sub.example.com. 300 A 192.0.2.1",
        "z.sub.example.com. 300 MX 0 .",
        "a.example.com. 300 A 192.0.2.2",
        "b.example.com. 300 A 192.0.2.1",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a A 192.0.2", "zone:3: '192.0.2' is not an IPv4 address"),
        ("a A", "zone:3: a value is missing"),
        ("a IN", "zone:3: a record needs a type and a value"),
        ("a", "zone:3: a record needs a type and a value"),
        ("a IN IN A 192.0.2.1", "zone:3: 'IN' is not a record type"),
        ("a 1 2 A 192.0.2.1", "zone:3: '2' is not a record type"),
        ("a CH A 192.0.2.1", "zone:3: class CH: only class IN is served"),
        ("a CLASS3 A 192.0.2.1", "zone:3: class CLASS3: only class IN is served"),
        ("a 2147483648 A 192.0.2.1", "zone:3: '2147483648' is not a TTL (0 to 2147483647 seconds)"),
        ("a FOO x", "zone:3: 'FOO' is not a record type"),
        ("a ANY x", "zone:3: ANY is not a type that a zone can hold"),
        ("a MX mail", "zone:3: expected 'preference host', got 1 fields"),
        ("a MX 65536 mail", "zone:3: '65536' is not a preference (0 to 65535)"),
        ("a..b A 192.0.2.1", "zone:3: 'a..b' is not a domain name: A DNS label is empty."),
        ('"a" A 192.0.2.1', 'zone:3: "a" is quoted, which a name cannot be'),
        ('a TXT "b', "zone:3: a quote is not closed on its line"),
        ("a TXT b\\", "zone:3: a backslash ends the line"),
        ("a TXT \\300", "zone:3: \\300 is not an octet (000 to 255)"),
        ("a A ( 192.0.2.1\nb A 192.0.2.1", "zone:3: a parenthesis is not closed"),
        ("a A 192.0.2.1 )", "zone:3: a closing parenthesis has no opening one"),
        ("a.org. A 192.0.2.1", "zone:3: a.org. is outside the zone example.com."),
        ("aexample.com. A 192.0.2.1", "zone:3: aexample.com. is outside the zone example.com."),
        ("a A 192.0.2.1\na CNAME b\n", ("zone:4: a.example.com. has a CNAME and A;"
         " a CNAME stands alone at its name")),
        ("a CNAME b\na CNAME c\n", ("zone:4: a.example.com. has a CNAME already,"
         " and only one may stand at a name")),
        ("@ CNAME b", ("zone:3: example.com. is the zone's apex, where a CNAME cannot stand beside"
         " SOA and NS; an ALIAS does what is meant")),
        (SOA, "zone:3: a second SOA record; the first is in line 2"),
        ("$FOO", "zone:3: '$FOO' is none of $ORIGIN, $TTL, $INCLUDE, $GENERATE"),
        ("$TTL", "zone:3: expected '$TTL seconds'"),
        ("$TTL x", "zone:3: 'x' is not a TTL (0 to 2147483647 seconds)"),
        ("$ORIGIN", "zone:3: expected '$ORIGIN name'"),
        ("$INCLUDE x", "zone:3: $INCLUDE is not allowed here"),
        ("$GENERATE 1-2 a", ("zone:3: expected '$GENERATE start-stop[/step] owner [TTL] [class]"
         " type value'")),
        ("$GENERATE x a$ A 192.0.2.1", ("zone:3: 'x' is not a range of the form start-stop or"
         " start-stop/step")),
        ("$GENERATE 2-1 a$ A 192.0.2.1", ("zone:3: the range '2-1' must go up, by a step of at"
         " least 1")),
        ("$GENERATE 1-2/0 a$ A 192.0.2.1", ("zone:3: the range '1-2/0' must go up, by a step of at"
         " least 1")),
        ("$GENERATE 1-65537 a$ A 192.0.2.1", ("zone:3: $GENERATE may make 65536 records in a file"
         " at most")),
        ("$GENERATE 1-2 a${x} A 192.0.2.1", ("zone:3: '${x}' is not of the form"
         " ${offset[,width[,base]]}")),
        ("$GENERATE 1-2 a${0,999} A 192.0.2.1", ("zone:3: '${0,999}' is not of the form"
         " ${offset[,width[,base]]}")),
        ("$GENERATE 1-1 ${0,4,n} A 192.0.2.1", "zone:3: 1.0. is outside the zone example.com."),
        ("$GENERATE 1-2 a${-2} A 192.0.2.1", "zone:3: '${-2}' makes 1 negative"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line(text: str, told: str) -> None:
    assert faults(HEAD + text) == [told]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ["zone:1: the zone has no SOA record"]),
        ("a A 192.0.2.1", ["zone:1: the zone has no SOA record"]),
        (" A 192.0.2.1", ["zone:1: the zone has no SOA record",
                          "zone:1: a line that begins with a blank needs a record before it"]),
        ("@ SOA a b 1 2 3 4",
         ["zone:1: an SOA has 7 fields: mname rname serial refresh retry expire minimum"]),
        ("@ SOA a b 4294967296 2 3 4 5",
         ["zone:1: '4294967296' is not a serial (0 to 4294967295)"]),
        ("x SOA a b 1 2 3 4 5",
         ["zone:1: the SOA is that of x.example.com., the zone is example.com."]),
    ],
)  # fmt: skip
def test_a_zone_has_one_soa_at_its_apex(text: str, told: list[str]) -> None:
    assert sorted(faults(text)) == sorted(told)


def test_relative_names_need_an_origin() -> None:
    with pytest.raises(MasterFileInvalid) as caught:
        masterfile.parse(SOA, file="zone")
    assert [fault.text for fault in caught.value.faults] == [
        "'@' is relative, and no $ORIGIN says to what",
        "the zone has no SOA record",
    ]
    with pytest.raises(MasterFileInvalid, match="is relative"):
        masterfile.parse(r"a\. SOA a. b. 1 2 3 4 5", file="zone")


def test_all_faults_are_told_at_once_in_the_order_of_their_lines() -> None:
    text = (
        HEAD + "a A x\nb CNAME c\nb A 192.0.2.1\nx.org. A 192.0.2.1\nd..e A 192.0.2.1\n A 1.1.1.1\n"
    )
    assert [told.split(":")[1] for told in faults(text)] == ["3", "5", "6", "7"]


def test_a_hopeless_file_is_given_up() -> None:
    told = faults(HEAD + "x\n" * 5000)
    assert len(told) == 1001
    assert told[-1] == "zone:1002: too many faults; what follows was not looked at"


def test_a_hopeless_included_file_ends_the_files_around_it() -> None:
    told = faults(HEAD + "$INCLUDE all\n" + "y\n" * 5000, {"all": "x\n" * 5000})
    assert len(told) == 1001
    assert {line.partition(":")[0] for line in told} == {"all"}


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, "zone:3: 'x' cannot be read: x"),
        ({"x": "a A b\n"}, "x:1: 'b' is not an IPv4 address"),
        ({"x": "; \n$INCLUDE x"}, "x:2: 'x' includes itself"),
        ({"x": "$INCLUDE y", "y": "$INCLUDE x"}, "y:1: 'x' includes itself"),
    ],
)
def test_a_fault_of_an_included_file_is_told(files: dict[str, str], told: str) -> None:
    assert faults(HEAD + "$INCLUDE x", files) == [told]


def test_files_are_not_included_without_end() -> None:
    files = {f"f{depth}": f"$INCLUDE f{depth + 1}" for depth in range(50)}
    assert faults(HEAD + "$INCLUDE f0", files) == ["f9:1: files are included more than 10 deep"]


def test_a_file_is_written_in_one_clear_form() -> None:
    read = parse(
        "@ 3600 IN SOA ns1 hostmaster 2024011501 7200 900 1209600 300\n"
        "$TTL 300\n"
        'z.b A 192.0.2.1\n*.b A 192.0.2.1\nb 60 A 192.0.2.2\na\\.b TXT "x y" z\nb A 192.0.2.1\n'
        "@ MX 10 mail\n@ NS ns1\nal ALIAS Web\nu TYPE65280 \\# 1 ff\nh HTTPS 0 @\n"
    )
    assert masterfile.write(read.apex, read.soa, read.records) == (
        "$ORIGIN example.com.\n"
        "$TTL 300\n"
        "@\t3600\tIN\tSOA\tns1.example.com. hostmaster.example.com. (\n"
        "\t\t2024011501\t; serial\n"
        "\t\t7200\t; refresh\n"
        "\t\t900\t; retry\n"
        "\t\t1209600\t; expire\n"
        "\t\t300\t; minimum\n"
        "\t\t)\n"
        "@\tIN\tNS\tns1.example.com.\n"
        "@\tIN\tMX\t10 mail.example.com.\n"
        'a\\.b\tIN\tTXT\t"x y" "z"\n'
        "al\tIN\tTYPE65401\t\\# 17 03576562076578616d706c6503636f6d00 ; ALIAS Web.example.com.\n"
        "b\tIN\tA\t192.0.2.1\n"
        "b\t60\tIN\tA\t192.0.2.2\n"
        "*.b\tIN\tA\t192.0.2.1\n"
        "z.b\tIN\tA\t192.0.2.1\n"
        "h\tIN\tHTTPS\t0 example.com.\n"
        "u\tIN\tTYPE65280\t\\# 1 ff\n"
    )


def test_the_root_zone_is_written_and_read() -> None:
    text = "$ORIGIN .\n@ 1 SOA a b 1 2 3 4 5\ncom NS a.gtld\na.gtld A 192.0.2.1\n"
    read = masterfile.parse(text, file="root")
    again = masterfile.parse(masterfile.write(read.apex, read.soa, read.records), file="root")
    assert (again.soa, sorted(map(line_of, again.records))) == (
        read.soa,
        sorted(map(line_of, read.records)),
    )


@pytest.mark.parametrize("line", ["$GENERATE 1-60000 n$ A 192.0.2.1", "n A 192.0.2.1\n" * 11])
def test_reading_ends_with_the_first_record_that_is_too_many(line: str) -> None:
    with pytest.raises(LimitReached, match="more than 10 records"):
        masterfile.parse(f"{line}\n", file="f", origin=APEX, most=10)


def test_as_many_records_as_allowed_are_read() -> None:
    text = "@ SOA ns h 1 2 3 4 5\n" + "".join(f"n{at} A 192.0.2.1\n" for at in range(10))
    content = masterfile.parse(text, file="f", origin=APEX, most=10)
    assert len(content.records) == 10
