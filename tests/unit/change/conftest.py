"""Processes on one database, with zones in memory or without."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from nsd.change.changes import Changes
from nsd.change.follower import Follower
from nsd.change.memory import Memory
from nsd.settings import Settings
from nsd.store import users
from nsd.store.database import open_database
from nsd.store.defaults import Defaults
from nsd.zone.table import ZoneTable
from tests.unit.change.process import DEFAULTS, Open, Process


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Open]:
    """Open the same database as one process after another, or beside another, would."""
    async with AsyncExitStack() as ending:

        async def begin(defaults: Defaults = DEFAULTS, *, serves: bool = True) -> Process:
            database = await open_database(tmp_path)
            ending.push_async_callback(database.close)
            follower = Follower(database, Memory(ZoneTable()), defaults)
            changes = Changes(
                database, defaults, Settings().plans, follower if serves else None, wall=time.time
            )
            if serves:
                await changes.store_defaults()
                await follower.load()
            return Process(database, changes, follower)

        process = await begin()
        await process.database.write(
            lambda connection: users.add(
                connection, "me", email="", plan="unlimited", is_admin=False, now=1
            )
        )
        yield begin
