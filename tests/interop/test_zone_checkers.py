"""What we write, the programs of three other servers take, and read back the same."""

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from nsd.zone import fields, masterfile, name, rdata, rrtypes
from nsd.zone.name import WireName
from nsd.zone.name_fields import canonical
from nsd.zone.record import Record
from nsd.zone.soa import Soa
from tests.values import VALUES

PRINT = ["-i", "none", "-D", "-q", "-o", "-"]

Program = Callable[[str], str]

APEX = name.from_text("example.com")
HOST = name.from_text("ns1.example.net")
SOA = Soa(3600, HOST, name.from_text(r"host\.master.example.net"), 2024011501, 7200, 900, 86400, 60)

ODD_LABELS = [b"*", b"_x", b"1h", b"in", b"a", b"@", b"$ttl", b"a.b", b";", b'"', b"(", b"\\#"]
ODD_LABELS += [b"\0", b"\xff", b" ", b"/", b"x" * 63]


def every_type() -> list[Record]:
    """One name for each value of each type, and one for each odd label."""
    records = [Record(APEX, rrtypes.NS, 3600, HOST)]
    for type_, texts in VALUES.items():
        number = rrtypes.from_text(type_)
        for index, text in enumerate(texts if type_ != "A6" else []):  # BIND gives its own form
            owner = name.from_text(f"{type_.lower()}-{index}", APEX)
            packed = rdata.from_fields(number, fields.split(text), name.from_text)
            records.append(Record(owner, number, 60 * (index + 1), packed))
    for label in ODD_LABELS:
        owner = WireName(bytes((len(label),)) + label + APEX)
        records.append(Record(owner, rrtypes.TXT, 60, b"\x01x"))
    return records


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("zone") / "example.com.zone"
    file.write_text(masterfile.write(APEX, SOA, every_type()), encoding="ascii")
    return file


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def assert_same(text: str) -> None:
    read = masterfile.parse(text, file="read back", origin=APEX)
    assert read.soa == SOA
    assert in_order(read.records) == in_order(every_type())


def in_order(records: Sequence[Record]) -> list[tuple[object, ...]]:
    """Compare with lower-case names: a program may write them in the case it saw first."""
    return sorted(
        (name.canonical_key(record.owner), record.rrtype, record.ttl,
         canonical(record.rrtype, record.rdata))
        for record in records
    )  # fmt: skip


def test_bind_reads_back_what_we_write(program: Program, written: Path) -> None:
    assert_same(run(program("named-checkzone"), *PRINT, "example.com", str(written)))


def test_nsd_reads_back_what_we_write(program: Program, written: Path) -> None:
    assert_same(run(program("nsd-checkzone"), "-p", "example.com", str(written)))


def test_knot_takes_what_we_write(program: Program, written: Path) -> None:
    run(program("kzonecheck"), "-o", "example.com", str(written))


@pytest.mark.parametrize(
    "line",
    [
        "1-3 h$ A 192.0.2.$",
        "0-20/5 h${0,3} 60 IN A 192.0.2.${3}",
        "250-260 h${-3,4,x} CNAME t${1,0,X}-${0,5,o}",
        "0-300/150 ${0,5,n} PTR h$",
        "0-300/150 ${0,7,N} PTR h$",
        "0-300/150 ${0,1,n} PTR h$",
        r"1-2 a$$-\$-$ A 192.0.2.$",
    ],
)
def test_bind_generates_the_same(program: Program, tmp_path: Path, line: str) -> None:
    text = f"$TTL 300\n@ IN SOA a b 1 2 3 4 5\n@ NS a.example.net.\n$GENERATE {line}\n"
    file = tmp_path / "zone"
    file.write_text(text)
    theirs = run(program("named-checkzone"), *PRINT, "example.com", str(file))
    ours = masterfile.parse(text, file="zone", origin=APEX)
    assert in_order(ours.records) == in_order(
        masterfile.parse(theirs, file="theirs", origin=APEX).records
    )
