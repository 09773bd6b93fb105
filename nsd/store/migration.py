"""The numbered steps from an empty file to today's schema; forward only."""

import sqlite3
from importlib import resources

from nsd.errors import StoreError
from nsd.store.inner_names import path_below


def migrate(connection: sqlite3.Connection) -> None:
    """Take the steps that the file has not taken yet, each in a transaction.

    Raises StoreError where the file has taken steps that this program does not know.
    """
    connection.create_function("path_below", 2, path_below, deterministic=True)
    steps = _steps()
    while (taken := _version(connection)) < len(steps):
        connection.execute("BEGIN IMMEDIATE")
        try:
            if _version(connection) == taken:  # no other process was faster
                _run(connection, steps[taken])
                connection.execute(f"PRAGMA user_version = {taken + 1}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
    if taken > len(steps):
        raise StoreError(
            f"the database was written by a newer version of this program "
            f"(its schema is {taken}, this program knows {len(steps)}): upgrade the program"
        )


def _steps() -> list[str]:
    folder = resources.files("nsd.store") / "schema"
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".sql")),
        key=lambda file: file.name,
    )
    return [file.read_text(encoding="utf-8") for file in files]


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def _run(connection: sqlite3.Connection, script: str) -> None:
    # Not `executescript`, which would commit the transaction first.
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""
