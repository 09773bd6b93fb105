"""Zones that change hands, and accounts that are removed with all that they have."""

from functools import partial

import pytest

from nsd.change import suspension
from nsd.change.removal import remove_account
from nsd.errors import NotFound, Unavailable
from nsd.store import users, zones
from nsd.store.zones import ZoneRow
from nsd.zone.name import from_text
from tests.unit.change.process import APEX, ME, Open, Process, a, find

B = from_text("b.example.")


async def add_user(process: Process, name: str) -> users.User:
    return await process.database.write(
        lambda connection: users.add(
            connection, name, email="", plan="unlimited", is_admin=False, now=1
        )
    )


async def owned(process: Process, user_id: int) -> list[ZoneRow]:
    return await process.database.read(lambda connection: zones.of_user(connection, user_id))


async def test_a_moved_zone_is_the_other_accounts_in_every_process_with_its_serial(
    opened: Open,
) -> None:
    serving, beside = await opened(), await opened()
    row = await serving.create(a("x.a.example."))
    await beside.follower.follow_if_changed()
    other = await add_user(serving, "other")
    move = partial(suspension.move_zone, find(), "other", serving.changes.plans)
    assert (await serving.changes.perform(ME, move)).result.user_id == other.id
    await beside.follower.follow_if_changed()
    for process in (serving, beside, await opened()):
        assert process.zones[APEX].account == other.id
        assert process.serial() == row.serial
    assert not (await serving.changes.perform(ME, move)).effects


async def test_a_zone_is_given_to_nobody_that_is_not_there(opened: Open) -> None:
    serving = await opened()
    await serving.create()
    for name in ("nobody", ""):
        move = partial(suspension.move_zone, find(), name, serving.changes.plans)
        with pytest.raises(NotFound):
            await serving.changes.perform(ME, move)


async def test_a_removal_that_is_cut_short_leaves_the_account_suspended_and_is_done_again(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    serving = await opened()
    await serving.create()
    await serving.create(apex=B)
    delete = serving.changes.delete_zone

    async def delete_one(*given: object) -> object:
        if len(await owned(serving, 1)) == 1:
            raise Unavailable("the disk is full")
        return await delete(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(serving.changes, "delete_zone", delete_one)
        with pytest.raises(Unavailable):
            await remove_account(serving.changes, ME, "me")
    assert [zone.suspended_by for zone in await owned(serving, 1)] == ["account"]
    assert [zone.is_suspended for zone in serving.zones.values()] == [True]
    had = (await remove_account(serving.changes, ME, "me")).result
    assert len(had.zones) == 1
    assert serving.zones == {}
    with pytest.raises(NotFound):
        await remove_account(serving.changes, ME, "me")
