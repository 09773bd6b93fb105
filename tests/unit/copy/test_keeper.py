"""Copies of other servers' zones: asked for, expired and served again, by clocks of the test."""

import asyncio
import socket
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import dns.message
import dns.rrset
import pytest
from structlog.testing import capture_logs

from nsd.account.keyring import Keyring
from nsd.account.principal import Principal
from nsd.background import Background
from nsd.change.changes import Changes
from nsd.change.edit import ZoneEdit
from nsd.change.follower import Follower
from nsd.change.memory import Memory
from nsd.copy import keeper
from nsd.copy.content import fill
from nsd.copy.keeper import Copies
from nsd.message.tsig import Key
from nsd.rcode import Rcode
from nsd.service.defaults import zone_defaults
from nsd.settings import Settings
from nsd.store import copies, users, zones
from nsd.store.database import Database, open_database
from nsd.store.secret import SecretBox
from nsd.store.tsig_keys import TsigKeys
from nsd.zone import rrtypes
from nsd.zone.name import WireName, from_text
from nsd.zone.record import Record
from nsd.zone.soa import Soa
from nsd.zone.table import ZoneTable

REFRESH, RETRY, EXPIRE = 1000, 100, 5000
WHO = Principal("me", "test")
APEX = from_text("copy.example.")
NAME = from_text("ns.copy.example.")


class Clock:
    """Time that goes forward only when the test says so; wall and monotonic time are one."""

    def __init__(self) -> None:
        self.now = float(int(time.time()))

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def unreadable(database: Database) -> AsyncIterator[None]:
    """Take the table of zones away from the readers for a while."""
    await database.write(lambda connection: connection.execute("ALTER TABLE zones RENAME TO away"))
    yield
    await database.write(lambda connection: connection.execute("ALTER TABLE away RENAME TO zones"))


class Primary:
    """A primary on a real socket; `answer` gives what it sends, message by message."""

    def __init__(self) -> None:
        self.address = copies.Primary("", 0, None)
        self.serial = 1
        self.asked = 0
        self.is_gone = False
        self.was_asked = asyncio.Event()
        self.holds_back = asyncio.Event()
        self.holds_back.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            length = int.from_bytes(await reader.readexactly(2), "big")
            query = dns.message.from_wire(await reader.readexactly(length))
            self.asked += 1
            self.was_asked.set()
            await self.holds_back.wait()
            if self.is_gone:
                return
            wire = self._answer(query).to_wire()
            writer.write(len(wire).to_bytes(2, "big") + wire)
            await writer.drain()
        finally:
            writer.close()

    async def is_asked(self) -> None:
        async with asyncio.timeout(10):
            await self.was_asked.wait()
        self.was_asked.clear()

    def _answer(self, query: dns.message.Message) -> dns.message.Message:
        response = dns.message.make_response(query)
        owner = query.question[0].name
        timers = f"{self.serial} {REFRESH} {RETRY} {EXPIRE} 60"
        soa = dns.rrset.from_text(owner, 300, "IN", "SOA", f"ns.{owner} h.{owner} {timers}")
        response.answer = [soa]
        if query.authority and query.authority[0][0].serial == self.serial:
            return response
        ns = dns.rrset.from_text(owner, 300, "IN", "NS", f"ns.{owner}")
        txt = dns.rrset.from_text(f"s.{owner}", 300, "IN", "TXT", str(self.serial))
        response.answer += [ns, txt, soa]
        return response


