"""The keeper of BIND9's files, step by step: what it exports, runs, and does again."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest

from nsd.account.principal import Principal
from nsd.bind.export import BindExport
from nsd.bind.keeper import BindKeeper
from nsd.change.changes import Changes
from nsd.errors import CommandFailed, StoreError
from nsd.service.defaults import zone_defaults
from nsd.settings import Settings
from nsd.store import users
from nsd.store.database import open_database
from nsd.zone.name import from_text
from tests.live.process import PATIENCE
from tests.live.server import eventually

Make = Callable[[str], BindKeeper]


@pytest.fixture
async def changes(tmp_path: Path) -> AsyncIterator[Changes]:
    database = await open_database(tmp_path / "data")
    await database.write(
        lambda connection: users.add(
            connection, "me", email="", plan="unlimited", is_admin=False, now=1
        )
    )
    settings = Settings()
    changes = Changes(database, zone_defaults(settings.zone), settings.plans, wall=lambda: 1)
    await changes.store_defaults()
    yield changes
    await database.close()


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """The folder of the one server that is exported for."""
    return tmp_path / "exported" / "ns1"


@pytest.fixture
def make(changes: Changes, exported: Path) -> Make:
    """Make a keeper that runs a command."""

    def begin(command: str) -> BindKeeper:
        export = partial(BindExport, exported.parent, ["ns1"])
        return BindKeeper(changes.database, export, command)

    return begin


async def create(changes: Changes, keeper: BindKeeper, name: str) -> None:
    await changes.create_zone(Principal("me", "test"), 1, from_text(name), lambda _: None)
    keeper.note(from_text(name))


def zones(exported: Path) -> list[str]:
    return sorted(file.name for file in (exported / "zones").glob("*.zone"))


def block(exported: Path) -> None:
    """Put a file where the folder belongs."""
    exported.parent.mkdir()
    exported.write_text("in the way")


def unblock(exported: Path) -> None:
    exported.unlink()


async def test_the_first_step_exports_all_and_the_next_what_has_changed(
    changes: Changes, make: Make, exported: Path
) -> None:
    await create(changes, make(""), "before.example.")
    keeper = make("")
    await keeper.step()
    assert zones(exported) == ["before.example.zone"]
    (exported / "zones" / "before.example.zone").unlink()
    await create(changes, keeper, "after.example.")
    await keeper.step()
    assert zones(exported) == ["after.example.zone"]


async def test_a_command_that_fails_is_due_again_without_a_change(
    make: Make, tmp_path: Path
) -> None:
    keeper = make(f"echo ran >> '{tmp_path}/runs'; test -e '{tmp_path}/wanted'")
    with pytest.raises(CommandFailed, match="ended with 1"):
        await keeper.step()
    (tmp_path / "wanted").touch()
    await keeper.step()
    assert (tmp_path / "runs").read_text() == "ran\n" * 2


async def test_what_cannot_be_written_is_due_again_without_a_change(
    changes: Changes, make: Make, exported: Path, tmp_path: Path
) -> None:
    keeper = make(f"touch '{tmp_path}/ran'")
    block(exported)
    with pytest.raises(StoreError, match="cannot export"):
        await keeper.step()
    await create(changes, keeper, "a.example.")
    with pytest.raises(StoreError, match="cannot export"):
        await keeper.step()
    assert not (tmp_path / "ran").exists()
    unblock(exported)
    await keeper.step()
    assert zones(exported) == ["a.example.zone"]
    assert (tmp_path / "ran").exists()


async def test_a_command_runs_only_after_an_export_that_changed_something(
    changes: Changes, make: Make, tmp_path: Path
) -> None:
    keeper = make(f"echo ran >> '{tmp_path}/runs'")
    await keeper.step()
    keeper.note(from_text("nowhere.example."))
    await keeper.step()
    assert (tmp_path / "runs").read_text() == "ran\n"
    await create(changes, keeper, "a.example.")
    await keeper.step()
    assert (tmp_path / "runs").read_text() == "ran\n" * 2


async def test_a_command_that_fails_is_quoted_by_its_last_line(make: Make) -> None:
    keeper = make("seq 100000; echo the reason >&2; exit 3")
    with pytest.raises(CommandFailed, match=r"^bind.after_export ended with 3: the reason$"):
        await keeper.step()


@pytest.mark.timeout(30)
async def test_a_command_has_ended_though_it_left_something_running(
    make: Make, tmp_path: Path
) -> None:
    keeper = make(f"sleep 1000 & echo $! > '{tmp_path}/pid'")
    await keeper.step()
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)


async def test_a_keeper_that_is_ended_ends_its_command_and_all_that_it_started(
    make: Make, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pid")
    keeper = make(f"(sleep 1000; true) & echo $! > '{tmp_path}/pid'; wait")
    step = asyncio.create_task(keeper.step())
    child = await asyncio.to_thread(read_number, tmp_path / "pid")
    await end(step)
    eventually(lambda: not is_running(child), within=PATIENCE, why="it was killed")


async def test_a_keeper_that_is_ended_while_its_command_starts_ends_all_of_it(
    make: Make, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pid")
    keeper = make(f"(sleep 1000; true) & echo $! > '{tmp_path}/pid'; wait")
    before = children()
    step = asyncio.create_task(keeper.step())
    while children() == before:  # noqa: ASYNC110 -- nobody tells of the moment
        await asyncio.sleep(0)
    child = read_number(tmp_path / "pid")  # it runs, but the event loop has not been told
    await end(step)
    eventually(lambda: not is_running(child), within=PATIENCE, why="it was killed")


async def end(step: asyncio.Task[None]) -> None:
    step.cancel()
    with pytest.raises(asyncio.CancelledError):
        await step


def read_number(file: Path) -> int:
    """Read a number once somebody writes it."""
    return int(file.read_text())


def children() -> str:
    """List the processes that this thread has started and that have not ended."""
    return Path("/proc/thread-self/children").read_text()


def is_running(pid: int) -> bool:
    """Tell whether a process runs; one that has ended may wait for somebody to take note."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"
