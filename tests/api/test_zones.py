"""Zones: how they are named, listed, taken, and gone."""

import re
import secrets
from uuid import UUID

import dns.rcode
import pytest

from tests.live.server import Account, Server

PATH = "/dns-zones/"


def test_a_new_zone_has_no_records_and_is_served_at_once(
    server: Server, account: Account, domain: str
) -> None:
    zone = account.api.post("/dns-zones/", {"domain": domain}).expect(201)
    assert UUID(zone["uuid"]).version == 4
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", zone["created_at"])
    assert zone == {
        "uuid": zone["uuid"],
        "domain": domain,
        "created_at": zone["created_at"],
        "record_count": 0,
        "records": [],
    }
    answer = server.ask(domain, "SOA")
    assert answer.rcode() == dns.rcode.NOERROR
    assert server.found(domain, "NS") == ["ns1.example.net.", "ns2.example.net."]
    assert account.api.get(f"/dns-zones/{zone['uuid']}/").expect(200) == zone


def test_zones_are_listed_in_the_order_of_their_creation(account: Account, domain: str) -> None:
    names = [f"{letter}.{domain}" for letter in "cab"]
    for name in names:
        account.api.post("/dns-zones/", {"domain": name}).expect(201)
    listed = account.api.get("/dns-zones/").expect(200)
    assert [zone["domain"] for zone in listed] == names
    assert all(zone.keys() == {"uuid", "domain", "created_at", "record_count"} for zone in listed)


@pytest.mark.parametrize("spelling", ["{}", "{}.", " {} ", "{:upper}"])
def test_the_filter_finds_a_zone_by_its_exact_name(
    account: Account, domain: str, spelling: str
) -> None:
    for name in (domain, f"www.{domain}"):
        account.api.post("/dns-zones/", {"domain": name}).expect(201)
    asked = domain.upper() if "upper" in spelling else spelling.format(domain)
    listed = account.api.get(f"/dns-zones/?domain={asked.replace(' ', '%20')}").expect(200)
    assert [zone["domain"] for zone in listed] == [domain]


@pytest.mark.parametrize("asked", ["missing.example", "example", "%00", "a..b", "*"])
def test_the_filter_finds_nothing_for_other_names(
    account: Account, domain: str, asked: str
) -> None:
    account.api.post("/dns-zones/", {"domain": domain}).expect(201)
    assert account.api.get(f"/dns-zones/?domain={asked}").expect(200) == []


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("{}.", "{}"),
        ("  {}  ", "{}"),
        ("WWW.{}", "www.{}"),
        ("bücher.{}", "xn--bcher-kva.{}"),
        ("BÜCHER.{}", "xn--bcher-kva.{}"),
        ("xn--bcher-kva.{}", "xn--bcher-kva.{}"),
        ("_tcp.{}", "_tcp.{}"),
        ("0/25.2.0.192.{}", "0/25.2.0.192.{}"),
        ("a" * 63 + ".{}", "a" * 63 + ".{}"),
    ],
)
def test_a_domain_is_stored_in_lower_case_as_a_labels_without_closing_dot(
    server: Server, account: Account, domain: str, sent: str, stored: str
) -> None:
    zone = account.api.post("/dns-zones/", {"domain": sent.format(domain)}).expect(201)
    assert zone["domain"] == stored.format(domain)
    assert server.found(stored.format(domain), "NS")


@pytest.mark.parametrize(
    "sent",
    [
        "",
        ".",
        "-a.{}",
        "a-.{}",
        "a b.{}",
        "a..{}",
        ".{}",
        "*.{}",
        "a.*.{}",
        "é\u0301\u200d.{}",
        "a" * 64 + ".{}",
        ("a" * 60 + ".") * 4 + "{}",
        "192.0.2.1",
        "http://{}/",
        "a@{}",
        "a\\000b.{}",
        "a\nb.{}",
        "\u0000.{}",
    ],
)
def test_what_is_no_domain_is_refused(account: Account, domain: str, sent: str) -> None:
    reply = account.api.post("/dns-zones/", {"domain": sent.format(domain)})
    assert "nvalid domain name" in reply.refusal(400, "validation_error", "domain")


