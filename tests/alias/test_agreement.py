"""Random changes of zones of our own: whoever follows an ALIAS, and whenever, finds the same.

What a change gives an ALIAS, and puts into the journal, is what memory says when it shows the
change. The store, memory, and the records as they were written lead every target the same way.
"""

import asyncio
import itertools
from collections.abc import Iterator
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nsd.errors import Invalid
from nsd.store import journal
from nsd.zone import rrtypes
from nsd.zone.alias import FAMILIES, unpack
from nsd.zone.alias_walk import Place, follow
from nsd.zone.name import WireName, from_text
from nsd.zone.record import Record
from tests.alias.world import COPY, EXPIRE, INNER, ONE, TWO, World
from tests.alias.written import WrittenZones

LABELS: Final = ("@", "*", "x", "y.x", "*.x", "z.y.x", "*.y.x")
APEXES: Final = (ONE, TWO, INNER, COPY)
MAX_TTL: Final = 2**31 - 1


def name_of(apex: WireName, label: str) -> WireName:
    return apex if label == "@" else from_text(label, apex)


TARGETS: Final = [name_of(apex, label) for apex in APEXES for label in (*LABELS, "w", "w.x")] + [
    from_text("elsewhere.net.")
]

apexes = st.sampled_from((*(ONE,) * 6, *APEXES))  # most in one zone, where they meet
places = st.tuples(apexes, st.sampled_from(LABELS))
targets = st.one_of(
    st.tuples(apexes, st.sampled_from((*LABELS, "w", "w.x"))).map(lambda place: name_of(*place)),
    st.sampled_from(TARGETS),
)
steps = st.one_of(
    st.tuples(st.just("ALIAS"), places, targets),
    st.tuples(st.sampled_from(["ALIAS", "CNAME", "DNAME", "NS"]), places, targets),
    st.tuples(st.sampled_from(["A", "A", "AAAA", "TXT"]), places, st.none()),
    st.tuples(st.just("DELETE"), st.integers(0, 99), st.none()),
    st.tuples(st.sampled_from(["ZONE", "WAIT", "FETCH"]), st.none(), st.none()),
)


class Run:
    """Takes steps in a world, and compares all who follow an ALIAS after each."""

    def __init__(self) -> None:
        self.world = World()
        self._numbers = itertools.count(1)

    async def take_all(self, steps: list[tuple[str, Any, Any]]) -> None:
        await self.world.open()
        try:
            for step in steps:
                await self._take(*step)
                await self._compare()
        finally:
            await self.world.close()

    async def _take(self, kind: str, what: Any, target: Any) -> None:
        world = self.world
        if kind == "DELETE":
            everything = [(apex, one) for apex, content in world.written.items() for one in content]
            if everything:
                await world.delete(*everything[what % len(everything)])
        elif kind == "ZONE":
            await (world.drop if INNER in world.written else world.create)(INNER)
        elif kind == "WAIT":
            world.wait(EXPIRE // 2)
        elif kind == "FETCH":
            await world.fetch()
        elif what[0] in world.written and (what[0], kind) != (COPY, "ALIAS"):
            await self._add(what[0], self._record(kind, name_of(*what), target))

    def _record(self, kind: str, owner: WireName, target: WireName | None) -> Record:
        number = next(self._numbers) % 200
        rdata = {"A": bytes((192, 0, 2, number)), "AAAA": bytes(15) + bytes((number,))}
        return Record(
            owner, rrtypes.from_text(kind), 60 + number, target or rdata.get(kind, b"\1x")
        )

    async def _add(self, apex: WireName, record: Record) -> None:
        is_loop, refused = self._closes_loop(apex, record), ""
        try:
            await self.world.add(apex, record)
        except Invalid as error:
            refused = error.detail
        assert is_loop or "ALIAS of itself" not in refused
        assert refused or not is_loop
        if not refused and record.rrtype == rrtypes.ALIAS:
            await self._check_addresses(apex, record)

    def _closes_loop(self, apex: WireName, record: Record) -> bool:
        if record.rrtype not in (rrtypes.ALIAS, rrtypes.CNAME) or apex == COPY:
            return False
        written = self.world.written
        then = WrittenZones({**written, apex: [*written[apex], record]}, self.world.expired)
        return follow(then, record.rdata).closes_loop(Place(apex, record.owner))

    async def _check_addresses(self, apex: WireName, record: Record) -> None:
        """Compare what a new ALIAS was given, and what secondaries are sent, with what it is."""
        (walk,) = await self.world.in_memory([WireName(record.rdata)])
        row = await self.world.row(apex, record)
        assert row.addresses == (None if walk.outside else walk.addresses)
        entry = await self.world.last_entry()
        assert list(_addresses_at(record.owner, entry.added)) == [
            (rrtype, rdata) for rrtype, _, rdata in unpack(row.addresses, MAX_TTL)
        ]

    async def _compare(self) -> None:
        written = self.world.as_written(TARGETS)
        assert await self.world.in_store(TARGETS) == written
        assert await self.world.in_memory(TARGETS) == written


def _addresses_at(owner: WireName, octets: bytes) -> Iterator[tuple[int, bytes]]:
    for record in journal.decode(octets):
        if record.owner == owner and record.rrtype in FAMILIES:
            yield record.rrtype, record.rdata


@pytest.mark.timeout(600)  # to find the smallest steps takes minutes
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(st.lists(steps, min_size=6, max_size=40))
def test_store_and_memory_lead_each_target_where_the_records_say(
    steps: list[tuple[str, Any, Any]],
) -> None:
    asyncio.run(Run().take_all(steps))
