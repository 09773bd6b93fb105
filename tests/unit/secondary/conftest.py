"""A world of secondaries, and servers in it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from nsd.change.changes import Changes
from nsd.change.follower import Follower
from nsd.change.memory import Memory
from nsd.service.defaults import zone_defaults
from nsd.settings import Settings
from nsd.store.database import open_database
from nsd.store.secret import SecretBox
from nsd.store.tsig_keys import TsigKeys
from nsd.zone.table import ZoneTable
from tests.unit.secondary.world import Server, World

Serve = Callable[[], Awaitable[Server]]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    database = await open_database(tmp_path)
    settings = Settings()
    defaults = zone_defaults(settings.zone)
    follower = Follower(database, Memory(ZoneTable()), defaults)
    changes = Changes(database, defaults, settings.plans, follower, wall=time.time)
    world = World(changes, follower, TsigKeys(SecretBox(tmp_path)))
    await world.begin()
    await follower.load()
    yield world
    await world.end()


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    async with AsyncExitStack() as ending:

        async def begin() -> Server:
            server = Server()
            loop = asyncio.get_running_loop()
            await loop.create_datagram_endpoint(lambda: server, local_addr=("127.0.0.1", 0))
            ending.push_async_callback(server.close)
            return server

        yield begin
