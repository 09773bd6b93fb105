"""Changes: what they do to rows, journal and memory."""

import threading
from dataclasses import replace
from functools import partial

import pytest

from nsd.change.changes import FEW
from nsd.change.edit import ZoneEdit
from nsd.change.memory import by_apex
from nsd.errors import Invalid
from nsd.store import journal
from nsd.store.byline import Byline
from nsd.zone import rrtypes
from nsd.zone.name import WireName, from_text, to_text
from nsd.zone.record import Record
from nsd.zone.soa import Soa
from tests.unit.change.process import APEX, DEFAULTS, ME, Open, a, find


def shown(octets: bytes) -> list[str]:
    return [
        f"{to_text(record.owner)} {rrtypes.to_text(record.rrtype)} {record.ttl}"
        for record in journal.decode(octets)
    ]


async def test_an_entry_holds_what_went_and_what_came_the_soa_first(opened: Open) -> None:
    process = await opened()
    zone = await process.create(a("x.a.example."))

    def body(change: ZoneEdit) -> None:
        change.insert(a("x.a.example.", 2))
        change.insert(a("y.a.example.", 3, ttl=600))

    await process.edit(body)
    first, second = await process.entries()
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
    assert (second.byline, second.apex) == (ME.byline, APEX)


async def test_a_lower_ttl_of_one_record_is_a_change_of_its_whole_rrset(opened: Open) -> None:
    process = await opened()
    await process.create(a("x.a.example.", 1, 600), a("x.a.example.", 2, 600))
    await process.edit(lambda change: change.insert(a("x.a.example.", 3, 60)))
    last = (await process.entries())[-1]
    assert shown(last.removed)[1:] == ["x.a.example. A 600"] * 2
    assert shown(last.added)[1:] == ["x.a.example. A 60"] * 3


async def test_own_name_servers_take_the_place_of_the_default_in_the_journal_too(
    opened: Open,
) -> None:
    process = await opened()
    await process.create()
    own = Record(APEX, rrtypes.NS, 60, from_text("ns.b.example."))
    await process.edit(lambda change: change.insert(own))
    last = (await process.entries())[-1]
    assert shown(last.removed)[1:] == ["a.example. NS 86400"] * 2
    assert shown(last.added)[1:] == ["a.example. NS 60"]

    def delete(change: ZoneEdit) -> None:
        (row,) = change.at(APEX)
        change.delete(row)

    await process.edit(delete)
    last = (await process.entries())[-1]
    assert shown(last.removed)[1:] == ["a.example. NS 60"]
    assert shown(last.added)[1:] == ["a.example. NS 86400"] * 2


async def test_a_deleted_zone_is_an_entry_of_all_that_it_held(opened: Open) -> None:
    process = await opened()
    await process.create(a("x.a.example."))
    await process.delete()
    first, last = await process.entries()
    assert (last.old_serial, last.new_serial, last.added) == (first.new_serial, None, b"")
    assert sorted(shown(last.removed)) == sorted(shown(first.added))
    assert process.zones == {}


async def test_a_refused_change_leaves_no_entry_and_no_trace(opened: Open) -> None:
    process = await opened()
    await process.create(a("x.a.example."))
    before = process.serial()
    told: list[WireName] = []
    process.memory.listeners.append(by_apex(told.append))
    with pytest.raises(Invalid):
        await process.edit(lambda change: change.insert(a("x.a.example.")))
    assert len(await process.entries()) == 1
    assert (process.serial(), told) == (before, [])


async def test_new_defaults_change_the_zones_that_rely_on_them_and_no_others(opened: Open) -> None:
    first = await opened()
    await first.create()
    own = from_text("own.example.")
    soa = Soa(60, from_text("m."), from_text("r."), 1, 7200, 900, 1209600, 300)
    ns = Record(own, rrtypes.NS, 60, from_text("ns.b.example."))
    await first.changes.create_zone(ME, 1, own, lambda change: change.replace_content(soa, [ns]))
    serials = {apex: first.serial(apex) for apex in (APEX, own)}

    servers = (from_text("new1.example."), from_text("new2.example."))
    second = await opened(replace(DEFAULTS, nameservers=servers, ns_ttl=99))
    assert second.serial() == serials[APEX] + 1
    found = second.zones[APEX].rrset(APEX, rrtypes.NS)
    assert found is not None
    assert (found.rdatas, found.ttl) == (servers, 99)
    assert second.zones[APEX].soa.rdatas[0].startswith(servers[0])
    last = (await second.entries())[-1]
    assert (last.apex, last.byline) == (APEX, Byline("", "", "settings", ""))
    assert shown(last.removed) == ["a.example. SOA 3600"] + ["a.example. NS 86400"] * 2
    assert shown(last.added) == ["a.example. SOA 3600"] + ["a.example. NS 99"] * 2
    assert second.serial(own) == serials[own]

    third = await opened(second.changes.defaults)
    assert third.serial() == serials[APEX] + 1


async def test_a_zone_begins_after_the_serials_of_its_predecessor(opened: Open) -> None:
    process = await opened()
    await process.create()
    ahead = (process.serial() + 2**31 - 1) % 2**32
    soa = replace(DEFAULTS.soa(await process.database.read(find())), serial=ahead)
    await process.edit(lambda change: change.replace_content(soa, []))
    assert process.serial() == ahead
    await process.delete()
    zone = await process.create()
    assert zone.serial == ahead + 1


async def test_a_large_change_is_served_like_a_small_one(opened: Open) -> None:
    process = await opened()
    await process.create()
    many = [a(f"n{number}.a.example.") for number in range(6000)]
    await process.edit(lambda change: change.insert_all(many))
    patched = process.zones[APEX]
    assert len(patched.nodes) == 6001

    beside = await opened(serves=False)

    def delete(change: ZoneEdit) -> None:
        for record in many:
            change.delete(change.at(record.owner)[0])

    await beside.edit(delete)
    assert await process.follower.follow_if_changed()
    assert len(process.zones[APEX].nodes) == 1


async def test_an_edit_runs_on_the_event_loop_until_it_turns_out_to_be_large(opened: Open) -> None:
    process = await opened()
    places: list[int] = []

    def body(count: int, change: ZoneEdit) -> None:
        places.append(threading.get_ident())
        change.insert_all([a(f"n{change.count + number}.a.example.") for number in range(count)])

    def touch_all(change: ZoneEdit) -> None:
        places.append(threading.get_ident())
        change.touch_everything()
        change.delete(next(change.rows()))

    here = threading.get_ident()
    await process.create()
    await process.edit(partial(body, 1))
    await process.edit(partial(body, FEW // 2))  # a name that is read counts too
    assert places == [here, here]
    await process.edit(partial(body, FEW // 2 + 1))
    await process.edit(touch_all)
    assert [place == here for place in places[2:]] == [True, False] * 2
    zone = await process.database.read(find())
    assert zone.record_count == len(process.zones[APEX].nodes) - 1 == FEW + 1
