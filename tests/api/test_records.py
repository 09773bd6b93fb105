"""Records: names, TTLs, what may stand together, PUT and PATCH, filters, serials."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import dns.flags
import dns.rcode
import pytest

from tests.live.http import Reply
from tests.live.server import Account, Server


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone of the test's own."""

    server: Server
    account: Account
    domain: str
    uuid: str

    def create(self, **members: Any) -> Reply:
        return self.account.api.post(f"/dns-zones/{self.uuid}/records/", members)

    def add(self, record_type: str, name: str, value: str, **members: Any) -> dict[str, Any]:
        reply = self.create(record_type=record_type, name=name, value=value, **members)
        content = reply.expect(201)
        assert isinstance(content, dict)
        return content

    def found(self, name: str, kind: str = "A") -> list[str]:
        return self.server.found(f"{name}.{self.domain}".removeprefix("@."), kind)

    @property
    def serial(self) -> int:
        return self.server.serial(self.domain)


@pytest.fixture
def zone(server: Server, account: Account, domain: str) -> Zone:
    created = account.api.post("/dns-zones/", {"domain": domain}).expect(201)
    return Zone(server, account, domain, created["uuid"])


def path(record: dict[str, Any]) -> str:
    return f"/dns-records/{record['uuid']}/"


def test_a_record_comes_back_whole_and_is_served_at_once(zone: Zone) -> None:
    record = zone.add("A", "www", "192.0.2.1")
    assert UUID(record["uuid"]).version == 7
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", record["created_at"])
    assert record == {
        "uuid": record["uuid"],
        "record_type": "A",
        "name": "www",
        "value": "192.0.2.1",
        "ttl": 3600,
        "priority": None,
        "created_at": record["created_at"],
    }
    assert zone.found("www") == ["192.0.2.1"]
    api = zone.account.api
    assert api.get(path(record)).expect(200) == record
    assert api.get(f"/dns-zones/{zone.uuid}/records/").expect(200) == [record]
    shown = api.get(f"/dns-zones/{zone.uuid}/").expect(200)
    assert (shown["record_count"], shown["records"]) == (1, [record])


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("@", "@"),
        ("", "@"),
        ("www", "www"),
        ("WWW", "www"),
        (" www ", "www"),
        ("*.dev", "*.dev"),
        ("*", "*"),
        ("a.b.c", "a.b.c"),
        ("_sip._tcp", "_sip._tcp"),
        ("{}", "@"),
        ("{}.", "@"),
        ("www.{}", "www"),
        ("www.{}.", "www"),
        ("WWW.{}.", "www"),
        ("x{}", "x{}"),
        ("bücher", "xn--bcher-kva"),
        (r"a\.b", r"a\.b"),
        (r"a\032b", r"a\032b"),
        ("www.example.org", "www.example.org"),
    ],
)
def test_a_name_may_be_relative_or_complete_and_comes_back_relative(
    zone: Zone, sent: str, shown: str
) -> None:
    record = zone.add("A", sent.format(zone.domain), "192.0.2.1")
    expected = shown.format(zone.domain)
    assert record["name"] == expected
    assert zone.found(expected) == ["192.0.2.1"]
    again = zone.account.api.patch(path(record), {"name": record["name"]}).expect(200)
    assert again == record


@pytest.mark.parametrize(
    "name",
    [
        "www.example.org.",
        "x{}.",
        "a..b",
        ".a",
        "a" * 64,
        ".".join(["a" * 60] * 4),
        "..",
        "a\u0000b",
        "a b",
        "a\tb",
        "\ud7ff\u0301",
        r"a\256",
        "a\\",
    ],
)
def test_a_name_that_is_none_or_outside_the_zone_is_refused(zone: Zone, name: str) -> None:
    before = zone.serial
    reply = zone.create(record_type="A", name=name.format(zone.domain), value="192.0.2.1")
    reply.refusal(400, "validation_error", "name")
    assert zone.serial == before


@pytest.mark.parametrize(
    ("sent", "stored"), [(0, 0), (60, 60), ("60", 60), (" 60 ", 60), (2**31 - 1, 2**31 - 1)]
)
def test_a_ttl_is_a_number_of_seconds(zone: Zone, sent: object, stored: int) -> None:
    assert zone.add("A", "www", "192.0.2.1", ttl=sent)["ttl"] == stored
    (rrset,) = zone.server.ask(f"www.{zone.domain}").answer
    assert rrset.ttl == stored


