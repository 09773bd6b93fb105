"""Zones that change: the index patched in place is the one that the store would build afresh."""

import asyncio
import shutil
import tempfile
from itertools import product
from pathlib import Path
from typing import Any

import aiohttp
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from nsd.cli.serve import _first_token
from nsd.cli.service import Service
from nsd.settings import load
from nsd.store import served, zones
from nsd.zone import name, rrtype
from nsd.zone.lookup import lookup
from nsd.zone.name import WireName
from nsd.zone.table import ZoneTable
from nsd.zone.zone import Zone

APEXES = ("test.example", "b.test.example", "a.b.test.example")
LABELS = ("@", "a", "b", "c", "*", "a.b", "*.b", "c.a.b")
VALUES = (
    ("A", "192.0.2.1"),
    ("A", "192.0.2.2"),
    ("AAAA", "2001:db8::1"),
    ("TXT", "text"),
    ("CNAME", "a.test.example"),
    ("CNAME", "c.b.test.example"),
    ("DNAME", "b.test.example"),
    ("NS", "ns.b.test.example"),
    ("NS", "a.test.example"),
    ("ALIAS", "a.test.example"),
    ("MX", "a.test.example"),
)
KINDS = (rrtype.A, rrtype.NS, rrtype.CNAME, rrtype.DNAME, rrtype.MX, rrtype.SOA, rrtype.DS)

record_bodies = st.tuples(
    st.sampled_from(LABELS), st.sampled_from(VALUES), st.sampled_from([60, 300])
).map(
    lambda drawn: {
        "name": drawn[0],
        "record_type": drawn[1][0],
        "value": drawn[1][1],
        "ttl": drawn[2],
        "priority": 10,
    }
)
QUESTIONS = [
    (name.from_text(f"{label}.{apex}." if label != "@" else f"{apex}."), kind)
    for label, apex, kind in product((*LABELS, "x", "x.b", "x.a.b"), APEXES, KINDS)
]


def line(body: dict[str, Any]) -> str:
    """Write a record for a master file."""
    kind, value = body["record_type"], body["value"]
    if kind == "ALIAS":
        return ""
    text = {"TXT": f'"{value}"', "MX": f"10 {value}."}.get(kind, value)
    dot = "." if kind in {"CNAME", "DNAME", "NS"} else ""
    return f"{body['name']} {body['ttl']} {kind} {text}{dot}\n"


class ChangingZones(RuleBasedStateMachine):
    """Random calls of the API, and now and then a restart."""

    found_zones: Bundle[str] = Bundle("zones")
    found_records: Bundle[str] = Bundle("records")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp())
        self.service = self.started()
        self.token = self.runner.run(self.service.database.write(_first_token))

    def started(self) -> Service:
        """Start a service on the machine's folder."""

        async def start() -> Service:
            service = Service(load(data=self.folder, dns=["127.0.0.1:0"], http="127.0.0.1:0"))
            await service.start()
            return service

        return self.runner.run(start())

    def teardown(self) -> None:
        self.runner.run(self.service.close())
        self.runner.close()
        shutil.rmtree(self.folder)

    def call(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Call the API; what it refuses must be a clear 400 or 404."""

        async def send() -> tuple[int, Any]:
            url = f"http://{self.service.http}/api/v1{path}"
            headers = {"Authorization": f"Bearer {self.token}"}
            what = {"data": body} if isinstance(body, str) else {"json": body}
            kind = {"Content-Type": "text/dns"} if isinstance(body, str) else {}
            async with aiohttp.request(method, url, headers={**headers, **kind}, **what) as got:
                return got.status, await got.json() if got.status != 204 else None

        status, content = self.runner.run(send())
        assert status in {200, 201, 204, 400, 404}, (status, content)
        return status, content

    @initialize(target=found_zones)
    def first_zone(self) -> str:
        _, zone = self.call("POST", "/dns-zones/", {"domain": APEXES[0]})
        return str(zone["uuid"])

    @rule(target=found_zones, apex=st.sampled_from(APEXES))
    def create_zone(self, apex: str) -> str:
        status, zone = self.call("POST", "/dns-zones/", {"domain": apex})
        return str(zone["uuid"]) if status == 201 else "none"

    @rule(zone=found_zones)
    def delete_zone(self, zone: str) -> None:
        self.call("DELETE", f"/dns-zones/{zone}/")

    @rule(target=found_records, zone=found_zones, body=record_bodies)
    def create_record(self, zone: str, body: dict[str, Any]) -> str:
        status, record = self.call("POST", f"/dns-zones/{zone}/records/", body)
        return str(record["uuid"]) if status == 201 else "none"

    @rule(record=found_records, body=record_bodies, only=st.sampled_from(["name", "value", "all"]))
    def change_record(self, record: str, body: dict[str, Any], only: str) -> None:
        sent = body if only == "all" else {only: body[only]}
        self.call("PATCH", f"/dns-records/{record}/", sent)

    @rule(record=found_records)
    def delete_record(self, record: str) -> None:
        self.call("DELETE", f"/dns-records/{record}/")

    @rule(zone=found_zones, bodies=st.lists(record_bodies, max_size=6))
    def import_zone(self, zone: str, bodies: list[dict[str, Any]]) -> None:
        head = "$TTL 300\n@ SOA ns hostmaster 1 7200 900 1209600 60\n@ NS ns.example.net.\n"
        self.call("PUT", f"/dns-zones/{zone}/zonefile/", head + "".join(map(line, bodies)))

    @rule()
    def restart(self) -> None:
        self.runner.run(self.service.close())
        self.service = self.started()

    @invariant()
    def the_index_is_the_one_that_the_store_gives(self) -> None:
        if not hasattr(self, "token"):
            return
        fresh = ZoneTable()
        for zone in self.runner.run(self.service.database.read(self.from_store)):
            fresh.put(zone)
        assert shown(self.service.table) == shown(fresh)
        for qname, kind in QUESTIONS:
            answer = lookup(self.service.table, qname, kind)
            assert answer == lookup(fresh, qname, kind), (name.to_text(qname), kind)

    def from_store(self, connection: Any) -> list[Zone]:
        """Build all zones anew, each by itself."""
        rows = list(zones.everything(connection))
        defaults = self.service.changes.defaults
        return [served.load_zone(connection, row, defaults) for row in rows]


def shown(table: ZoneTable) -> dict[WireName, tuple[object, ...]]:
    """Give all that the index of each zone consists of."""
    return {
        apex: (zone.nodes, zone.children, zone.barriers, zone.negative_soa)
        for apex, zone in table.by_apex.items()
    }


ChangingZones.TestCase.settings = settings(max_examples=12, stateful_step_count=25, deadline=None)
TestChangingZones = ChangingZones.TestCase
