"""The board: who is told of what, and who is known to serve it."""

import asyncio

import pytest

from nsd.errors import NsdError
from nsd.store import secondaries, zones
from nsd.store.secondaries import Seen
from nsd.zone.name import WireName
from tests.unit.secondary.conftest import Serve
from tests.unit.secondary.world import WHO, World

NOBODY = 9  # a port at which nothing answers


@pytest.fixture(autouse=True)
def _running(world: World) -> None:
    world.clock.go()


def watching() -> int:
    """Count the watches that run."""
    return sum(
        task.get_name().startswith("watching the secondary ") for task in asyncio.all_tasks()
    )


def pursued(world: World, name: str) -> set[WireName]:
    """Give the zones that are on their way to a secondary."""
    return set(world.feed(name).watch._open)


async def is_current(world: World, *apexes: WireName) -> None:
    """Wait until all secondaries serve what they should."""
    wanted: dict[WireName, int | None] = {apex: await world.serial(apex) for apex in apexes}
    assert await world.board.wait(wanted, 10) == []


async def test_secondaries_declared_at_once_are_each_watched_once_and_no_watch_is_left(
    world: World,
) -> None:
    await asyncio.gather(*(world.declare(f"ns{number}", NOBODY) for number in range(4)))
    watched = sorted(feed.secondary.name for feed in world.board.feeds)
    assert (watched, watching()) == (["ns0", "ns1", "ns2", "ns3"], 4)
    await world.board.close()
    assert watching() == 0


async def test_a_secondary_that_is_removed_is_watched_no_longer(world: World) -> None:
    for name in ("ns1", "ns2"):
        await world.declare(name, NOBODY)
    await world.declarations.remove(WHO, "ns1")
    await world.reload()
    assert ([feed.secondary.name for feed in world.board.feeds], watching()) == (["ns2"], 1)


async def test_a_change_is_told_to_the_secondaries_of_its_group_only(world: World) -> None:
    await world.declare("ns1", NOBODY)
    await world.declare("ns2", NOBODY, group="other")
    apex = await world.create("example.com.")
    await world.board.tell_noted()
    assert apex in pursued(world, "ns1")
    assert apex not in pursued(world, "ns2")


async def test_a_zone_that_leaves_the_group_is_looked_for_until_it_is_gone(
    world: World, serve: Serve
) -> None:
    server = await serve()
    await world.declare("ns1", server.port)
    await world.declare("ns2", NOBODY, group="other")
    apex = await world.create("example.com.")
    server.serials[apex] = await world.serial(apex)
    await world.board.tell_noted()
    await is_current(world, apex)
    await world.changes.assign(WHO, lambda at: zones.by_apex(at, apex), "other", None, 0)
    await world.changes.finish_handovers()
    await world.feed("ns1").check()
    assert apex in pursued(world, "ns1")
    server.serials.clear()
    assert await world.board.wait({apex: None}, 10) == []
    assert apex not in world.feed("ns1").sightings.apexes


async def test_a_store_that_cannot_be_read_for_a_moment_loses_no_change(world: World) -> None:
    await world.declare("ns1", NOBODY)
    apex = await world.create("example.com.")
    await world.database.write(lambda at: at.execute("ALTER TABLE members RENAME TO away"))
    with pytest.raises(NsdError):
        await world.board.tell_noted()
    await world.database.write(lambda at: at.execute("ALTER TABLE away RENAME TO members"))
    await world.board.tell_noted()
    assert apex in pursued(world, "ns1")


async def test_who_waits_goes_on_when_all_serve_it_and_hears_of_those_who_do_not(
    world: World, serve: Serve
) -> None:
    quick, slow = await serve(), await serve()
    await world.declare("quick", quick.port)
    await world.declare("slow", slow.port)
    apex = await world.create("example.com.")
    serial = await world.serial(apex)
    quick.serials[apex] = serial
    slow.serials[apex] = serial - 1
    await world.board.tell_noted()
    waiting = asyncio.create_task(world.board.wait({apex: serial}, 10))
    (missing,) = await world.board.wait({apex: serial}, 0.5)
    assert (missing.secondary.name, missing.is_current) == ("slow", False)
    slow.serials[apex] = serial
    assert await waiting == []
    standing = await world.board.standing(apex)
    assert [(one.secondary.name, one.is_current) for one in standing] == [
        ("quick", True),
        ("slow", True),
    ]


async def test_nobody_waits_for_a_secondary_that_is_removed(world: World) -> None:
    await world.declare("ns1", NOBODY)
    apex = await world.create("example.com.")
    wanted: dict[WireName, int | None] = {apex: await world.serial(apex)}
    waiting = asyncio.create_task(world.board.wait(wanted, 60))
    assert len(await world.board.wait(wanted, 0.1)) == 1
    await world.declarations.remove(WHO, "ns1")
    await world.reload()
    async with asyncio.timeout(10):
        assert await waiting == []


async def test_what_was_seen_is_stored_and_known_after_a_start(world: World, serve: Serve) -> None:
    server = await serve()
    await world.declare("ns1", server.port)
    apex = await world.create("example.com.")
    serial = server.serials[apex] = await world.serial(apex)
    await world.board.tell_noted()
    await is_current(world, apex)
    await world.board.store()
    stored = await world.database.read(lambda at: dict(secondaries.seen_by(at, 1)))
    assert stored[apex] == Seen(serial, stored[apex].seen_at, None, "")
    await world.board.close()
    world.board = world.new_board()
    await world.board.reload()
    assert world.feed("ns1").sightings.serves(apex, serial)


async def test_what_was_seen_and_cannot_be_stored_is_stored_later(
    world: World, serve: Serve
) -> None:
    server = await serve()
    await world.declare("ns1", server.port)
    apex = await world.create("example.com.")
    serial = server.serials[apex] = await world.serial(apex)
    await world.board.tell_noted()
    await is_current(world, apex)
    away = "ALTER TABLE secondary_status RENAME TO away"
    await world.database.write(lambda at: at.execute(away))
    with pytest.raises(NsdError):
        await world.board.store()
    back = "ALTER TABLE away RENAME TO secondary_status"
    await world.database.write(lambda at: at.execute(back))
    await world.board.store()
    stored = await world.database.read(lambda at: dict(secondaries.seen_by(at, 1)))
    assert stored[apex].serial == serial


async def test_a_check_finds_what_nobody_told_of(world: World, serve: Serve) -> None:
    server = await serve()
    apex = await world.create("example.com.")
    await world.declare("ns1", server.port)
    server.serials[apex] = await world.serial(apex)
    await is_current(world, apex)
    server.serials[apex] -= 1
    await world.feed("ns1").check()
    async with asyncio.timeout(10):
        await server.was_told.wait()
    assert server.told == [apex]
    (missing,) = await world.board.standing(apex)
    assert not missing.is_current
