"""Real secondaries: all that is promised of them, and writes that wait for them."""

import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.secondary.campaign import Campaign, Plan
from tests.secondary.peer import Peer
from tests.secondary.primary import Primary

Primaries = Callable[..., Primary]
Program = Callable[[str], str]


@pytest.fixture
def peers(tmp_path: Path, program: Program) -> Iterator[Callable[..., Peer]]:
    made: list[Peer] = []

    def make(primary: Primary, form: str, name: str = "") -> Peer:
        peer = Peer(primary, form, tmp_path / (name or form), program)
        made.append(peer)
        peer.declare()
        peer.configure()
        peer.start()
        return peer

    yield make
    for peer in made:
        peer.stop()


@pytest.mark.timeout(300)
def test_bind_knot_and_nsd_follow_whatever_happens(tmp_path: Path, program: Program) -> None:
    for name in ("named", "knotd", "nsd", "nsd-control"):
        program(name)
    tmp_path.chmod(0o755)
    figures = Campaign(tmp_path, program, Plan(zones=40, changes=40, large=100_000)).run()
    print(figures)


def test_a_write_waits_until_all_secondaries_serve_it(
    primaries: Primaries, peers: Callable[..., Peer]
) -> None:
    primary = primaries()
    bind, knot = peers(primary, "bind"), peers(primary, "knot")
    zone = primary.ok("POST", "/dns-zones/?wait=secondaries&timeout=20", {"domain": "w.example"})
    path = f"/dns-zones/{zone['uuid']}"
    for number in range(5):
        content = {"record_type": "A", "name": f"n{number}", "value": "192.0.2.1"}
        primary.ok("POST", f"{path}/records/?wait=secondaries", content)
        for peer in (bind, knot):
            answer = peer.ask(f"n{number}.w.example", "A")
            assert answer
            assert answer.answer, (peer.name, answer)
    knot.stop()
    content = {"record_type": "A", "name": "late", "value": "192.0.2.1"}
    began = time.monotonic()
    status, answer = primary.call("POST", f"{path}/records/?wait=secondaries&timeout=1.5", content)
    assert 1.4 < time.monotonic() - began < 5
    assert status == 202, answer
    assert answer["result"]["name"] == "late"
    assert [one["name"] for one in answer["secondaries"]] == ["knot"]
    shown = primary.ok("GET", f"{path}/status/")
    by_name = {one["name"]: one for one in shown["secondaries"]}
    assert by_name["bind"]["is_current"]
    assert by_name["bind"]["serial"] == shown["serial"]
    assert not by_name["knot"]["is_current"]
    assert by_name["knot"]["serials_behind"] == 1
    until = time.monotonic() + 10
    while not by_name["knot"]["error"]:
        assert time.monotonic() < until, by_name
        shown = primary.ok("GET", f"{path}/status/")
        by_name = {one["name"]: one for one in shown["secondaries"]}
    with urllib.request.urlopen(f"http://127.0.0.1:{primary.http}/metrics", timeout=5) as metrics:
        text = metrics.read().decode()
    assert 'nsd_secondary_zones_behind{secondary="bind"} 0' in text
    assert 'nsd_secondary_zones_behind{secondary="knot"} 1' in text
    knot.start()
    until = time.monotonic() + 60
    while not all(one["is_current"] for one in primary.ok("GET", f"{path}/status/")["secondaries"]):
        assert time.monotonic() < until, knot.log()
        time.sleep(0.1)
    status, _ = primary.call("DELETE", f"{path}/?wait=secondaries&timeout=20")
    assert status == 204
    assert (bind.serial("w.example"), knot.serial("w.example")) == (None, None)


class Exported(Peer):
    """BIND with the file that `bind export --mode transfer` writes, included by an operator's."""

    def configure(self) -> None:
        folder = self.file.parent
        self.said = self._primary.nsdctl(
            "bind", "export", str(folder / "out"), "--mode", "transfer"
        )
        self.file.write_text(
            f'options {{ directory "{folder}"; listen-on port {self.port} {{ {self.host}; }};'
            " listen-on-v6 { none; }; recursion no; };\n"
            f'include "{folder}/out/{self.name}/named.conf";\n'
        )


def test_bind_transfers_the_zones_of_an_exported_configuration(
    primaries: Primaries, tmp_path: Path, program: Program
) -> None:
    primary = primaries(start=False)
    primary.config.write_text(f'[transfer]\naddress = "{primary.host}:{primary.port}"\n')
    primary.start()
    refused = primary.nsdctl("bind", "export", str(tmp_path), "--mode", "transfer", check=False)
    assert "nsdctl secondary add" in refused
    domains = ["a.example", "xn--bcher-kva.example", "b.a.example"]
    zones = [primary.ok("POST", "/dns-zones/", {"domain": domain}) for domain in domains]
    primary.nsdctl("secondary", "add", "other", "127.0.0.1:9")
    peer = Exported(primary, "bind", tmp_path / "ns1", program)
    try:
        peer.declare()
        peer.configure()
        assert [line.partition(" written")[0] for line in peer.said.splitlines()] == [
            "3 zones to transfer"
        ] * 2
        secret = peer.file.parent / "out" / "ns1" / "named.conf"
        assert secret.stat().st_mode & 0o007 == 0
        subprocess.run([program("named-checkconf"), str(peer.file)], check=True)
        peer.start()
        path = f"/dns-zones/{zones[0]['uuid']}/records/?wait=secondaries&timeout=0"
        primary.call("POST", path, {"record_type": "A", "name": "www", "value": "192.0.2.1"})
        until = time.monotonic() + 30
        while not (answer := peer.ask("www.a.example", "A")) or not answer.answer:
            assert time.monotonic() < until, peer.log()
            time.sleep(0.02)
        assert all(peer.serial(domain) for domain in domains), peer.log()
    finally:
        peer.stop()


