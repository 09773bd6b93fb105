"""Who calls: bearer tokens, their owners, and what they may do."""

import sqlite3
import time
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address, ip_network
from typing import Final

from nsd.errors import AuthenticationFailed, NotAuthenticated, PermissionDenied
from nsd.store import tokens, users
from nsd.store.database import Database
from nsd.store.tokens import Token
from nsd.store.users import User

MOST_REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Principal:
    """A user, and the token that speaks for it."""

    user: User
    token: Token

    def require(self, permission: str) -> None:
        """Raise PermissionDenied unless the token holds the permission."""
        if not self.token.allows(permission):
            raise PermissionDenied(f"this token lacks the permission {permission}")


class Authenticator:
    """Finds principals by their tokens, and remembers them until `forget` is called."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[bytes, Principal] = {}
        self._used: dict[int, int] = {}

    def forget(self) -> None:
        """Look everyone up anew: another process may have changed users or tokens."""
        self._known.clear()

    async def authenticate(self, authorization: str | None, client: str) -> Principal:
        """Read an Authorization header. Raises NotAuthenticated, AuthenticationFailed."""
        scheme, _, secret = (authorization or "").strip().partition(" ")
        if not scheme:
            raise NotAuthenticated("Authentication credentials were not provided.")
        if scheme.lower() != "bearer" or not secret.strip().startswith(tokens.PREFIX):
            raise AuthenticationFailed(
                "Invalid token: send 'Authorization: Bearer vps_…' with a token of your account"
            )
        principal = await self._find(tokens.digest(secret.strip()))
        now = int(time.time())
        _check_validity(principal.token, now, client)
        self._used[principal.token.id] = now
        return principal

    async def save_uses(self) -> None:
        """Store when tokens were last used."""
        if self._used:
            used, self._used = self._used, {}
            await self._database.write(partial(_note_uses, used))

    async def _find(self, hashed: bytes) -> Principal:
        known = self._known.get(hashed)
        if known is not None:
            return known
        token, user = await self._database.read(lambda found: _look_up(found, hashed))
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[hashed] = principal = Principal(user, token)
        return principal


def _look_up(connection: sqlite3.Connection, hashed: bytes) -> tuple[Token, User]:
    token = tokens.by_hash(connection, hashed)
    if token is None:
        raise AuthenticationFailed("Invalid token: it is unknown or has been revoked")
    return token, users.by_id(connection, token.user_id)


def _note_uses(used: dict[int, int], connection: sqlite3.Connection) -> None:
    tokens.note_use(connection, used)


def _check_validity(token: Token, now: int, client: str) -> None:
    if token.expires_at is not None and token.expires_at <= now:
        raise AuthenticationFailed("Invalid token: it has expired")
    if token.networks:
        address = ip_address(client)
        if not any(address in ip_network(network) for network in token.networks):
            raise AuthenticationFailed("Invalid token: it may not be used from this address")
