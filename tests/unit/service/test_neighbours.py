"""Other servers, as a running server knows them: what calls have changed of them is taken in."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from nsd.account.principal import Principal
from nsd.secondary.declaration import Declaration
from nsd.service.service import Service
from nsd.settings import Dns, Endpoint, Http, Settings

T = TypeVar("T")
ANYWHERE = Endpoint("127.0.0.1", 0)
WHO = Principal.server("test")


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    settings = Settings(data=tmp_path, dns=Dns(listen=(ANYWHERE,)), http=Http(listen=ANYWHERE))
    service = Service(settings)
    await service.start()
    yield service
    await service.close()


async def declare(service: Service, name: str) -> None:
    await service.neighbours.declarations.add(WHO, Declaration(name, "127.0.0.1", 9, None))


def names(service: Service) -> list[str]:
    return sorted(feed.secondary.name for feed in service.neighbours.board.feeds)


async def rename(service: Service, table: str, other: str) -> None:
    statement = f"ALTER TABLE {table} RENAME TO {other}"
    await service.database.write(lambda connection: connection.execute(statement))


async def test_a_change_that_cannot_be_taken_in_at_once_is_taken_in_soon(service: Service) -> None:
    await declare(service, "ns1")
    await rename(service, "copies", "away")
    await service.neighbours.take_in()
    assert service.neighbours.is_behind
    await rename(service, "away", "copies")
    await service._follow()
    assert not service.neighbours.is_behind
    assert names(service) == ["ns1"]


async def test_what_was_read_last_stands_however_long_earlier_reads_take(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = service.database.read
    held_back, goes_on = asyncio.Event(), asyncio.Event()

    async def slow_at_first(work: Callable[[sqlite3.Connection], T]) -> T:
        result = await read(work)
        if not held_back.is_set():
            held_back.set()
            await goes_on.wait()
        return result

    monkeypatch.setattr(service.database, "read", slow_at_first)
    await declare(service, "ns1")
    first = asyncio.create_task(service.neighbours.take_in())
    await held_back.wait()
    await declare(service, "ns2")
    second = asyncio.create_task(service.neighbours.take_in())
    await asyncio.wait([second], timeout=0.5)  # it would be through by then
    goes_on.set()
    await asyncio.gather(first, second)
    assert names(service) == ["ns1", "ns2"]
