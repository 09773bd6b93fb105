"""Zones and accounts that are suspended: not served, kept as they are, and resumed as they were."""

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from nsd.account.act import Act
from nsd.account.principal import Principal
from nsd.change import suspension
from nsd.change.effect import Committed
from nsd.errors import Invalid, NotFound, PermissionDenied
from nsd.store import audit, catalogs, journal, users, zones
from nsd.store.defaults import Defaults
from nsd.zone import rrtypes
from nsd.zone.name import from_text
from tests.unit.change.process import APEX, ME, Open, Process, a, find

X = from_text("x.a.example.")
B = from_text("b.example.")
SUFFIX = from_text("catalog.invalid.")

Work = Callable[[Act, Defaults], Committed[Any]]

suspend_zone: Work = partial(suspension.suspend_zone, find())
resume_zone: Work = partial(suspension.resume_zone, find())
suspend_me: Work = partial(suspension.suspend_account, "me")
resume_me: Work = partial(suspension.resume_account, "me")


async def perform(process: Process, *works: Work) -> None:
    for work in works:
        await process.changes.perform(ME, work)


async def owner(process: Process) -> Principal:
    user = await process.database.read(lambda connection: users.by_name(connection, "me"))
    return Principal("me", "test", user)


async def listed(process: Process) -> list[tuple[bytes, bytes]]:
    """Give what the first catalog lists: owners and targets of its PTR records."""

    def work(connection: sqlite3.Connection) -> list[tuple[bytes, bytes]]:
        return [
            tuple(row)
            for row in connection.execute(
                "SELECT owner, rdata FROM records WHERE type = ? AND zone_id IN"
                " (SELECT zone_id FROM catalogs) ORDER BY owner",
                (rrtypes.PTR,),
            )
        ]

    return await process.database.read(work)


@pytest.mark.parametrize(
    ("close", "reopen"), [(suspend_zone, resume_zone), (suspend_me, resume_me)]
)
async def test_what_is_suspended_is_resumed_as_it_was_in_every_process(
    opened: Open, close: Work, reopen: Work
) -> None:
    serving, beside = await opened(), await opened()
    row = await serving.create(a("x.a.example."))
    await beside.follower.follow_if_changed()
    for one, other in ((serving, beside), (beside, serving)):
        await perform(one, close)
        await other.follower.follow_if_changed()
        later = await opened()
        assert [process.zones[APEX].is_suspended for process in (one, other, later)] == [True] * 3
        await perform(one, reopen)
        await other.follower.follow_if_changed()
        for process in (one, other, await opened()):
            assert process.serial() == row.serial
            assert process.zones[APEX].rrset(X, rrtypes.A) is not None


async def test_what_changes_in_a_suspended_zone_is_served_once_it_is_resumed(
    opened: Open,
) -> None:
    serving = await opened()
    await serving.create()
    await perform(serving, suspend_zone)
    await serving.edit(lambda edit: edit.insert(a("x.a.example.")))
    assert serving.zones[APEX].is_suspended
    await perform(serving, resume_zone)
    assert serving.zones[APEX].rrset(X, rrtypes.A) is not None


async def test_a_suspension_stands_in_no_way_of_an_incremental_transfer(opened: Open) -> None:
    serving = await opened()
    row = await serving.create()
    await perform(serving, suspend_zone, resume_zone)
    await serving.edit(lambda edit: edit.insert(a("x.a.example.")))
    steps = await serving.database.read(
        lambda connection: journal.steps_from(
            connection, row.id, APEX, row.serial, serving.serial()
        )
    )
    assert steps is not None
    contents = await serving.database.read(
        lambda connection: [journal.content(connection, number) for number in steps.ids]
    )
    assert sum(added != b"" for _, added in contents) == 1


async def test_a_zone_that_was_suspended_itself_stays_so_when_its_account_is_resumed(
    opened: Open,
) -> None:
    serving = await opened()
    await serving.create()
    await serving.create(apex=B)
    await perform(serving, suspend_zone, suspend_me, resume_me)
    assert {apex: zone.is_suspended for apex, zone in serving.zones.items()} == {
        APEX: True,
        B: False,
    }


