"""Writes committed together, snapshots, and what other processes do to the file."""

import asyncio
import sqlite3
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from nsd.errors import Invalid, NotBrief, StoreError, Unavailable
from nsd.store import connection as module
from nsd.store import users
from nsd.store.database import Database, open_database


def add(name: str) -> Callable[[sqlite3.Connection], int]:
    def work(connection: sqlite3.Connection) -> int:
        return users.add(connection, name, email="", plan="", is_admin=False, now=1).id

    return work


def names(connection: sqlite3.Connection) -> list[str]:
    return [user.name for user in users.everyone(connection)]


async def test_writes_that_wait_are_committed_together(database: Database) -> None:
    commits: list[str] = []
    await database.write(lambda connection: connection.set_trace_callback(commits.append))
    await asyncio.gather(*(database.write(add(f"user{number}")) for number in range(100)))
    assert len(await database.read(names)) == 100
    # The first one goes alone, those that came meanwhile go together.
    assert commits.count("COMMIT") <= 3  # the one that set the callback is seen too


async def test_a_write_that_fails_leaves_the_others_alone(database: Database) -> None:
    def half(connection: sqlite3.Connection) -> None:
        add("half")(connection)
        raise Invalid("changed my mind")

    def wrong(connection: sqlite3.Connection) -> None:
        add("wrong")(connection)
        raise RuntimeError("a defect")

    outcomes = await asyncio.gather(
        *map(database.write, [add("a"), half, add("b"), add("b"), wrong, add("c")]),
        return_exceptions=True,
    )
    kinds = [type(outcome) for outcome in outcomes]
    assert kinds == [int, Invalid, int, Invalid, RuntimeError, int]
    assert await database.read(names) == ["a", "b", "c"]


async def test_brief_work_runs_on_the_event_loop_and_other_work_beside_it(
    database: Database,
) -> None:
    def where(_: sqlite3.Connection) -> int:
        return threading.get_ident()

    here = threading.get_ident()
    assert await database.write(where, brief=where) == here
    assert await database.write(where) != here
    # Beside work that is not brief, or while a commit is under way, brief work waits like others.
    both = await asyncio.gather(database.write(where), database.write(where, brief=where))
    assert both[0] != here == both[1]


async def test_work_that_is_not_brief_after_all_is_undone_and_begun_anew_by_the_thread(
    database: Database,
) -> None:
    places = []

    def work(connection: sqlite3.Connection) -> int:
        places.append(threading.get_ident())
        return add(f"user{len(places)}")(connection)

    def brief(connection: sqlite3.Connection) -> int:
        work(connection)
        raise NotBrief

    here = threading.get_ident()
    await database.write(work, brief=brief)
    assert await database.read(names) == ["user2"]
    assert places[0] == here != places[1]
    # So are all that were tried together with it.
    await asyncio.gather(
        database.write(add("first")),  # the others wait for this one
        database.write(add("a"), brief=add("a")),
        database.write(work, brief=brief),
    )
    assert await database.read(names) == ["user2", "first", "a", "user4"]


