"""Who serves what: all secondaries, what each was seen to serve, and how far behind it is."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from nsd.account.keyring import Keyring
from nsd.background import Background
from nsd.client.courier import Courier
from nsd.secondary.control import Control
from nsd.secondary.directory import Directory
from nsd.secondary.feed import Feed, Groups
from nsd.secondary.sightings import Sightings
from nsd.secondary.watch import Watch
from nsd.store import catalogs, secondaries
from nsd.store.database import Database
from nsd.store.secondaries import Secondary, Seen
from nsd.zone.name import WireName

GATHER_SECONDS: Final = 0.01  # changes within this time are told together

Wanted = dict[WireName, int | None]  # serials by apex; None for a zone that is gone


@dataclass(frozen=True, slots=True)
class Standing:
    """What one secondary serves of one zone; `is_current` where that is what it should."""

    secondary: Secondary
    seen: Seen
    is_current: bool


class Board:
    """Tells the secondaries what changes, and knows what they serve.

    `clock` gives seconds that only go forward, `wall` Unix seconds.
    """

    def __init__(
        self,
        database: Database,
        directory: Directory,
        keyring: Keyring,
        courier: Courier,
        background: Background,
        *,
        check_seconds: float,
        clock: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        self._database = database
        self._directory = directory
        self._keyring = keyring
        self._courier = courier
        self._background = background
        self._check_seconds = check_seconds
        self._clock = clock
        self._wall = wall
        self._feeds: dict[int, Feed] = {}
        self._noted: set[WireName] = set()
        self._wake = asyncio.Event()
        self._progress = asyncio.Event()
        self._reloading = asyncio.Lock()

    @property
    def feeds(self) -> list[Feed]:
        """All secondaries that are fed."""
        return list(self._feeds.values())

    def note(self, apex: WireName) -> None:
        """Remember that a zone has changed."""
        self._noted.add(apex)
        self._wake.set()

    async def reload(self) -> None:
        """Feed the secondaries that the directory holds now. Raises Unavailable."""
        async with self._reloading:
            wanted = {secondary.id: secondary for secondary in self._directory.secondaries}
            for number, feed in list(self._feeds.items()):
                if wanted.get(number) != feed.secondary:
                    await self._stop(number)
            for number, secondary in wanted.items():
                if number not in self._feeds:
                    await self._start(secondary)

    async def close(self) -> None:
        """Stop, after storing what was seen."""
        async with self._reloading:
            for number in list(self._feeds):
                await self._stop(number)

    async def tell_noted(self) -> None:
        """Wait for changes, then tell the secondaries. What fails is noted again.

        Raises Unavailable.
        """
        await self._wake.wait()
        await asyncio.sleep(GATHER_SECONDS)
        self._wake.clear()
        noted, self._noted = self._noted, set()
        try:
            await self._tell(noted)
        except BaseException:
            self._noted |= noted
            self._wake.set()
            raise

    async def store(self) -> None:
        """Measure and store what was seen. Raises Unavailable."""
        for feed in self.feeds:
            feed.measure(self._wall())
        for feed in self.feeds:
            await feed.store()

    async def standing(self, apex: WireName) -> list[Standing]:
        """Tell for each secondary that should serve a zone what it serves."""
        wanted, groups = await self._wanted([apex])
        return [
            Standing(feed.secondary, feed.sightings.of(apex), feed.sightings.serves(apex, serial))
            for feed in self.feeds
            for serial in wanted.values()
            if feed.should_serve(apex, groups)
        ]

    async def wait(self, wanted: Wanted, seconds: float) -> list[Standing]:
        """Wait until all secondaries serve what they should; list those that do not in time."""
        _, groups = await self._wanted(wanted)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while any(self._missing(wanted, groups)):
                    self._progress.clear()
                    await self._progress.wait()
        return [
            Standing(feed.secondary, feed.sightings.of(apex), is_current=False)
            for feed, apex in self._missing(wanted, groups)
        ]

    def _missing(self, wanted: Wanted, groups: Groups) -> Iterator[tuple[Feed, WireName]]:
        for feed in self.feeds:
            for apex, serial in wanted.items():
                is_its_own = serial is None or feed.should_serve(apex, groups)
                if is_its_own and not feed.sightings.serves(apex, serial):
                    yield feed, apex

    async def _tell(self, noted: Iterable[WireName]) -> None:
        if not self._feeds:
            return
        wanted, groups = await self._wanted(noted)
        for feed in self.feeds:
            for apex, serial in wanted.items():
                feed.tell(apex, serial, groups)

    async def _wanted(self, apexes: Iterable[WireName]) -> tuple[Wanted, Groups]:
        asked = list(apexes)
        found = await self._database.read(lambda reader: catalogs.groups_of(reader, asked))
        wanted: Wanted = {apex: found[apex][0] if apex in found else None for apex in asked}
        return wanted, {apex: groups for apex, (_, groups) in found.items()}

    async def _start(self, secondary: Secondary) -> None:
        stored = await self._database.read(
            lambda reader: dict(secondaries.seen_by(reader, secondary.id))
        )
        feed = Feed(
            secondary,
            self._watch(secondary, Sightings(stored)),
            self._control(secondary),
            self._directory,
            self._database,
        )
        self._feeds[secondary.id] = feed
        feed.start(self._background, self._check_seconds)

    def _watch(self, secondary: Secondary, sightings: Sightings) -> Watch:
        return Watch(
            secondary,
            self._directory,
            self._keyring,
            self._courier,
            sightings,
            self._background,
            self._progress.set,
            clock=self._clock,
            wall=self._wall,
        )

    def _control(self, secondary: Secondary) -> Control | None:
        if not secondary.control:
            return None
        find_zones = partial(self._zones_of, secondary.catalog_id)
        return Control(secondary.name, secondary.control, find_zones)

    async def _stop(self, number: int) -> None:
        await self._feeds.pop(number).stop(self._background)
        self._progress.set()

    async def _zones_of(self, catalog_id: int) -> set[WireName]:
        zones = await self._database.read(
            lambda reader: dict(catalogs.zones_of(reader, catalog_id))
        )
        return zones.keys() - self._directory.catalogs.keys()