class World:
    """A database with an account, and what keeps its copies, on a clock of the test."""

    def __init__(self, database: Database, changes: Changes, follower: Follower) -> None:
        self.database = database
        self.changes = changes
        self.memory = follower.memory
        self.clock = Clock()
        self.background = Background(self.clock)
        keys = TsigKeys(SecretBox(database.path.parent))
        self.keyring = Keyring(database, keys, self.clock)
        self.copies = Copies(
            changes,
            follower,
            self.keyring,
            self.background,
            clock=self.clock,
            wall=self.clock,
        )

    async def begin(self) -> None:
        await self.keyring.load()
        await self.copies.reload()
        await self.finish()

    async def add(self, apex: WireName, primary: copies.Primary) -> None:
        """Store a copy that was fetched just now, with serial 1."""
        soa = Soa(300, NAME, NAME, 1, REFRESH, RETRY, EXPIRE, 60)
        record = Record(apex, rrtypes.NS, 300, NAME)
        await self.changes.create_zone(
            WHO,
            1,
            apex,
            lambda edit: fill(edit, soa, [record], is_own=False),
            primary,
        )
        await self.database.write(
            lambda connection: connection.execute(
                "UPDATE copies SET fetched_at = ?", (int(self.clock.now),)
            )
        )

    async def move(self, apex: WireName, primary: copies.Primary) -> None:
        """Store that a copy is fetched from another primary, as a command does."""
        row = await self.database.read(lambda connection: zones.by_apex(connection, apex))
        now = int(self.clock.now)
        await self.database.write(
            lambda connection: copies.put(connection, row.id, primary, now=now)
        )
        await self.copies.reload()

    async def finish(self) -> None:
        """Let the keeper do what is due, to its end."""
        self.copies.step()
        while self.background._entries:
            await asyncio.gather(*self.background._entries)
            self.copies.step()

    async def pass_time(self, seconds: float) -> None:
        self.clock.now += seconds
        await self.finish()

    def serial(self, apex: WireName = APEX) -> int | None:
        """Give the serial that is served; None where nothing is."""
        zone = self.memory.table.by_apex.get(apex)
        return None if zone is None else zone.serial


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    database = await open_database(tmp_path)
    settings = Settings()
    defaults = zone_defaults(settings.zone)
    follower = Follower(database, Memory(ZoneTable()), defaults)
    changes = Changes(database, defaults, settings.plans, follower, wall=time.time)
    await changes.store_defaults()
    await follower.load()
    await database.write(
        lambda connection: users.add(
            connection, "me", email="", plan="unlimited", is_admin=False, now=1
        )
    )
    world = World(database, changes, follower)
    yield world
    await world.background.close()
    await database.close()


@pytest.fixture
async def primary() -> AsyncIterator[Primary]:
    primary = Primary()
    server = await asyncio.start_server(primary.serve, "127.0.0.1", 0)
    primary.address = copies.Primary("127.0.0.1", server.sockets[0].getsockname()[1], None)
    yield primary
    primary.holds_back.set()
    server.close()
    await server.wait_closed()