async def test_a_suspended_zone_leaves_its_catalog_and_comes_back_in_its_place(
    opened: Open,
) -> None:
    serving = await opened()
    row = await serving.create()
    await serving.create(apex=B)
    await serving.changes.ensure_catalog(ME, "default", SUFFIX)
    before = await listed(serving)
    await perform(serving, suspend_zone)
    assert [target for _, target in await listed(serving)] == [B]
    member = await serving.database.read(
        lambda connection: catalogs.groups_of(connection, [APEX])[APEX]
    )
    assert member == (row.serial, frozenset())
    await perform(serving, resume_zone)
    assert await listed(serving) == before


async def test_the_first_catalog_lists_no_suspended_zone_until_it_is_resumed(opened: Open) -> None:
    serving = await opened()
    await serving.create()
    await perform(serving, suspend_zone)
    await serving.changes.ensure_catalog(ME, "default", SUFFIX)
    assert await listed(serving) == []
    await perform(serving, resume_zone)
    assert [target for _, target in await listed(serving)] == [APEX]


async def test_a_zone_that_is_suspended_while_it_is_handed_over_has_left_its_former_group(
    opened: Open,
) -> None:
    serving = await opened()
    row = await serving.create()
    await serving.changes.ensure_catalog(ME, "default", SUFFIX)
    other = (await serving.changes.ensure_catalog(ME, "other", SUFFIX)).result
    await serving.changes.assign(ME, find(), "other", None, 3600)
    assert len(await listed(serving)) == 3
    await perform(serving, suspend_zone)
    assert await listed(serving) == []
    with pytest.raises(Invalid, match="suspended"):
        await serving.changes.assign(ME, find(), "default", None, 3600)
    await perform(serving, resume_zone)
    assert [target for _, target in await listed(serving)] == [APEX]
    member = await serving.database.read(lambda connection: catalogs.member(connection, row.id))
    assert member is not None
    assert (member.catalog_id, member.former_id) == (other.zone_id, None)


async def test_a_suspended_zone_leaves_no_trace_in_its_catalog_when_it_is_deleted(
    opened: Open,
) -> None:
    serving = await opened()
    await serving.create()
    await serving.changes.ensure_catalog(ME, "default", SUFFIX)
    await perform(serving, suspend_zone)
    await serving.delete()
    assert APEX not in serving.zones
    assert await listed(serving) == []


async def test_a_suspended_zone_is_not_its_owners_to_change_or_to_replace(opened: Open) -> None:
    serving = await opened()
    await serving.create()
    me = await owner(serving)
    await perform(serving, suspend_zone)
    with pytest.raises(PermissionDenied, match="suspended"):
        await serving.changes.edit(me, find(), lambda edit: edit.insert(a("x.a.example.")))
    with pytest.raises(PermissionDenied, match="suspended"):
        await serving.changes.delete_zone(me, find())
    with pytest.raises(Invalid, match=r"inside a\.example\., which is suspended"):
        await serving.changes.create_zone(me, 1, X, lambda _: None)


async def test_a_suspended_account_gets_no_new_zone(opened: Open) -> None:
    serving = await opened()
    await perform(serving, suspend_me)
    with pytest.raises(Invalid, match="this account is suspended"):
        await serving.create()


async def test_who_suspends_and_resumes_is_noted_once(opened: Open) -> None:
    serving = await opened()
    await serving.create()
    works = (suspend_zone, suspend_zone, resume_zone, resume_zone)
    await perform(serving, *works, suspend_me, suspend_me, resume_me, resume_me)
    noted = await serving.database.read(lambda connection: audit.newest(connection, 10))
    assert [(entry.verb, entry.kind, entry.name) for entry in reversed(noted)] == [
        ("suspend", "zone", "a.example."),
        ("resume", "zone", "a.example."),
        ("suspend", "user", "me"),
        ("resume", "user", "me"),
    ]
    assert len(await serving.entries()) == 5  # the zone is new, and then it changes four times


async def test_nobody_suspends_himself_the_server_or_a_catalog(opened: Open) -> None:
    serving = await opened()
    me = await owner(serving)
    catalog = (await serving.changes.ensure_catalog(ME, "default", SUFFIX)).result
    with pytest.raises(Invalid, match="your own"):
        await serving.changes.perform(me, suspend_me)
    with pytest.raises(NotFound):
        await perform(serving, partial(suspension.suspend_account, ""))
    with pytest.raises(NotFound):
        await perform(
            serving,
            partial(
                suspension.suspend_zone,
                lambda connection: zones.by_id(connection, catalog.zone_id),
            ),
        )