@pytest.mark.parametrize(
    "ttl", [-1, 2**31, "1h", "", "-1", "६०", 1.5, True, None, [], {}, 10**30, "9" * 5000]
)
def test_another_ttl_is_refused(zone: Zone, ttl: object) -> None:
    reply = zone.create(record_type="A", name="www", value="192.0.2.1", ttl=ttl)
    reply.refusal(400, "validation_error", "ttl")


@pytest.mark.parametrize("kind", ["MX", "SRV"])
def test_mx_and_srv_need_a_priority_and_say_so_in_the_documented_words(
    zone: Zone, kind: str
) -> None:
    value = {"MX": "mail.example.com", "SRV": "10 5060 sip.example.com"}[kind]
    for members in ({}, {"priority": None}):
        reply = zone.create(record_type=kind, name="x", value=value, **members)
        detail = reply.refusal(400, "validation_error", "priority")
        assert detail == f"{kind} records require a priority value"
    refused: list[object] = [-1, 65536, "high", 1.5, True, []]
    for priority in refused:
        reply = zone.create(record_type=kind, name="x", value=value, priority=priority)
        reply.refusal(400, "validation_error", "priority")
    for sent, stored in ((0, 0), ("10", 10), (65535, 65535)):
        record = zone.add(kind, f"x{stored}", value, priority=sent)
        assert (record["priority"], record["value"]) == (stored, value)
        (text,) = zone.found(f"x{stored}", kind)
        assert int(text.split()[0]) == stored


def test_another_types_priority_comes_back_as_given(zone: Zone) -> None:
    record = zone.add("A", "www", "192.0.2.1", priority=7)
    assert record["priority"] == 7
    assert zone.account.api.get(path(record)).expect(200)["priority"] == 7
    cleared = zone.account.api.patch(path(record), {"priority": None}).expect(200)
    assert cleared["priority"] is None


@pytest.mark.parametrize("missing", ["record_type", "name", "value"])
def test_a_record_needs_type_name_and_value(zone: Zone, missing: str) -> None:
    whole = {"record_type": "A", "name": "www", "value": "192.0.2.1"}
    for content in (
        {key: value for key, value in whole.items() if key != missing},
        {**whole, missing: None},
        {**whole, missing: 7},
        {**whole, missing: {"a": 1}},
    ):
        zone.create(**content).refusal(400, "validation_error", missing)


@pytest.mark.parametrize(
    "kind", ["SOA", "RRSIG", "DNSKEY", "NSEC", "NSEC3", "NSEC3PARAM", "CDS", "CDNSKEY", "ANY",
             "AXFR", "OPT", "TSIG", "TYPE6", "TYPE255", "TYPE0", "", "NOPE", "TYPE65536", "A A"]
)  # fmt: skip
def test_a_type_that_cannot_be_created_is_refused(zone: Zone, kind: str) -> None:
    reply = zone.create(record_type=kind, name="www", value=r"\# 0")
    reply.refusal(400, "validation_error", "record_type")


CNAME = {"record_type": "CNAME", "name": "x", "value": "a.example"}
A = {"record_type": "A", "name": "x", "value": "192.0.2.1"}


@pytest.mark.parametrize(
    ("first", "second", "field"),
    [
        (A, CNAME, "name"),
        (CNAME, A, "name"),
        (CNAME, {**CNAME, "value": "b.example"}, "name"),
        (CNAME, {**CNAME, "name": "X", "value": "A.EXAMPLE."}, "name"),
        (A, A, "value"),
        (A, {**A, "ttl": 60, "name": "X"}, "value"),
        (A, {**CNAME, "record_type": "ALIAS"}, "name"),
        (
            {**CNAME, "record_type": "DNAME"},
            {**CNAME, "record_type": "DNAME", "value": "b.example"},
            "name",
        ),
        (
            {"record_type": "MX", "name": "x", "value": "a.example", "priority": 1},
            {"record_type": "MX", "name": "x", "value": "A.example.", "priority": 1},
            "value",
        ),
    ],
)
def test_what_cannot_stand_together_is_refused_and_changes_nothing(
    zone: Zone, first: dict[str, Any], second: dict[str, Any], field: str
) -> None:
    standing = zone.create(**first).expect(201)
    before = zone.serial
    zone.create(**second).refusal(400, "validation_error", field)
    other = zone.add("A", "other", "192.0.2.7")
    changed = zone.account.api.put(path(other), second)
    changed.refusal(400, "validation_error", field)
    listed = zone.account.api.get(f"/dns-zones/{zone.uuid}/records/").expect(200)
    assert listed == [standing, other]
    assert zone.serial == before + 1


