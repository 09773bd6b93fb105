"""Transfers out, as dig, kdig and dnspython see them."""

import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.tsig
import dns.tsigkeyring
import dns.xfr
import dns.zone
import pytest

from tests.secondary.primary import Primary

SOA = dns.rdatatype.SOA
SECRET = "c2VjcmV0LXNlY3JldC1zZWNyZXQ="
KEYS = dns.tsigkeyring.from_text({"k": SECRET})
ALLOW = '[transfer]\nallow = ["key=k"]\n'
MASTER = """\
$ORIGIN example.com.
@ 3600 IN SOA ns1.example.net. h.example.net. 5 7200 900 1209600 300
@ 600 NS ns.other.example.
www 300 A 192.0.2.1
www 300 A 192.0.2.2
mail 300 MX 10 mx.example.net.
a.b.c 300 TXT "one" "two"
*.w 300 CNAME www
sub 300 NS ns.sub
ns.sub 300 A 192.0.2.3
"""

Primaries = Callable[..., Primary]


def with_zone(primaries: Primaries, settings: str = ALLOW) -> Primary:
    primary = primaries(settings)
    primary.nsdctl("tsig", "add", "k", "--secret", SECRET)
    file = primary.data.parent / "example.com.zone"
    file.write_text(MASTER)
    primary.nsdctl("zone", "import", str(file))
    ask_until(primary, lambda answer: bool(answer.answer))
    return primary


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Primary]:
    """One server for the tests that change nothing."""
    primary = Primary(tmp_path_factory.mktemp("shared") / "data")
    primary.config.write_text(ALLOW)
    primary.start()
    try:
        yield with_zone(lambda _settings: primary)
    finally:
        primary.stop()


def ask_until(primary: Primary, holds: Callable[[dns.message.Message], bool]) -> None:
    until = time.monotonic() + 10
    query = dns.message.make_query("example.com", "SOA")
    query.use_tsig(KEYS)
    while True:
        try:
            answer = dns.query.udp(query, primary.host, port=primary.port, timeout=5)
            if holds(answer):
                return
        except dns.tsig.PeerError:
            answer = query
        assert time.monotonic() < until, answer


def transfer(
    primary: Primary,
    kind: str = "AXFR",
    *,
    keys: object = KEYS,
    serial: int | None = None,
    edns: int = -1,
) -> list[dns.message.Message]:
    """Give all messages of a transfer over TCP."""
    query = dns.message.make_query("example.com", kind, use_edns=edns)
    if serial is not None:
        query.authority.append(
            dns.rrset.from_text("example.com.", 0, "IN", "SOA", f". . {serial} 0 0 0 0")
        )
    if keys is not None:
        query.use_tsig(keys)
    return [
        dns.query.tcp(query, primary.host, port=primary.port, timeout=10, one_rr_per_rrset=True)
    ]


def test_the_zone_is_the_same_by_dig_kdig_and_dnspython(
    shared: Primary, program: Callable[[str], str]
) -> None:
    wanted = dns.zone.from_text(MASTER, "example.com", relativize=False)
    fetched = dns.zone.Zone("example.com", relativize=False)
    query, _ = dns.xfr.make_query(fetched, serial=None, keyring=KEYS)
    dns.query.inbound_xfr(shared.host, fetched, query, port=shared.port, timeout=10)
    assert fetched == wanted
    at = [f"@{shared.host}", "-p", str(shared.port), "-y", f"hmac-sha256:k:{SECRET}"]
    for command in (
        [program("dig"), *at, "+noall", "+answer", "+onesoa", "AXFR", "example.com"],
        [program("kdig"), *at, "+noall", "+answer", "AXFR", "example.com"],
    ):
        said = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
        lines = {line for line in said.stdout.splitlines() if "TSIG" not in line}
        text = "\n".join(sorted(lines))
        assert dns.zone.from_text(text, "example.com", relativize=False) == wanted, said


