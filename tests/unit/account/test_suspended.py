"""The credentials of a suspended account: refused once all is forgotten, and they hold again."""

from collections.abc import Awaitable, Callable

import pytest

from nsd.account import user as accounts
from nsd.account.act import Act, perform
from nsd.account.principal import Principal
from nsd.account.session import SessionAuthenticator, new_dozens_key
from nsd.account.token import TokenAuthenticator
from nsd.errors import AuthenticationFailed, Invalid, NotFound
from nsd.store import tokens, users
from nsd.store.database import Database
from nsd.store.users import User
from tests.unit.account.conftest import Clock

OPERATOR = Principal("root", "nsdctl")


async def act(database: Database, work: Callable[[Act], object]) -> None:
    await perform(database, OPERATOR, 7, work)


async def a_token(database: Database, user: User) -> str:
    secret, _ = await database.write(
        lambda connection: tokens.create(
            connection, user.id, name="t", permissions=("dns:*",), now=1
        )
    )
    return secret


async def check_refused(call: Callable[[], Awaitable[object]]) -> None:
    with pytest.raises(AuthenticationFailed, match=r"^This account is suspended\.$"):
        await call()


async def test_a_remembered_token_is_refused_and_holds_again(
    database: Database, clock: Clock, alice: User
) -> None:
    authenticator = TokenAuthenticator(database, clock)
    secret = await a_token(database, alice)

    async def call() -> Principal:
        authenticator.forget()
        return await authenticator.authenticate(secret, "vps", "192.0.2.1")

    before = await call()
    await act(database, lambda work: accounts.suspend(work, "alice"))
    await check_refused(call)
    await act(database, lambda work: accounts.resume(work, "alice"))
    assert await call() == before


async def test_a_remembered_session_and_the_dozens_key_are_refused_and_hold_again(
    database: Database, clock: Clock, alice: User
) -> None:
    sessions = SessionAuthenticator(database, clock)
    key = await perform(database, OPERATOR, 7, lambda work: new_dozens_key(work, alice.name))
    secret = await sessions.open("alice", key)

    async def call() -> Principal:
        sessions.forget()
        return await sessions.authenticate(secret, "dozens", "192.0.2.1")

    before = await call()
    await act(database, lambda work: accounts.suspend(work, "alice"))
    await check_refused(call)
    await check_refused(lambda: sessions.open("alice", key))
    await act(database, lambda work: accounts.resume(work, "alice"))
    assert await call() == before
    await sessions.open("alice", key)


async def test_neither_the_servers_account_nor_ones_own_is_suspended(
    database: Database, alice: User
) -> None:
    await database.write(lambda connection: users.server(connection, 1))
    with pytest.raises(NotFound):
        await act(database, lambda work: accounts.suspend(work, ""))
    with pytest.raises(Invalid, match="your own account"):
        await perform(
            database,
            Principal("alice", "vps", alice),
            7,
            lambda work: accounts.suspend(work, "alice"),
        )