def test_a_cname_cannot_stand_at_the_apex(zone: Zone) -> None:
    reply = zone.create(record_type="CNAME", name="@", value="a.example")
    assert "ALIAS" in reply.refusal(400, "validation_error", "record_type")


def test_the_serial_goes_up_once_with_each_change(zone: Zone) -> None:
    api = zone.account.api
    start = zone.serial
    record = zone.add("A", "www", "192.0.2.1")
    serials = [zone.serial]
    for change in (
        lambda: api.patch(path(record), {"ttl": 60}).expect(200),
        lambda: api.put(path(record), {**record, "name": "web"}).expect(200),
        lambda: zone.add("TXT", "@", "text"),
        lambda: zone.create(record_type="A", name="web", value="no").refusal(
            400, "validation_error", "value"
        ),
        lambda: api.delete(path(record)).expect(204),
    ):
        change()
        serials.append(zone.serial)
    assert [serial - start for serial in serials] == [1, 2, 3, 4, 4, 5]


def test_patch_changes_what_is_sent_and_nothing_else(zone: Zone) -> None:
    api = zone.account.api
    record = zone.add("MX", "@", "mail.example.com", priority=10, ttl=60)
    for change in (
        {"ttl": 1800},
        {"priority": 20},
        {"name": "sub"},
        {"value": "other.example.com"},
        {},
        {"record_type": "A", "value": "192.0.2.1", "priority": None},
        {"record_type": "TXT", "value": "some text"},
        {"unknown": 1},
    ):
        expected = {**record, **change}
        expected.pop("unknown", None)
        record = api.patch(path(record), change).expect(200)
        assert record == expected
        assert api.get(path(record)).expect(200) == expected
    assert zone.found("sub", "TXT") == ['"some text"']
    assert zone.found("sub") == zone.found("@", "MX") == zone.found("sub", "MX") == []


def test_put_replaces_all_and_needs_all_that_is_required(zone: Zone) -> None:
    api = zone.account.api
    record = zone.add("MX", "@", "mail.example.com", priority=10, ttl=60)
    for missing in ("record_type", "name", "value"):
        content = {key: value for key, value in record.items() if key != missing}
        api.put(path(record), content).refusal(400, "validation_error", missing)
    whole = {"record_type": "MX", "name": "@", "value": "mail.example.com"}
    api.put(path(record), whole).refusal(400, "validation_error", "priority")
    replaced = api.put(path(record), {**whole, "priority": 5}).expect(200)
    assert replaced == {**record, "ttl": 3600, "priority": 5}
    assert zone.found("@", "MX") == ["5 mail.example.com."]


def test_a_moved_record_leaves_its_old_name(zone: Zone) -> None:
    record = zone.add("A", "a.b", "192.0.2.1")
    zone.account.api.patch(path(record), {"name": "c"}).expect(200)
    assert zone.found("c") == ["192.0.2.1"]
    for gone in ("a.b", "b"):
        assert zone.server.ask(f"{gone}.{zone.domain}").rcode() == dns.rcode.NXDOMAIN


def test_a_refused_patch_changes_nothing(zone: Zone) -> None:
    record = zone.add("A", "www", "192.0.2.1")
    before = zone.serial
    for change, field in (
        ({"ttl": -1, "value": "192.0.2.2"}, "ttl"),
        ({"value": "nonsense"}, "value"),
        ({"record_type": "AAAA"}, "value"),
        ({"record_type": "SOA"}, "record_type"),
        ({"name": "a..b"}, "name"),
        ({"name": None}, "name"),
    ):
        zone.account.api.patch(path(record), change).refusal(400, "validation_error", field)
    assert zone.account.api.get(path(record)).expect(200) == record
    assert (zone.serial, zone.found("www")) == (before, ["192.0.2.1"])


