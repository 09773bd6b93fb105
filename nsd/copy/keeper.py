"""Keeps copies of other servers' zones current: refresh, retry, expire (RFC 1034, section 4.3.5).

A primary is asked when its NOTIFY comes and when the zone's timers say so. Whatever it sends that
breaks the rules leaves the last good zone. What nobody confirmed for the time of `expire` is
served no longer: the clock alone decides that, whatever becomes of asking.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import structlog

from nsd.account.keyring import Keyring
from nsd.agenda import Agenda
from nsd.background import Background
from nsd.change.changes import Changes
from nsd.change.follower import Follower
from nsd.copy.refresh import Confirmed, Refresher
from nsd.copy.slots import Slots
from nsd.errors import NotFound, NsdError
from nsd.message.tsig import Key
from nsd.rcode import Rcode
from nsd.store import copies
from nsd.store.copies import CopyRow
from nsd.zone.name import ROOT, WireName, parent, to_text
from nsd.zone.soa import Soa

log = structlog.get_logger()

AT_ONCE: Final = 64
PER_PRIMARY: Final = 4
GATHER_SECONDS: Final = 0.1  # after a NOTIFY: more changes may follow
LEAST_SECONDS: Final = 1.0  # between two fetches of a zone
MOST_SECONDS: Final = 86400.0
ROWS_AT_ONCE: Final = 1000


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
        self._database = changes.database
        self._follower = follower
        self._keyring = keyring
        self._refresher = Refresher(changes, keyring, wall)
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
            stored = await self._database.read(self._read)
            for apex in self._copies.keys() - {row.apex for row, _ in stored}:
                await self._leave(self._copies[apex])
            for number, (row, soa) in enumerate(stored, 1):
                await self._take(row, soa)
                if number % ROWS_AT_ONCE == 0:
                    await asyncio.sleep(0)
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
        while (found := self._slots.next()) is not None:
            host, copy = found
            self._background.once(f"fetching the zone {to_text(copy.apex)}", self._ask(copy, host))

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
        self._ask_soon(copy)
        return Rcode.NOERROR

    def _is_primary(self, row: CopyRow, client: str, key: Key | None) -> bool:
        by_key = key is not None and key.name == self._keyring.name_of(row.primary.key_id)
        return client == row.primary.host or by_key

    def _read(self, connection: sqlite3.Connection) -> list[tuple[CopyRow, Soa | None]]:
        """Read all copies, with the SOAs of those that we do not know or do not serve."""
        return [
            (row, None if self._serves(row) else self._refresher.stored_soa(connection, row))
            for row in copies.everything(connection)
        ]

    def _serves(self, row: CopyRow) -> bool:
        copy = self._copies.get(row.apex)
        return copy is not None and copy.row.zone_id == row.zone_id and row.apex not in self.expired

    async def _take(self, row: CopyRow, soa: Soa | None) -> None:
        """Take in what is stored of a copy; ask at once where it or its primary is new."""
        copy = self._copies.get(row.apex)
        if copy is not None and copy.row.zone_id != row.zone_id:
            await self._leave(copy)  # it was deleted, and there is another of its name
            copy = None
        if copy is not None:
            await self._take_again(copy, row, soa)
        elif soa is not None:
            copy = self._copies[row.apex] = Copy(row, soa)
            self._ask_in(copy, 0)
            self._expire_in_time(copy)

    async def _take_again(self, copy: Copy, row: CopyRow, soa: Soa | None) -> None:
        if copy.row.primary != row.primary:
            copy.row = row
            self._ask_soon(copy)
        elif row.fetched_at > copy.row.fetched_at:  # by another process
            copy.row = row
        copy.held = soa or copy.held
        if copy.apex in self.expired:
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

    def _ask_in(self, copy: Copy, seconds: float) -> None:
        self._asking.put(copy, self._clock() + seconds)
        self._wake.set()

    def _ask_soon(self, copy: Copy) -> None:
        if copy.is_busy:
            copy.is_notified = True
        else:
            self._asking.bring_forward(copy, self._clock() + GATHER_SECONDS)
            self._wake.set()

    def _seconds_to_next(self) -> float | None:
        ask, expire = self._asking.first, self._expiring.first
        waits = [] if ask is None else [ask - self._clock()]
        if expire is not None:
            waits.append(min(expire - self._wall(), 60.0))  # the wall clock may be set meanwhile
        return max(0.0, min(waits)) if waits else None

    async def _ask(self, copy: Copy, host: str) -> None:
        """Bring one copy up to date with a slot of a host, and say when to ask again."""
        row, seconds = copy.row, copy.held.retry
        try:
            await self._confirm(copy, row, await self._refresher.refresh(row))
            seconds = copy.held.refresh
        except NsdError as error:
            await self._refresher.note_failure(row, error.detail)
            copy.row = replace(copy.row, error=error.detail)
        finally:
            self._slots.give_back(host)
            self._ask_again(copy, seconds)

    async def _confirm(self, copy: Copy, row: CopyRow, confirmed: Confirmed) -> None:
        """Take note of a success, unless the zone is gone or another primary's meanwhile."""
        copy.held = confirmed.soa
        if self._copies.get(copy.apex) is not copy:
            return
        if copy.row.primary == row.primary:
            copy.row = replace(copy.row, fetched_at=confirmed.at, error="")
        if copy.apex in self.expired:
            await self._serve_again(copy)
        self._expire_in_time(copy)

    def _ask_again(self, copy: Copy, seconds: float) -> None:
        if self._copies.get(copy.apex) is copy:
            pause = min(max(seconds, LEAST_SECONDS), MOST_SECONDS)
            self._ask_in(copy, GATHER_SECONDS if copy.is_notified else pause)
        copy.is_busy = copy.is_notified = False
        self._wake.set()

    async def _serve_again(self, copy: Copy) -> None:
        """Serve a zone that had expired, if its primary has confirmed it since."""
        if copy.expires_at > self._wall():
            await self._follower.load_again(copy.apex)
            self.expired.discard(copy.apex)
            log.info("a zone that had expired is served again", zone=to_text(copy.apex))

    def _expire_in_time(self, copy: Copy) -> None:
        if copy.apex not in self.expired:
            self._expiring.put(copy, copy.expires_at)

    def _expire_due(self) -> None:
        for copy in self._expiring.take_due(self._wall()):
            self.expired.add(copy.apex)
            self._follower.memory.table.remove(copy.apex)
            log.error("a zone has expired and is served no longer", zone=to_text(copy.apex))
