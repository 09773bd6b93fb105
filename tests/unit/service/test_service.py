"""The composition root, in the process of the test: what it starts, and that all of it ends."""

import asyncio
import socket
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest

from nsd.errors import ListenError, Unavailable
from nsd.service.service import Service
from nsd.settings import Dns, Endpoint, Http, Settings
from nsd.store.database import FILE_NAME

ANYWHERE = Endpoint("127.0.0.1", 0)
Make = Callable[..., Service]


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Make]:
    """Make services in one folder; end those that were started."""
    made: list[Service] = []

    def begin(http: Endpoint = ANYWHERE, folder: str = "data") -> Service:
        dns = Dns(listen=(ANYWHERE, ANYWHERE))
        made.append(Service(Settings(data=tmp_path / folder, dns=dns, http=Http(listen=http))))
        return made[-1]

    yield begin
    for service in made:
        await service.close()


def is_open(endpoint: Endpoint) -> bool:
    """Tell whether somebody listens there, by listening there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((endpoint.host, endpoint.port))
        except OSError:
            return True
    return False


async def test_its_end_leaves_no_task_and_no_socket(make: Make) -> None:
    service = make()
    await service.start()
    assert service.http is not None
    listening = [*service.dns, service.http]
    assert all(map(is_open, listening))
    assert len(asyncio.all_tasks()) > 1
    await service.close()
    assert not any(map(is_open, listening))
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_start_that_fails_leaves_nothing_open(make: Make, tmp_path: Path) -> None:
    running = make()
    await running.start()
    assert running.http is not None
    other = make(running.http, "other")
    before = asyncio.all_tasks()
    with pytest.raises(ListenError, match="for HTTP"):
        await other.start()
    assert asyncio.all_tasks() == before
    assert not (tmp_path / "other").exists()


async def test_health_is_well_after_a_start(make: Make) -> None:
    service = make()
    await service.start()
    url = f"http://{service.http}/health"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        assert (response.status, await response.json()) == (200, {"status": "ok"})


async def test_what_could_not_be_taken_in_is_taken_in_with_the_next_step(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = make()
    await service.start()
    reload, calls, taken_in = service.neighbours.reload, [0], asyncio.Event()

    async def reload_at_second_try() -> None:
        calls[0] += 1
        if calls[0] == 1:
            raise Unavailable("locked")
        await reload()
        taken_in.set()

    monkeypatch.setattr(service.neighbours, "reload", reload_at_second_try)
    with sqlite3.connect(tmp_path / "data" / FILE_NAME) as beside:
        beside.execute("DELETE FROM tokens")
    beside.close()
    async with asyncio.timeout(30):
        await taken_in.wait()
    assert calls == [2]
