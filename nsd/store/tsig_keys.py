"""The keys that sign messages (RFC 8945)."""

import secrets
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from nsd.errors import Invalid, NotFound
from nsd.store.secret import SecretBox
from nsd.zone.name import WireName, to_text

SECRET_OCTETS: Final = {"hmac-sha256": 32, "hmac-sha384": 48, "hmac-sha512": 64}


@dataclass(frozen=True, slots=True)
class TsigKey:
    """A key with its secrets in the clear; `name` is in lower case, times are Unix seconds."""

    id: int
    name: WireName
    algorithm: str
    secret: bytes = field(repr=False)
    former_secret: bytes | None = field(repr=False)
    former_until: int | None
    created_at: int

    def secrets_at(self, now: int) -> tuple[bytes, ...]:
        """Give the secrets that hold, the newest first."""
        if self.former_secret is None or (self.former_until or 0) <= now:
            return (self.secret,)
        return (self.secret, self.former_secret)


_COLUMNS = "id, name, algorithm, secret, former_secret, former_until, created_at"
_Row = tuple[int, bytes, str, bytes, bytes | None, int | None, int]


class TsigKeys:
    """The table of keys, read and written with the secrets' own key."""

    def __init__(self, box: SecretBox) -> None:
        self._box = box

    def add(
        self,
        connection: sqlite3.Connection,
        name: WireName,
        algorithm: str,
        *,
        secret: bytes | None = None,
        now: int,
    ) -> TsigKey:
        """Add a key, with a new secret unless one is given. Raises Invalid."""
        if algorithm not in SECRET_OCTETS:
            known = ", ".join(SECRET_OCTETS)
            raise Invalid(
                f"there is no algorithm '{algorithm}': choose of {known}", field="algorithm"
            )
        chosen = secret or secrets.token_bytes(SECRET_OCTETS[algorithm])
        try:
            cursor = connection.execute(
                "INSERT INTO tsig_keys (name, algorithm, secret, created_at) VALUES (?, ?, ?, ?)",
                (name, algorithm, self._box.encrypt(chosen), now),
            )
        except sqlite3.IntegrityError as error:
            raise Invalid(f"there is a key {to_text(name)} already", field="name") from error
        return TsigKey(cursor.lastrowid or 0, name, algorithm, chosen, None, None, now)

    def rotate(self, connection: sqlite3.Connection, name: WireName, *, keep_until: int) -> TsigKey:
        """Give a key a new secret; the old one holds until `keep_until`. Raises NotFound."""
        key = self.by_name(connection, name)
        new = secrets.token_bytes(SECRET_OCTETS[key.algorithm])
        connection.execute(
            "UPDATE tsig_keys SET secret = ?, former_secret = secret, former_until = ?"
            " WHERE id = ?",
            (self._box.encrypt(new), keep_until, key.id),
        )
        return self.by_name(connection, name)

    def remove(self, connection: sqlite3.Connection, name: WireName) -> None:
        """Remove a key. Raises NotFound, and Invalid where a server still needs it."""
        key = self.by_name(connection, name)
        try:
            connection.execute("DELETE FROM tsig_keys WHERE id = ?", (key.id,))
        except sqlite3.IntegrityError as error:
            raise Invalid(
                f"the key {to_text(name)} is in use: remove the secondaries and zones that need it"
            ) from error

    def by_name(self, connection: sqlite3.Connection, name: WireName) -> TsigKey:
        """Find a key; raises NotFound."""
        query = f"SELECT {_COLUMNS} FROM tsig_keys WHERE name = ?"  # noqa: S608
        row = connection.execute(query, (name,)).fetchone()
        if row is None:
            raise NotFound(f"there is no key {to_text(name)}")
        return self._key(row)

    def everything(self, connection: sqlite3.Connection) -> Iterator[TsigKey]:
        """Go through all keys in the order of their creation."""
        for row in connection.execute(f"SELECT {_COLUMNS} FROM tsig_keys ORDER BY id"):  # noqa: S608
            yield self._key(row)

    def _key(self, row: _Row) -> TsigKey:
        number, name, algorithm, secret, former, until, created_at = row
        return TsigKey(
            number,
            WireName(name),
            algorithm,
            self._box.decrypt(secret),
            None if former is None else self._box.decrypt(former),
            until,
            created_at,
        )
