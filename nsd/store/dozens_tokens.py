"""The Dozens API's keys and the tokens that they are exchanged for: only hashes are here."""

import hmac
import secrets
import sqlite3
import string
from dataclasses import dataclass
from typing import Final

from nsd.errors import NotFound
from nsd.store import users
from nsd.store.tokens import digest
from nsd.store.users import User

LIFETIME_SECONDS: Final = 86400
MOST_TOKENS: Final = 100  # of one account
KEY_LENGTH: Final = 33
_LETTERS: Final = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class DozensToken:
    """For whom a token speaks, and until when."""

    user: User
    expires_at: int


def new_key(connection: sqlite3.Connection, name: str) -> str:
    """Give a user another key; the old one and all tokens made with it end. Raises NotFound."""
    user = users.by_name(connection, name)
    key = "".join(secrets.choice(_LETTERS) for _ in range(KEY_LENGTH))
    connection.execute("UPDATE users SET dozens_key = ? WHERE id = ?", (digest(key), user.id))
    connection.execute("DELETE FROM dozens_tokens WHERE user_id = ?", (user.id,))
    return key


def holder(connection: sqlite3.Connection, name: str, key: str) -> User | None:
    """Find the user of this name with this key."""
    query = "SELECT dozens_key FROM users WHERE name = ?"
    row = connection.execute(query, (name,)).fetchone()
    if row is None or row[0] is None or not hmac.compare_digest(row[0], digest(key)):
        return None
    return users.by_name(connection, name)


def create(connection: sqlite3.Connection, user_id: int, *, now: int) -> str:
    """Make a token of 40 hexadecimal digits.

    Those that have expired go, and the account's oldest where it has MOST_TOKENS.
    """
    connection.execute("DELETE FROM dozens_tokens WHERE expires_at <= ?", (now,))
    connection.execute(
        "DELETE FROM dozens_tokens WHERE user_id = ? AND hash NOT IN (SELECT hash"
        " FROM dozens_tokens WHERE user_id = ? ORDER BY expires_at DESC LIMIT ?)",
        (user_id, user_id, MOST_TOKENS - 1),
    )
    secret = secrets.token_hex(20)
    connection.execute(
        "INSERT INTO dozens_tokens (hash, user_id, expires_at) VALUES (?, ?, ?)",
        (digest(secret), user_id, now + LIFETIME_SECONDS),
    )
    return secret


def by_hash(connection: sqlite3.Connection, hashed: bytes) -> DozensToken:
    """Find a token by the hash of its secret; raises NotFound."""
    query = "SELECT user_id, expires_at FROM dozens_tokens WHERE hash = ?"
    row = connection.execute(query, (hashed,)).fetchone()
    if row is None:
        raise NotFound
    return DozensToken(users.by_id(connection, row[0]), row[1])
