"""Bearer tokens: who calls by one, and how they are made and revoked."""

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import asdict
from functools import partial
from typing import Final

from nsd.account import network
from nsd.account.act import Act, Thing, Verb
from nsd.account.permission import read_permissions
from nsd.account.principal import Credential, CredentialKind, Principal
from nsd.account.remembered import Remembered
from nsd.account.user import check_active
from nsd.errors import AuthenticationFailed, Invalid
from nsd.store import tokens, users
from nsd.store.database import Database
from nsd.store.tokens import Token
from nsd.store.users import User

LONGEST_NAME: Final = 255


def create(
    act: Act,
    user_name: str,
    *,
    name: str,
    permissions: Iterable[str],
    networks: Iterable[str],
    expires_at: int | None,
) -> str:
    """Make a token for an account; give its secret, which is told nowhere else.

    `expires_at` is in Unix seconds. Raises NotFound, Invalid.
    """
    if not name.isprintable() or len(name) > LONGEST_NAME:
        raise Invalid(
            f"a token's name is up to {LONGEST_NAME} letters that can be printed", field="name"
        )
    secret, token = tokens.create(
        act.connection,
        users.by_name(act.connection, user_name).id,
        name=name,
        permissions=read_permissions(permissions),
        networks=network.read_networks(networks),
        expires_at=expires_at,
        now=act.now,
    )
    act.note(Verb.ADD, _thing(token), {"user": user_name, **_fields(token)})
    return secret


def revoke(act: Act, token_id: int) -> None:
    """End a token. Raises NotFound."""
    token = tokens.by_id(act.connection, token_id)
    user = users.by_id(act.connection, token.user_id)
    tokens.revoke(act.connection, token_id)
    act.note(Verb.REMOVE, _thing(token), {"user": user.name, "name": token.name})


def _thing(token: Token) -> Thing:
    return Thing("token", str(token.id))


def _fields(token: Token) -> dict[str, object]:
    shown = asdict(token)
    return {field: shown[field] for field in ("name", "permissions", "networks", "expires_at")}


class TokenAuthenticator:
    """Finds principals by bearer tokens. `wall` gives Unix seconds."""

    def __init__(self, database: Database, wall: Callable[[], float]) -> None:
        self._database = database
        self._wall = wall
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
        now = int(self._wall())
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
    user = users.by_id(connection, token.user_id)
    check_active(user)
    return token, user


def _note_uses(used: dict[int, int], connection: sqlite3.Connection) -> None:
    tokens.note_use(connection, used)


def _check(token: Token, now: int, address: str) -> None:
    if token.expires_at is not None and token.expires_at <= now:
        raise AuthenticationFailed("Invalid token: it has expired")
    if not network.admits(token.networks, address):
        raise AuthenticationFailed("Invalid token: it may not be used from this address")
