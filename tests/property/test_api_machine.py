"""Random calls of the API: after each, memory, store and journal say the same.

The index in memory is patched in place by each change; here it is compared with one built afresh
from the store. The journal is replayed on a copy of its own, as a secondary would replay it.
"""

import asyncio
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp
import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from nsd.account.principal import Principal
from nsd.change.changes import Changes
from nsd.errors import NsdError
from nsd.service.service import Service
from nsd.settings import Dns, Endpoint, Http, Settings
from nsd.store import journal, served, tokens, users, zones
from nsd.store.database import open_database
from nsd.zone import masterfile, rrtypes
from nsd.zone.answer import Answer
from nsd.zone.lookup import lookup
from nsd.zone.name import WireName
from nsd.zone.table import ZoneTable
from nsd.zone.zone import Zone, rrsets_of

Held = set[tuple[WireName, int, int, bytes]]  # owner, type, TTL, RDATA
ANYWHERE = Endpoint("127.0.0.1", 0)
SOA = "@ 60 SOA ns1.example.net. h.example.net. {serial} 7200 900 1209600 300\n"

domains = st.sampled_from(["a.example", "b.a.example", "c.b.a.example", "d.example"])
names = st.sampled_from(["@", "x", "y", "*", "x.y", "*.y", "z.x.y", "b", "c.b", "w.c.b"])
values = st.sampled_from(
    [
        ("A", "192.0.2.1"),
        ("A", "192.0.2.2"),
        ("TXT", "text"),
        ("CNAME", "x.a.example"),
        ("CNAME", "y.d.example"),
        ("NS", "ns.b.a.example"),
        ("NS", "ns1.example.net"),
        ("DNAME", "d.example"),
        ("MX", "mail.example.net"),
        ("DS", "1 13 2 " + "ab" * 32),
    ]
)
ttls = st.sampled_from([60, 600])
contents = st.builds(
    lambda name, value, ttl: {
        "record_type": value[0],
        "name": name,
        "value": value[1],
        "ttl": ttl,
        "priority": 1,
    },
    names,
    values,
    ttls,
)
# What a file says: records that never contradict each other, so that most files are taken.
lines = st.sets(
    st.sampled_from(
        [
            "x 60 A 192.0.2.1",
            "x 60 A 192.0.2.2",
            "x.y 60 TXT text",
            "* 600 MX 1 mail.example.net.",
            "b 60 NS ns.b.a.example.",
            "z.x.y 60 A 192.0.2.1",
            "@ 60 NS ns1.example.net.",
            "@ 60 TXT text",
        ]
    )
)


class Running:
    """The server and a caller of it, on one event loop of their own."""

    def __init__(self, folder: Path) -> None:
        self._runner = asyncio.Runner()
        self.settings = Settings(
            data=folder, dns=Dns(listen=(ANYWHERE,)), http=Http(listen=ANYWHERE)
        )
        self.service: Service
        self.session: aiohttp.ClientSession
        self._runner.run(self._start())
        self.token = self._runner.run(self.service.database.write(_token))

    def restart(self) -> None:
        self._runner.run(self._close())
        self._runner.run(self._start())

    def close(self) -> None:
        self._runner.run(self._close())
        self._runner.close()

    async def _start(self) -> None:
        self.service = Service(self.settings)
        await self.service.start()
        self.session = aiohttp.ClientSession(f"http://{self.service.http}")

    async def _close(self) -> None:
        await self.session.close()
        await self.service.close()

    def call(self, method: str, path: str, content: object) -> tuple[int, Any]:
        return self._runner.run(self._call(method, path, content))

    async def _call(self, method: str, path: str, content: object) -> tuple[int, Any]:
        body = {"data": content} if isinstance(content, str) else {"json": content}
        headers = {"Authorization": f"Bearer {self.token}"}
        async with self.session.request(
            method, f"/api/v1/{path}", headers=headers, **body
        ) as reply:
            return reply.status, await reply.json() if reply.status != 204 else None

    def import_beside(self, domain: str, text: str) -> None:
        """Import as a command does: by another connection, which serves nothing."""
        self._runner.run(self._import_beside(domain, text))

    async def _import_beside(self, domain: str, text: str) -> None:
        database = await open_database(self.settings.data)
        try:
            defaults = self.service.changes.defaults
            other = Changes(database, defaults, self.settings.plans, wall=time.time)
            content = masterfile.parse(f"$ORIGIN {domain}.\n{text}", file="beside", origin=None)
            await other.edit(
                Principal("me", "beside"),
                lambda connection: zones.by_apex(connection, content.apex),
                lambda edit: edit.replace_content(content.soa, content.records),
            )
        except NsdError:
            return
        finally:
            await database.close()
        # Half of the time the poll comes first, half of the time the next change.
        if len(text) % 2:
            await self.service.follower.follow_if_changed()

    def stored(self) -> tuple[list[Zone], list[journal.Entry]]:
        """Build all zones afresh, each on its own; give the whole journal."""
        return self._runner.run(self._stored())

    async def _stored(self) -> tuple[list[Zone], list[journal.Entry]]:
        await self.service.follower.follow_if_changed()
        defaults = self.service.changes.defaults
        return await self.service.database.read(
            lambda connection: (
                [
                    served.load_zone(connection, row, defaults)
                    for row in zones.everything(connection)
                ],
                list(journal.after(connection, 0)),
            )
        )

    @property
    def table(self) -> ZoneTable:
        return self.service.table


