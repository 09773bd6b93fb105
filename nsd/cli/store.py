"""The store for one command, beside a running server or without one."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from nsd.account.act import Act, perform
from nsd.change.changes import Changes
from nsd.cli.operator import operator
from nsd.service.defaults import change_rules, zone_defaults
from nsd.settings import Settings
from nsd.store import defaults
from nsd.store.connection import Work
from nsd.store.database import Database, open_database

T = TypeVar("T")


def now() -> int:
    """Give the time in Unix seconds."""
    return int(time.time())


def read(settings: Settings, work: Work[T]) -> T:
    """Read from the database."""
    return with_database(settings, lambda database: database.read_alone(work))


def act(settings: Settings, command: str, work: Callable[[Act], T]) -> T:
    """Change accounts, credentials, keys or secondaries by a command, such as `user add`."""
    return with_database(
        settings, lambda database: perform(database, operator(command), now(), work)
    )


def with_database(settings: Settings, use: Callable[[Database], Awaitable[T]]) -> T:
    """Open the database, use it, close it."""

    async def run() -> T:
        database = await open_database(settings.data)
        try:
            return await use(database)
        finally:
            await database.close()

    return asyncio.run(run())


def with_changes(settings: Settings, use: Callable[[Changes], Awaitable[T]]) -> T:
    """Open the database for changes of zones; the zones themselves are not loaded."""

    async def run(database: Database) -> T:
        stored = await database.read(defaults.read)
        if stored is None:
            stored = zone_defaults(settings.zone)
            await database.write(lambda connection: defaults.write(connection, stored))
        return await use(
            Changes(database, stored, settings.plans, wall=time.time, rules=change_rules(settings))
        )

    return with_database(settings, run)
