"""What a request for a transfer is answered with."""

import sqlite3
from collections.abc import Callable
from functools import partial
from itertools import chain
from typing import TypeVar

import dns.message
import dns.rdatatype
import pytest

from nsd.change.edit import ZoneEdit
from nsd.errors import PermissionDenied
from nsd.message.transport import Transport
from nsd.secondary.access import Access
from nsd.secondary.delivery import deliver
from nsd.server.later import TransferRequest
from nsd.settings import TransferRule
from nsd.store import zones
from nsd.zone import rrtypes
from nsd.zone.name import from_text
from nsd.zone.record import Record
from tests.unit.secondary.asking import APEX, CLIENT, ask
from tests.unit.secondary.world import WHO, World

T = TypeVar("T")
EVERYTHING = TransferRule.parse(f"network={CLIENT}")
SOA, A, NS, TXT = 6, 1, 2, 16


@pytest.fixture
async def zone(world: World) -> World:
    """A world with a zone of one large record and the name servers."""
    await world.create("example.com.")
    await insert(world, txt("large", 5000))
    return world


def txt(owner: str, length: int) -> Record:
    rdata = b"".join(bytes((length,)) + b"x" * length for length in [100] * (length // 101))
    return Record(from_text(owner, APEX), rrtypes.TXT, 300, rdata)


async def change(world: World, body: Callable[[ZoneEdit], object]) -> int:
    """Change the zone; give the serial that it had before."""
    before = await world.serial(APEX)
    await world.changes.edit(WHO, lambda at: zones.by_apex(at, APEX), body)
    return before


async def insert(world: World, *records: Record) -> int:
    return await change(world, lambda edit: edit.insert_all(records))


async def answered(
    world: World, request: TransferRequest, rules: tuple[TransferRule, ...] = (EVERYTHING,)
) -> tuple[str, list[int]]:
    """Give what was sent, and the types of its records."""
    access = Access((), world.keyring, rules, request.client, None)

    def work(connection: sqlite3.Connection) -> tuple[str, list[bytes]]:
        delivery = deliver(request, access, connection)
        return delivery.what, list(delivery.messages)

    what, messages = await world.database.read(work)
    read = partial(dns.message.from_wire, one_rr_per_rrset=True)
    found = chain.from_iterable(read(message).answer for message in messages)
    return what, [int(rrset.rdtype) for rrset in found]


async def test_a_whole_zone_is_between_two_soas(zone: World) -> None:
    what, types = await answered(zone, ask())
    assert (what, types) == ("sent a zone", [SOA, NS, NS, TXT, SOA])


async def test_who_holds_the_serial_or_a_newer_one_gets_the_soa(zone: World) -> None:
    serial = await zone.serial(APEX)
    for held in (serial, serial + 1):
        assert await answered(zone, ask("IXFR", serial=held)) == ("sent no change", [SOA])


async def test_changes_of_several_steps_follow_one_another(zone: World) -> None:
    held = await insert(zone, txt("a", 101))
    await insert(zone, txt("b", 101))
    what, types = await answered(zone, ask("IXFR", serial=held))
    assert (what, types) == ("sent changes", [SOA, *[SOA, SOA, TXT] * 2, SOA])


async def test_changes_that_are_smaller_than_the_zone_are_sent_though_it_has_few_records(
    zone: World,
) -> None:
    held = await insert(zone, txt("small", 1010))
    what, _ = await answered(zone, ask("IXFR", serial=held))
    assert what == "sent changes"


async def test_instead_of_changes_that_are_larger_than_the_zone_it_is_sent_whole(
    zone: World,
) -> None:
    def delete(edit: ZoneEdit) -> None:
        for row in edit.at(from_text("other", APEX)):
            edit.delete(row)

    held = await insert(zone, txt("other", 5000))
    await change(zone, delete)
    what, types = await answered(zone, ask("IXFR", serial=held))
    assert (what, types) == ("sent a zone instead of changes", [SOA, NS, NS, TXT, SOA])


async def test_who_holds_a_serial_that_nobody_knows_gets_the_whole(zone: World) -> None:
    held = await zone.serial(APEX) - 1000
    what, _ = await answered(zone, ask("IXFR", serial=held))
    assert what == "sent a zone instead of changes"
    what, types = await answered(zone, ask("IXFR", serial=held, transport=Transport.UDP))
    assert (what, types) == ("sent an SOA", [SOA])


async def test_changes_that_no_datagram_holds_are_an_soa_there(zone: World) -> None:
    held = await insert(zone, txt("a", 101))
    await insert(zone, txt("b", 1515))
    over_udp = partial(ask, "IXFR", serial=held, transport=Transport.UDP)
    assert (await answered(zone, over_udp(limit=1232)))[1] == [SOA]
    whole = await answered(zone, over_udp(limit=65535))
    assert whole == await answered(zone, ask("IXFR", serial=held))


async def test_a_zone_that_is_not_there_and_one_that_is_not_allowed_are_refused_alike(
    zone: World,
) -> None:
    other = TransferRule.parse(f"network={CLIENT}&zone=example.org")
    with pytest.raises(PermissionDenied) as not_there:
        await answered(zone, ask(apex=from_text("example.org.")), (other,))
    with pytest.raises(PermissionDenied) as not_allowed:
        await answered(zone, ask(), (other,))
    assert not_there.value.detail == not_allowed.value.detail


async def test_a_zone_that_is_suspended_goes_to_nobody(zone: World) -> None:
    row = await zone.database.read(lambda at: zones.by_apex(at, APEX))
    await zone.database.write(lambda at: zones.suspend(at, row.id, 1))
    with pytest.raises(PermissionDenied):
        await answered(zone, ask())
