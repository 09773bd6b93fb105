"""A zone as a master file: out, in, and what is refused."""

import re
from typing import Any

import dns.rcode
import pytest

from tests.live.server import Account, Server

SOA = "@ 600 SOA ns.own.example. hostmaster.own.example. {serial} 7200 900 1209600 300\n"
RECORDS = [
    {"record_type": "A", "name": "www", "value": "192.0.2.1", "ttl": 60},
    {"record_type": "A", "name": "www", "value": "192.0.2.2", "ttl": 60},
    {"record_type": "AAAA", "name": "@", "value": "2001:db8::1"},
    {"record_type": "MX", "name": "@", "value": "mail.example.com", "priority": 10},
    {"record_type": "TXT", "name": "@", "value": 'say "hi"; and ünïcode ' + "x" * 300},
    {"record_type": "CNAME", "name": "*.dev", "value": "@"},
    {"record_type": "SRV", "name": "_sip._tcp", "value": "10 5060 sip.example.com", "priority": 0},
    {"record_type": "CAA", "name": "@", "value": '0 issue "letsencrypt.org"'},
    {"record_type": "NS", "name": "sub", "value": "ns1.example.com"},
    {"record_type": "HTTPS", "name": "web", "value": '1 . alpn="h2"'},
    {"record_type": "TYPE65280", "name": "odd", "value": r"\# 2 abcd"},
    {"record_type": "A", "name": r"a\.b\032c", "value": "192.0.2.3"},
    {"record_type": "A", "name": "two-ttls", "value": "192.0.2.4", "ttl": 60},
    {"record_type": "A", "name": "two-ttls", "value": "192.0.2.5", "ttl": 600},
]


class Zone:
    """A zone of the test's own, and its master file."""

    def __init__(self, server: Server, account: Account, domain: str) -> None:
        self.server, self.account, self.domain = server, account, domain
        content = {"domain": domain, "records": RECORDS}
        self.uuid = account.api.post("/dns-zones/", content).expect(201)["uuid"]

    @property
    def shown(self) -> dict[str, Any]:
        content = self.account.api.get(f"/dns-zones/{self.uuid}/").expect(200)
        assert isinstance(content, dict)
        return content

    @property
    def file(self) -> str:
        reply = self.account.api.get(f"/dns-zones/{self.uuid}/zonefile/")
        assert reply.status == 200
        assert reply.headers["Content-Type"] == "text/dns; charset=utf-8"
        return reply.text

    @property
    def serial(self) -> int:
        return self.server.serial(self.domain)

    def put(self, text: str) -> dict[str, Any]:
        content = self.account.api.put_zone_file(self.uuid, text).expect(200)
        assert isinstance(content, dict)
        return content

    def refused(self, text: str) -> str:
        reply = self.account.api.put_zone_file(self.uuid, text)
        return reply.refusal(400, "validation_error", "zonefile")


@pytest.fixture
def zone(server: Server, account: Account, domain: str) -> Zone:
    return Zone(server, account, domain)


def test_what_is_exported_imports_as_the_same_zone(zone: Zone) -> None:
    before, serial = zone.shown, zone.serial
    assert before["record_count"] == len(RECORDS)
    assert zone.put(zone.file) == before
    assert zone.shown == before
    assert zone.serial == serial + 1


def test_what_is_exported_imports_as_the_same_zone_elsewhere(
    zone: Zone, own_server: Any, domain: str
) -> None:
    other = own_server()
    file = zone.file
    api = other.account().api
    created = api.post("/dns-zones/", {"domain": domain}).expect(201)
    content = api.put_zone_file(created["uuid"], file).expect(200)

    def values(shown: dict[str, Any]) -> list[tuple[Any, ...]]:
        members = ("record_type", "name", "value", "ttl", "priority")
        return sorted(tuple(map(str, map(record.get, members))) for record in shown["records"])

    assert values(content) == values(zone.shown)
    copied = api.get(f"/dns-zones/{created['uuid']}/zonefile/").text
    serial = re.compile(r"\d+\t; serial")
    assert serial.sub("", copied) == serial.sub("", file)


def test_a_file_replaces_the_whole_content_in_one_step(zone: Zone) -> None:
    content = zone.put(SOA.format(serial=1) + "new 60 A 192.0.2.9\nwww 60 A 192.0.2.1\n")
    assert content["record_count"] == 2
    assert [(record["name"], record["value"]) for record in content["records"]] == [
        ("www", "192.0.2.1"),
        ("new", "192.0.2.9"),
    ]
    assert zone.server.found(f"new.{zone.domain}") == ["192.0.2.9"]
    assert zone.server.found(f"www.{zone.domain}") == ["192.0.2.1"]
    assert zone.server.ask(f"x.dev.{zone.domain}").rcode() == dns.rcode.NXDOMAIN


def test_a_record_that_stays_keeps_its_uuid(zone: Zone) -> None:
    before = {record["name"]: record["uuid"] for record in zone.shown["records"]}
    content = zone.put(SOA.format(serial=1) + "_sip._tcp 60 SRV 0 10 5060 sip.example.com.\n")
    (record,) = content["records"]
    assert (record["uuid"], record["ttl"]) == (before["_sip._tcp"], 60)


