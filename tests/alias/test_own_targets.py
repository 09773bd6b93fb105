"""ALIAS to names in our own zones: followed without asking anyone, and loops refused."""

from pathlib import Path
from typing import Any

import dns.rcode
import pytest

from tests.dozens.conftest import Both, make_both
from tests.live.server import Server, eventually

SOON = 5.0  # seconds, for a machine under load; it takes milliseconds


@pytest.fixture
def both(server: Server) -> Both:
    return make_both(server)


@pytest.fixture
def zone(both: Both, domain: str) -> str:
    made = both.vps.post("/dns-zones/", {"domain": domain}).expect(201)
    return str(made["uuid"])


def add(both: Both, zone: str, kind: str, name: str, value: str, ttl: int = 300) -> dict[str, Any]:
    members = {"record_type": kind, "name": name, "value": value, "ttl": ttl}
    record: dict[str, Any] = both.vps.post(f"/dns-zones/{zone}/records/", members).expect(201)
    return record


def test_an_alias_at_the_apex_answers_at_once_with_the_smaller_ttl(
    server: Server, both: Both, zone: str, domain: str
) -> None:
    add(both, zone, "A", "www", "192.0.2.1", ttl=60)
    add(both, zone, "AAAA", "www", "2001:db8::1", ttl=900)
    made = add(both, zone, "ALIAS", "@", f"WWW.{domain}", ttl=300)
    assert (made["record_type"], made["value"]) == ("ALIAS", f"WWW.{domain}")
    for kind, text, ttl in (("A", "192.0.2.1", 60), ("AAAA", "2001:db8::1", 300)):
        (rrset,) = server.ask(domain, kind).answer
        assert (rrset.ttl, [rdata.to_text() for rdata in rrset]) == (ttl, [text])


def test_the_alias_itself_is_never_served(
    server: Server, both: Both, zone: str, domain: str
) -> None:
    add(both, zone, "A", "www", "192.0.2.1")
    add(both, zone, "ALIAS", "x", f"www.{domain}")
    for kind in ("TYPE65401", "ANY"):
        answer = server.ask(f"x.{domain}", kind, tcp=True)
        assert answer.rcode() == dns.rcode.NOERROR
        assert all(rrset.rdtype != 65401 for rrset in answer.answer), answer


def test_a_change_of_the_target_is_followed_at_once(
    server: Server, both: Both, zone: str, domain: str
) -> None:
    target = add(both, zone, "A", "www", "192.0.2.1")
    add(both, zone, "ALIAS", "@", f"www.{domain}")
    both.vps.patch(f"/dns-records/{target['uuid']}/", {"value": "192.0.2.2"}).expect(200)
    eventually(lambda: server.found(domain) == ["192.0.2.2"], within=SOON, why="changed")
    add(both, zone, "A", "www", "192.0.2.3")
    both_now = ["192.0.2.2", "192.0.2.3"]
    eventually(lambda: server.found(domain) == both_now, within=SOON, why="added")
    for one in both.vps.get("/dns-records/?record_type=A").expect(200):
        both.vps.delete(f"/dns-records/{one['uuid']}/").expect_status(204)
    eventually(lambda: server.found(domain) == [], within=SOON, why="removed")
    assert server.ask(domain).rcode() == dns.rcode.NOERROR


def test_cname_wildcard_alias_and_other_zones_are_followed(
    server: Server, both: Both, zone: str, domain: str
) -> None:
    other = both.vps.post("/dns-zones/", {"domain": f"z{domain}"}).expect(201)["uuid"]
    add(both, zone, "ALIAS", "@", f"any.thing.z{domain}")
    assert server.found(domain) == []
    add(both, other, "CNAME", "*.thing", f"next.z{domain}", ttl=120)
    add(both, other, "ALIAS", "next", f"last.{domain}")
    add(both, zone, "A", "last", "192.0.2.1", ttl=900)
    eventually(lambda: server.found(domain) == ["192.0.2.1"], within=SOON, why="resolved")
    assert server.ask(domain).answer[0].ttl == 120
    add(both, other, "TXT", "thing", "x")
    add(both, other, "A", "any.thing", "192.0.2.7")  # hides the wildcard
    eventually(lambda: server.found(domain) == ["192.0.2.7"], within=SOON, why="hidden")


