"""Records through the Dozens API."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.dozens.caller import Dozens, authorized
from tests.dozens.conftest import Both, make_both
from tests.live.server import Server


@pytest.fixture
def zone(api: Dozens, domain: str) -> str:
    api.post("zone/create.json", name=domain)
    return domain


def create(api: Dozens, zone: str, **members: object) -> dict[str, Any]:
    """Create a record; give it as the answer lists it, last."""
    listed = api.post("record/create.json", domain=zone, **members)["record"]
    return dict(listed[-1])


def test_lists_are_compact_with_members_in_order_oldest_first(api: Dozens, zone: str) -> None:
    a = create(api, zone, name="www", type="A", content="192.0.2.1", ttl="60")
    mx = create(api, zone, name="", type="MX", prio=10, content="Mail.Example.COM.", ttl=3600)
    reply = api.call("GET", f"record/{zone}.json")
    assert reply.text == (
        f'{{"record":[{{"id":"{a["id"]}","name":"www.{zone}","type":"A","prio":null,'
        f'"content":"192.0.2.1","ttl":"60"}},{{"id":"{mx["id"]}","name":"{zone}","type":"MX",'
        f'"prio":"10","content":"Mail.Example.COM","ttl":"3600"}}]}}'
    )


def test_the_same_list_in_xml(api: Dozens, zone: str) -> None:
    made = create(api, zone, name="www", type="TXT", content="a<b>&\"c'", ttl=60)
    reply = api.call("GET", f"record/{zone}.xml")
    assert reply.text == (
        f'<?xml version="1.0" encoding="UTF-8"?><response><record><id>{made["id"]}</id>'
        f"<name>www.{zone}</name><type>TXT</type><prio></prio>"
        "<content>a&lt;b&gt;&amp;\"c'</content><ttl>60</ttl></record></response>"
    )


def test_every_success_is_200_and_answers_with_the_zone_s_records(
    server: Server, api: Dozens, zone: str
) -> None:
    made = create(api, zone, name="www", type="A", content="192.0.2.1")
    changed = api.post(f"record/update/{made['id']}.json", content="192.0.2.2")
    assert changed == {"record": [{**made, "content": "192.0.2.2"}]}
    assert server.found(f"www.{zone}") == ["192.0.2.2"]
    assert api.delete(f"record/delete/{made['id']}.json") == {"record": []}
    assert server.found(f"www.{zone}") == []


@pytest.mark.parametrize(
    ("kind", "content", "prio", "shown", "served"),
    [
        ("A", "192.0.2.1", None, "192.0.2.1", "192.0.2.1"),
        ("AAAA", "2001:DB8::1", None, "2001:db8::1", "2001:db8::1"),
        ("CNAME", "WWW.Example.com.", None, "WWW.Example.com", "WWW.Example.com."),
        ("MX", "Mail.Example.com", "0", "Mail.Example.com", "0 Mail.Example.com."),
        ("MX", ".", "0", ".", "0 ."),
        ("SRV", "5 443 Sip.Example.com", "1", "5 443 Sip.Example.com", "1 5 443 Sip.Example.com."),
        ("SRV", "0 0 .", "0", "0 0 .", "0 0 0 ."),
        ("TXT", "v=spf1 -all", None, "v=spf1 -all", '"v=spf1 -all"'),
        ("TXT", '"v=spf1 -all"', None, "v=spf1 -all", '"v=spf1 -all"'),
        ("TXT", "Zoë; \\ x", None, "Zoë; \\ x", '"Zo\\195\\171; \\\\ x"'),
        ("TXT", "a" * 300, None, "a" * 300, f'"{"a" * 255}" "{"a" * 45}"'),
        ("txt", "lower", None, "lower", '"lower"'),
    ],
)
def test_contents_come_back_bare(
    server: Server,
    api: Dozens,
    zone: str,
    kind: str,
    content: str,
    prio: str | None,
    shown: str,
    served: str,
) -> None:
    made = create(api, zone, name="x", type=kind, content=content, prio=prio)
    assert (made["type"], made["content"], made["prio"]) == (kind.upper(), shown, prio)
    assert server.found(f"x.{zone}", kind) == [served]
    again = api.post(f"record/update/{made['id']}.json", content=made["content"])
    assert again == {"record": [made]}
    assert server.found(f"x.{zone}", kind) == [served]


@pytest.mark.parametrize("sent", ["", None, "@", "{zone}", "{zone}.", "ABSENT"])
def test_the_apex_has_many_spellings(api: Dozens, zone: str, sent: str | None) -> None:
    members = {} if sent == "ABSENT" else {"name": sent and sent.format(zone=zone)}
    assert create(api, zone, type="A", content="192.0.2.1", **members)["name"] == zone


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("www", "www.{zone}"),
        ("WWW.{zone}", "www.{zone}"),
        ("a.b.{zone}.", "a.b.{zone}"),
        ("*", "*.{zone}"),
        ("_sip._tcp", "_sip._tcp.{zone}"),
        ("bücher", "xn--bcher-kva.{zone}"),
    ],
)
def test_names_are_relative_or_whole(api: Dozens, zone: str, sent: str, shown: str) -> None:
    made = create(api, zone, name=sent.format(zone=zone), type="A", content="192.0.2.1")
    assert made["name"] == shown.format(zone=zone)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [(None, None), ("", None), ("ABSENT", None), ("0", "0"), (0, "0"), ("10", "10"), (10, "10")],
)
@pytest.mark.parametrize(("kind", "content"), [("A", "192.0.2.1"), ("TXT", "x")])
def test_a_priority_is_kept_for_every_type_and_0_is_one(
    both: Both, zone: str, kind: str, content: str, sent: object, shown: str | None
) -> None:
    members = {} if sent == "ABSENT" else {"prio": sent}
    made = create(both.dozens, zone, name="x", type=kind, content=content, **members)
    assert made["prio"] == shown
    (seen,) = both.vps.get("/dns-records/").expect(200)
    assert seen["priority"] == (None if shown is None else int(shown))


@pytest.mark.parametrize(
    ("members", "prio", "content", "ttl"),
    [
        ({}, "5", "192.0.2.1", "300"),
        ({"prio": 7}, "7", "192.0.2.1", "300"),
        ({"prio": None}, None, "192.0.2.1", "300"),
        ({"prio": ""}, None, "192.0.2.1", "300"),
        ({"prio": "0"}, "0", "192.0.2.1", "300"),
        ({"content": "192.0.2.2"}, "5", "192.0.2.2", "300"),
        ({"content": None}, "5", "192.0.2.1", "300"),
        ({"ttl": 60}, "5", "192.0.2.1", "60"),
        ({"ttl": "60"}, "5", "192.0.2.1", "60"),
        ({"ttl": ""}, "5", "192.0.2.1", "300"),
        ({"ttl": None}, "5", "192.0.2.1", "300"),
        ({"name": "other", "type": "TXT", "junk": {}}, "5", "192.0.2.1", "300"),
        ({"prio": 1, "content": "192.0.2.3", "ttl": 0}, "1", "192.0.2.3", "0"),
    ],
)
def test_an_update_changes_what_was_sent_and_nothing_else(
    api: Dozens, zone: str, members: dict[str, Any], prio: str | None, content: str, ttl: str
) -> None:
    made = create(api, zone, name="x", type="A", content="192.0.2.1", prio=5, ttl=300)
    (changed,) = api.post(f"record/update/{made['id']}.json", **members)["record"]
    assert changed == {**made, "prio": prio, "content": content, "ttl": ttl}


def test_an_mx_changes_its_priority_alone_but_cannot_lose_it(
    server: Server, api: Dozens, zone: str
) -> None:
    made = create(api, zone, type="MX", prio=10, content="Mail.example.com")
    path = f"record/update/{made['id']}.json"
    api.post(path, prio=0)
    assert server.found(zone, "MX") == ["0 Mail.example.com."]
    for nothing in (None, ""):
        error = api.refused(400, "POST", path, prio=nothing)
        text = "MX records require a priority value"
        assert (error["message"], error["detail"]) == (text, {"prio": [text]})


@pytest.mark.parametrize("kind", ["MX", "SRV"])
def test_mx_and_srv_need_a_priority(api: Dozens, zone: str, kind: str) -> None:
    content = "mail.example.com" if kind == "MX" else "0 1 sip.example.com"
    error = api.refused(400, "POST", "record/create.json", domain=zone, type=kind, content=content)
    assert error["message"] == f"{kind} records require a priority value"
    assert error["detail"] == {"prio": [error["message"]]}


@pytest.mark.parametrize(
    ("members", "member"),
    [
        ({"type": None}, "type"),
        ({"type": "NS"}, "type"),
        ({"type": "CAA"}, "type"),
        ({"type": "SOA"}, "type"),
        ({"type": 1}, "type"),
        ({"content": None}, "content"),
        ({"content": ""}, "content"),
        ({"content": 5}, "content"),
        ({"content": "192.0.2.256"}, "content"),
        ({"type": "CNAME", "content": "bare"}, "content"),
        ({"type": "SRV", "prio": 1, "content": "1 2"}, "content"),
        ({"ttl": -1}, "ttl"),
        ({"ttl": "1h"}, "ttl"),
        ({"ttl": True}, "ttl"),
        ({"ttl": 2**31}, "ttl"),
        ({"ttl": 1.5}, "ttl"),
        ({"prio": 65536}, "prio"),
        ({"prio": "ten"}, "prio"),
        ({"prio": [1]}, "prio"),
        ({"name": 5}, "name"),
        ({"name": "a..b"}, "name"),
        ({"name": "www.example.org."}, "name"),
        ({"name": "a" * 64}, "name"),
        ({"domain": None}, "domain"),
        ({"domain": 7}, "domain"),
    ],
)
def test_a_bad_member_is_named_and_nothing_changes(
    server: Server, api: Dozens, zone: str, members: dict[str, Any], member: str
) -> None:
    serial = server.serial(zone)
    good = {"domain": zone, "name": "x", "type": "A", "content": "192.0.2.1", "ttl": 60}
    error = api.refused(400, "POST", "record/create.json", **{**good, **members})
    assert error["detail"] == {member: [error["message"]]}
    assert api.get(f"record/{zone}.json") == {"record": []}
    assert server.serial(zone) == serial


def test_what_cannot_stand_together_is_refused(api: Dozens, zone: str) -> None:
    create(api, zone, name="x", type="A", content="192.0.2.1")
    for kind, content in (("CNAME", "example.com"), ("A", "192.0.2.1"), ("ALIAS", "example.com")):
        api.refused(
            400, "POST", "record/create.json", domain=zone, name="x", type=kind, content=content
        )


@pytest.mark.parametrize("domain_sent", ["nowhere.example", "a..b", ".", "\u0000"])
def test_a_zone_that_is_not_there_is_404(api: Dozens, domain_sent: str) -> None:
    api.refused(
        404, "POST", "record/create.json", domain=domain_sent, type="A", content="192.0.2.1"
    )


@pytest.mark.parametrize("number", ["0", "x", "9" * 30, "1.5"])
def test_an_unknown_record_is_404(api: Dozens, number: str) -> None:
    api.refused(404, "POST", f"record/update/{number}.json", content="192.0.2.1")
    api.refused(404, "DELETE", f"record/delete/{number}.json")


def test_another_account_s_record_is_404_and_stays(server: Server, api: Dozens, zone: str) -> None:
    made = create(api, zone, name="x", type="A", content="192.0.2.1")
    other = make_both(server).dozens
    other.refused(404, "POST", f"record/update/{made['id']}.json", content="192.0.2.2")
    other.refused(404, "DELETE", f"record/delete/{made['id']}.json")
    other.refused(404, "POST", "record/create.json", domain=zone, type="A", content="192.0.2.3")
    assert api.get(f"record/{zone}.json") == {"record": [made]}


def test_the_limit_of_records_has_the_document_s_own_answer(server: Server, domain: str) -> None:
    free = make_both(server, "free").dozens
    free.post("zone/create.json", name=domain)
    for number in range(12):
        assert create(free, domain, name=f"h{number}", type="A", content="192.0.2.1")
    reply = free.call(
        "POST",
        "record/create.json",
        json.dumps({"domain": domain, "name": "h", "type": "A", "content": "192.0.2.1"}),
    )
    assert (reply.status, reply.text) == (
        400,
        '{"code":"400","message":"Number of records exceeds the limit."}',
    )


@pytest.mark.parametrize(
    ("plan", "allowed", "default", "refused"),
    [
        ("free", [7200], "7200", [0, 60, 3600, 86400]),
        ("mini", [7200], "7200", [300]),
        ("basic", [60, 3600, 7200, 86400], "7200", [0, 61, 300]),
        ("unlimited", [0, 1, 300, 2**31 - 1], "3600", []),
    ],
)
def test_plans_say_which_ttls_there_are(
    server: Server, domain: str, plan: str, allowed: list[int], default: str, refused: list[int]
) -> None:
    api = make_both(server, plan).dozens
    api.post("zone/create.json", name=domain)
    made = create(api, domain, name="x", type="A", content="192.0.2.1")
    assert made["ttl"] == default
    path = f"record/update/{made['id']}.json"
    for ttl in allowed:
        assert api.post(path, ttl=ttl)["record"][0]["ttl"] == str(ttl)
    for ttl in refused:
        assert api.refused(400, "POST", path, ttl=str(ttl))["detail"].keys() == {"ttl"}


def test_what_this_api_cannot_make_is_listed_changed_and_deleted_all_the_same(
    server: Server, both: Both, zone: str
) -> None:
    uuid = both.vps.get("/dns-zones/").expect(200)[0]["uuid"]
    for kind, value in (
        ("CAA", '0 issue "ca.example"'),
        ("NS", "ns1.example.org"),
        ("HTTPS", "1 . alpn=h2"),
        ("TYPE65280", "\\# 2 abcd"),
        ("TXT", '"two" " strings"'),
        ("PTR", "host."),
    ):
        both.vps.post(
            f"/dns-zones/{uuid}/records/", {"record_type": kind, "name": "x", "value": value}
        ).expect(201)
    listed = both.dozens.get(f"record/{zone}.json")["record"]
    assert [(one["type"], one["content"]) for one in listed] == [
        ("CAA", '0 issue "ca.example"'),
        ("NS", "ns1.example.org"),
        ("HTTPS", '1 . alpn="h2"'),
        ("TYPE65280", "\\# 2 abcd"),
        ("TXT", "two strings"),
        ("PTR", "host"),
    ]
    before = both.vps.get("/dns-records/").expect(200)
    for one in listed:
        both.dozens.post(f"record/update/{one['id']}.json", content=one["content"], prio=3, ttl=60)
    after = both.vps.get("/dns-records/").expect(200)
    assert after == [{**one, "ttl": 60, "priority": 3} for one in before]
    assert server.found(f"x.{zone}", "TXT") == []  # below the delegation that NS records make
    for one in listed:
        both.dozens.delete(f"record/delete/{one['id']}.json")
    assert both.dozens.get(f"record/{zone}.json") == {"record": []}


def test_the_soa_and_the_default_name_servers_are_not_listed(api: Dozens, zone: str) -> None:
    assert api.get(f"record/{zone}.json") == {"record": []}
    assert api.get(f"record/{zone.upper()}..json".replace("..", ".")) == {"record": []}


def test_an_empty_list_may_be_an_array_as_the_original_had_it(
    own_server: Callable[..., Server], domain: str
) -> None:
    server = own_server(NSD_DOZENS_EMPTY_LIST="array")
    api = authorized(server, server.account().name)
    assert api.get("zone.json") == []
    api.post("zone/create.json", name=domain)
    assert api.get(f"record/{domain}.json") == []
    assert api.call("GET", f"record/{domain}.xml").text.endswith("<response></response>")
