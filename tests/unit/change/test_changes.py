"""Changes: what they do to rows, journal and memory, and how those of others are followed."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from nsd.change.changes import Changes
from nsd.change.edit import ZoneEdit
from nsd.change.effect import Actor
from nsd.errors import Invalid, Unavailable
from nsd.service.defaults import zone_defaults
from nsd.settings import Settings
from nsd.store import journal, served, users, zones
from nsd.store.database import open_database
from nsd.store.defaults import Defaults
from nsd.store.zones import ZoneRow
from nsd.zone import rrtypes
from nsd.zone.name import WireName, from_text, to_text
from nsd.zone.record import Record
from nsd.zone.soa import Soa
from nsd.zone.table import ZoneTable

ACTOR = Actor("me", "test")
APEX = from_text("a.example.")
DEFAULTS = zone_defaults(Settings().zone)
Open = Callable[..., Awaitable[Changes]]


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Open]:
    """Open the same database as one process after another, or beside another, would."""
    async with AsyncExitStack() as ending:

        async def begin(defaults: Defaults = DEFAULTS, *, serves: bool = True) -> Changes:
            database = await open_database(tmp_path)
            ending.push_async_callback(database.close)
            table = ZoneTable() if serves else None
            changes = Changes(database, table, defaults, Settings().plans)
            if serves:
                await changes.load()
            return changes

        changes = await begin()
        await changes.database.write(
            lambda connection: users.add(
                connection, "me", email="", plan="unlimited", is_admin=False, now=1
            )
        )
        yield begin


def a(owner: str, address: int = 1, ttl: int = 60) -> Record:
    return Record(from_text(owner), rrtypes.A, ttl, bytes((192, 0, 2, address)))


def find(apex: WireName = APEX) -> Callable[..., ZoneRow]:
    return lambda connection: zones.by_apex(connection, apex)


async def entries(changes: Changes) -> list[journal.Entry]:
    return await changes.database.read(lambda connection: list(journal.after(connection, 0)))


def shown(octets: bytes) -> list[str]:
    return [
        f"{to_text(record.owner)} {rrtypes.to_text(record.rrtype)} {record.ttl}"
        for record in journal.decode(octets)
    ]


async def create(changes: Changes, *records: Record, apex: WireName = APEX) -> ZoneRow:
    return await changes.create_zone(ACTOR, 1, apex, lambda edit: edit.insert_all(records))


async def edit(changes: Changes, body: Callable[[ZoneEdit], object]) -> None:
    await changes.edit(ACTOR, find(), body)


def serial_in_memory(changes: Changes, apex: WireName = APEX) -> int:
    assert changes.table is not None
    return changes.table.by_apex[apex].serial


async def test_an_entry_holds_what_went_and_what_came_the_soa_first(opened: Open) -> None:
    changes = await opened()
    zone = await create(changes, a("x.a.example."))

    def body(change: ZoneEdit) -> None:
        change.insert(a("x.a.example.", 2))
        change.insert(a("y.a.example.", 3, ttl=600))

    await edit(changes, body)
    first, second = await entries(changes)
    assert (first.old_serial, first.new_serial) == (None, zone.serial)
    assert first.removed == b""
    assert shown(first.added)[0] == "a.example. SOA 3600"
    assert sorted(shown(first.added)[1:]) == ["a.example. NS 86400"] * 2 + ["x.a.example. A 60"]
    assert (second.old_serial, second.new_serial) == (zone.serial, zone.serial + 1)
    assert shown(second.removed) == ["a.example. SOA 3600"]
    assert sorted(shown(second.added)) == [
        "a.example. SOA 3600",
        "x.a.example. A 60",
        "y.a.example. A 600",
    ]
    assert (second.actor, second.door, second.apex) == ("me", "test", APEX)


async def test_a_lower_ttl_of_one_record_is_a_change_of_its_whole_rrset(opened: Open) -> None:
    changes = await opened()
    await create(changes, a("x.a.example.", 1, 600), a("x.a.example.", 2, 600))
    await edit(changes, lambda change: change.insert(a("x.a.example.", 3, 60)))
    last = (await entries(changes))[-1]
    assert shown(last.removed)[1:] == ["x.a.example. A 600"] * 2
    assert shown(last.added)[1:] == ["x.a.example. A 60"] * 3


async def test_own_name_servers_take_the_place_of_the_default_in_the_journal_too(
    opened: Open,
) -> None:
    changes = await opened()
    await create(changes)
    own = Record(APEX, rrtypes.NS, 60, from_text("ns.b.example."))
    await edit(changes, lambda change: change.insert(own))
    last = (await entries(changes))[-1]
    assert shown(last.removed)[1:] == ["a.example. NS 86400"] * 2
    assert shown(last.added)[1:] == ["a.example. NS 60"]

    def delete(change: ZoneEdit) -> None:
        (row,) = change.at(APEX)
        change.delete(row)

    await edit(changes, delete)
    last = (await entries(changes))[-1]
    assert shown(last.removed)[1:] == ["a.example. NS 60"]
    assert shown(last.added)[1:] == ["a.example. NS 86400"] * 2


async def test_a_deleted_zone_is_an_entry_of_all_that_it_held(opened: Open) -> None:
    changes = await opened()
    await create(changes, a("x.a.example."))
    await changes.delete_zone(ACTOR, find())
    first, last = await entries(changes)
    assert (last.old_serial, last.new_serial, last.added) == (first.new_serial, None, b"")
    assert sorted(shown(last.removed)) == sorted(shown(first.added))
    assert changes.table is not None
    assert changes.table.by_apex == {}


async def test_a_refused_change_leaves_no_entry_and_no_trace(opened: Open) -> None:
    changes = await opened()
    await create(changes, a("x.a.example."))
    before = serial_in_memory(changes)
    told: list[WireName] = []
    changes.listeners.append(told.append)
    with pytest.raises(Invalid):
        await edit(changes, lambda change: change.insert(a("x.a.example.")))
    assert len(await entries(changes)) == 1
    assert (serial_in_memory(changes), told) == (before, [])


async def test_what_one_process_changes_the_other_follows(opened: Open) -> None:
    serving, beside = await opened(), await opened(serves=False)
    told: list[WireName] = []
    serving.listeners.append(told.append)
    await create(beside, a("x.a.example."))
    assert await serving.follow_if_changed()
    assert not await serving.follow_if_changed()
    await edit(beside, lambda change: change.insert(a("y.a.example.")))
    await edit(beside, lambda change: change.delete(change.at(from_text("x.a.example."))[0]))
    assert await serving.follow_if_changed()
    assert serving.table is not None
    zone = serving.table.by_apex[APEX]
    assert zone.rrset(from_text("x.a.example."), rrtypes.A) is None
    assert zone.rrset(from_text("y.a.example."), rrtypes.A) is not None
    assert told == [APEX, APEX]


async def test_what_cannot_be_followed_at_once_is_followed_later(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    serving, beside = await opened(), await opened(serves=False)
    await create(beside, a("x.a.example."))

    async def read(_work: object) -> None:
        raise Unavailable("locked")

    with monkeypatch.context() as patched:
        patched.setattr(serving.database, "read", read)
        with pytest.raises(Unavailable):
            await serving.follow_if_changed()
    assert await serving.follow_if_changed()
    assert serving.table is not None
    assert APEX in serving.table.by_apex


async def test_a_zone_deleted_and_created_anew_elsewhere_is_the_new_one(opened: Open) -> None:
    serving, beside = await opened(), await opened(serves=False)
    await create(serving, a("x.a.example."), a("y.a.example."))
    before = serial_in_memory(serving)
    await beside.delete_zone(ACTOR, find())
    await create(beside, a("z.a.example."))
    assert await serving.follow_if_changed()
    assert serving.table is not None
    fresh = await serving.database.read(
        lambda connection: served.load_zone(connection, find()(connection), DEFAULTS)
    )
    assert serving.table.by_apex[APEX].nodes == fresh.nodes
    assert serial_in_memory(serving) > before
    await beside.delete_zone(ACTOR, find())
    assert await serving.follow_if_changed()
    assert serving.table.by_apex == {}


async def test_an_own_change_brings_those_of_others_along(opened: Open) -> None:
    serving, beside = await opened(), await opened(serves=False)
    await create(serving)
    other = from_text("b.example.")
    await create(beside, apex=other)
    await edit(beside, lambda change: change.insert(a("theirs.a.example.")))
    await edit(serving, lambda change: change.insert(a("ours.a.example.")))
    assert serving.table is not None
    assert serving.table.by_apex.keys() == {APEX, other}
    zone = serving.table.by_apex[APEX]
    for name in ("theirs.a.example.", "ours.a.example."):
        assert zone.rrset(from_text(name), rrtypes.A) is not None


async def test_new_defaults_change_the_zones_that_rely_on_them_and_no_others(opened: Open) -> None:
    first = await opened()
    await create(first)
    own = from_text("own.example.")
    soa = Soa(60, from_text("m."), from_text("r."), 1, 7200, 900, 1209600, 300)
    ns = Record(own, rrtypes.NS, 60, from_text("ns.b.example."))
    await first.create_zone(ACTOR, 1, own, lambda change: change.replace_content(soa, [ns]))
    serials = {apex: serial_in_memory(first, apex) for apex in (APEX, own)}

    servers = (from_text("new1.example."), from_text("new2.example."))
    second = await opened(replace(DEFAULTS, nameservers=servers, ns_ttl=99))
    assert serial_in_memory(second) == serials[APEX] + 1
    assert second.table is not None
    found = second.table.by_apex[APEX].rrset(APEX, rrtypes.NS)
    assert found is not None
    assert (found.rdatas, found.ttl) == (servers, 99)
    assert second.table.by_apex[APEX].soa.rdatas[0].startswith(servers[0])
    last = (await entries(second))[-1]
    assert (last.apex, last.door) == (APEX, "settings")
    assert shown(last.removed) == ["a.example. SOA 3600"] + ["a.example. NS 86400"] * 2
    assert shown(last.added) == ["a.example. SOA 3600"] + ["a.example. NS 99"] * 2
    assert serial_in_memory(second, own) == serials[own]

    third = await opened(second.defaults)
    assert serial_in_memory(third) == serials[APEX] + 1


async def test_a_zone_begins_after_the_serials_of_its_predecessor(opened: Open) -> None:
    changes = await opened()
    await create(changes)
    ahead = (serial_in_memory(changes) + 2**31 - 1) % 2**32
    soa = replace(DEFAULTS.soa(await changes.database.read(find())), serial=ahead)
    await edit(changes, lambda change: change.replace_content(soa, []))
    assert serial_in_memory(changes) == ahead
    await changes.delete_zone(ACTOR, find())
    zone = await create(changes)
    assert zone.serial == ahead + 1


async def test_a_large_change_is_served_like_a_small_one(opened: Open) -> None:
    changes = await opened()
    await create(changes)
    many = [a(f"n{number}.a.example.") for number in range(6000)]
    await edit(changes, lambda change: change.insert_all(many))
    assert changes.table is not None
    patched = changes.table.by_apex[APEX]
    assert len(patched.nodes) == 6001

    beside = await opened(serves=False)

    def delete(change: ZoneEdit) -> None:
        for record in many:
            change.delete(change.at(record.owner)[0])

    await edit(beside, delete)
    assert await changes.follow_if_changed()
    assert len(changes.table.by_apex[APEX].nodes) == 1