def test_a_zone_that_comes_and_goes_is_followed(
    server: Server, both: Both, zone: str, domain: str
) -> None:
    other = both.vps.post("/dns-zones/", {"domain": f"z{domain}"}).expect(201)["uuid"]
    add(both, other, "A", "www", "192.0.2.1")
    add(both, zone, "ALIAS", "x", f"www.z{domain}")
    assert server.found(f"x.{domain}") == ["192.0.2.1"]
    deeper = {
        "domain": f"www.z{domain}",
        "records": [{"record_type": "A", "name": "@", "value": "192.0.2.2"}],
    }
    deeper_zone = both.vps.post("/dns-zones/", deeper).expect(201)["uuid"]
    eventually(lambda: server.found(f"x.{domain}") == ["192.0.2.2"], within=SOON, why="created")
    both.vps.delete(f"/dns-zones/{deeper_zone}/").expect_status(204)
    eventually(lambda: server.found(f"x.{domain}") == ["192.0.2.1"], within=SOON, why="deleted")


def test_an_alias_may_be_led_elsewhere_and_taken_away(
    server: Server, both: Both, zone: str, domain: str
) -> None:
    add(both, zone, "A", "a", "192.0.2.1")
    add(both, zone, "A", "b", "192.0.2.2")
    made = add(both, zone, "ALIAS", "@", f"a.{domain}")
    path = f"/dns-records/{made['uuid']}/"
    both.vps.patch(path, {"value": f"b.{domain}"}).expect(200)
    assert server.found(domain) == ["192.0.2.2"]
    both.vps.patch(path, {"ttl": 5}).expect(200)
    assert server.ask(domain).answer[0].ttl == 5
    both.vps.patch(path, {"name": "moved"}).expect(200)
    assert (server.found(domain), server.found(f"moved.{domain}")) == ([], ["192.0.2.2"])
    both.vps.patch(path, {"record_type": "A", "value": "192.0.2.9"}).expect(200)
    assert server.found(f"moved.{domain}") == ["192.0.2.9"]
    both.vps.delete(path).expect_status(204)
    assert server.ask(f"moved.{domain}").rcode() == dns.rcode.NXDOMAIN


def test_the_dozens_api_makes_and_shows_an_alias(
    server: Server, both: Both, zone: str, domain: str
) -> None:
    add(both, zone, "A", "www", "192.0.2.1")
    listed = both.dozens.post(
        "record/create.json", domain=domain, type="ALIAS", name="", content=f"Www.{domain}"
    )["record"]
    assert [listed[-1][key] for key in ("name", "type", "content", "prio")] == [
        domain,
        "ALIAS",
        f"Www.{domain}",
        None,
    ]
    assert server.found(domain) == ["192.0.2.1"]
    assert len(both.vps.get(f"/dns-zones/{zone}/").expect(200)["records"]) == 2


def test_an_alias_stands_beside_other_types_but_not_beside_addresses_or_a_cname(
    both: Both, zone: str
) -> None:
    add(both, zone, "ALIAS", "x", "target.example.net")
    add(both, zone, "TXT", "x", "text")
    add(both, zone, "AAAA", "v6", "2001:db8::1")
    path = f"/dns-zones/{zone}/records/"
    for name, kind, value in (
        ("x", "A", "192.0.2.1"),
        ("x", "AAAA", "2001:db8::1"),
        ("x", "CNAME", "b.example.net"),
        ("x", "ALIAS", "b.example.net"),
        ("v6", "ALIAS", "b.example.net"),
    ):
        both.vps.post(path, {"record_type": kind, "name": name, "value": value}).refusal(
            400, "validation_error", "name"
        )