def test_changes_are_sent_as_an_ixfr_that_kdig_and_dnspython_apply(
    primaries: Primaries, program: Callable[[str], str]
) -> None:
    primary = with_zone(primaries)
    held = dns.zone.from_text(MASTER, "example.com", relativize=False)
    uuid = primary.ok("GET", "/dns-zones/?domain=example.com")[0]["uuid"]
    for number in range(3):
        content = {"record_type": "A", "name": f"n{number}", "value": "192.0.2.9"}
        record = primary.ok("POST", f"/dns-zones/{uuid}/records/", content)
    primary.ok("DELETE", f"/dns-records/{record['uuid']}/")
    query, _ = dns.xfr.make_query(held, serial=5, keyring=KEYS)
    dns.query.inbound_xfr(primary.host, held, query, port=primary.port, timeout=10)
    fresh = dns.zone.Zone("example.com", relativize=False)
    query, _ = dns.xfr.make_query(fresh, serial=None, keyring=KEYS)
    dns.query.inbound_xfr(primary.host, fresh, query, port=primary.port, timeout=10)
    assert held == fresh
    assert held.get_rrset("n1", "A")
    assert not held.get_rrset("n2", "A")
    said = subprocess.run(
        [
            *(program("kdig"), f"@{primary.host}", "-p", str(primary.port)),
            *("-y", f"hmac-sha256:k:{SECRET}", "+noall", "+answer", "IXFR=7", "example.com"),
        ],
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    ).stdout
    serials = re.findall(r"SOA\s+\S+ \S+ (\d+)", said)
    assert serials == ["9", "7", "8", "8", "9", "9"], said


def test_an_ixfr_over_udp_holds_the_changes_if_they_fit_and_else_the_soa(
    primaries: Primaries,
) -> None:
    primary = with_zone(primaries)
    uuid = primary.ok("GET", "/dns-zones/?domain=example.com")[0]["uuid"]
    path = f"/dns-zones/{uuid}/records/"
    primary.ok("POST", path, {"record_type": "A", "name": "n", "value": "192.0.2.9"})
    query = dns.message.make_query("example.com", "IXFR")
    query.authority.append(dns.rrset.from_text("example.com.", 0, "IN", "SOA", ". . 5 0 0 0 0"))
    query.use_tsig(KEYS)
    answer = dns.query.udp(query, primary.host, port=primary.port, timeout=5, one_rr_per_rrset=True)
    assert [rrset.rdtype for rrset in answer.answer] == [6, 6, 6, 1, 6], answer
    primary.ok("POST", path, {"record_type": "TXT", "name": "n", "value": "x" * 3000})
    answer = dns.query.udp(query, primary.host, port=primary.port, timeout=5, one_rr_per_rrset=True)
    assert [rrset.rdtype for rrset in answer.answer] == [6], answer


def test_who_holds_the_current_serial_gets_one_soa(shared: Primary) -> None:
    (answer,) = transfer(shared, "IXFR", serial=5)
    assert [rrset.rdtype for rrset in answer.answer] == [6], answer


def test_who_lags_behind_the_journal_gets_the_whole_zone(shared: Primary) -> None:
    (answer,) = transfer(shared, "IXFR", serial=3)
    kinds = [rrset.rdtype for rrset in answer.answer]
    assert (kinds[0], kinds[-1], kinds.count(SOA), len(kinds)) == (6, 6, 2, 10), answer


def test_an_alias_is_transferred_as_the_addresses_that_it_stands_for(
    primaries: Primaries,
) -> None:
    primary = with_zone(primaries)
    uuid = primary.ok("GET", "/dns-zones/?domain=example.com")[0]["uuid"]
    content = {"record_type": "ALIAS", "name": "shop", "value": "www.example.com."}
    primary.ok("POST", f"/dns-zones/{uuid}/records/", content)
    name = dns.name.from_text("shop.example.com.")
    until = time.monotonic() + 10
    for kind in ("AXFR", "IXFR"):
        while True:
            (answer,) = transfer(primary, kind, serial=5 if kind == "IXFR" else None)
            found = {str(rrset[0]) for rrset in answer.answer if rrset.name == name}
            if found == {"192.0.2.1", "192.0.2.2"}:
                break
            assert time.monotonic() < until, answer


def test_the_journal_is_trimmed_to_its_limit_while_the_server_runs(primaries: Primaries) -> None:
    primary = with_zone(primaries, ALLOW + "journal_entries = 3\n")
    uuid = primary.ok("GET", "/dns-zones/?domain=example.com")[0]["uuid"]
    for number in range(6):
        content = {"record_type": "A", "name": f"n{number}", "value": "192.0.2.9"}
        primary.ok("POST", f"/dns-zones/{uuid}/records/", content)
    until = time.monotonic() + 20
    while True:
        (answer,) = transfer(primary, "IXFR", serial=6)
        whole = [rrset.rdtype for rrset in answer.answer].count(SOA) == 2
        if whole:
            break
        assert time.monotonic() < until, answer
        time.sleep(0.2)
    (answer,) = transfer(primary, "IXFR", serial=10)
    assert [rrset.rdtype for rrset in answer.answer].count(SOA) == 4, answer


