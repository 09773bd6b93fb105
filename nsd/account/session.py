"""Sessions: tokens for a day, given for an account's Dozens key; who calls by one."""

import sqlite3
from collections.abc import Callable

from nsd.account.act import Act, Thing, Verb
from nsd.account.principal import Credential, CredentialKind, Principal
from nsd.account.remembered import Remembered
from nsd.account.user import check_active
from nsd.errors import AuthenticationFailed, NotFound
from nsd.store import dozens_tokens
from nsd.store.database import Database
from nsd.store.dozens_tokens import DozensToken
from nsd.store.tokens import digest


def new_dozens_key(act: Act, user_name: str) -> str:
    """Give an account another Dozens key; the former one and its sessions end. Raises NotFound."""
    key = dozens_tokens.new_key(act.connection, user_name)
    act.note(Verb.ROTATE, Thing("dozens-key", user_name), {})
    return key


class SessionAuthenticator:
    """Opens sessions, and finds principals by them. `wall` gives Unix seconds."""

    def __init__(self, database: Database, wall: Callable[[], float]) -> None:
        self._database = database
        self._wall = wall
        self._known = Remembered(database, _look_up)

    def forget(self) -> None:
        """Look everyone up anew: users or Dozens keys may have changed."""
        self._known.forget()

    async def open(self, name: str, dozens_key: str) -> str:
        """Give an account a session for its Dozens key. Raises AuthenticationFailed."""
        now = int(self._wall())

        def work(connection: sqlite3.Connection) -> str:
            user = dozens_tokens.holder(connection, name, dozens_key) if name.isascii() else None
            if user is None:
                raise AuthenticationFailed("X-Auth-User or X-Auth-Key is wrong.")
            check_active(user)
            return dozens_tokens.create(connection, user.id, now=now)

        return await self._database.write(work)

    async def authenticate(self, secret: str, door: str, address: str) -> Principal:
        """Find who calls from an address by a session. Raises AuthenticationFailed."""
        hashed = digest(secret)
        session = await self._known.find(hashed)
        if session.expires_at <= self._wall():
            raise AuthenticationFailed("The token has expired: authorize again.")
        credential = Credential(CredentialKind.SESSION, hashed.hex()[:8])
        user = session.user
        return Principal(user.name, door, user, credential, address=address)


def _look_up(connection: sqlite3.Connection, hashed: bytes) -> DozensToken:
    try:
        session = dozens_tokens.by_hash(connection, hashed)
    except NotFound:
        raise AuthenticationFailed("The token is unknown: authorize again.") from None
    check_active(session.user)
    return session
