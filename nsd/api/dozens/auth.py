"""From the API key to a token for a day, and from the token to the user."""

import sqlite3
import time
from collections.abc import Mapping
from typing import Final

from nsd.errors import AuthenticationFailed, NotAuthenticated, NotFound
from nsd.store import dozens_tokens
from nsd.store.database import Database
from nsd.store.dozens_tokens import DozensToken
from nsd.store.tokens import digest
from nsd.store.users import User

MOST_REMEMBERED: Final = 10_000


class Sessions:
    """Exchanges keys for tokens and finds users by them; remembers them until `forget`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[bytes, DozensToken] = {}

    def forget(self) -> None:
        """Look everyone up anew: another process may have changed users or keys."""
        self._known.clear()

    async def authorize(self, headers: Mapping[str, str]) -> str:
        """Give a token for `X-Auth-User` and `X-Auth-Key`.

        Raises NotAuthenticated, AuthenticationFailed.
        """
        name, key = headers.get("X-Auth-User", "").strip(), headers.get("X-Auth-Key", "").strip()
        if not name or not key:
            raise NotAuthenticated("X-Auth-User and X-Auth-Key are required.")
        now = int(time.time())

        def work(connection: sqlite3.Connection) -> str:
            user = dozens_tokens.holder(connection, name, key) if name.isascii() else None
            if user is None:
                raise AuthenticationFailed("X-Auth-User or X-Auth-Key is wrong.")
            return dozens_tokens.create(connection, user.id, now=now)

        return await self._database.write(work)

    async def user(self, headers: Mapping[str, str]) -> User:
        """Find the user of `X-Auth-Token`; raises NotAuthenticated, AuthenticationFailed."""
        secret = headers.get("X-Auth-Token", "").strip()
        if not secret:
            raise NotAuthenticated("X-Auth-Token is required: authorize first.")
        token = await self._find(digest(secret))
        if token.expires_at <= time.time():
            raise AuthenticationFailed("The token has expired: authorize again.")
        return token.user

    async def _find(self, hashed: bytes) -> DozensToken:
        known = self._known.get(hashed)
        if known is not None:
            return known
        try:
            token = await self._database.read(
                lambda connection: dozens_tokens.by_hash(connection, hashed)
            )
        except NotFound:
            raise AuthenticationFailed("The token is unknown: authorize again.") from None
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[hashed] = token
        return token
