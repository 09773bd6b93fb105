"""Zones through the Dozens API."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from tests.dozens.caller import Dozens, authorized
from tests.dozens.conftest import Both, make_both
from tests.live.server import Server


def rname(server: Server, domain: str) -> str:
    (soa,) = server.found(domain, "SOA")
    return soa.split()[1]


def test_lists_are_compact_with_members_in_order_newest_first(api: Dozens, domain: str) -> None:
    for letter in "ba":
        api.post("zone/create.json", name=f"{letter}.{domain}")
    reply = api.call("GET", "zone.json")
    listed: list[dict[str, str]] = reply.json["domain"]
    newest, oldest = listed
    assert (newest["name"], oldest["name"]) == (f"a.{domain}", f"b.{domain}")
    assert int(newest["id"]) > int(oldest["id"])
    text = ",".join(f'{{"id":"{zone["id"]}","name":"{zone["name"]}"}}' for zone in listed)
    assert reply.text == f'{{"domain":[{text}]}}'


def test_the_same_list_in_xml(api: Dozens, domain: str) -> None:
    (zone,) = api.post("zone/create.json", name=domain)["domain"]
    reply = api.call("GET", "zone.xml")
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "application/xml; charset=utf-8"
    assert reply.text == (
        '<?xml version="1.0" encoding="UTF-8"?><response><domain>'
        f"<id>{zone['id']}</id><name>{domain}</name></domain></response>"
    )


def test_create_update_and_delete_answer_with_the_list(
    server: Server, api: Dozens, domain: str
) -> None:
    made = api.post("zone/create.json", name=domain)
    assert [zone["name"] for zone in made["domain"]] == [domain]
    path = f"{made['domain'][0]['id']}.json"
    assert api.post(f"zone/update/{path}", mailaddress="a.b@example.com") == made
    assert rname(server, domain) == "a\\.b.example.com."
    assert api.delete(f"zone/delete/{path}") == {"domain": []}
    assert server.found(domain, "SOA") == []


def test_the_contact_is_the_address_sent_or_the_account_s(
    server: Server, both: Both, domain: str
) -> None:
    api = both.dozens
    api.post("zone/create.json", name=domain, mailaddress="first.last+tag@Mail.example.com")
    assert rname(server, domain) == "first\\.last+tag.Mail.example.com."
    path = f"zone/update/{api.zone_id(domain)}.json"
    api.post(path)
    assert rname(server, domain) == "first\\.last+tag.Mail.example.com."
    for empty in ("", None):
        api.post(path, mailaddress=empty)
        assert rname(server, domain) == f"{both.name}.example.net."


def test_an_account_without_an_address_gives_the_operator_s(
    own_server: Callable[..., Server], domain: str
) -> None:
    server = own_server(NSD_ZONE_CONTACT="dns.team@example.org")
    assert server.control("user", "add", "someone").returncode == 0
    authorized(server, "someone").post("zone/create.json", name=domain)
    assert rname(server, domain) == "dns\\.team.example.org."


@pytest.mark.parametrize(
    "address",
    ["nobody", "@example.com", "a@", "a b@example.com", "ä@example.com", f"{'a' * 64}@b.c", 5],
)
def test_a_bad_address_is_refused_and_nothing_is_made(
    api: Dozens, domain: str, address: object
) -> None:
    error = api.refused(400, "POST", "zone/create.json", name=domain, mailaddress=address)
    assert error["detail"].keys() == {"mailaddress"}
    assert api.get("zone.json") == {"domain": []}


def test_google_s_records_come_with_the_zone(server: Server, api: Dozens, domain: str) -> None:
    proof = "google-site-verification=abc"
    api.post("zone/create.json", name=domain, add_google_apps=True, google_authorize=proof)
    listed = api.get(f"record/{domain}.json")["record"]
    shown = [(one["name"], one["type"], one["prio"], one["content"]) for one in listed]
    assert (domain, "MX", "10", "ASPMX.L.GOOGLE.COM") in shown
    assert (f"mail.{domain}", "CNAME", None, "ghs.google.com") in shown
    assert (domain, "TXT", None, proof) in shown
    assert len(server.found(domain, "MX")) == 5
    assert server.found(domain, "TXT") == [f'"{proof}"']


@pytest.mark.parametrize(
    ("sent", "count"),
    [(True, 10), ("true", 10), (1, 10), (False, 0), ("false", 0), (None, 0), ("", 0)],
)
def test_google_apps_may_be_said_in_many_ways(
    api: Dozens, domain: str, sent: object, count: int
) -> None:
    api.post("zone/create.json", name=domain, add_google_apps=sent)
    assert len(api.get(f"record/{domain}.json")["record"]) == count


@pytest.mark.parametrize("sent", ["maybe", [], {}, 2, 1.5])
def test_google_apps_said_otherwise_are_refused(api: Dozens, domain: str, sent: object) -> None:
    error = api.refused(400, "POST", "zone/create.json", name=domain, add_google_apps=sent)
    assert error["detail"].keys() == {"add_google_apps"}


@pytest.mark.parametrize(
    "name",
    ["", None, 5, [], "a_b.example", "-a.example", "com", "192.0.2.1", "a..b", "a b.example"],
)
def test_a_bad_zone_name_is_refused(api: Dozens, name: object) -> None:
    error = api.refused(400, "POST", "zone/create.json", name=name)
    assert error["detail"] == {"name": [error["message"]]}
    assert api.get("zone.json") == {"domain": []}


def test_a_zone_that_exists_is_refused_for_its_owner_and_for_others(
    server: Server, api: Dozens, domain: str
) -> None:
    api.post("zone/create.json", name=domain)
    other = make_both(server).dozens
    for caller in (api, other):
        error = caller.refused(400, "POST", "zone/create.json", name=domain.upper())
        assert error["detail"].keys() == {"name"}
    other.refused(400, "POST", "zone/create.json", name=f"below.{domain}")


@pytest.mark.parametrize("number", ["0", "x", "-1", "1e3", "9" * 30, "%00", "\u0661"])
@pytest.mark.parametrize(("method", "path"), [("POST", "update"), ("DELETE", "delete")])
def test_an_unknown_zone_is_404(api: Dozens, method: str, path: str, number: str) -> None:
    target = f"zone/{path}/{quote(number, safe='%')}.json"
    assert "detail" not in api.refused(404, method, target)


def test_another_account_s_zone_is_404_and_stays(server: Server, api: Dozens, domain: str) -> None:
    api.post("zone/create.json", name=domain)
    other = make_both(server).dozens
    number = api.zone_id(domain)
    other.refused(404, "POST", f"zone/update/{number}.json", mailaddress="a@b.example")
    other.refused(404, "DELETE", f"zone/delete/{number}.json")
    other.refused(404, "GET", f"record/{domain}.json")
    assert api.zone_id(domain) == number


def test_ids_are_never_used_again(api: Dozens, domain: str) -> None:
    seen: list[int] = []
    for _ in range(3):
        api.post("zone/create.json", name=domain)
        seen.append(int(api.zone_id(domain)))
        api.delete(f"zone/delete/{seen[-1]}.json")
    assert seen == sorted(set(seen))


def test_a_zone_is_the_same_in_the_other_api(both: Both, domain: str) -> None:
    both.vps.post("/dns-zones/", {"domain": f"vps.{domain}"}).expect(201)
    both.dozens.post("zone/create.json", name=f"Dozens.{domain.upper()}.")
    names: list[Any] = [zone["name"] for zone in both.dozens.get("zone.json")["domain"]]
    assert names == [f"dozens.{domain}", f"vps.{domain}"]
    assert [zone["domain"] for zone in both.vps.get("/dns-zones/").expect(200)] == names[::-1]


def test_plans_limit_zones_here_too(server: Server, domain: str) -> None:
    free = make_both(server, "free").dozens
    free.post("zone/create.json", name=domain)
    reply = free.call("POST", "zone/create.json", json.dumps({"name": f"b.{domain}"}))
    assert (reply.status, reply.text) == (
        400,
        '{"code":"400","message":"Number of zones exceeds the limit."}',
    )
