"""One secondary that is fed, and the work that keeps it so."""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Final

from nsd import metrics
from nsd.background import Background, Work
from nsd.errors import NsdError
from nsd.secondary.control import Control
from nsd.secondary.directory import Directory
from nsd.secondary.watch import Watch
from nsd.store import catalogs, secondaries
from nsd.store.database import Database
from nsd.store.secondaries import Secondary
from nsd.zone.name import WireName

Groups = Mapping[WireName, frozenset[int]]  # by zone, the catalogs whose secondaries serve it
_ZONES_AT_ONCE: Final = 64
_GAUGES: Final = (
    metrics.SECONDARY_UP,
    metrics.SECONDARY_ZONES,
    metrics.SECONDARY_ZONES_BEHIND,
    metrics.SECONDARY_LAG,
)


class Feed:
    """A secondary with its watch and, where it reads no catalogs, the control of its zones."""

    def __init__(
        self,
        secondary: Secondary,
        watch: Watch,
        control: Control | None,
        directory: Directory,
        database: Database,
    ) -> None:
        self.secondary = secondary
        self.watch = watch
        self.sightings = watch.sightings
        self._control = control
        self._directory = directory
        self._database = database
        self._works: list[Work] = []

    def start(self, background: Background, check_seconds: float) -> None:
        """Begin to watch the secondary, and to look at all its zones at intervals."""
        name = self.secondary.name
        self._works = [
            background.keep(f"watching the secondary {name}", self.watch.run),
            background.every(f"checking the secondary {name}", check_seconds, self.check),
        ]
        if self._control is not None:
            work = background.keep(f"setting the zones of {name}", self._control.run)
            self._works.append(work)

    async def stop(self, background: Background) -> None:
        """End all work, after storing what was seen."""
        for gauge in _GAUGES:
            with contextlib.suppress(KeyError):
                gauge.remove(self.secondary.name)
        for work in self._works:
            await background.stop(work)
        await self.watch.close()
        with contextlib.suppress(NsdError):
            await self.store()

    def should_serve(self, apex: WireName, groups: Groups) -> bool:
        """Tell whether the secondary is one of those that serve a zone."""
        if self._control is not None and apex in self._directory.catalogs:
            return False  # it reads no catalogs
        return self.secondary.catalog_id in groups.get(apex, ())

    def tell(self, apex: WireName, serial: int | None, groups: Groups) -> None:
        """Bring a change of a zone to the secondary; no serial for a zone that is gone."""
        is_wanted = self.should_serve(apex, groups)
        if self._control is not None and apex not in self._directory.catalogs:
            self._control.note(apex, is_wanted=is_wanted)
        if is_wanted:
            self.watch.pursue(apex, serial)
        elif apex in self.sightings.apexes:  # it is gone, or another group's
            self.watch.pursue(apex, None)

    async def check(self) -> None:
        """Look at all zones, not too many at once. Raises Unavailable."""
        zones = await self._database.read(
            lambda reader: dict(catalogs.zones_of(reader, self.secondary.catalog_id))
        )
        if self._control is not None:
            self._control.compare()
            zones = {apex: zones[apex] for apex in zones.keys() - self._directory.catalogs.keys()}
        for apex in self.sightings.apexes - zones.keys():
            self.watch.pursue(apex, None)
        for number, (apex, serial) in enumerate(zones.items(), 1):
            self.watch.look(apex, serial)
            if number % _ZONES_AT_ONCE == 0:
                await asyncio.sleep(0)
                await self.watch.has_room()

    async def store(self) -> None:
        """Store what was seen, so that commands can show it. Raises Unavailable."""
        changed = self.sightings.take_changed()
        if not changed:
            return
        rows = [(self.secondary.id, apex, seen) for apex, seen in changed]
        try:
            await self._database.write(lambda writer: secondaries.write_seen(writer, rows))
        except BaseException:
            self.sightings.put_back(apex for apex, _ in changed)
            raise

    def measure(self, now: float) -> None:
        """Show the gauges how far behind the secondary is at a time in Unix seconds."""
        since = self.sightings.behind_since()
        zones, lag = len(self.sightings.apexes), int(now) - min(since, default=int(now))
        figures = (not self.watch.is_silent, zones, len(since), lag)
        for gauge, figure in zip(_GAUGES, figures, strict=True):
            gauge.labels(self.secondary.name).set(figure)