@pytest.fixture
def nobody() -> Iterator[copies.Primary]:
    """An address at which nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield copies.Primary("127.0.0.1", bound.getsockname()[1], None)


async def test_a_copy_is_asked_for_at_once_and_again_after_its_refresh(
    world: World, primary: Primary
) -> None:
    await world.add(APEX, primary.address)
    await world.begin()
    assert (primary.asked, world.serial()) == (1, 1)
    primary.serial = 2
    await world.pass_time(REFRESH - 1)
    assert (primary.asked, world.serial()) == (1, 1)
    await world.pass_time(1)
    assert (primary.asked, world.serial()) == (2, 2)


async def test_a_primary_that_does_not_answer_is_asked_again_after_the_retry(
    world: World, nobody: copies.Primary
) -> None:
    await world.add(APEX, nobody)
    with capture_logs() as logs:
        await world.begin()
        await world.pass_time(RETRY)
    assert [entry["event"] for entry in logs] == [
        "a zone cannot be fetched: what we have stays"
    ] * 2
    assert world.serial() == 1


async def test_a_copy_that_nobody_confirms_expires_by_the_clock(
    world: World, nobody: copies.Primary
) -> None:
    await world.add(APEX, nobody)
    await world.begin()
    await world.pass_time(EXPIRE - 1)
    assert (world.serial(), world.copies.expired) == (1, set())
    await world.pass_time(1)
    assert (world.serial(), world.copies.expired) == (None, {APEX})


async def test_all_names_in_a_zone_that_has_expired_are_told_from_others(
    world: World, nobody: copies.Primary
) -> None:
    names = ["copy.example.", "a.b.copy.example.", "example.", "other.example.", "."]
    await world.add(APEX, nobody)
    await world.begin()
    assert not any(world.copies.has_expired(from_text(name)) for name in names)
    await world.pass_time(EXPIRE)
    assert [name for name in names if world.copies.has_expired(from_text(name))] == names[:2]


async def test_a_copy_expires_even_while_its_primary_is_being_asked(
    world: World, primary: Primary
) -> None:
    await world.add(APEX, primary.address)
    await world.begin()
    primary.holds_back.clear()
    world.clock.now += REFRESH
    world.copies.step()
    await primary.is_asked()
    world.clock.now += EXPIRE
    world.copies.step()
    assert world.serial() is None
    primary.holds_back.set()
    await world.finish()
    assert (world.serial(), world.copies.expired) == (1, set())


async def test_a_copy_that_expired_while_nothing_ran_is_not_served_at_the_start(
    world: World, nobody: copies.Primary
) -> None:
    await world.add(APEX, nobody)
    world.clock.now += EXPIRE
    await world.copies.reload()
    assert (world.serial(), world.copies.expired) == (None, {APEX})


async def test_an_expired_copy_is_served_again_when_its_primary_is_back_and_can_expire_anew(
    world: World, primary: Primary
) -> None:
    await world.add(APEX, primary.address)
    world.clock.now += EXPIRE
    primary.serial = 2
    await world.begin()
    assert (world.serial(), world.copies.expired) == (2, set())
    primary.is_gone = True
    await world.pass_time(EXPIRE)
    assert (world.serial(), world.copies.expired) == (None, {APEX})


async def test_a_store_that_cannot_be_read_ends_neither_refresh_nor_expiry(
    world: World, primary: Primary
) -> None:
    await world.add(APEX, primary.address)
    await world.begin()
    with capture_logs() as logs:
        async with unreadable(world.database):
            await world.pass_time(REFRESH)
    assert "a zone cannot be fetched: what we have stays" in [entry["event"] for entry in logs]
    primary.serial = 2
    await world.pass_time(RETRY)
    assert world.serial() == 2
    async with unreadable(world.database):
        await world.pass_time(EXPIRE)
        assert world.serial() is None


async def test_an_expired_copy_that_becomes_our_own_is_served_at_once(
    world: World, nobody: copies.Primary
) -> None:
    await world.add(APEX, nobody)
    await world.begin()
    await world.pass_time(EXPIRE)

    def take_over(edit: ZoneEdit) -> None:
        edit.take_over()
        copies.remove(edit.connection, edit.zone.id)

    await world.changes.edit(WHO, lambda at: zones.by_apex(at, APEX), take_over, is_copy=True)
    await world.copies.reload()
    assert world.serial() == 2
    assert world.copies.expired == set()


async def test_an_expired_copy_that_another_process_fetched_is_served_again(
    world: World, nobody: copies.Primary
) -> None:
    await world.add(APEX, nobody)
    await world.begin()
    await world.pass_time(EXPIRE)
    now = int(world.clock.now)
    await world.database.write(lambda connection: copies.note_success(connection, 1, now))
    await world.copies.reload()
    assert (world.serial(), world.copies.expired) == (1, set())
    await world.pass_time(EXPIRE)
    assert world.serial() is None


async def test_an_expired_copy_that_is_deleted_is_forgotten(
    world: World, nobody: copies.Primary
) -> None:
    await world.add(APEX, nobody)
    await world.begin()
    await world.pass_time(EXPIRE)
    await world.changes.delete_zone(WHO, lambda at: zones.by_apex(at, APEX))
    await world.copies.reload()
    assert (world.serial(), world.copies.expired) == (None, set())
    assert world.copies.notified(APEX, "127.0.0.1", None) == Rcode.NOTAUTH


async def test_eight_primaries_that_never_answer_do_not_hold_up_a_ninth(
    world: World, primary: Primary
) -> None:
    slow = Primary()
    slow.holds_back.clear()
    async with AsyncExitStack() as ending:
        for number in range(2, 10):
            host = f"127.0.0.{number}"
            server = await asyncio.start_server(slow.serve, host, 0)
            ending.callback(server.close)
            address = copies.Primary(host, server.sockets[0].getsockname()[1], None)
            for zone in range(2 * keeper.PER_PRIMARY):
                await world.add(from_text(f"z{zone}.p{number}.example."), address)
        await world.add(APEX, primary.address)
        primary.serial = 2
        shown = asyncio.Event()
        world.memory.listeners.append(lambda _effect: shown.set())
        await world.copies.reload()
        world.copies.step()
        async with asyncio.timeout(10):
            await shown.wait()
        assert world.serial() == 2
        assert slow.asked == 8 * keeper.PER_PRIMARY
        slow.holds_back.set()
        await world.finish()
    assert slow.asked == 8 * 2 * keeper.PER_PRIMARY, "each is asked for in its turn"


def key(name: str) -> Key:
    return Key(from_text(name), "hmac-sha256", b"secret" * 6)


async def test_a_notify_is_taken_from_the_primary_by_its_address_or_its_own_key_only(
    world: World, primary: Primary
) -> None:
    ours = world.keyring.table
    for name in ("ours.", "other."):
        await world.database.write(
            partial(ours.add, name=from_text(name), algorithm="hmac-sha256", now=1)
        )
    address = copies.Primary(primary.address.host, primary.address.port, 1)
    await world.add(APEX, replace(address, key_id=1))
    await world.begin()
    answers = {
        "its address": world.copies.notified(APEX, "127.0.0.1", None),
        "its key": world.copies.notified(APEX, "192.0.2.9", key("ours.")),
        "another key that is known here": world.copies.notified(APEX, "192.0.2.9", key("other.")),
        "neither": world.copies.notified(APEX, "192.0.2.9", None),
        "another zone": world.copies.notified(NAME, "127.0.0.1", None),
    }
    assert answers == {
        "its address": Rcode.NOERROR,
        "its key": Rcode.NOERROR,
        "another key that is known here": Rcode.REFUSED,
        "neither": Rcode.REFUSED,
        "another zone": Rcode.NOTAUTH,
    }


async def test_a_notify_brings_the_next_question_forward_even_during_one(
    world: World, primary: Primary
) -> None:
    await world.add(APEX, primary.address)
    await world.begin()
    primary.serial = 2
    world.copies.notified(APEX, "127.0.0.1", None)
    await world.pass_time(keeper.GATHER_SECONDS)
    assert world.serial() == 2
    primary.holds_back.clear()
    world.copies.notified(APEX, "127.0.0.1", None)
    world.clock.now += keeper.GATHER_SECONDS
    world.copies.step()
    await primary.is_asked()
    world.copies.notified(APEX, "127.0.0.1", None)
    primary.holds_back.set()
    await world.finish()
    asked = primary.asked
    await world.pass_time(keeper.GATHER_SECONDS)
    assert primary.asked == asked + 1


async def test_notifies_in_quick_succession_do_not_put_the_question_off(
    world: World, primary: Primary
) -> None:
    await world.add(APEX, primary.address)
    await world.begin()
    for _ in range(4):
        world.copies.notified(APEX, "127.0.0.1", None)
        await world.pass_time(keeper.GATHER_SECONDS / 2)
    assert primary.asked == 3


async def test_a_copy_whose_primary_changes_while_it_waits_for_a_slot_is_still_kept(
    world: World, primary: Primary
) -> None:
    slow = Primary()
    slow.holds_back.clear()
    async with AsyncExitStack() as ending:
        server = await asyncio.start_server(slow.serve, "127.0.0.2", 0)
        ending.callback(server.close)
        address = copies.Primary("127.0.0.2", server.sockets[0].getsockname()[1], None)
        others = [from_text(f"z{number}.example.") for number in range(keeper.PER_PRIMARY)]
        for apex in (*others, APEX):
            await world.add(apex, address)
        await world.copies.reload()
        world.copies.step()
        await world.move(APEX, primary.address)
        slow.holds_back.set()
        with capture_logs() as logs:
            await world.finish()
    assert [entry for entry in logs if entry["log_level"] != "info"] == []
    asked = primary.asked
    assert asked >= 1
    await world.pass_time(REFRESH)
    assert primary.asked == asked + 1


async def test_a_copy_whose_primary_changes_while_it_is_asked_is_asked_for_again_soon(
    world: World, primary: Primary
) -> None:
    slow = Primary()
    slow.holds_back.clear()
    async with AsyncExitStack() as ending:
        server = await asyncio.start_server(slow.serve, "127.0.0.2", 0)
        ending.callback(server.close)
        address = copies.Primary("127.0.0.2", server.sockets[0].getsockname()[1], None)
        await world.add(APEX, address)
        await world.copies.reload()
        world.copies.step()
        await slow.is_asked()
        await world.move(APEX, primary.address)
        slow.holds_back.set()
        await world.finish()
        assert primary.asked == 0
        await world.pass_time(keeper.GATHER_SECONDS)
    assert primary.asked == 1


async def test_what_was_read_before_a_success_does_not_take_it_back(
    world: World, primary: Primary
) -> None:
    await world.add(APEX, primary.address)
    await world.begin()
    (before,) = await world.database.read(copies.everything)
    await world.pass_time(REFRESH)
    primary.is_gone = True
    await world.copies._take(before, None)
    await world.pass_time(EXPIRE - 1)
    assert world.serial() is not None


async def test_a_copy_that_is_made_anew_under_its_name_has_its_own_time(
    world: World, primary: Primary
) -> None:
    await world.add(APEX, primary.address)
    await world.begin()
    primary.is_gone = True
    await world.pass_time(EXPIRE - 1)
    await world.changes.delete_zone(WHO, lambda at: zones.by_apex(at, APEX))
    await world.add(APEX, primary.address)
    await world.copies.reload()
    await world.pass_time(EXPIRE - 1)
    assert (world.serial(), world.copies.expired) == (1, set())
    await world.pass_time(1)
    assert (world.serial(), world.copies.expired) == (None, {APEX})


async def test_many_copies_are_read_at_once(
    world: World, nobody: copies.Primary, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        await world.add(from_text(f"z{number}.example."), nobody)
    reads = 0
    read = world.database.read

    async def count(work: Callable[[sqlite3.Connection], object]) -> object:
        nonlocal reads
        reads += 1
        return await read(work)

    monkeypatch.setattr(world.database, "read", count)
    await world.copies.reload()
    assert reads == 1
