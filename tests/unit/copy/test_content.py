"""What a copy holds after changes, and that changes which do not fit leave it as it was."""

from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest

from nsd.account.principal import Principal
from nsd.change.changes import Changes
from nsd.copy.assembly import Fetched, Same
from nsd.copy.content import fill, replace
from nsd.errors import BadTransfer
from nsd.service.defaults import zone_defaults
from nsd.settings import Settings
from nsd.store import copies, records, users, zones
from nsd.store.database import open_database
from nsd.zone import rrtypes
from nsd.zone.name import from_text
from nsd.zone.name_fields import canonical
from nsd.zone.record import Record
from nsd.zone.soa import Soa

APEX = from_text("example.com.")
DNSKEY = 48
WHO = Principal("me", "test")


def soa(serial: int) -> Soa:
    host = from_text("ns.example.com.")
    return Soa(300, host, host, serial, 7200, 900, 1209600, 60)


def mx(owner: str, target: str, ttl: int = 300) -> Record:
    return Record(from_text(owner, APEX), rrtypes.MX, ttl, b"\0\x0a" + wire(target))


def wire(target: str) -> bytes:
    """Write a name in wire form, letters' case kept."""
    return b"".join(bytes((len(label),)) + label.encode() for label in target.split("."))


def by_same(many: Iterable[Record]) -> dict[Same, Record]:
    return {(one.owner, one.rrtype, canonical(one.rrtype, one.rdata)): one for one in many}


class Held:
    """A copy in a database of its own."""

    def __init__(self, changes: Changes) -> None:
        self.changes = changes

    async def make(self, *content: Record) -> None:
        await self.changes.create_zone(
            WHO,
            1,
            APEX,
            lambda edit: fill(edit, soa(1), content, is_own=False),
            copies.Primary("192.0.2.1", 53, None),
        )

    async def take(self, fetched: Fetched) -> None:
        await self.changes.edit(
            WHO,
            lambda at: zones.by_apex(at, APEX),
            lambda edit: replace(edit, fetched),
            is_copy=True,
        )

    async def change(self, *, removed: Iterable[Record] = (), added: Iterable[Record] = ()) -> None:
        await self.take(Fetched(soa(2), False, by_same(removed), by_same(added)))

    async def content(self) -> tuple[int, set[Record]]:
        """Give the serial and the records, without what the store adds to them."""
        row = await self.changes.database.read(lambda at: zones.by_apex(at, APEX))
        rows = await self.changes.database.read(lambda at: list(records.of_zone(at, row.id)))
        return row.serial, {Record(*one.record[:4]) for one in rows}


@pytest.fixture
async def held(tmp_path: Path) -> AsyncIterator[Held]:
    database = await open_database(tmp_path)
    settings = Settings()
    changes = Changes(database, zone_defaults(settings.zone), settings.plans, wall=lambda: 1)
    await changes.store_defaults()
    await database.write(
        lambda at: users.add(at, "me", email="", plan="unlimited", is_admin=False, now=1)
    )
    yield Held(changes)
    await database.close()


async def test_changes_come_to_what_is_there(held: Held) -> None:
    stays, goes, comes = mx("stays", "a."), mx("goes", "a."), mx("comes", "a.")
    await held.make(stays, goes)
    await held.change(removed=[goes], added=[comes])
    assert await held.content() == (2, {stays, comes})


async def test_a_record_is_found_whatever_the_case_of_names_in_it(held: Held) -> None:
    await held.make(mx("a", "mail.example."))
    await held.change(removed=[mx("a", "MAIL.example.")])
    assert await held.content() == (2, set())


async def test_a_record_that_goes_and_comes_has_the_new_ttl(held: Held) -> None:
    await held.make(mx("a", "mail.", ttl=300))
    new = mx("a", "mail.", ttl=60)
    await held.change(removed=[mx("a", "mail.", ttl=300)], added=[new])
    assert await held.content() == (2, {new})


async def test_changes_that_do_not_fit_leave_everything_as_it_was(held: Held) -> None:
    there, other = mx("a", "mail."), mx("a", "other.")
    await held.make(there)
    with pytest.raises(BadTransfer, match=r"remove MX at a\.example\.com\., which is not there"):
        await held.change(removed=[there, other])
    with pytest.raises(BadTransfer, match=r"add MX at a\.example\.com\., which is there"):
        await held.change(added=[other, there])
    assert await held.content() == (1, {there})


async def test_a_whole_zone_replaces_all(held: Held) -> None:
    there, new = mx("a", "mail."), mx("b", "mail.")
    await held.make(there)
    await held.take(Fetched(soa(9), True, {}, by_same([new])))
    assert await held.content() == (9, {new})


async def test_what_signing_makes_is_left_out_of_a_zone_that_becomes_our_own(held: Held) -> None:
    key = Record(APEX, DNSKEY, 300, b"\1\0\3\x0dkey")
    kept = mx("a", "mail.")
    await held.changes.create_zone(
        WHO, 1, APEX, lambda edit: fill(edit, soa(1), [kept, key], is_own=True)
    )
    assert (await held.content())[1] == {kept}