async def test_brief_work_waits_on_the_thread_for_a_process_that_writes(
    database: Database, tmp_path: Path
) -> None:
    other = sqlite3.connect(tmp_path / "nsd.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writing = asyncio.create_task(database.write(add("a"), brief=add("a")))
    assert await database.read(names) == []
    assert not writing.done()
    other.execute("COMMIT")
    other.close()
    await writing
    assert await database.read(names) == ["a"]


async def test_brief_writes_fail_and_stand_like_others(database: Database, tmp_path: Path) -> None:
    def half(connection: sqlite3.Connection) -> None:
        add("half")(connection)
        raise Invalid("changed my mind")

    works = [half, add("a"), half, add("b"), add("b"), half]
    outcomes = await asyncio.gather(
        *(database.write(work, brief=work) for work in works), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [Invalid, int, Invalid, int, Invalid, Invalid]
    other = sqlite3.connect(tmp_path / "nsd.db")
    assert names(other) == ["a", "b"]
    other.close()


async def test_what_is_answered_is_on_disk(database: Database, tmp_path: Path) -> None:
    await database.write(add("a"))
    other = sqlite3.connect(tmp_path / "nsd.db")
    assert names(other) == ["a"]
    assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other.close()

    def setting(connection: sqlite3.Connection) -> tuple[object, ...]:
        pragmas = ("synchronous", "foreign_keys")
        return tuple(connection.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas)

    assert await database.write(setting) == (2, 1)  # FULL, ON


async def test_what_follows_a_write_comes_even_if_its_caller_has_gone(database: Database) -> None:
    followed = asyncio.Event()
    writing = asyncio.create_task(database.write(add("a"), lambda _: followed.set()))
    await asyncio.sleep(0)  # it has been handed over by now
    writing.cancel()
    await followed.wait()
    assert await database.read(names) == ["a"]


async def test_a_defect_in_what_follows_changes_no_outcome_and_is_logged(
    database: Database,
) -> None:
    def defect(_: object) -> None:
        raise RuntimeError("a defect")

    with capture_logs() as lines:
        outcomes = await asyncio.gather(
            database.write(add("a"), defect), database.write(add("b"), defect)
        )
    assert list(outcomes) == [1, 2]
    assert await database.read(names) == ["a", "b"]
    assert [line["event"] for line in lines] == ["what should follow a write failed"] * 2


async def test_what_was_asked_for_before_closing_is_finished(tmp_path: Path) -> None:
    opened = await open_database(tmp_path)
    writing = [asyncio.create_task(opened.write(add(f"user{number}"))) for number in range(5)]
    await asyncio.sleep(0)
    await opened.close()
    await asyncio.gather(*writing)
    again = await open_database(tmp_path)
    assert len(await again.read(names)) == 5
    await again.close()


async def test_a_read_sees_one_moment(database: Database, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "nsd.db", isolation_level=None)

    def twice(connection: sqlite3.Connection) -> tuple[list[str], list[str]]:
        before = names(connection)
        other_names.append(1)
        asyncio.run_coroutine_threadsafe(database.write(add("between")), loop).result()
        return before, names(connection)

    loop = asyncio.get_running_loop()
    other_names: list[int] = []
    assert await database.read_alone(twice) == ([], [])
    assert await database.read(names) == ["between"]
    other.close()


async def test_another_processes_write_changes_the_version_and_our_own_does_not(
    database: Database, tmp_path: Path
) -> None:
    before = await database.data_version()
    await database.write(add("ours"))
    assert await database.data_version() == before
    other = sqlite3.connect(tmp_path / "nsd.db")
    with other:
        add("theirs")(other)
    other.close()
    assert await database.data_version() != before


async def test_a_database_kept_by_another_process_is_unavailable_for_a_while(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "BUSY_SECONDS", 0.05)
    opened = await open_database(tmp_path)
    other = sqlite3.connect(tmp_path / "nsd.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for brief in (None, add("a")):
        with pytest.raises(Unavailable, match="cannot be written"):
            await opened.write(add("a"), brief=brief)
    assert await opened.read(names) == []
    other.execute("ROLLBACK")
    other.close()
    await opened.write(add("a"))
    assert await opened.read(names) == ["a"]
    await opened.close()


async def test_a_folder_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="file"):
        await open_database(tmp_path / "file")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def modes_in(folder: Path) -> dict[str, int]:
    return {file.name: mode(file) for file in folder.iterdir()}


async def test_the_data_folder_and_all_files_in_it_are_its_user_s_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    database = await open_database(folder)
    await database.write(lambda connection: connection.execute("CREATE TABLE t (x)"))
    modes = modes_in(folder)
    assert mode(folder) == 0o700
    assert modes == dict.fromkeys(modes, 0o600)
    assert set(modes) == {"nsd.db", "nsd.db-wal", "nsd.db-shm"}
    await database.close()


async def test_what_others_could_read_in_an_older_data_folder_is_closed_to_them(
    tmp_path: Path,
) -> None:
    (tmp_path / "nsd.db").touch(mode=0o644)
    tmp_path.chmod(0o755)  # noqa: ASYNC240
    database = await open_database(tmp_path)
    await database.close()
    assert mode(tmp_path) == 0o750, "the group may be the operator's own"
    assert mode(tmp_path / "nsd.db") == 0o640
