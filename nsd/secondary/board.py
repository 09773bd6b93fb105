"""Who serves what: all secondaries, what each was seen to serve, and how far behind it is."""

import asyncio
import contextlib
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog

from nsd import metrics
from nsd.account.keyring import Keyring
from nsd.client.courier import Courier
from nsd.errors import NsdError
from nsd.secondary.control import Control
from nsd.secondary.directory import Directory
from nsd.secondary.watch import Watch
from nsd.store import catalogs, secondaries
from nsd.store.database import Database
from nsd.store.secondaries import Secondary, Seen
from nsd.zone.name import WireName

log = structlog.get_logger()

GATHER_SECONDS: Final = 0.01  # changes within this time are told together
STORE_SECONDS: Final = 1.0
_ZONES_AT_ONCE: Final = 64

Wanted = dict[WireName, int | None]  # serials by apex; None for a zone that is gone


@dataclass(frozen=True, slots=True)
class Standing:
    """What one secondary serves of one zone; `is_current` where that is what it should."""

    secondary: Secondary
    seen: Seen
    is_current: bool


class Board:
    """Tells the secondaries what changes, and knows what they serve."""

    def __init__(
        self,
        database: Database,
        directory: Directory,
        keyring: Keyring,
        *,
        check_seconds: float,
        sources: Sequence[str],
    ) -> None:
        self._database = database
        self._directory = directory
        self._keyring = keyring
        self._check_seconds = check_seconds
        self._courier = Courier(sources, clock=time.time)
        self._watches: dict[int, tuple[Watch, list[asyncio.Task[None]]]] = {}
        self._controls: dict[int, Control] = {}
        self._noted: set[WireName] = set()
        self._wake = asyncio.Event()
        self._progress = asyncio.Event()
        self._reloading = asyncio.Lock()

    def note(self, apex: WireName) -> None:
        """Remember that a zone has changed."""
        self._noted.add(apex)
        self._wake.set()

    async def reload(self) -> None:
        """Watch the secondaries that the directory holds now."""
        async with self._reloading:
            wanted = {secondary.id: secondary for secondary in self._directory.secondaries}
            for number in list(self._watches):
                if wanted.get(number) != self._watches[number][0].secondary:
                    await self._stop(number)
            for number, secondary in wanted.items():
                if number not in self._watches:
                    await self._start(secondary)

    async def close(self) -> None:
        """Stop watching, after storing what was seen."""
        async with self._reloading:
            for number in list(self._watches):
                await self._stop(number)
        self._courier.close()

    async def run(self) -> None:
        """Tell the secondaries what was noted, for ever."""
        while True:
            await self._wake.wait()
            await asyncio.sleep(GATHER_SECONDS)
            self._wake.clear()
            noted, self._noted = self._noted, set()
            try:
                await self._tell(noted)
            except NsdError as error:
                log.warning("the secondaries cannot be told yet", why=error.detail)
                self._noted |= noted
                await asyncio.sleep(1)
                self._wake.set()

    async def store(self) -> None:
        """Store what was seen, for ever, so that commands can show it."""
        while True:
            await asyncio.sleep(STORE_SECONDS)
            try:
                for watch in self.watches():
                    _measure(watch)
                    await self._store(watch)
            except NsdError as error:
                log.warning("what secondaries serve cannot be stored", why=error.detail)

    def watches(self) -> Iterator[Watch]:
        """Go through all secondaries."""
        return (watch for watch, _ in list(self._watches.values()))

    async def standing(self, apex: WireName) -> list[Standing]:
        """Tell for each secondary that should serve a zone what it serves."""
        wanted, groups = await self._wanted([apex])
        nothing = Seen(None, None, None, "")
        return [
            Standing(watch.secondary, watch.seen.get(apex, nothing), watch.serves(apex, serial))
            for watch in self.watches()
            for serial in wanted.values()
            if self._should_serve(watch, apex, groups)
        ]

    async def wait(self, wanted: Wanted, seconds: float) -> list[Standing]:
        """Wait until all secondaries serve what they should; list those that do not in time."""
        _, groups = await self._wanted(wanted)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._missing(wanted, groups):
                    self._progress.clear()
                    await self._progress.wait()
        nothing = Seen(None, None, None, "")
        return [
            Standing(watch.secondary, watch.seen.get(apex, nothing), is_current=False)
            for watch, apex in self._missing(wanted, groups)
        ]

    def _missing(
        self, wanted: Wanted, groups: dict[WireName, frozenset[int]]
    ) -> list[tuple[Watch, WireName]]:
        return [
            (watch, apex)
            for watch in self.watches()
            for apex, serial in wanted.items()
            if (serial is None or self._should_serve(watch, apex, groups))
            and not watch.serves(apex, serial)
        ]

    def _should_serve(
        self, watch: Watch, apex: WireName, groups: dict[WireName, frozenset[int]]
    ) -> bool:
        if watch.secondary.control and apex in self._directory.catalogs:
            return False  # it reads no catalogs
        return watch.secondary.catalog_id in groups.get(apex, ())

    async def _tell(self, noted: Iterable[WireName]) -> None:
        if not self._watches:
            return
        wanted, groups = await self._wanted(noted)
        for watch in self.watches():
            control = self._controls.get(watch.secondary.id)
            for apex, serial in wanted.items():
                is_wanted = self._should_serve(watch, apex, groups)
                if control is not None and apex not in self._directory.catalogs:
                    control.note(apex, is_wanted=is_wanted)
                if is_wanted:
                    watch.pursue(apex, serial)
                elif apex in watch.seen:  # it is gone, or another group's
                    watch.pursue(apex, None)

    async def _wanted(
        self, apexes: Iterable[WireName]
    ) -> tuple[Wanted, dict[WireName, frozenset[int]]]:
        asked = list(apexes)
        found = await self._database.read(lambda reader: catalogs.groups_of(reader, asked))
        wanted: Wanted = {apex: found[apex][0] if apex in found else None for apex in asked}
        return wanted, {apex: groups for apex, (_, groups) in found.items()}

    async def _start(self, secondary: Secondary) -> None:
        seen = await self._database.read(
            lambda reader: dict(secondaries.seen_by(reader, secondary.id))
        )
        watch = Watch(
            secondary, self._directory, self._keyring, self._courier, seen, self._progress.set
        )
        tasks = [asyncio.create_task(watch.run()), asyncio.create_task(self._check(watch))]
        if secondary.control:
            wanted = partial(self._zones_of, secondary.catalog_id)
            self._controls[secondary.id] = control = Control(
                secondary.name, secondary.control, wanted
            )
            tasks.append(asyncio.create_task(control.run()))
        self._watches[secondary.id] = (watch, tasks)

    async def _stop(self, number: int) -> None:
        watch, tasks = self._watches.pop(number)
        self._controls.pop(number, None)
        for gauge in _GAUGES:
            with contextlib.suppress(KeyError):
                gauge.remove(watch.secondary.name)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with contextlib.suppress(NsdError):
            await self._store(watch)
        self._progress.set()

    async def _zones_of(self, catalog_id: int) -> set[WireName]:
        zones = await self._database.read(
            lambda reader: dict(catalogs.zones_of(reader, catalog_id))
        )
        return zones.keys() - self._directory.catalogs.keys()

    async def _check(self, watch: Watch) -> None:
        """Look at all zones of a secondary at the start and at intervals, spread over them."""
        while True:
            began = time.monotonic()
            try:
                await self._check_once(watch)
                if control := self._controls.get(watch.secondary.id):
                    control.check()
            except NsdError as error:
                log.warning("a secondary cannot be checked", why=error.detail)
            spent = time.monotonic() - began
            await asyncio.sleep(max(self._check_seconds - spent, 1.0))

    async def _check_once(self, watch: Watch) -> None:
        catalog_id = watch.secondary.catalog_id
        zones = await self._database.read(
            lambda reader: dict(catalogs.zones_of(reader, catalog_id))
        )
        if watch.secondary.control:
            for apex in self._directory.catalogs:
                zones.pop(apex, None)
        for apex in watch.seen.keys() - zones.keys():
            watch.pursue(apex, None)
        for number, (apex, serial) in enumerate(zones.items()):
            watch.look(apex, serial)
            if number % _ZONES_AT_ONCE == _ZONES_AT_ONCE - 1:
                await asyncio.sleep(0)
                await watch.has_room()

    async def _store(self, watch: Watch) -> None:
        changed = list(watch.changed)
        watch.changed.clear()
        if not changed:
            return
        number = watch.secondary.id
        rows: Sequence[tuple[int, WireName, Seen | None]] = [
            (number, apex, watch.seen.get(apex)) for apex in changed
        ]
        try:
            await self._database.write(lambda writer: secondaries.write_seen(writer, rows))
        except NsdError:
            watch.changed.update(changed)
            raise


_GAUGES: Final = (
    metrics.SECONDARY_UP,
    metrics.SECONDARY_ZONES,
    metrics.SECONDARY_ZONES_BEHIND,
    metrics.SECONDARY_LAG,
)


def _measure(watch: Watch) -> None:
    since = [seen.behind_since for seen in watch.seen.values() if seen.behind_since is not None]
    now = int(time.time())
    figures = (not watch.is_silent, len(watch.seen), len(since), now - min(since, default=now))
    for gauge, figure in zip(_GAUGES, figures, strict=True):
        gauge.labels(watch.secondary.name).set(figure)
