"""The board: which secondaries are watched."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from nsd.account.keyring import Keyring
from nsd.account.principal import Principal
from nsd.change.changes import Changes
from nsd.secondary.board import Board
from nsd.secondary.declaration import Declaration, Declarations
from nsd.secondary.directory import Directory
from nsd.service.defaults import zone_defaults
from nsd.settings import Settings
from nsd.store.database import open_database
from nsd.store.secret import SecretBox
from nsd.store.tsig_keys import TsigKeys
from nsd.zone.name import from_text

ME = Principal("me", "test")


class World:
    """A board over a database of its own."""

    def __init__(self, changes: Changes, keys: TsigKeys) -> None:
        database = changes.database
        self.directory = Directory(database)
        self.declarations = Declarations(changes, keys, from_text("catalog.invalid."), time.time)
        keyring = Keyring(database, keys, time.time)
        self.board = Board(database, self.directory, keyring, check_seconds=300.0, sources=[])

    async def declare(self, name: str) -> None:
        """Declare a secondary, as a request does."""
        await self.declarations.add(ME, Declaration(name, "127.0.0.1", 9, None))
        await self.directory.load()
        await self.board.reload()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    database = await open_database(tmp_path)
    settings = Settings()
    changes = Changes(database, zone_defaults(settings.zone), settings.plans, clock=time.time)
    await changes.store_defaults()
    world = World(changes, TsigKeys(SecretBox(tmp_path)))
    yield world
    await world.board.close()
    await database.close()


def watching() -> int:
    """Count the watches that run."""
    names = [getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks()]
    return names.count("Watch.run")


async def test_secondaries_declared_at_once_are_each_watched_once_and_no_watch_is_left(
    world: World,
) -> None:
    await asyncio.gather(*(world.declare(f"ns{number}") for number in range(4)))
    watched = sorted(watch.secondary.name for watch in world.board.watches())
    assert (watched, watching()) == (["ns0", "ns1", "ns2", "ns3"], 4)
    await world.board.close()
    assert watching() == 0