def test_a_zone_moves_between_groups_with_coo_and_nobody_loses_it(
    primaries: Primaries, peers: Callable[..., Peer], tmp_path: Path, program: Program
) -> None:
    primary = primaries("[transfer]\nhandover_seconds = 2\n")
    first = peers(primary, "bind", "first")
    primary.nsdctl("secondary", "add", "second", "127.0.0.1:9", "--group", "other")
    zone = primary.ok("POST", "/dns-zones/?wait=secondaries", {"domain": "moved.example"})
    assert first.serial("moved.example")
    path = f"/dns-zones/{zone['uuid']}/group/"
    content = {"group": "other", "property": "fast"}
    until = time.monotonic() + 5
    primary.ok("PUT", path, content)
    assert first.serial("moved.example"), "it stays during the handover"
    catalogs = {
        name: primary.nsdctl("zone", "export", f"{name}.catalog.invalid")
        for name in ("default", "other")
    }
    assert "coo." in catalogs["default"]
    assert "other.catalog.invalid." in catalogs["default"]
    assert '"fast"' in catalogs["other"]
    assert "moved.example." in catalogs["other"]
    until = time.monotonic() + 30
    while first.serial("moved.example"):
        assert time.monotonic() < until, first.log()
        time.sleep(0.1)
    assert "coo." not in primary.nsdctl("zone", "export", "default.catalog.invalid")


def test_a_catalog_is_seen_by_its_secondaries_only(primaries: Primaries, program: Program) -> None:
    primary = primaries()
    primary.nsdctl("secondary", "add", "ns1", "127.0.0.1:9", "--key", "ns1-key")
    primary.nsdctl("secondary", "add", "ns2", "127.0.0.1:9", "--group", "other")
    config = primary.nsdctl("secondary", "config", "ns1", "--format", "knot")
    secret = next(line.split()[1] for line in config.splitlines() if "secret:" in line)
    config = primary.nsdctl("secondary", "config", "ns2", "--format", "knot")
    others = next(line.split()[1] for line in config.splitlines() if "secret:" in line)
    dig = [program("dig"), f"@{primary.host}", "-p", str(primary.port), "default.catalog.invalid"]

    def said(*words: str) -> str:
        return subprocess.run(
            [*dig, *words], capture_output=True, text=True, timeout=10, check=False
        ).stdout

    until = time.monotonic() + 10
    while "invalid. invalid." not in said("SOA", "-y", f"hmac-sha256:ns1-key:{secret}"):
        assert time.monotonic() < until, "what commands have declared is not followed"
    for kind in ("SOA", "AXFR"):
        assert "invalid. invalid." not in said(kind), kind
        assert "invalid. invalid." not in said(kind, "-y", f"hmac-sha256:ns2-key:{others}"), kind
        assert "invalid. invalid." in said(kind, "-y", f"hmac-sha256:ns1-key:{secret}"), kind
    assert "ANSWER: 0" in said("NS", "-y", f"hmac-sha256:ns1-key:{secret}")


def test_secondaries_of_the_settings_come_and_go_with_them(primaries: Primaries) -> None:
    primary = primaries('[secondaries.ns1]\naddress = "192.0.2.1"\nkey = "some-key"\n')
    listed = primary.ok("GET", "/secondaries/")
    assert [(one["name"], one["address"], one["key"]) for one in listed] == [
        ("ns1", "192.0.2.1:53", "some-key.")
    ]
    primary.stop()
    primary.config.write_text("")
    primary.start()
    assert primary.ok("GET", "/secondaries/") == []


def test_keys_and_secondaries_by_api_are_for_administrators(primaries: Primaries) -> None:
    primary = primaries()
    key = primary.ok("POST", "/tsig-keys/", {"name": "k", "algorithm": "hmac-sha512"})
    assert len(key["secret"]) == 88
    (listed,) = primary.ok("GET", "/tsig-keys/")
    assert "secret" not in listed
    rotated = primary.ok("POST", "/tsig-keys/k/rotate/", {})
    assert rotated["secret"] != key["secret"]
    assert rotated["former_secret_until"]
    content = {"name": "ns1", "address": "192.0.2.1", "key": "k"}
    primary.ok("POST", "/secondaries/", content)
    assert primary.call("DELETE", "/tsig-keys/k/")[0] == 400
    assert primary.call("POST", "/secondaries/", content)[0] == 400
    primary.ok("DELETE", "/secondaries/ns1/")
    primary.ok("DELETE", "/tsig-keys/k/")
    for bad in ({}, {"name": "a b"}, {"name": "k", "algorithm": "md5"}, {"name": 3}):
        assert primary.call("POST", "/tsig-keys/", bad)[0] == 400, bad
    for bad in ({}, {"name": "ns1", "address": "nowhere"}, {"name": "../x", "address": "::1"}):
        assert primary.call("POST", "/secondaries/", bad)[0] == 400, bad
    primary.nsdctl("user", "add", "eve")
    primary.token = primary.nsdctl("token", "create", "--user", "eve").strip()
    for path in ("/tsig-keys/", "/secondaries/"):
        assert primary.call("GET", path)[0] == 403