@pytest.mark.parametrize(
    ("rule", "is_allowed"),
    [
        ("key=k", True),
        ("key=other", False),
        ("network=127.0.0.0/8", True),
        ("network=192.0.2.0/24", False),
        ("key=k&network=192.0.2.0/24", False),
        ("key=k&zone=example.com", True),
        ("key=k&zone=example.org", False),
    ],
)
def test_a_rule_allows_by_key_network_and_zone(
    rule: str, is_allowed: bool, primaries: Primaries
) -> None:
    primary = with_zone(primaries, f'[transfer]\nallow = ["{rule}"]\n')
    (answer,) = transfer(primary)
    assert (answer.rcode() == dns.rcode.NOERROR) == is_allowed, answer


def test_a_refusal_says_why_in_the_answer_and_in_the_log(shared: Primary) -> None:
    (answer,) = transfer(shared, keys=None, edns=0)
    assert answer.rcode() == dns.rcode.REFUSED
    (option,) = answer.options
    assert "neither this key nor this address" in option.text, answer
    assert "refused a transfer" in shared.log.read_text()


def test_zones_that_are_not_ours_are_refused(shared: Primary) -> None:
    query = dns.message.make_query("not-ours.example", "AXFR")
    query.use_tsig(KEYS)
    answer = dns.query.tcp(query, shared.host, port=shared.port, timeout=5)
    assert answer.rcode() == dns.rcode.REFUSED, answer


def test_a_key_that_is_removed_is_refused_within_a_second(primaries: Primaries) -> None:
    primary = with_zone(primaries)
    primary.nsdctl("tsig", "remove", "k")
    until = time.monotonic() + 2
    while True:
        try:
            transfer(primary)
        except dns.tsig.PeerBadKey:
            return
        assert time.monotonic() < until
        time.sleep(0.05)


def test_after_a_rotation_both_secrets_hold_and_then_one(primaries: Primaries) -> None:
    primary = with_zone(primaries)
    new = dns.tsigkeyring.from_text({"k": primary.nsdctl("tsig", "rotate", "k").strip()})
    until = time.monotonic() + 5
    while True:
        try:
            (answer,) = transfer(primary, keys=new)
            break
        except dns.tsig.PeerBadSignature:
            assert time.monotonic() < until
    assert answer.rcode() == dns.rcode.NOERROR
    (answer,) = transfer(primary)
    assert answer.rcode() == dns.rcode.NOERROR
    primary.nsdctl("tsig", "rotate", "k", "--keep-hours", "0")
    while True:
        try:
            transfer(primary, keys=new)
        except dns.tsig.PeerBadSignature:
            return
        assert time.monotonic() < until + 5


def test_secrets_are_encrypted_at_rest(primaries: Primaries) -> None:
    primary = with_zone(primaries)
    primary.stop()
    secret = b"secret-secret-secret"
    for file in primary.data.iterdir():
        assert secret not in file.read_bytes(), file
    assert (primary.data / "secrets.key").stat().st_mode & 0o077 == 0


def test_other_queries_are_answered_while_a_transfer_waits_on_the_same_connection(
    primaries: Primaries, tmp_path: Path
) -> None:
    primary = with_zone(primaries)
    lines = [f"r{number} 300 TXT {'x' * 200}" for number in range(20_000)]
    file = tmp_path / "big.example.zone"
    soa = "@ 3600 IN SOA ns1.example.net. h.example.net. 1 7200 900 1209600 300\n"
    file.write_text("$ORIGIN big.example.\n" + soa + "\n".join(lines) + "\n")
    primary.nsdctl("zone", "import", str(file))
    until = time.monotonic() + 10
    while True:
        query = dns.message.make_query("big.example", "SOA")
        if dns.query.udp(query, primary.host, port=primary.port, timeout=5).answer:
            break
        assert time.monotonic() < until
    whole = dns.message.make_query("big.example", "AXFR")
    whole.use_tsig(KEYS)
    small = dns.message.make_query("www.example.com", "A")
    with socket.create_connection((primary.host, primary.port), timeout=20) as connection:
        for message in (whole.to_wire(), small.to_wire()):
            connection.sendall(len(message).to_bytes(2, "big") + message)
        stream = connection.makefile("rb")
        idents = []
        while True:
            length = int.from_bytes(stream.read(2), "big")
            idents.append(int.from_bytes(stream.read(length)[:2], "big"))
            if small.id in idents and idents.count(whole.id) > 100:
                break
        assert idents.index(small.id) < 10, idents


def test_a_suspended_zone_is_transferred_to_nobody(primaries: Primaries) -> None:
    primary = with_zone(primaries)
    primary.nsdctl("zone", "suspend", "example.com")
    (refused,) = transfer(primary)
    assert refused.rcode() == dns.rcode.REFUSED, refused
    primary.nsdctl("zone", "resume", "example.com")
    assert transfer(primary)[0].answer
