"""The accounts."""

import sqlite3
from dataclasses import dataclass

from nsd.errors import Invalid, NotFound


@dataclass(frozen=True, slots=True)
class User:
    """An account; its zones and tokens are its own."""

    id: int
    name: str
    email: str
    plan: str
    is_admin: bool
    created_at: int
    suspended_at: int | None = None

    @property
    def is_suspended(self) -> bool:
        """Whether its credentials are refused and its zones not served."""
        return self.suspended_at is not None


_COLUMNS = "id, name, email, plan, is_admin, created_at, suspended_at"


def _user(row: tuple[int, str, str, str, int, int, int | None]) -> User:
    number, name, email, plan, is_admin, created_at, suspended_at = row
    return User(number, name, email, plan, bool(is_admin), created_at, suspended_at)


def add(
    connection: sqlite3.Connection, name: str, *, email: str, plan: str, is_admin: bool, now: int
) -> User:
    """Add a user; raises Invalid where the name is taken."""
    try:
        cursor = connection.execute(
            "INSERT INTO users (name, email, plan, is_admin, created_at) VALUES (?, ?, ?, ?, ?)",
            (name, email, plan, is_admin, now),
        )
    except sqlite3.IntegrityError as error:
        raise Invalid(f"there is a user '{name}' already", field="name") from error
    return User(cursor.lastrowid or 0, name, email, plan, is_admin, now)


def by_id(connection: sqlite3.Connection, user_id: int) -> User:
    """Find a user; raises NotFound."""
    return _one(connection, "id", user_id)


def by_name(connection: sqlite3.Connection, name: str) -> User:
    """Find a user; raises NotFound."""
    return _one(connection, "name", name)


def _one(connection: sqlite3.Connection, column: str, value: object) -> User:
    query = f"SELECT {_COLUMNS} FROM users WHERE {column} = ?"  # noqa: S608
    row = connection.execute(query, (value,)).fetchone()
    if row is None:
        raise NotFound(f"there is no user '{value}'")
    return _user(row)


def plan_of(connection: sqlite3.Connection, user_id: int) -> str:
    """Name a user's plan; raises NotFound."""
    return by_id(connection, user_id).plan


def change(
    connection: sqlite3.Connection,
    name: str,
    *,
    email: str | None = None,
    plan: str | None = None,
    is_admin: bool | None = None,
) -> User:
    """Change what is given of a user; raises NotFound."""
    connection.execute(
        "UPDATE users SET email = coalesce(?, email), plan = coalesce(?, plan),"
        " is_admin = coalesce(?, is_admin) WHERE name = ?",
        (email, plan, is_admin, name),
    )
    return by_name(connection, name)


def suspend(connection: sqlite3.Connection, user_id: int, since: int | None) -> None:
    """Suspend a user since a time, or with None no longer."""
    connection.execute("UPDATE users SET suspended_at = ? WHERE id = ?", (since, user_id))


def remove(connection: sqlite3.Connection, user_id: int) -> None:
    """Remove a user that has no zones, with all credentials."""
    connection.execute("DELETE FROM users WHERE id = ?", (user_id,))


def server(connection: sqlite3.Connection, now: int) -> User:
    """Give the account that owns what the server makes for itself; nobody can sign in to it."""
    try:
        return by_name(connection, "")
    except NotFound:
        return add(connection, "", email="", plan="unlimited", is_admin=False, now=now)


def everyone(connection: sqlite3.Connection) -> list[User]:
    """List the users in the order of their creation, the server's own account left out."""
    query = f"SELECT {_COLUMNS} FROM users WHERE name <> '' ORDER BY id"  # noqa: S608
    rows = connection.execute(query)
    return [_user(row) for row in rows]
