"""Keeps copies of other servers' zones current: refresh, retry, expire (RFC 1034, section 4.3.5).

A primary is asked when its NOTIFY comes and when the zone's timers say so. Whatever it sends that
breaks the rules leaves the last good zone. What nobody confirmed for the time of `expire` is
served no longer: the clock alone decides that, whatever becomes of asking.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import structlog

from nsd.account.keyring import Keyring
from nsd.account.principal import Principal
from nsd.agenda import Agenda
from nsd.background import Background
from nsd.change.changes import Changes
from nsd.change.edit import ZoneEdit
from nsd.change.follower import Follower
from nsd.copy import content
from nsd.copy.assembly import Fetched
from nsd.copy.fetch import fetch
from nsd.copy.slots import Slots
from nsd.errors import BadTransfer, NotFound, NsdError
from nsd.message.tsig import Key
from nsd.rcode import Rcode
from nsd.store import copies, zones
from nsd.store.copies import CopyRow
from nsd.zone.name import ROOT, WireName, parent, to_text
from nsd.zone.soa import Soa

log = structlog.get_logger()

AT_ONCE: Final = 64
PER_PRIMARY: Final = 4
GATHER_SECONDS: Final = 0.1  # after a NOTIFY: more changes may follow
LEAST_SECONDS: Final = 1.0  # between two fetches of a zone
MOST_SECONDS: Final = 86400.0
PRINCIPAL: Final = Principal.server("transfer")


@dataclass(slots=True, eq=False)
class Copy:
    """One zone, and what is held of it; `is_notified` while its primary has said something new."""

    row: CopyRow
    held: Soa
    is_busy: bool = False
    is_notified: bool = False

    @property
    def apex(self) -> WireName:
        """The zone's name."""
        return self.row.apex

    @property
    def expires_at(self) -> float:
        """The time, in Unix seconds, from which it may not be served."""
        return self.row.fetched_at + self.held.expire