def test_the_soa_of_the_file_becomes_the_zones(zone: Zone) -> None:
    zone.put(SOA.format(serial=1))
    (soa,) = zone.server.found(zone.domain, "SOA")
    names, _, timers = soa.partition(f" {zone.serial} ")
    assert (names, timers) == (
        "ns.own.example. hostmaster.own.example.",
        "7200 900 1209600 300",
    )
    assert zone.server.ask(zone.domain, "SOA").answer[0].ttl == 600
    zone.account.api.post(
        f"/dns-zones/{zone.uuid}/records/",
        {"record_type": "A", "name": "later", "value": "192.0.2.1"},
    ).expect(201)
    assert zone.server.found(zone.domain, "SOA")[0].startswith("ns.own.example.")


def test_a_higher_serial_is_taken_and_a_lower_one_is_not(zone: Zone) -> None:
    start = zone.serial
    for sent, expected in (
        (start, start + 1),
        (start + 1000, start + 1000),
        (start + 5, start + 1001),
        (1, start + 1002),
    ):
        zone.put(SOA.format(serial=sent))
        assert zone.serial == expected


def test_serials_are_compared_on_their_circle(zone: Zone) -> None:
    top = 2**32 - 1
    for serial in (zone.serial + 2**31 - 1, top):
        zone.put(SOA.format(serial=serial))
        assert zone.serial == serial
    zone.put(SOA.format(serial=top))
    assert zone.serial == 1, "0 is left out"
    zone.put(SOA.format(serial=5))
    assert zone.serial == 5


def test_default_name_servers_are_no_records(zone: Zone) -> None:
    default = "@ 86400 NS ns1.example.net.\n@ 86400 NS NS2.example.net.\n"
    assert default.splitlines()[0].split()[-1] in zone.file
    assert zone.put(SOA.format(serial=1) + default)["record_count"] == 0
    own = zone.put(SOA.format(serial=1) + default + "@ 86400 NS ns3.example.net.\n")
    assert own["record_count"] == 3
    assert len(zone.server.found(zone.domain, "NS")) == 3


def test_all_errors_come_at_once_each_with_its_line(zone: Zone) -> None:
    before, serial = zone.shown, zone.serial
    detail = zone.refused(
        SOA.format(serial=1)
        + "www A 192.0.2.256\n"
        + "www.elsewhere.example. A 192.0.2.1\n"
        + "a CNAME b\n"
        + "a A 192.0.2.1\n"
        + "; a comment\n"
        + SOA.format(serial=2)
        + "b NONSENSE x\n"
    )
    assert re.findall(r"zonefile:(\d+): ", detail) == ["2", "3", "5", "7", "8"], detail
    assert (zone.shown, zone.serial) == (before, serial)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "SOA"),
        ("www A 192.0.2.1\n", "SOA"),
        ("other.example. SOA ns1 hostmaster 1 7200 900 1209600 300\n", "SOA"),
        ("$INCLUDE /etc/passwd\n", "INCLUDE"),
        ("@ SOA ns1 hostmaster 1 7200 900 1209600 (\n", ""),
        ("@ CNAME www\n", ""),
        ("$GENERATE 1-10000000 a$ A 192.0.2.1\n", ""),
    ],
)
def test_a_file_that_is_no_zone_is_refused(zone: Zone, text: str, part: str) -> None:
    before = zone.file
    assert part in zone.refused(text)
    assert zone.file == before


def test_a_file_may_say_the_zones_name_or_leave_it_out(zone: Zone) -> None:
    soa = "ns1.example.net. hostmaster.example.net. 1 7200 900 1209600 300\n"
    for text in (
        f"$ORIGIN {zone.domain}.\n$TTL 60\n@ SOA {soa}www A 192.0.2.7\n",
        f"{zone.domain}. 60 IN SOA {soa}www 60 A 192.0.2.7\n",
        f"@ 60 IN SOA {soa}www.{zone.domain.upper()}. 60 IN A 192.0.2.7\n",
    ):
        assert zone.put(text)["record_count"] == 1
        assert zone.server.found(f"www.{zone.domain}") == ["192.0.2.7"]


def test_a_file_that_is_not_utf_8_is_a_parse_error(zone: Zone) -> None:
    path = f"/dns-zones/{zone.uuid}/zonefile/"
    reply = zone.account.api.call("PUT", path, b"\xff\xfe", {"Content-Type": "text/dns"})
    reply.refusal(400, "parse_error")


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x"])
def test_a_file_is_not_taken_as_json_or_a_form(zone: Zone, kind: str) -> None:
    path = f"/dns-zones/{zone.uuid}/zonefile/"
    reply = zone.account.api.call("PUT", path, zone.file.encode(), {"Content-Type": kind})
    reply.refusal(415, "unsupported_media_type")


def test_a_file_larger_than_a_json_body_is_taken(zone: Zone) -> None:
    lines = (f"n{number:06} 60 A 192.0.2.1\n" for number in range(50_000))
    text = SOA.format(serial=1) + "".join(lines)
    assert len(text) > 1024 * 1024
    assert zone.put(text)["record_count"] == 50_000
    assert zone.server.found(f"n049999.{zone.domain}") == ["192.0.2.1"]
