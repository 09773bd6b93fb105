"""A suspended zone leaves real secondaries and the files for BIND9, and comes back as it was."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import dns.flags
import dns.message
import dns.opcode
import dns.query
import dns.rcode
import pytest

from tests.secondary.peer import Peer
from tests.secondary.primary import Primary

Primaries = Callable[..., Primary]
Program = Callable[[str], str]
FORMS = ("bind", "knot")


@pytest.fixture
def peers(tmp_path: Path, program: Program) -> Iterator[Callable[[Primary], list[Peer]]]:
    made: list[Peer] = []

    def make(primary: Primary) -> list[Peer]:
        for form in FORMS:
            peer = Peer(primary, form, tmp_path / form, program)
            made.append(peer)
            peer.declare()
            peer.configure()
            peer.start()
        return made

    yield make
    for peer in made:
        peer.stop()


def create(primary: Primary, domain: str, query: str = "") -> str:
    content = {
        "domain": domain,
        "records": [{"record_type": "A", "name": "www", "value": "192.0.2.1", "ttl": 60}],
    }
    uuid: str = primary.ok("POST", f"/dns-zones/{query}", content)["uuid"]
    return uuid


def test_a_call_waits_until_no_secondary_serves_a_suspended_zone_and_until_all_do_again(
    primaries: Primaries, peers: Callable[[Primary], list[Peer]]
) -> None:
    primary = primaries()
    bind, knot = peers(primary)
    wait = "?wait=secondaries&timeout=30"
    create(primary, "good.example", wait)
    uuid = create(primary, "evil.example", wait)
    held = bind.serial("evil.example")
    assert (held, knot.serial("evil.example")) == (held, held) != (None, None)
    shown = primary.ok("POST", f"/dns-zones/{uuid}/suspend/{wait}", {})
    assert shown["suspended"] == "zone", shown
    assert [peer.serial("evil.example") for peer in (bind, knot)] == [None, None]
    assert all(peer.serial("good.example") for peer in (bind, knot))
    assert primary.ok("GET", f"/dns-zones/{uuid}/status/")["secondaries"] == []
    shown = primary.ok("POST", f"/dns-zones/{uuid}/resume/{wait}", {})
    assert shown["suspended"] is None, shown
    assert [peer.serial("evil.example") for peer in (bind, knot)] == [held, held]


def test_the_files_for_bind_leave_a_suspended_zone_out_until_it_is_resumed(
    primaries: Primaries, tmp_path: Path
) -> None:
    primary, folder = primaries(), tmp_path / "out"

    def exported() -> list[str]:
        primary.nsdctl("bind", "export", str(folder), "--server", "ns1")
        return sorted(file.name for file in (folder / "ns1" / "zones").iterdir())

    for domain in ("evil.example", "good.example"):
        create(primary, domain)
    before = exported()
    assert len(before) == 2
    primary.nsdctl("zone", "suspend", "evil.example")
    assert exported() == [name for name in before if "good" in name]
    assert "evil" not in (folder / "ns1" / "named.conf").read_text()
    primary.nsdctl("zone", "resume", "evil.example")
    assert exported() == before


def notify(primary: Primary, domain: str) -> str:
    """Send a NOTIFY as the zone's own primary would; give the rcode that answers it."""
    message = dns.message.make_query(domain, "SOA")
    message.set_opcode(dns.opcode.NOTIFY)
    message.flags = dns.opcode.to_flags(dns.opcode.NOTIFY) | dns.flags.AA
    answer = dns.query.udp(message, primary.host, port=primary.port, timeout=5)
    return dns.rcode.to_text(answer.rcode())


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_suspended_copy_heeds_no_notify_and_is_fetched_at_once_when_it_is_resumed(
    primaries: Primaries,
) -> None:
    source = primaries('[transfer]\nallow = ["network=127.0.0.0/8"]\n')
    copying = primaries()
    uuid = create(source, "copied.example")
    address = f"{source.host}:{source.port}"
    copying.nsdctl("zone", "transfer", "copied.example", "--from", address)
    wait_until(lambda: notify(copying, "copied.example") == "NOERROR")
    copying.nsdctl("zone", "suspend", "copied.example")
    wait_until(lambda: notify(copying, "copied.example") == "NOTAUTH")
    record = {"record_type": "A", "name": "later", "value": "192.0.2.2"}
    source.ok("POST", f"/dns-zones/{uuid}/records/", record)
    copying.nsdctl("zone", "resume", "copied.example")

    def has_it() -> bool:
        query = dns.message.make_query("later.copied.example", "A")
        return bool(dns.query.udp(query, copying.host, port=copying.port, timeout=5).answer)

    wait_until(has_it)
