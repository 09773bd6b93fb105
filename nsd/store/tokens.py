"""The bearer tokens: only their hashes are here."""

import hashlib
import secrets
import sqlite3
from dataclasses import dataclass
from typing import Final

from nsd.errors import NotFound

PREFIX: Final = "vps_"


@dataclass(frozen=True, slots=True)
class Token:
    """What a token may do, for whom, until when, and from where."""

    id: int
    user_id: int
    name: str
    permissions: tuple[str, ...]
    networks: tuple[str, ...]
    created_at: int
    expires_at: int | None
    last_used_at: int | None


_COLUMNS = "id, user_id, name, permissions, networks, created_at, expires_at, last_used_at"
_Row = tuple[int, int, str, str, str, int, int | None, int | None]


def _token(row: _Row) -> Token:
    number, user_id, name, permissions, networks, created_at, expires_at, last_used_at = row
    return Token(
        number,
        user_id,
        name,
        tuple(permissions.split()),
        tuple(networks.split()),
        created_at,
        expires_at,
        last_used_at,
    )


def digest(secret: str) -> bytes:
    """Hash a token. It holds many random bits, so one round of SHA-256 is enough."""
    return hashlib.sha256(secret.encode(errors="surrogateescape")).digest()


def create(
    connection: sqlite3.Connection,
    user_id: int,
    *,
    name: str,
    permissions: tuple[str, ...],
    now: int,
    networks: tuple[str, ...] = (),
    expires_at: int | None = None,
) -> tuple[str, Token]:
    """Make a token; its secret is given here and nowhere else."""
    secret = PREFIX + secrets.token_urlsafe(30)
    cursor = connection.execute(
        "INSERT INTO tokens (user_id, name, hash, permissions, networks, created_at, expires_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            user_id,
            name,
            digest(secret),
            " ".join(permissions),
            " ".join(networks),
            now,
            expires_at,
        ),
    )
    number = cursor.lastrowid or 0
    return secret, Token(
        number, user_id, name, permissions, networks, now, expires_at, last_used_at=None
    )


def by_hash(connection: sqlite3.Connection, hashed: bytes) -> Token | None:
    """Find a token by the hash of its secret."""
    query = f"SELECT {_COLUMNS} FROM tokens WHERE hash = ?"  # noqa: S608
    row = connection.execute(query, (hashed,)).fetchone()
    return None if row is None else _token(row)


def everything(connection: sqlite3.Connection) -> list[Token]:
    """List the tokens in the order of their creation."""
    return [
        _token(row)
        for row in connection.execute(f"SELECT {_COLUMNS} FROM tokens ORDER BY id")  # noqa: S608
    ]


def by_id(connection: sqlite3.Connection, token_id: int) -> Token:
    """Find a token; raises NotFound."""
    query = f"SELECT {_COLUMNS} FROM tokens WHERE id = ?"  # noqa: S608
    row = connection.execute(query, (token_id,)).fetchone()
    if row is None:
        raise NotFound(f"there is no token {token_id}")
    return _token(row)


def revoke(connection: sqlite3.Connection, token_id: int) -> None:
    """Delete a token."""
    connection.execute("DELETE FROM tokens WHERE id = ?", (token_id,))


def note_use(connection: sqlite3.Connection, used: dict[int, int]) -> None:
    """Note when tokens were last used: token id → Unix seconds."""
    connection.executemany(
        "UPDATE tokens SET last_used_at = ? WHERE id = ?",
        [(at, token_id) for token_id, at in used.items()],
    )