@pytest.mark.parametrize(
    "content", [{}, {"domain": None}, {"domain": 7}, {"domain": ["x.example"]}]
)
def test_a_zone_needs_a_domain(account: Account, content: object) -> None:
    account.api.post("/dns-zones/", content).refusal(400, "validation_error", "domain")


def test_a_zone_cannot_be_created_twice(server: Server, account: Account, domain: str) -> None:
    account.api.post("/dns-zones/", {"domain": domain}).expect(201)
    for caller in (account.api, server.account().api, server.account(admin=True).api):
        for spelling in (domain, domain.upper() + "."):
            reply = caller.post("/dns-zones/", {"domain": spelling})
            assert "exists" in reply.refusal(400, "validation_error", "domain")


def test_nothing_inside_or_above_another_accounts_zone_can_be_taken(
    server: Server, account: Account, domain: str
) -> None:
    middle = f"b.{domain}"
    account.api.post("/dns-zones/", {"domain": middle}).expect(201)
    for stranger in (server.account().api, server.account(admin=True).api):
        for taken in (f"a.{middle}", f"x.y.a.{middle}", domain):
            reply = stranger.post("/dns-zones/", {"domain": taken})
            assert "another account" in reply.refusal(400, "validation_error", "domain")
        assert stranger.get("/dns-zones/").expect(200) == []
    for own in (f"a.{middle}", domain):
        account.api.post("/dns-zones/", {"domain": own}).expect(201)


def test_names_beside_another_accounts_zone_are_free(
    server: Server, account: Account, domain: str
) -> None:
    account.api.post("/dns-zones/", {"domain": f"b.{domain}"}).expect(201)
    stranger = server.account().api
    for free in (f"xb.{domain}", f"bb.{domain}", f"a.{domain}", f"b0.{domain}", f"x{domain}"):
        stranger.post("/dns-zones/", {"domain": free}).expect(201)


@pytest.mark.parametrize("suffix", ["com", "co.uk", "anything.ck", "example", "github.io"])
def test_a_public_suffix_is_refused(account: Account, suffix: str) -> None:
    reply = account.api.post("/dns-zones/", {"domain": suffix})
    assert "public suffix" in reply.refusal(400, "validation_error", "domain")


def test_an_administrator_may_create_a_public_suffix(server: Server) -> None:
    boss = server.account(admin=True).api
    zone = boss.post("/dns-zones/", {"domain": "gov.uk"}).expect(201)
    boss.delete(f"/dns-zones/{zone['uuid']}/").expect(204)


def test_a_deleted_zone_answers_no_more_and_may_be_taken_by_another(
    server: Server, account: Account, domain: str
) -> None:
    record = {"record_type": "A", "name": "www", "value": "192.0.2.1"}
    zone = account.api.post("/dns-zones/", {"domain": domain, "records": [record]}).expect(201)
    assert server.found(f"www.{domain}") == ["192.0.2.1"]
    before = server.serial(domain)
    account.api.delete(f"/dns-zones/{zone['uuid']}/").expect(204)
    for name in (domain, f"www.{domain}"):
        for tcp in (False, True):
            assert server.ask(name, tcp=tcp).rcode() == dns.rcode.REFUSED
    assert account.api.get("/dns-zones/").expect(200) == []
    assert account.api.get("/dns-records/").expect(200) == []
    account.api.get(f"/dns-records/{zone['records'][0]['uuid']}/").refusal(404, "not_found")
    again = server.account().api.post("/dns-zones/", {"domain": domain}).expect(201)
    assert again["records"] == []
    # Secondaries that still hold the old zone must take the new one (RFC 1982).
    assert server.serial(domain) > before