@pytest.mark.parametrize(
    ("standing", "closing"),
    [
        ([], ("ALIAS", "a", "a")),
        ([("ALIAS", "a", "b")], ("ALIAS", "b", "a")),
        ([("ALIAS", "a", "b"), ("CNAME", "b", "c")], ("ALIAS", "c", "a")),
        ([("ALIAS", "a", "b")], ("CNAME", "b", "a")),
        ([("CNAME", "b", "c"), ("ALIAS", "c", "d")], ("CNAME", "d", "b")),
        ([], ("ALIAS", "*.w", "x.w")),
        ([("ALIAS", "a", "x.w")], ("CNAME", "*.w", "a")),
    ],
)
def test_a_loop_is_refused_and_nothing_changes(
    server: Server,
    both: Both,
    zone: str,
    domain: str,
    standing: list[tuple[str, str, str]],
    closing: tuple[str, str, str],
) -> None:
    for kind, name, target in standing:
        add(both, zone, kind, name, f"{target}.{domain}")
    serial = server.serial(domain)
    kind, name, target = closing
    refused = both.vps.post(
        f"/dns-zones/{zone}/records/",
        {"record_type": kind, "name": name, "value": f"{target}.{domain}"},
    )
    assert "ALIAS of itself" in refused.refusal(400, "validation_error", "value")
    assert server.serial(domain) == serial


def test_a_loop_is_refused_in_a_zone_file_and_over_the_other_door_too(
    both: Both, zone: str, domain: str
) -> None:
    file = (
        f"$ORIGIN {domain}.\n@ 60 IN SOA a b 1 7200 900 1209600 300\n"
        f"x 60 ALIAS y.{domain}.\ny 60 ALIAS x.{domain}.\n"
    )
    both.vps.put_zone_file(zone, file).refusal(400, "validation_error", "value")
    add(both, zone, "ALIAS", "x", f"y.{domain}")
    error = both.dozens.refused(
        400,
        "POST",
        "record/create.json",
        domain=domain,
        name="y",
        type="ALIAS",
        content=f"x.{domain}",
    )
    assert error["detail"].keys() == {"content"}


def test_a_loop_that_a_deletion_lays_bare_withdraws_the_addresses(
    server: Server, both: Both, zone: str, domain: str
) -> None:
    shield = add(both, zone, "A", "x.w", "192.0.2.1")
    add(both, zone, "ALIAS", "*.w", f"x.w.{domain}")
    assert server.found(f"other.w.{domain}") == ["192.0.2.1"]
    both.vps.delete(f"/dns-records/{shield['uuid']}/").expect_status(204)
    eventually(lambda: server.found(f"other.w.{domain}") == [], within=SOON, why="a loop")
    add(both, zone, "A", "x.w", "192.0.2.2")
    eventually(
        lambda: server.found(f"other.w.{domain}") == ["192.0.2.2"], within=SOON, why="mended"
    )


def test_files_for_secondaries_hold_the_addresses_and_files_for_people_the_alias(
    server: Server, both: Both, zone: str, domain: str, tmp_path: Path
) -> None:
    add(both, zone, "A", "www", "192.0.2.1")
    add(both, zone, "ALIAS", "@", f"www.{domain}")
    done = server.control("bind", "export", str(tmp_path), "--server", "ns1")
    assert done.returncode == 0, done.stderr
    exported = (tmp_path / "ns1" / "zones" / f"{domain}.zone").read_text()
    assert "65401" not in exported
    assert exported.count("192.0.2.1") == 2
    own = both.vps.call("GET", f"/dns-zones/{zone}/zonefile/").text
    assert own.count("192.0.2.1") == 1
    assert "TYPE65401" in own
    assert server.control("zone", "export", domain).stdout == own
    before = both.vps.get(f"/dns-zones/{zone}/").expect(200)
    assert both.vps.put_zone_file(zone, own).expect(200) == before
    assert server.found(domain) == ["192.0.2.1"]


def test_an_import_beside_the_server_is_followed_too(
    server: Server, both: Both, zone: str, domain: str, tmp_path: Path
) -> None:
    add(both, zone, "A", "www", "192.0.2.1")
    file = tmp_path / "zone"
    file.write_text(
        f"$ORIGIN i{domain}.\n@ 60 IN SOA a b 1 7200 900 1209600 300\n@ 60 ALIAS www.{domain}.\n"
    )
    done = server.control("zone", "import", "--user", both.name, str(file))
    assert done.returncode == 0, done.stderr
    eventually(lambda: server.found(f"i{domain}") == ["192.0.2.1"], within=SOON, why="imported")
    target = both.vps.get("/dns-records/?record_type=A").expect(200)[0]
    both.vps.patch(f"/dns-records/{target['uuid']}/", {"value": "192.0.2.2"}).expect(200)
    eventually(lambda: server.found(f"i{domain}") == ["192.0.2.2"], within=SOON, why="followed")