def _token(connection: Any) -> str:
    user = users.add(connection, "me", email="", plan="unlimited", is_admin=True, now=1)
    return tokens.create(connection, user.id, name="", permissions=("dns:*",), now=1)[0]


class ApiMachine(RuleBasedStateMachine):
    """Zones and records by their uuids; many of the calls are refused, and that is as good."""

    zones: Bundle[tuple[str, str]] = Bundle("zones")
    records: Bundle[str] = Bundle("records")

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.running = Running(self.folder)
        self.replayed: dict[WireName, Held] = {}
        self.serials: dict[WireName, int] = {}
        self.seen = 0

    def teardown(self) -> None:
        if hasattr(self, "running"):
            self.running.close()
            shutil.rmtree(self.folder)

    @rule(target=zones, domain=domains, first=st.lists(contents, max_size=3))
    def create_zone(self, domain: str, first: list[dict[str, Any]]) -> Any:
        content = {"domain": domain, "records": first}
        status, zone = self.running.call("POST", "dns-zones/", content)
        assert status in (201, 400), zone
        return (zone["uuid"], domain) if status == 201 else multiple()

    @rule(zone=consumes(zones))
    def delete_zone(self, zone: tuple[str, str]) -> None:
        assert self.running.call("DELETE", f"dns-zones/{zone[0]}/", None)[0] == 204

    @rule(target=records, zone=zones, content=contents)
    def create_record(self, zone: tuple[str, str], content: dict[str, Any]) -> Any:
        status, record = self.running.call("POST", f"dns-zones/{zone[0]}/records/", content)
        assert status in (201, 400), record
        return record["uuid"] if status == 201 else multiple()

    @rule(
        record=records, content=contents, members=st.sets(st.sampled_from(["name", "ttl", "value"]))
    )
    def change_record(self, record: str, content: dict[str, Any], members: set[str]) -> None:
        wanted = members | ({"record_type", "priority"} if "value" in members else set())
        change = {member: content[member] for member in sorted(wanted)}
        status, reply = self.running.call("PATCH", f"dns-records/{record}/", change)
        assert status in (200, 400, 404), reply

    @rule(record=consumes(records))
    def delete_record(self, record: str) -> None:
        assert self.running.call("DELETE", f"dns-records/{record}/", None)[0] in (204, 404)

    @rule(zone=zones, said=lines, serial=st.sampled_from([1, 2_000_000_000, 4_000_000_000]))
    def import_file(self, zone: tuple[str, str], said: set[str], serial: int) -> None:
        text = SOA.format(serial=serial) + "".join(f"{line}\n" for line in sorted(said))
        status, reply = self.running.call("PUT", f"dns-zones/{zone[0]}/zonefile/", text)
        assert status in (200, 400), reply

    @rule(zone=zones)
    def import_what_is_exported(self, zone: tuple[str, str]) -> None:
        path = f"dns-zones/{zone[0]}/"
        before = self.running.call("GET", path, None)[1]
        text = self.running._runner.run(self._file(path))
        assert self.running.call("PUT", f"{path}zonefile/", text) == (200, before)

    async def _file(self, path: str) -> str:
        headers = {"Authorization": f"Bearer {self.running.token}"}
        async with self.running.session.get(f"/api/v1/{path}zonefile/", headers=headers) as reply:
            return await reply.text()

    @rule(zone=zones, said=lines)
    def import_beside(self, zone: tuple[str, str], said: set[str]) -> None:
        text = SOA.format(serial=1) + "".join(f"{line}\n" for line in sorted(said))
        self.running.import_beside(zone[1], text)

    @rule()
    def restart(self) -> None:
        self.running.restart()

    @invariant()
    def what_is_served_is_what_is_stored(self) -> None:
        if not hasattr(self, "running"):
            return
        stored, entries = self.running.stored()
        assert self.running.table.by_apex.keys() == {zone.apex for zone in stored}
        for fresh in stored:
            assert_same(self.running.table.by_apex[fresh.apex], fresh)
        assert_same_answers(self.running.table, stored)
        self._replay([entry for entry in entries if entry.id > self.seen])
        assert {zone.apex: held(zone) for zone in stored} == self.replayed

    def _replay(self, entries: list[journal.Entry]) -> None:
        """Do with the copy what the journal says, as an incremental transfer would."""
        for entry in entries:
            self.seen = entry.id
            assert entry.old_serial == self.serials.pop(entry.apex, None)
            copy = self.replayed.pop(entry.apex, set())
            removed, added = (
                {(record.owner, record.rrtype, record.ttl, record.rdata) for record in found}
                for found in map(journal.decode, (entry.removed, entry.added))
            )
            assert removed <= copy
            assert not added & (copy - removed)
            copy = copy - removed | added
            if entry.new_serial is None:
                assert copy == set()
                continue
            self.replayed[entry.apex] = copy
            self.serials[entry.apex] = entry.new_serial


