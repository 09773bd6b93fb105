"""A long random sequence of operations through both APIs: after each, both and DNS agree."""

import json
import secrets
from typing import Any, ClassVar

import dns.message
import dns.query
import dns.rcode
import dns.rdataclass
import dns.rdatatype
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.dozens.conftest import Both, make_both
from tests.live.http import PATIENCE, Reply
from tests.live.server import Server

Listed = dict[str, Any]

LABELS = ("", "a", "b", "*.c", "d.a")
LIMIT = 8  # records that the plan of the accounts allows

hosts = st.sampled_from(["Mail.Example.com", "b.example.net", "xn--bcher-kva.example"])
prios = st.sampled_from([None, 0, 10])
needed = st.sampled_from([0, 10])
texts = st.sampled_from(["x", "v=spf1 -all", "Zoë", "a" * 260, "semi;colon", '"two" " strings"'])
contents = st.one_of(
    st.tuples(st.just("A"), st.integers(1, 4).map("192.0.2.{}".format), prios),
    st.tuples(st.just("AAAA"), st.sampled_from(["2001:db8::1", "2001:DB8::2"]), prios),
    st.tuples(st.just("CNAME"), hosts, prios),
    st.tuples(st.just("MX"), hosts, needed),
    st.tuples(st.just("SRV"), hosts.map("5 443 {}".format), needed),
    st.tuples(st.just("TXT"), texts, prios),
)
ttls = st.sampled_from([60, 7200, 86400, 61])  # the last one is not of the plan
picks = st.integers(0, 2**16)


