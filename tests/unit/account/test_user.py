"""Accounts: what they can be called, and what may be said of them."""

from collections.abc import Callable
from typing import Any

import pytest

from nsd.account import user
from nsd.account.act import Act, perform
from nsd.account.principal import Principal
from nsd.errors import Invalid, NotFound
from nsd.settings import Settings
from nsd.store.database import Database
from nsd.store.users import User

PLANS = Settings().plans
ME = Principal("me", "test")
Do = Callable[[Callable[[Act], User]], Any]


@pytest.fixture
def do(database: Database) -> Do:
    return lambda work: perform(database, ME, 7, work)


def adding(name: str, email: str | None = None, plan: str = "free") -> Callable[[Act], User]:
    return lambda act: user.add(act, PLANS, name, email=email, plan=plan, is_admin=False)


@pytest.mark.parametrize("name", ["a", "alice", "a.b_c@d+e-f", "9", "x" * 64])
async def test_an_account_without_an_address_gets_one_that_says_so(do: Do, name: str) -> None:
    added = await do(adding(name))
    assert (added.name, added.email, added.created_at) == (name, f"{name}@localhost", 7)


@pytest.mark.parametrize("name", ["", "-a", "a b", "\u00e4", "x" * 65, "a/b", "a\n"])
async def test_a_name_that_cannot_be_is_refused(do: Do, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        await do(adding(name))
    assert refused.value.field == "name"


@pytest.mark.parametrize("email", ["", "nobody", "@a.example", "a@", "\u00e4@a.example"])
async def test_an_address_that_is_none_is_refused_wherever_it_is_given(do: Do, email: str) -> None:
    await do(adding("alice", "alice@a.example"))
    for work in (
        adding("bob", email),
        lambda act: user.change(act, PLANS, "alice", email=email),
    ):
        with pytest.raises(Invalid) as refused:
            await do(work)
        assert refused.value.field == "email"


async def test_a_plan_that_the_settings_lack_is_refused_wherever_it_is_given(do: Do) -> None:
    await do(adding("alice"))
    for work in (
        adding("bob", plan="gold"),
        lambda act: user.change(act, PLANS, "alice", plan="gold"),
    ):
        with pytest.raises(Invalid, match="choose one of free"):
            await do(work)


async def test_what_is_not_given_stays(do: Do) -> None:
    await do(adding("alice", "alice@a.example"))
    changed = await do(lambda act: user.change(act, PLANS, "alice", is_admin=True))
    assert (changed.email, changed.plan, changed.is_admin) == ("alice@a.example", "free", True)


async def test_nobody_is_changed_who_is_not_there(do: Do) -> None:
    with pytest.raises(NotFound):
        await do(lambda act: user.change(act, PLANS, "nobody", plan="free"))