def test_a_zone_takes_its_first_records_along_or_is_not_created(
    server: Server, account: Account, domain: str
) -> None:
    good = {"record_type": "A", "name": "www", "value": "192.0.2.1", "ttl": "60"}
    for bad, field in (
        ([good, {**good, "value": "no"}], "value"),
        ([good, good], "value"),
        ([good, {"record_type": "CNAME", "name": "www", "value": "a.example"}], "name"),
        ([good, "no record"], "records"),
        ("no list", "records"),
        ({"record_type": "A"}, "records"),
    ):
        reply = account.api.post("/dns-zones/", {"domain": domain, "records": bad})
        reply.refusal(400, "validation_error", field)
    assert server.ask(domain).rcode() == dns.rcode.REFUSED
    zone = account.api.post("/dns-zones/", {"domain": domain, "records": [good]}).expect(201)
    assert (zone["record_count"], zone["records"][0]["ttl"]) == (1, 60)
    assert server.found(f"www.{domain}") == ["192.0.2.1"]


def test_a_zone_within_an_own_zone_answers_for_its_names(
    server: Server, account: Account, domain: str
) -> None:
    outer = account.api.post("/dns-zones/", {"domain": domain}).expect(201)["uuid"]
    record = {"record_type": "A", "name": "www.in", "value": "192.0.2.1"}
    account.api.post(f"/dns-zones/{outer}/records/", record).expect(201)
    inner = account.api.post("/dns-zones/", {"domain": f"in.{domain}"}).expect(201)["uuid"]
    assert server.ask(f"www.in.{domain}").rcode() == dns.rcode.NXDOMAIN
    account.api.delete(f"/dns-zones/{inner}/").expect(204)
    assert server.found(f"www.in.{domain}") == ["192.0.2.1"]


def test_reserved_names_are_for_administrators_only(server: Server, account: Account) -> None:
    name = f"{secrets.token_hex(6)}.test"
    said = account.api.post(PATH, {"domain": name}).refusal(400, "validation_error", "domain")
    assert "reserved" in said
    server.account(admin=True).api.post(PATH, {"domain": name}).expect(201)


def test_the_101st_record_of_an_rrset_is_refused_at_every_door(
    server: Server, account: Account, domain: str
) -> None:
    records = [
        {"record_type": "A", "name": "www", "value": f"192.0.2.{number}"} for number in range(100)
    ]
    zone = account.api.post(PATH, {"domain": domain, "records": records}).expect(201)
    one_more = {"record_type": "A", "name": "www", "value": "198.51.100.1"}
    path = f"{PATH}{zone['uuid']}/records/"
    account.api.post(path, one_more).refusal(400, "validation_error", "name")
    text = account.api.get(f"{PATH}{zone['uuid']}/zonefile/").text
    replaced = account.api.put_zone_file(zone["uuid"], text + "www A 198.51.100.1\n")
    replaced.refusal(400, "validation_error", "name")
    assert len(server.found(f"www.{domain}")) == 100


def test_a_chain_of_cnames_leaves_a_zone_only_inside_one_account(
    server: Server, account: Account, domain: str
) -> None:
    other = server.account()
    for owner, name in ((account, f"a.{domain}"), (other, f"b.{domain[1:]}")):
        records = [{"record_type": "A", "name": "www", "value": "192.0.2.1"}]
        owner.api.post(PATH, {"domain": name, "records": records}).expect(201)
    records = [
        {"record_type": "CNAME", "name": "own", "value": f"www.a.{domain}."},
        {"record_type": "CNAME", "name": "foreign", "value": f"www.b.{domain[1:]}."},
    ]
    account.api.post(PATH, {"domain": f"c.{domain}", "records": records}).expect(201)
    assert len(server.ask(f"own.c.{domain}").answer) == 2
    assert len(server.ask(f"foreign.c.{domain}").answer) == 1