class Agreement(RuleBasedStateMachine):
    """One account; each step picks of what there is, and a refusal must change nothing."""

    server: ClassVar[Server]

    @initialize()
    def begin(self) -> None:
        self.both: Both = make_both(self.server, "agreement")
        self.serials: dict[str, int] = {}
        self.records: list[Listed] = []  # as the Dozens API shows them, with their zone's name

    def zone(self, pick: int) -> str:
        return list(self.serials)[pick % len(self.serials)]

    def record(self, pick: int) -> Listed:
        return self.records[pick % len(self.records)]

    def uuid(self, zone: str) -> str:
        (found,) = self.both.vps.get(f"/dns-zones/?domain={zone}").expect(200)
        return str(found["uuid"])

    def uuid_of(self, record: Listed) -> str:
        """Find the record's UUID: both APIs list in the same order."""
        numbers = [one["id"] for one in self.listed(record["zone"])]
        there = self.both.vps.get(f"/dns-zones/{self.uuid(record['zone'])}/records/").expect(200)
        return str(there[numbers.index(record["id"])]["uuid"])

    def listed(self, zone: str) -> list[Listed]:
        return list(self.both.dozens.get(f"record/{zone}.json")["record"])

    @rule(through_dozens=st.booleans())
    def create_zone(self, through_dozens: bool) -> None:
        name = f"{secrets.token_hex(6)}.example"
        if through_dozens:
            reply = self.both.dozens.call("POST", "zone/create.json", f'{{"name": "{name}"}}')
        else:
            reply = self.both.vps.post("/dns-zones/", {"domain": name})
        assert (reply.status < 300) == (len(self.serials) < 3), reply
        if reply.status < 300:
            self.serials[name] = 0
        else:
            assert "Number of zones exceeds the limit." in reply.text

    @precondition(lambda self: len(self.serials) == 3)
    @rule(pick=picks, through_dozens=st.booleans())
    def delete_zone(self, pick: int, through_dozens: bool) -> None:
        zone = self.zone(pick)
        if through_dozens:
            self.both.dozens.delete(f"zone/delete/{self.both.dozens.zone_id(zone)}.json")
        else:
            self.both.vps.delete(f"/dns-zones/{self.uuid(zone)}/").expect_status(204)
        del self.serials[zone]
        self.records = [one for one in self.records if one["zone"] != zone]
        assert self.server.ask(zone, "SOA").rcode() == dns.rcode.REFUSED

    @precondition(lambda self: self.serials)
    @rule(pick=picks, label=st.sampled_from(LABELS), content=contents, ttl=ttls, vps=st.booleans())
    def create_record(
        self, pick: int, label: str, content: tuple[str, str, int | None], ttl: int, vps: bool
    ) -> None:
        zone = self.zone(pick)
        kind, value, prio = content
        if vps:
            path = f"/dns-zones/{self.uuid(zone)}/records/"
            reply = self.both.vps.post(path, vps_members(label, kind, value, prio, ttl))
        else:
            members = {"domain": zone, "name": label, "type": kind, "content": value}
            reply = self.dozens("POST", "record/create.json", {**members, "prio": prio, "ttl": ttl})
        if self.accepted(reply, ttl):
            self.records.append({**self.listed(zone)[-1], "zone": zone})
        elif len(self.records) < LIMIT and ttl != 61:
            assert self.clashes(zone, label, kind), reply

    def clashes(self, zone: str, label: str, kind: str) -> bool:
        """Tell whether something at the name may stand in the way of one more record."""
        name = f"{label}.{zone}".lstrip(".")
        there = [one["type"] for one in self.records if (one["zone"], one["name"]) == (zone, name)]
        return (
            (kind == "CNAME" and (bool(there) or label == "")) or kind in there or "CNAME" in there
        )

    @precondition(lambda self: self.records)
    @rule(pick=picks, prio=prios, ttl=ttls, vps=st.booleans())
    def update_record(self, pick: int, prio: int | None, ttl: int, vps: bool) -> None:
        record = self.record(pick)
        if vps:
            path = f"/dns-records/{self.uuid_of(record)}/"
            reply = self.both.vps.patch(path, {"priority": prio, "ttl": ttl})
        else:
            path = f"record/update/{record['id']}.json"
            reply = self.dozens("POST", path, {"prio": prio, "ttl": ttl})
        if self.accepted(reply, ttl):
            record |= {"prio": None if prio is None else str(prio), "ttl": str(ttl)}
        else:
            assert ttl == 61 or (record["type"] in ("MX", "SRV") and prio is None), reply

    @precondition(lambda self: self.records)
    @rule(pick=picks, vps=st.booleans())
    def delete_record(self, pick: int, vps: bool) -> None:
        record = self.record(pick)
        if vps:
            self.both.vps.delete(f"/dns-records/{self.uuid_of(record)}/").expect_status(204)
        else:
            self.both.dozens.delete(f"record/delete/{record['id']}.json")
        self.records.remove(record)

    def dozens(self, method: str, path: str, members: Listed) -> Reply:
        return self.both.dozens.call(method, path, json.dumps(members))

    def accepted(self, reply: Reply, ttl: int) -> bool:
        assert reply.status in (200, 201, 400), reply
        assert reply.status == 400 or ttl != 61, reply
        return reply.status < 300

    @invariant()
    def both_apis_and_dns_agree(self) -> None:
        """Compare every list, then every name and type."""
        dozens = [zone["name"] for zone in self.both.dozens.get("zone.json")["domain"]]
        vps = self.both.vps.get("/dns-zones/").expect(200)
        assert sorted(dozens) == sorted(self.serials)
        assert [zone["domain"] for zone in vps] == dozens[::-1]
        for zone in vps:
            self.zone_agrees(zone["domain"], zone["uuid"], zone["record_count"])

    def zone_agrees(self, zone: str, uuid: str, count: int) -> None:
        listed = self.listed(zone)
        expected = [one for one in self.records if one["zone"] == zone]
        assert [{**one, "zone": zone} for one in listed] == expected
        assert len(listed) == count
        other = self.both.vps.get(f"/dns-zones/{uuid}/records/").expect(200)
        assert [as_dozens(one, zone) for one in other] == [
            {name: one[name] for name in one if name != "id"} for one in listed
        ]
        serial = self.server.serial(zone)
        assert serial >= self.serials[zone]
        self.serials[zone] = serial
        for label in LABELS:
            self.name_agrees(f"{label}.{zone}".lstrip("."), listed)

    def name_agrees(self, name: str, listed: list[Listed]) -> None:
        here = [one for one in listed if one["name"] == name]
        kinds = {one["type"] for one in here}
        for kind in kinds or {"A"}:
            query = dns.message.make_query(name, kind)
            answer = dns.query.tcp(query, "127.0.0.1", PATIENCE, self.server.dns_port)
            found = answer.get_rrset(
                answer.answer,
                query.question[0].name,
                dns.rdataclass.IN,
                dns.rdatatype.from_text(kind),
            )
            same = [one for one in here if one["type"] == kind]
            assert len(found or ()) == len(same), (answer, same)
            if found is not None:
                assert found.ttl == min(int(one["ttl"]) for one in same)


def vps_members(label: str, kind: str, value: str, prio: int | None, ttl: int) -> Listed:
    return {"name": label, "record_type": kind, "value": value, "priority": prio, "ttl": ttl}


def as_dozens(record: Listed, zone: str) -> Listed:
    """Say what the other API shows in this one's words."""
    name = zone if record["name"] == "@" else f"{record['name']}.{zone}"
    prio = record["priority"]
    value = record["value"]
    return {
        "name": name,
        "type": record["record_type"],
        "prio": None if prio is None else str(prio),
        "content": "two strings" if value == '"two" " strings"' else value,
        "ttl": str(record["ttl"]),
    }


def test_both_apis_and_dns_agree_after_whatever_came_through_either(own_server: Any) -> None:
    plan = f'{{"ttls": [60, 7200, 86400], "default_ttl": 60, "zones": 3, "records": {LIMIT}}}'
    Agreement.server = own_server(NSD_PLANS_AGREEMENT=plan)
    run_state_machine_as_test(
        Agreement,
        settings=settings(
            max_examples=12,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
