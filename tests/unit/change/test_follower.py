"""What other processes change is followed into memory, and nothing is lost on the way."""

from typing import TypeVar

import pytest
from structlog.testing import capture_logs

from nsd.change import follow
from nsd.change.edit import ZoneEdit
from nsd.change.effect import Effect
from nsd.change.memory import by_apex
from nsd.errors import Unavailable
from nsd.store import served
from nsd.store.connection import Work
from nsd.zone import rrtypes
from nsd.zone.name import WireName, from_text
from tests.unit.change.process import APEX, DEFAULTS, Open, a, find

T = TypeVar("T")


async def test_what_one_process_changes_the_other_follows(opened: Open) -> None:
    serving, beside = await opened(), await opened(serves=False)
    told: list[WireName] = []
    serving.memory.listeners.append(by_apex(told.append))
    await beside.create(a("x.a.example."))
    assert await serving.follower.follow_if_changed()
    assert not await serving.follower.follow_if_changed()
    await beside.edit(lambda change: change.insert(a("y.a.example.")))
    await beside.edit(lambda change: change.delete(change.at(from_text("x.a.example."))[0]))
    assert await serving.follower.follow_if_changed()
    zone = serving.zones[APEX]
    assert zone.rrset(from_text("x.a.example."), rrtypes.A) is None
    assert zone.rrset(from_text("y.a.example."), rrtypes.A) is not None
    assert told == [APEX, APEX]


async def test_what_cannot_be_followed_at_once_is_followed_later(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    serving, beside = await opened(), await opened(serves=False)
    await beside.create(a("x.a.example."))

    async def read(_work: object) -> None:
        raise Unavailable("locked")

    with monkeypatch.context() as patched:
        patched.setattr(serving.database, "read", read)
        with pytest.raises(Unavailable):
            await serving.follower.follow_if_changed()
    assert await serving.follower.follow_if_changed()
    assert APEX in serving.zones


async def test_a_zone_deleted_and_created_anew_elsewhere_is_the_new_one(opened: Open) -> None:
    serving, beside = await opened(), await opened(serves=False)
    await serving.create(a("x.a.example."), a("y.a.example."))
    before = serving.serial()
    await beside.delete()
    await beside.create(a("z.a.example."))
    assert await serving.follower.follow_if_changed()
    fresh = await serving.database.read(
        lambda connection: served.load_zone(connection, find()(connection), DEFAULTS)
    )
    assert serving.zones[APEX].nodes == fresh.nodes
    assert serving.serial() > before
    await beside.delete()
    assert await serving.follower.follow_if_changed()
    assert serving.zones == {}


@pytest.mark.parametrize("beyond", [0, 1])
async def test_a_large_change_of_another_process_is_followed_by_building_the_zone_anew(
    opened: Open, beyond: int
) -> None:
    serving, beside = await opened(), await opened(serves=False)
    await serving.create(a("gone.a.example."), a("stays.a.example."))
    zone = serving.zones[APEX]
    told: list[Effect] = []
    serving.memory.listeners.append(told.append)
    touched = follow.RELOAD_ABOVE - 2 + beyond  # beside the apex, and the name that goes

    def change(edit: ZoneEdit) -> None:
        edit.delete(edit.at(from_text("gone.a.example."))[0])
        edit.insert_all([a(f"n{number}.a.example.") for number in range(touched)])

    await beside.edit(change)
    assert await serving.follower.follow_if_changed()
    fresh = await serving.database.read(
        lambda connection: served.load_zone(connection, find()(connection), DEFAULTS)
    )
    assert serving.zones[APEX].nodes == fresh.nodes
    assert serving.zones[APEX].children == fresh.children
    assert (serving.zones[APEX] is not zone) == bool(beyond)
    assert [(effect.zone is None, effect.alias_owners) for effect in told] == [(not beyond, None)]
    assert serving.memory.seen == (await serving.entries())[-1].id


async def test_an_own_change_brings_those_of_others_along(opened: Open) -> None:
    serving, beside = await opened(), await opened(serves=False)
    await serving.create()
    other = from_text("b.example.")
    await beside.create(apex=other)
    await beside.edit(lambda change: change.insert(a("theirs.a.example.")))
    await serving.edit(lambda change: change.insert(a("ours.a.example.")))
    assert serving.zones.keys() == {APEX, other}
    zone = serving.zones[APEX]
    for name in ("theirs.a.example.", "ours.a.example."):
        assert zone.rrset(from_text(name), rrtypes.A) is not None


async def test_a_change_that_cannot_be_shown_at_once_is_answered_and_shown_later(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    serving, beside = await opened(), await opened(serves=False)
    await serving.create()
    await beside.create(apex=from_text("b.example."))

    async def read(_work: object) -> None:
        raise Unavailable("locked")

    with monkeypatch.context() as patched, capture_logs() as lines:
        patched.setattr(serving.database, "read", read)
        await serving.edit(lambda change: change.insert(a("x.a.example.")))
    assert [line["event"] for line in lines] == ["a change could not be shown at once"]
    assert await serving.follower.follow_if_changed()
    assert serving.zones[APEX].rrset(from_text("x.a.example."), rrtypes.A) is not None


async def test_a_zone_that_is_loaded_again_shows_what_changed_while_it_was_read(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    serving = await opened()
    await serving.create()
    serving.memory.table.remove(APEX)
    read = serving.database.read

    async def slow_read(work: Work[T]) -> T:
        found = await read(work)
        await serving.edit(lambda change: change.insert(a("x.a.example.")))
        return found

    monkeypatch.setattr(serving.database, "read", slow_read)
    await serving.follower.load_again(APEX)
    assert serving.zones[APEX].rrset(from_text("x.a.example."), rrtypes.A) is not None
    monkeypatch.undo()
    assert serving.serial() == (await serving.entries())[-1].new_serial