class Copies:
    """All zones that are copies; `expired` are those served no longer.

    `clock` gives seconds that only go forward, `wall` Unix seconds.
    """

    def __init__(
        self,
        changes: Changes,
        follower: Follower,
        keyring: Keyring,
        background: Background,
        *,
        clock: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        self.expired: set[WireName] = set()
        self._changes = changes
        self._follower = follower
        self._keyring = keyring
        self._background = background
        self._clock = clock
        self._wall = wall
        self._copies: dict[WireName, Copy] = {}
        self._asking = Agenda[Copy]()
        self._slots = Slots[Copy](AT_ONCE, PER_PRIMARY)
        self._expiring = Agenda[Copy]()  # by `wall`
        self._wake = asyncio.Event()
        self._reloading = asyncio.Lock()

    async def reload(self) -> None:
        """Keep the zones that the store says are copies now. Raises Unavailable."""
        async with self._reloading:
            stored = await self._changes.database.read(copies.everything)
            wanted = {row.apex: row for row in stored}
            for apex in self._copies.keys() - wanted.keys():
                await self._leave(self._copies[apex])
            for apex, row in wanted.items():
                await self._take(apex, row)
        self._expire_due()
        self._wake.set()

    async def run(self) -> None:
        """Ask and expire what is due, for ever."""
        while True:
            self._wake.clear()
            self.step()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._seconds_to_next()):
                    await self._wake.wait()

    def step(self) -> None:
        """Expire what is due, and begin to ask for what is due and has a slot."""
        self._expire_due()
        for copy in self._asking.take_due(self._clock()):
            copy.is_busy = True
            self._slots.wait(copy.row.primary.host, copy)
        while (next_copy := self._slots.next()) is not None:
            name = f"fetching the zone {to_text(next_copy.apex)}"
            self._background.once(name, self._ask(next_copy, next_copy.row))

    def has_expired(self, name: WireName) -> bool:
        """Tell whether the name is in a zone that has expired."""
        while self.expired:
            if name in self.expired:
                return True
            if name == ROOT:
                break
            name = parent(name)
        return False

    def notified(self, apex: WireName, client: str, key: Key | None) -> Rcode:
        """Take a NOTIFY from a zone's primary, known by its address or its key."""
        copy = self._copies.get(apex)
        if copy is None:
            return Rcode.NOTAUTH
        if not self._is_primary(copy.row, client, key):
            log.warning(
                "refused a NOTIFY",
                why="neither this address nor this key is the primary's",
                zone=to_text(apex),
                client=client,
            )
            return Rcode.REFUSED
        if copy.is_busy:
            copy.is_notified = True
        else:
            self._ask_in(copy, GATHER_SECONDS)
        return Rcode.NOERROR

    def _is_primary(self, row: CopyRow, client: str, key: Key | None) -> bool:
        by_key = key is not None and key.name == self._keyring.name_of(row.primary.key_id)
        return client == row.primary.host or by_key

    async def _take(self, apex: WireName, row: CopyRow) -> None:
        """Take in what is stored of a copy; ask at once where it or its primary is new."""
        copy = self._copies.get(apex)
        if copy is None or copy.row.zone_id != row.zone_id:
            try:
                copy = Copy(row, await self._stored_soa(row.zone_id))
            except NotFound:  # it was deleted a moment ago
                return
            self._copies[apex] = copy
            self._ask_in(copy, 0)
        elif copy.row.primary != row.primary and not copy.is_busy:
            self._ask_in(copy, 0)
        copy.row = row
        if apex in self.expired:  # another process may have fetched it
            copy.held = await self._stored_soa(row.zone_id)
            await self._serve_again(copy)
        self._expire_in_time(copy)

    async def _leave(self, copy: Copy) -> None:
        """Keep a zone no longer: it is gone, or it is our own now, and then it is served."""
        if copy.apex in self.expired:
            with contextlib.suppress(NotFound):
                await self._follower.load_again(copy.apex)
            self.expired.discard(copy.apex)
        self._asking.drop(copy)
        self._expiring.drop(copy)
        del self._copies[copy.apex]

    async def _stored_soa(self, zone_id: int) -> Soa:
        defaults = self._changes.defaults
        return await self._changes.database.read(
            lambda connection: defaults.soa(zones.by_id(connection, zone_id))
        )

    def _ask_in(self, copy: Copy, seconds: float) -> None:
        self._asking.put(copy, self._clock() + seconds)
        self._wake.set()

    def _seconds_to_next(self) -> float | None:
        ask, expire = self._asking.first, self._expiring.first
        waits = [] if ask is None else [ask - self._clock()]
        if expire is not None:
            waits.append(min(expire - self._wall(), 60.0))  # the wall clock may be set meanwhile
        return max(0.0, min(waits)) if waits else None

    async def _ask(self, copy: Copy, row: CopyRow) -> None:
        """Bring one copy up to date, and decide when to ask again."""
        seconds = copy.held.retry
        try:
            copy.held = await self._stored_soa(row.zone_id)
            await self._bring_up_to_date(copy, row)
            seconds = copy.held.refresh
        except NsdError as error:
            await self._note_failure(row, str(error))
        finally:
            self._slots.give_back(row.primary.host)
            self._ask_again(copy, seconds)

    def _ask_again(self, copy: Copy, seconds: float) -> None:
        if self._copies.get(copy.apex) is copy:
            pause = min(max(seconds, LEAST_SECONDS), MOST_SECONDS)
            self._ask_in(copy, GATHER_SECONDS if copy.is_notified else pause)
        copy.is_busy = copy.is_notified = False
        self._wake.set()

    async def _bring_up_to_date(self, copy: Copy, row: CopyRow) -> None:
        """Fetch and store what a zone is now. Raises NoAnswer, BadTransfer, Unavailable."""
        primary = row.primary
        keys = self._keyring.by_id(primary.key_id)
        fetched = await fetch(
            primary.host, primary.port, row.apex, keys, copy.held, wall=self._wall
        )
        try:
            await self._store(copy, row, fetched)
        except BadTransfer as error:
            log.warning(
                "changes do not fit the zone: the whole is fetched",
                zone=to_text(row.apex),
                why=str(error),
            )
            fetched = await fetch(primary.host, primary.port, row.apex, keys, None, wall=self._wall)
            await self._store(copy, row, fetched)
        if row.apex in self.expired:
            await self._serve_again(copy)

    async def _store(self, copy: Copy, row: CopyRow, fetched: Fetched) -> None:
        now = int(self._wall())
        if fetched.soa is None:
            await self._changes.database.write(
                lambda connection: copies.note_success(connection, row.zone_id, now)
            )
        else:
            await self._replace(copy, row, fetched, now)
            copy.held = fetched.soa
        if copy.row.primary == row.primary:
            copy.row = replace(copy.row, fetched_at=now, error="")
            self._expire_in_time(copy)

    async def _replace(self, copy: Copy, row: CopyRow, fetched: Fetched, now: int) -> None:
        assert fetched.soa is not None

        def change(edit: ZoneEdit) -> None:
            if not fetched.is_whole and edit.zone.serial != copy.held.serial:
                raise BadTransfer("the zone was fetched by somebody else meanwhile")
            content.replace(edit, fetched)
            copies.note_success(edit.connection, row.zone_id, now)

        await self._changes.edit(
            PRINCIPAL,
            lambda connection: zones.by_id(connection, row.zone_id),
            change,
            is_copy=True,
        )
        log.info(
            "fetched a zone" if fetched.is_whole else "fetched the changes of a zone",
            zone=to_text(row.apex),
            serial=fetched.soa.serial,
            primary=row.primary.host,
        )

    async def _note_failure(self, row: CopyRow, why: str) -> None:
        log.warning(
            "a zone cannot be fetched: what we have stays",
            zone=to_text(row.apex),
            primary=row.primary.host,
            why=why,
        )
        copy = self._copies.get(row.apex)
        if copy is not None and why != copy.row.error:
            await self._changes.database.write(
                lambda connection: copies.note_failure(connection, row.zone_id, why)
            )
            copy.row = replace(copy.row, error=why)

    async def _serve_again(self, copy: Copy) -> None:
        """Serve a zone that had expired, if its primary has confirmed it since."""
        if copy.expires_at > self._wall():
            await self._follower.load_again(copy.apex)
            self.expired.discard(copy.apex)
            self._expire_in_time(copy)
            log.info("a zone that had expired is served again", zone=to_text(copy.apex))

    def _expire_in_time(self, copy: Copy) -> None:
        if copy.apex not in self.expired:
            self._expiring.put(copy, copy.expires_at)

    def _expire_due(self) -> None:
        for copy in self._expiring.take_due(self._wall()):
            self.expired.add(copy.apex)
            self._follower.memory.table.remove(copy.apex)
            log.error("a zone has expired and is served no longer", zone=to_text(copy.apex))
