"""Who calls by a bearer token."""

import sqlite3
from collections.abc import Callable
from functools import partial

from nsd.account import network
from nsd.account.principal import Credential, CredentialKind, Principal
from nsd.account.remembered import Remembered
from nsd.errors import AuthenticationFailed
from nsd.store import tokens, users
from nsd.store.database import Database
from nsd.store.tokens import Token
from nsd.store.users import User


class TokenAuthenticator:
    """Finds principals by bearer tokens. `clock` gives Unix seconds."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock
        self._known = Remembered(database, _look_up)
        self._used: dict[int, int] = {}

    def forget(self) -> None:
        """Look everyone up anew: users or tokens may have changed."""
        self._known.forget()

    async def authenticate(self, secret: str, door: str, address: str) -> Principal:
        """Find who calls from an address by a token. Raises AuthenticationFailed."""
        if not secret.startswith(tokens.PREFIX):
            raise AuthenticationFailed(f"Invalid token: it does not begin with {tokens.PREFIX}")
        token, user = await self._known.find(tokens.digest(secret))
        now = int(self._clock())
        _check(token, now, address)
        self._used[token.id] = now
        credential = Credential(CredentialKind.TOKEN, token.name, token.id)
        return Principal(user.name, door, user, credential, token.permissions, address)

    async def save_uses(self) -> None:
        """Store when tokens were last used. Raises Unavailable; then it is stored another time."""
        used, self._used = self._used, {}
        if not used:
            return
        try:
            await self._database.write(partial(_note_uses, used))
        except BaseException:
            self._used = {**used, **self._used}
            raise


def _look_up(connection: sqlite3.Connection, hashed: bytes) -> tuple[Token, User]:
    token = tokens.by_hash(connection, hashed)
    if token is None:
        raise AuthenticationFailed("Invalid token: it is unknown or has been revoked")
    return token, users.by_id(connection, token.user_id)


def _note_uses(used: dict[int, int], connection: sqlite3.Connection) -> None:
    tokens.note_use(connection, used)


def _check(token: Token, now: int, address: str) -> None:
    if token.expires_at is not None and token.expires_at <= now:
        raise AuthenticationFailed("Invalid token: it has expired")
    if not network.admits(token.networks, address):
        raise AuthenticationFailed("Invalid token: it may not be used from this address")
