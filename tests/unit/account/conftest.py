"""A database with two accounts, and a clock that the test sets."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from nsd.store import users
from nsd.store.database import Database, open_database
from nsd.store.users import User


class Clock:
    """Unix seconds that go forward only when the test says so."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await open_database(tmp_path)
    yield opened
    await opened.close()


async def add_user(database: Database, name: str, *, is_admin: bool = False) -> User:
    return await database.write(
        lambda connection: users.add(
            connection, name, email=f"{name}@a.example", plan="free", is_admin=is_admin, now=1
        )
    )


@pytest.fixture
async def alice(database: Database) -> User:
    return await add_user(database, "alice")


@pytest.fixture
async def bob(database: Database) -> User:
    return await add_user(database, "bob")