def test_different_ttls_of_one_rrset_are_served_as_the_lowest(zone: Zone) -> None:
    first = zone.add("A", "www", "192.0.2.1", ttl=600)
    second = zone.add("A", "www", "192.0.2.2", ttl=60)

    def served() -> int:
        (rrset,) = zone.server.ask(f"www.{zone.domain}").answer
        return rrset.ttl

    assert served() == 60
    assert zone.account.api.get(path(first)).expect(200)["ttl"] == 600
    zone.account.api.delete(path(second)).expect(204)
    assert served() == 600


def test_own_name_servers_replace_the_default_until_they_go(zone: Zone) -> None:
    default = zone.found("@", "NS")
    record = zone.add("NS", "@", "ns.example.org")
    assert zone.found("@", "NS") == ["ns.example.org."]
    zone.account.api.delete(path(record)).expect(204)
    assert zone.found("@", "NS") == default


def test_a_delegation_is_answered_with_a_referral_and_its_glue(zone: Zone) -> None:
    zone.add("NS", "sub", f"ns.sub.{zone.domain}")
    zone.add("A", "ns.sub", "192.0.2.53")
    answer = zone.server.ask(f"www.sub.{zone.domain}")
    assert not answer.flags & dns.flags.AA
    assert [str(rrset.name) for rrset in answer.authority] == [f"sub.{zone.domain}."]
    assert [rrset[0].to_text() for rrset in answer.additional] == ["192.0.2.53"]


def test_records_are_listed_over_all_own_zones_and_filtered(
    server: Server, account: Account, zone: Zone
) -> None:
    api = account.api
    second = api.post("/dns-zones/", {"domain": f"two.{zone.domain}"}).expect(201)["uuid"]
    records = [zone.add("A", "b", "192.0.2.1"), zone.add("TXT", "a", "text")]
    extra = {"record_type": "A", "name": "c", "value": "192.0.2.2"}
    records.append(api.post(f"/dns-zones/{second}/records/", extra).expect(201))
    stranger = server.account().api
    theirs = stranger.post("/dns-zones/", {"domain": f"x{zone.domain}", "records": [extra]})
    foreign = theirs.expect(201)["uuid"]
    for query, expected in (
        ("", records),
        ("?record_type=A", [records[0], records[2]]),
        ("?record_type=txt", [records[1]]),
        ("?record_type=MX", []),
        ("?record_type=NOPE", []),
        (f"?zone={zone.uuid}", records[:2]),
        (f"?zone={zone.uuid}&record_type=A", records[:1]),
        (f"?zone={second}&colour=red", records[2:]),
        (f"?zone={foreign}", []),
        ("?zone=nonsense", []),
    ):
        assert api.get(f"/dns-records/{query}").expect(200) == expected, query


def test_unknown_members_and_arguments_are_ignored(zone: Zone) -> None:
    members = {"colour": "red", "uuid": "mine", "created_at": "never", "zone": "other"}
    record = zone.add("A", "www", "192.0.2.1", **members)
    assert record["uuid"] != "mine"
    assert "colour" not in record
    listed = zone.account.api.get(f"/dns-zones/{zone.uuid}/records/?colour=red&limit=0")
    assert listed.expect(200) == [record]


def names(reply: Reply) -> Iterator[str]:
    return (record["name"] for record in reply.expect(200))


def test_lists_are_complete_and_in_the_order_of_creation(zone: Zone) -> None:
    expected = [f"n{number}" for number in range(1200)]
    many = [{"record_type": "A", "name": name, "value": "192.0.2.1"} for name in expected]
    api = zone.account.api
    big = api.post("/dns-zones/", {"domain": f"big.{zone.domain}", "records": many}).expect(201)
    assert [record["name"] for record in big["records"]] == expected
    assert list(names(api.get(f"/dns-zones/{big['uuid']}/records/"))) == expected
    assert list(names(api.get("/dns-records/"))) == expected
