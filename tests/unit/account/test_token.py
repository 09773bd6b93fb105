"""Bearer tokens: whom they show, and what ends them."""

import pytest

from nsd.account import token
from nsd.account.act import Act, perform
from nsd.account.principal import Credential, CredentialKind, Principal
from nsd.account.token import TokenAuthenticator
from nsd.errors import AuthenticationFailed, Invalid, Unavailable
from nsd.store import tokens
from nsd.store.database import Database
from nsd.store.tokens import Token
from nsd.store.users import User
from tests.unit.account.conftest import Clock

ADDRESS = "192.0.2.1"


async def create(
    database: Database,
    user: User,
    *,
    networks: tuple[str, ...] = (),
    expires_at: int | None = None,
) -> tuple[str, Token]:
    return await database.write(
        lambda connection: tokens.create(
            connection,
            user.id,
            name="deploy",
            permissions=("dns:list",),
            networks=networks,
            expires_at=expires_at,
            now=1,
        )
    )


async def test_a_token_shows_its_account_with_its_own_permissions(
    database: Database, clock: Clock, alice: User, bob: User
) -> None:
    await create(database, bob)
    secret, made = await create(database, alice)
    authenticator = TokenAuthenticator(database, clock)
    credential = Credential(CredentialKind.TOKEN, "deploy", made.id)
    for door in ("vps", "other"):
        assert await authenticator.authenticate(secret, door, ADDRESS) == Principal(
            "alice", door, alice, credential, ("dns:list",), ADDRESS
        )


@pytest.mark.parametrize("secret", ["", "vps_" + "x" * 40, "sk_live_1", "vps_\udcff"])
async def test_what_is_no_token_fails(database: Database, clock: Clock, secret: str) -> None:
    with pytest.raises(AuthenticationFailed):
        await TokenAuthenticator(database, clock).authenticate(secret, "vps", ADDRESS)


async def test_a_token_ends_when_the_clock_says_so_although_it_is_remembered(
    database: Database, clock: Clock, alice: User
) -> None:
    secret, _ = await create(database, alice, expires_at=int(clock.now) + 10)
    authenticator = TokenAuthenticator(database, clock)
    clock.now += 9
    await authenticator.authenticate(secret, "vps", ADDRESS)
    clock.now += 1
    with pytest.raises(AuthenticationFailed, match="expired"):
        await authenticator.authenticate(secret, "vps", ADDRESS)


async def test_a_token_is_for_its_networks_although_it_is_remembered(
    database: Database, clock: Clock, alice: User
) -> None:
    secret, _ = await create(database, alice, networks=("192.0.2.0/24",))
    authenticator = TokenAuthenticator(database, clock)
    await authenticator.authenticate(secret, "vps", ADDRESS)
    with pytest.raises(AuthenticationFailed, match="address"):
        await authenticator.authenticate(secret, "vps", "198.51.100.1")


async def test_a_token_that_was_revoked_is_refused_once_all_is_forgotten(
    database: Database, clock: Clock, alice: User
) -> None:
    secret, made = await create(database, alice)
    authenticator = TokenAuthenticator(database, clock)
    await authenticator.authenticate(secret, "vps", ADDRESS)
    await database.write(lambda connection: tokens.revoke(connection, made.id))
    authenticator.forget()
    with pytest.raises(AuthenticationFailed, match="revoked"):
        await authenticator.authenticate(secret, "vps", ADDRESS)


async def test_the_last_use_is_stored_when_it_is_time_for_that(
    database: Database, clock: Clock, alice: User
) -> None:
    secret, _ = await create(database, alice)
    authenticator = TokenAuthenticator(database, clock)
    clock.now = 77.5
    await authenticator.authenticate(secret, "vps", ADDRESS)
    assert [token.last_used_at for token in await database.read(tokens.everything)] == [None]
    await authenticator.save_uses()
    assert [token.last_used_at for token in await database.read(tokens.everything)] == [77]


async def test_a_last_use_that_cannot_be_stored_is_stored_another_time(
    database: Database, clock: Clock, alice: User
) -> None:
    secret, _ = await create(database, alice)
    authenticator = TokenAuthenticator(database, clock)
    clock.now = 77.5
    await authenticator.authenticate(secret, "vps", ADDRESS)
    await rename(database, "tokens", "elsewhere")
    with pytest.raises(Unavailable):
        await authenticator.save_uses()
    await rename(database, "elsewhere", "tokens")
    await authenticator.save_uses()
    assert [token.last_used_at for token in await database.read(tokens.everything)] == [77]


async def rename(database: Database, before: str, after: str) -> None:
    """Put a table where it is not found, or back."""
    await database.write(
        lambda connection: connection.execute(f"ALTER TABLE {before} RENAME TO {after}")
    )


@pytest.mark.parametrize("name", ["a\nb", "\x1b[31m", "\udcff", "x" * 256])
async def test_a_tokens_name_can_be_printed(database: Database, alice: User, name: str) -> None:
    def work(act: Act) -> str:
        return token.create(
            act, alice.name, name=name, permissions=["dns:*"], networks=[], expires_at=None
        )

    with pytest.raises(Invalid) as refused:
        await perform(database, Principal("root", "test"), 1, work)
    assert refused.value.field == "name"