def held(zone: Zone) -> Held:
    return {
        (owner, rrset.rrtype, rrset.ttl, rdata)
        for owner, rrset in zone.rrsets()
        for rdata in rrset.rdatas
    }


def assert_same(patched: Zone, fresh: Zone) -> None:
    """Hold a patched zone against one built at once; records of an RRset have no order."""
    assert patched.nodes.keys() == fresh.nodes.keys()
    for name, standing in fresh.nodes.items():
        theirs, ours = rrsets_of(standing), rrsets_of(patched.nodes[name])
        assert theirs.keys() == ours.keys()
        assert type(standing) is type(patched.nodes[name])
    assert held(patched) == held(fresh)
    assert patched.children == fresh.children
    assert patched.barriers == fresh.barriers
    assert patched.negative_soa == fresh.negative_soa


def assert_same_answers(patched: ZoneTable, stored: list[Zone]) -> None:
    """Ask both for names that are and for some that are not, with types that lead elsewhere."""
    fresh = ZoneTable()
    for zone in stored:
        fresh.put(zone)
    for zone in stored:
        for qname in [*zone.nodes, *(WireName(b"\x03new" + name) for name in zone.nodes)]:
            for kind in (
                rrtypes.A,
                rrtypes.CNAME,
                rrtypes.DNAME,
                rrtypes.NS,
                rrtypes.DS,
                rrtypes.MX,
            ):
                ours, theirs = lookup(patched, qname, kind), lookup(fresh, qname, kind)
                assert sorted_answer(ours) == sorted_answer(theirs), (qname, kind)


def sorted_answer(answer: Answer) -> tuple[object, ...]:
    """Give an answer with the records of each RRset in one order."""
    sections = (answer.answer, answer.authority, answer.required_glue, answer.other_glue)
    return (
        answer.rcode,
        answer.authoritative,
        [
            [(owner, rrset.rrtype, rrset.ttl, sorted(rrset.rdatas)) for owner, rrset in section]
            for section in sections
        ],
    )


TestApi = ApiMachine.TestCase
TestApi.settings = settings(
    max_examples=20,
    stateful_step_count=30,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
