"""One secondary on a real socket, told and asked by steps that the test takes."""

import asyncio

import pytest
from structlog.testing import capture_logs

from nsd.secondary import watch as module
from nsd.secondary.pursuit import GIVE_UP_GONE_SECONDS
from nsd.secondary.watch import AT_ONCE, Watch
from nsd.zone.name import from_text
from tests.unit.secondary.conftest import Serve
from tests.unit.secondary.world import Server, World

APEX = from_text("example.com.")


class Pair:
    """A secondary and the watch on it, whose steps the test takes."""

    def __init__(self, world: World, server: Server, watch: Watch) -> None:
        self.world = world
        self.server = server
        self.watch = watch
        self.sightings = watch.sightings

    async def settle(self) -> None:
        """Take the steps that are due now, each to its end."""
        self.watch.step()
        while steps := list(self.watch._steps):
            await asyncio.wait(steps)
            await asyncio.sleep(0)
            self.watch.step()

    async def pass_time(self, seconds: float) -> None:
        self.world.clock.now += seconds
        await self.settle()


@pytest.fixture
async def pair(world: World, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> Pair:
    monkeypatch.setattr(module, "ANSWER_SECONDS", 0.3)
    server = await serve()
    await world.declare("ns1", server.port)
    feed = world.feed("ns1")
    for work in feed._works:  # the test takes the steps
        await world.background.stop(work)
    pair = Pair(world, server, feed.watch)
    await pair.settle()
    server.told.clear()
    server.looks = 0
    return pair


async def test_a_change_is_told_once_and_looked_for_until_it_is_served(pair: Pair) -> None:
    pair.server.serials[APEX] = 1
    pair.watch.pursue(APEX, 2)
    await pair.settle()
    assert (pair.server.told, pair.server.looks) == ([APEX], 0)
    await pair.pass_time(1)
    assert not pair.sightings.serves(APEX, 2)
    pair.server.serials[APEX] = 2
    await pair.pass_time(1)
    assert pair.sightings.serves(APEX, 2)
    assert pair.sightings.of(APEX).behind_since is None
    looks = pair.server.looks
    await pair.pass_time(3600)
    assert (pair.server.told, pair.server.looks) == ([APEX], looks), "it is done"


async def test_a_secondary_that_is_deaf_is_told_again_and_said_to_be_silent(pair: Pair) -> None:
    pair.server.is_deaf = True
    pair.watch.pursue(APEX, 2)
    with capture_logs() as logs:
        await pair.settle()
        for pause in (1, 2):
            await pair.pass_time(pause)
    assert [entry["event"] for entry in logs] == ["a secondary does not answer"]
    assert pair.watch.is_silent
    assert pair.sightings.of(APEX).error == "NOTIFY: no answer"
    pair.server.is_deaf = False
    pair.server.serials[APEX] = 2
    with capture_logs() as logs:
        await pair.pass_time(4)
        await pair.pass_time(1)
    assert [entry["event"] for entry in logs] == ["a secondary answers again"]
    assert pair.sightings.serves(APEX, 2)


async def test_a_secondary_that_knows_the_zone_only_later_is_looked_at_all_the_same(
    pair: Pair,
) -> None:
    pair.server.knows_notify = False
    pair.watch.pursue(APEX, 1)
    await pair.settle()
    assert pair.sightings.of(APEX).error == "NOTIFY: the answer is NOTAUTH"
    pair.server.serials[APEX] = 1
    await pair.pass_time(1)
    assert pair.sightings.serves(APEX, 1)
    assert pair.sightings.of(APEX).error == ""


async def test_a_secondary_that_shows_something_older_by_itself_is_told_anew(pair: Pair) -> None:
    pair.server.serials[APEX] = 2
    pair.watch.look(APEX, 2)
    await pair.settle()
    assert (pair.server.told, pair.sightings.serves(APEX, 2)) == ([], True)
    pair.server.serials[APEX] = 1
    pair.watch.look(APEX, 2)
    await pair.settle()
    await pair.pass_time(1)
    assert pair.server.told == [APEX]
    assert pair.sightings.of(APEX).behind_since is not None


async def test_a_zone_that_is_gone_is_looked_for_until_it_is_served_no_longer(pair: Pair) -> None:
    pair.server.serials[APEX] = 1
    pair.watch.look(APEX, 1)
    await pair.settle()
    pair.watch.pursue(APEX, None)
    await pair.settle()
    assert APEX in pair.sightings.apexes
    del pair.server.serials[APEX]
    await pair.pass_time(1)
    assert APEX not in pair.sightings.apexes
    assert pair.server.told == []


async def test_a_zone_that_is_served_for_ever_after_it_is_gone_is_given_up(pair: Pair) -> None:
    pair.server.serials[APEX] = 1
    pair.watch.look(APEX, 1)
    await pair.settle()
    pair.watch.pursue(APEX, None)
    await pair.settle()
    with capture_logs() as logs:
        await pair.pass_time(GIVE_UP_GONE_SECONDS + 1)
    assert [entry["event"] for entry in logs] == ["a secondary still serves a zone that is gone"]
    assert APEX not in pair.sightings.apexes
    looks = pair.server.looks
    await pair.pass_time(3600)
    assert pair.server.looks == looks


async def test_a_change_during_a_step_begins_anew(pair: Pair) -> None:
    pair.server.holds_back.clear()
    pair.server.serials[APEX] = 2
    pair.watch.pursue(APEX, 2)
    pair.watch.step()
    async with asyncio.timeout(10):
        await pair.server.was_asked.wait()
    pair.watch.pursue(APEX, 3)
    pair.watch.step()
    assert len(pair.watch._steps) == 1, "a zone is asked for one step after another"
    pair.server.holds_back.set()
    await pair.settle()
    await pair.pass_time(1)
    assert pair.server.told == [APEX, APEX]
    pair.server.serials[APEX] = 3
    await pair.pass_time(1)
    assert pair.sightings.serves(APEX, 3)


async def test_only_so_many_questions_are_under_way_at_once(pair: Pair) -> None:
    pair.server.holds_back.clear()
    zones = [from_text(f"z{number}.example.") for number in range(3 * AT_ONCE)]
    for apex in zones:
        pair.server.serials[apex] = 1
        pair.watch.look(apex, 1)
    pair.watch.step()
    assert len(pair.watch._steps) == AT_ONCE
    pair.server.holds_back.set()
    await pair.settle()
    assert all(pair.sightings.serves(apex, 1) for apex in zones)
    assert pair.server.most_under_way <= AT_ONCE


async def test_what_one_step_raises_ends_that_step_only(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = pair.watch._courier.ask
    broken = from_text("broken.example.")

    async def fail(host: str, port: int, message: bytes, *others: object) -> object:
        if b"broken" in message:
            raise RuntimeError("a defect")
        return await ask(host, port, message, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(pair.watch._courier, "ask", fail)
    pair.server.serials = {APEX: 2, broken: 2}
    for apex in (broken, APEX):
        pair.watch.pursue(apex, 2)
    with capture_logs() as logs:
        await pair.settle()
        await pair.pass_time(1)
    assert [(entry["event"], entry["why"]) for entry in logs] == [
        ("work beside requests failed", "RuntimeError('a defect')")
    ]
    assert pair.sightings.serves(APEX, 2)
    monkeypatch.undo()
    await pair.pass_time(60)
    await pair.pass_time(1)
    assert pair.sightings.serves(broken, 2), "the step is taken again"


async def test_the_watch_runs_by_itself(world: World, serve: Serve) -> None:
    server = await serve()
    await world.declare("ns1", server.port)
    server.serials[APEX] = 2
    watch = world.feed("ns1").watch
    watch.pursue(APEX, 2)
    async with asyncio.timeout(10):
        await server.was_asked.wait()
