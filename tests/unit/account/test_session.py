"""Sessions of the Dozens API: how they begin, whom they show, and what ends them."""

import pytest

from nsd.account.principal import CredentialKind
from nsd.account.session import SessionAuthenticator
from nsd.errors import AuthenticationFailed
from nsd.store import dozens_tokens
from nsd.store.database import Database
from nsd.store.users import User
from tests.unit.account.conftest import Clock

ADDRESS = "192.0.2.1"


async def new_key(database: Database, user: User) -> str:
    return await database.write(lambda connection: dozens_tokens.new_key(connection, user.name))


async def test_a_session_shows_its_account_with_all_permissions(
    database: Database, clock: Clock, alice: User
) -> None:
    sessions = SessionAuthenticator(database, clock)
    secret = await sessions.open("alice", await new_key(database, alice))
    found = await sessions.authenticate(secret, "dozens", ADDRESS)
    assert (found.user, found.door, found.address) == (alice, "dozens", ADDRESS)
    found.require("dns:delete")


async def test_sessions_are_told_apart_but_not_by_their_secrets(
    database: Database, clock: Clock, alice: User
) -> None:
    sessions = SessionAuthenticator(database, clock)
    key = await new_key(database, alice)
    secrets = [await sessions.open("alice", key) for _ in range(2)]
    shown = [(await sessions.authenticate(one, "dozens", ADDRESS)).credential for one in secrets]
    first, second = filter(None, shown)
    assert first.kind == second.kind == CredentialKind.SESSION
    assert first.name != second.name
    assert not any(first.name in secret for secret in secrets)


@pytest.mark.parametrize("name", ["alice", "bob", "nobody", "\u00e4"])
async def test_only_the_accounts_own_key_opens_a_session(
    database: Database, clock: Clock, alice: User, bob: User, name: str
) -> None:
    await new_key(database, bob)
    wrong = await new_key(database, alice) if name == "bob" else "x" * 33
    with pytest.raises(AuthenticationFailed):
        await SessionAuthenticator(database, clock).open(name, wrong)


async def test_a_session_ends_after_a_day_although_it_is_remembered(
    database: Database, clock: Clock, alice: User
) -> None:
    sessions = SessionAuthenticator(database, clock)
    secret = await sessions.open("alice", await new_key(database, alice))
    clock.now += 86399
    await sessions.authenticate(secret, "dozens", ADDRESS)
    clock.now += 1
    with pytest.raises(AuthenticationFailed, match="expired"):
        await sessions.authenticate(secret, "dozens", ADDRESS)


async def test_a_new_key_ends_the_sessions_of_the_former_once_all_is_forgotten(
    database: Database, clock: Clock, alice: User
) -> None:
    sessions = SessionAuthenticator(database, clock)
    secret = await sessions.open("alice", await new_key(database, alice))
    await sessions.authenticate(secret, "dozens", ADDRESS)
    await new_key(database, alice)
    sessions.forget()
    with pytest.raises(AuthenticationFailed, match="unknown"):
        await sessions.authenticate(secret, "dozens", ADDRESS)
