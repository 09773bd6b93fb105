"""The steps of the schema: numbered, forward only, each in one transaction."""

import re
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nsd.errors import StoreError
from nsd.store import migration
from nsd.store.migration import migrate

SCHEMA = Path(migration.__file__).parent / "schema"


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    opened = sqlite3.connect(tmp_path / "nsd.db", isolation_level=None)
    yield opened
    opened.close()


def version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def tables(connection: sqlite3.Connection) -> dict[str, bool]:
    """Give the tables, and whether each is strict."""
    rows = connection.execute("SELECT name, strict FROM pragma_table_list WHERE type = 'table'")
    return {name: bool(strict) for name, strict in rows if not name.startswith("sqlite_")}


def test_the_files_are_numbered_without_a_gap() -> None:
    files = sorted(file.name for file in SCHEMA.glob("*.sql"))
    assert [int(name[:4]) for name in files] == list(range(1, len(files) + 1))
    assert all(re.fullmatch(r"\d{4}_[a-z0-9_]+\.sql", name) for name in files)


def test_an_empty_file_gets_all_steps_and_all_tables_are_strict(
    connection: sqlite3.Connection,
) -> None:
    migrate(connection)
    assert version(connection) == len(list(SCHEMA.glob("*.sql")))
    assert all(tables(connection).values()), tables(connection)
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def test_steps_are_taken_once(connection: sqlite3.Connection) -> None:
    migrate(connection)
    before = tables(connection)
    migrate(connection)
    assert tables(connection) == before


def test_a_step_that_fails_leaves_nothing_behind(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = "CREATE TABLE {} (x INT) STRICT;\n"
    steps = [table.format("a"), table.format("b") + table.format("b")]
    monkeypatch.setattr(migration, "_steps", lambda: steps)
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection)
    assert (version(connection), set(tables(connection))) == (1, {"a"})


def test_a_step_may_hold_semicolons_in_triggers_and_texts(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = (
        "CREATE TABLE a (x TEXT) STRICT; -- a comment; with a semicolon\n"
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN\n"
        "    UPDATE a SET x = 'b;c';\n"
        "END;\n"
        "INSERT INTO a VALUES ('d');\n"
    )
    monkeypatch.setattr(migration, "_steps", lambda: [step])
    migrate(connection)
    assert connection.execute("SELECT x FROM a").fetchall() == [("b;c",)]


def test_a_newer_database_is_refused_and_left_alone(connection: sqlite3.Connection) -> None:
    migrate(connection)
    connection.execute("PRAGMA user_version = 999")
    with pytest.raises(StoreError, match="newer version"):
        migrate(connection)
    assert version(connection) == 999


def test_processes_that_start_together_take_each_step_once(tmp_path: Path) -> None:
    def start(_: int) -> int:
        opened = sqlite3.connect(tmp_path / "nsd.db", isolation_level=None, timeout=30)
        try:
            migrate(opened)
            return version(opened)
        finally:
            opened.close()

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(start, range(8))) == {len(list(SCHEMA.glob("*.sql")))}


def test_records_of_an_older_database_stay_and_their_ids_are_not_given_again(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = migration._steps()
    monkeypatch.setattr(migration, "_steps", lambda: steps[:3])
    migrate(connection)
    connection.execute(
        "INSERT INTO users (name, email, plan, is_admin, created_at) VALUES ('u', '', 'p', 0, 1)"
    )
    connection.execute(
        "INSERT INTO zones (uuid, user_id, apex, path, serial, record_count, created_at)"
        " VALUES ('z', 1, x'00', x'00', 1, 2, 1)"
    )
    insert = (
        "INSERT INTO records (uuid, zone_id, owner, type, ttl, rdata, value, created_at, addresses)"
        " VALUES (?, 1, x'00', 65401, 60, x'00', 'text', 7, x'01')"
    )
    connection.executemany(insert, [(b"one",), (b"two",), (b"three",)])
    connection.execute("DELETE FROM records WHERE id = 3")
    before = connection.execute(_RECORDS).fetchall()
    monkeypatch.setattr(migration, "_steps", lambda: steps)
    migrate(connection)
    assert connection.execute(_RECORDS).fetchall() == before
    assert connection.execute(insert, (b"four",)).lastrowid == 4
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("DELETE FROM zones")
    assert connection.execute("SELECT count(*) FROM records").fetchone() == (0,)


def test_zones_that_were_called_secondary_are_copies(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = migration._steps()
    monkeypatch.setattr(migration, "_steps", lambda: steps[:5])
    migrate(connection)
    connection.execute(
        "INSERT INTO users (name, email, plan, is_admin, created_at) VALUES ('u', '', 'p', 0, 1)"
    )
    for octet, kind in enumerate(("primary", "secondary", "catalog")):
        connection.execute(
            "INSERT INTO zones (uuid, user_id, apex, path, serial, record_count, created_at, kind)"
            " VALUES (?1, 1, ?2, ?2, 1, 0, 1, ?1)",
            (kind, bytes([octet])),
        )
    connection.execute("INSERT INTO upstreams VALUES (2, '192.0.2.53', 53, NULL, 7, 'why')")
    monkeypatch.setattr(migration, "_steps", lambda: steps)
    migrate(connection)
    kinds = connection.execute("SELECT uuid, kind FROM zones ORDER BY id").fetchall()
    assert kinds == [("primary", "primary"), ("secondary", "copy"), ("catalog", "catalog")]
    (copy,) = connection.execute("SELECT * FROM copies").fetchall()
    assert copy == (2, "192.0.2.53", 53, None, 7, "why")


_RECORDS = (
    "SELECT id, uuid, zone_id, owner, type, ttl, rdata, value, priority, created_at, addresses"
    " FROM records ORDER BY id"
)
