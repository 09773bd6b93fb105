"""What a change gives its new ALIAS records, and which of them it refuses."""

from collections.abc import AsyncIterator

import pytest

from nsd.errors import Invalid
from nsd.store import journal
from nsd.zone import rrtypes
from nsd.zone.alias import unpack
from nsd.zone.name import WireName, from_text
from nsd.zone.record import Record
from tests.alias.world import COPY, EXPIRE, ME, ONE, World


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    await made.open()
    yield made
    await made.close()


def a(owner: str, number: int, apex: WireName = ONE) -> Record:
    return Record(from_text(owner, apex), rrtypes.A, 60, bytes((192, 0, 2, number)))


def leads(kind: int, owner: str, target: str, apex: WireName = ONE) -> Record:
    return Record(from_text(owner, apex), kind, 60, from_text(target, apex))


async def given_to(world: World, record: Record) -> list[int] | None:
    """Add an ALIAS; give the last octets of its addresses, as stored and as sent."""
    await world.add(ONE, record)
    row = await world.row(ONE, record)
    if row.addresses is None:
        return None
    given = [rdata[-1] for _, _, rdata in unpack(row.addresses, 60)]
    entry = await world.last_entry()
    assert given == [
        one.rdata[-1]
        for one in journal.decode(entry.added)
        if one.owner == record.owner and one.rrtype == rrtypes.A
    ]
    return given


async def test_an_alias_to_an_empty_non_terminal_never_has_the_addresses_of_a_wildcard(
    world: World,
) -> None:
    await world.add(ONE, a("a.ent", 1))
    await world.add(ONE, a("*", 2))
    assert await given_to(world, leads(rrtypes.ALIAS, "x", "ent")) == []
    assert await given_to(world, leads(rrtypes.ALIAS, "y", "c")) == [2]
    await world.delete(ONE, a("a.ent", 1))
    assert await given_to(world, leads(rrtypes.ALIAS, "z", "ent")) == [2]


async def test_a_wildcard_is_no_alias_of_itself_where_an_empty_non_terminal_stands_between(
    world: World,
) -> None:
    await world.add(ONE, a("z.ent.w", 1))
    assert await given_to(world, leads(rrtypes.ALIAS, "*.w", "q.ent.w")) == []


async def test_a_target_below_a_dname_is_followed_at_once(world: World) -> None:
    await world.add(ONE, leads(rrtypes.DNAME, "d", "e"))
    await world.add(ONE, a("x.e", 1))
    assert await given_to(world, leads(rrtypes.ALIAS, "y", "x.d")) == [1]


async def test_a_loop_that_leads_through_a_dname_is_refused(world: World) -> None:
    await world.add(ONE, leads(rrtypes.DNAME, "d", "e"))
    await world.add(ONE, leads(rrtypes.CNAME, "x.e", "y"))
    with pytest.raises(Invalid, match="ALIAS of itself"):
        await world.add(ONE, leads(rrtypes.ALIAS, "y", "x.d"))


async def test_an_alias_that_leads_into_a_circle_of_cnames_has_no_addresses(world: World) -> None:
    await world.add(ONE, leads(rrtypes.CNAME, "c", "d"))
    await world.add(ONE, leads(rrtypes.CNAME, "d", "c"))
    assert await given_to(world, leads(rrtypes.ALIAS, "x", "c")) == []


async def test_a_target_in_a_copy_is_ours_to_give_until_the_copy_expires(world: World) -> None:
    await world.add(COPY, a("x", 1, COPY))
    await world.add(ONE, a("*", 2))
    assert await given_to(world, leads(rrtypes.ALIAS, "y", "x.b")) == [1]
    world.wait(EXPIRE)
    assert await given_to(world, leads(rrtypes.ALIAS, "z", "x.b")) is None
    await world.fetch()
    assert await given_to(world, leads(rrtypes.ALIAS, "q", "x.b")) == [1]


async def test_a_catalog_is_no_zone_that_a_target_could_be_in(world: World) -> None:
    await world.changes.ensure_catalog(ME, "ns", from_text("catalog.invalid."))
    target = "version.ns.catalog.invalid."
    assert await given_to(world, leads(rrtypes.ALIAS, "y", target)) is None


async def test_what_a_primary_says_stands_though_it_closes_a_loop(world: World) -> None:
    await world.add(ONE, leads(rrtypes.ALIAS, "y", "x.b"))
    back = leads(rrtypes.CNAME, "x", "y.one.example.", COPY)
    await world.add(COPY, back)
    assert (await world.row(COPY, back)).record == back
