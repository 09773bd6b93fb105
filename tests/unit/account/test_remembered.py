"""What is remembered of secrets, how long, and how much of it."""

import asyncio
import sqlite3
import threading

import pytest

from nsd.account import remembered
from nsd.account.remembered import Remembered
from nsd.errors import NotFound
from nsd.store.database import Database


class Looker:
    """Counts what is looked up; the second it may be told to wait for."""

    def __init__(self) -> None:
        self.looked_up: list[bytes] = []
        self.looking = threading.Event()
        self.goes_on = threading.Event()
        self.goes_on.set()

    def look_up(self, _connection: sqlite3.Connection, hashed: bytes) -> bytes:
        self.looked_up.append(hashed)
        self.looking.set()
        assert self.goes_on.wait(30)
        if hashed == b"none":
            raise NotFound
        return hashed.upper()


async def test_the_database_is_asked_once_until_all_is_forgotten(database: Database) -> None:
    looker = Looker()
    known = Remembered(database, looker.look_up)
    assert [await known.find(b"a"), await known.find(b"a")] == [b"A", b"A"]
    assert looker.looked_up == [b"a"]
    known.forget()
    assert await known.find(b"a") == b"A"
    assert looker.looked_up == [b"a", b"a"]


async def test_what_was_not_found_is_looked_for_again(database: Database) -> None:
    looker = Looker()
    known = Remembered(database, looker.look_up)
    for _ in range(2):
        with pytest.raises(NotFound):
            await known.find(b"none")
    assert looker.looked_up == [b"none", b"none"]


async def test_what_was_read_before_all_was_forgotten_is_not_remembered(
    database: Database,
) -> None:
    looker = Looker()
    known = Remembered(database, looker.look_up)
    looker.goes_on.clear()
    early = asyncio.create_task(known.find(b"a"))
    await asyncio.to_thread(looker.looking.wait, 30)
    known.forget()
    looker.goes_on.set()
    assert await early == b"A"
    await known.find(b"a")
    assert looker.looked_up == [b"a", b"a"]


async def test_the_oldest_goes_where_more_is_found_than_is_remembered(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "MOST_REMEMBERED", 2)
    looker = Looker()
    known = Remembered(database, looker.look_up)
    for hashed in (b"a", b"b", b"c", b"b", b"c", b"a"):
        await known.find(hashed)
    assert looker.looked_up == [b"a", b"b", b"c", b"a"]
