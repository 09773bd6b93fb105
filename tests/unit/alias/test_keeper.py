"""The keeper of ALIAS addresses: what fails concerns itself alone."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from nsd.account.principal import Principal
from nsd.alias.keeper import AliasKeeper
from nsd.alias.resolver import Found, Outcome
from nsd.background import Background
from nsd.change.changes import Changes
from nsd.change.follower import Follower
from nsd.change.memory import Memory
from nsd.service.defaults import zone_defaults
from nsd.settings import Alias, Settings
from nsd.store import users
from nsd.store.copies import Primary
from nsd.store.database import open_database
from nsd.zone import rrtypes
from nsd.zone.name import WireName, from_text
from nsd.zone.record import Record
from nsd.zone.table import ZoneTable

ME = Principal("me", "test")
OUTSIDE = from_text("target.example.org.")
PATIENCE = 10.0


class Resolvers:
    """Resolvers of the internet: what they say of each name, and which raise."""

    def __init__(self) -> None:
        self.bad: set[WireName] = set()

    async def ask(self, name: WireName, rrtype: int) -> Outcome:
        if name in self.bad:
            raise ValueError("a defect")
        return Found(60, (bytes((192, 0, 2, 1)),) if rrtype == rrtypes.A else (), exact=True)


class World:
    """A database, its zones in memory, and a keeper on a clock of the test."""

    def __init__(self, changes: Changes, memory: Memory, table: ZoneTable) -> None:
        self.changes = changes
        self.table = table
        self.now = 0.0
        self.resolvers = Resolvers()
        self.background = Background(lambda: self.now)
        self.keeper = AliasKeeper(
            changes,
            table,
            set(),
            self.resolvers,
            Alias(),
            self.background,
            clock=lambda: self.now,
            wall=lambda: self.now,
        )
        self.changed = asyncio.Event()
        memory.listeners += [self.keeper.note, lambda _effect: self.changed.set()]

    async def add(self, apex: str, *records: Record, primary: Primary | None = None) -> None:
        await self.changes.create_zone(
            ME, 1, from_text(apex), lambda edit: edit.insert_all(records), primary
        )

    def addresses(self, name: str) -> bool:
        zone = self.table.find(from_text(name), rrtypes.A)
        return zone is not None and zone.rrset(from_text(name), rrtypes.A) is not None

    async def has_addresses(self, name: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while not self.addresses(name):
                self.changed.clear()
                await self.changed.wait()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    database = await open_database(tmp_path)
    await database.write(
        lambda at: users.add(at, "me", email="", plan="unlimited", is_admin=False, now=1)
    )
    settings, table = Settings(), ZoneTable()
    defaults, memory = zone_defaults(settings.zone), Memory(table)
    follower = Follower(database, memory, defaults)
    changes = Changes(database, defaults, settings.plans, follower, wall=lambda: 1.0)
    await changes.store_defaults()
    await follower.load()
    world = World(changes, memory, table)
    yield world
    await world.background.close()
    await database.close()


def alias(owner: str, target: WireName = OUTSIDE) -> Record:
    return Record(from_text(owner), rrtypes.ALIAS, 300, target)


async def test_an_alias_in_a_copy_keeps_no_other_zone_from_its_addresses(world: World) -> None:
    await world.add("a.example.", alias("x.a.example."), primary=Primary("192.0.2.9", 53, None))
    await world.add("b.example.", alias("x.b.example."))
    world.background.keep("keeping", world.keeper.run)
    await world.has_addresses("x.b.example.")
    assert not world.addresses("x.a.example."), "what a primary sends is served as it is"


async def test_a_look_up_that_raises_ends_alone_and_is_made_again(world: World) -> None:
    bad = from_text("bad.example.org.")
    world.resolvers.bad.add(bad)
    await world.add("a.example.", alias("x.a.example.", bad), alias("y.a.example."))
    with capture_logs() as logs:
        world.background.keep("keeping", world.keeper.run)
        await world.has_addresses("y.a.example.")
    assert "work beside requests failed" in [entry["event"] for entry in logs]
    world.resolvers.bad.clear()
    world.now += 301
    await world.add("c.example.", alias("x.c.example."))  # so that it looks at the clock
    await world.has_addresses("x.a.example.")
