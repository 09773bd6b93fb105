"""What one secondary was seen to serve, zone by zone."""

from collections.abc import Iterable, KeysView
from dataclasses import replace
from typing import Final

from nsd.store.secondaries import Seen
from nsd.zone import serial
from nsd.zone.name import WireName

NOTHING: Final = Seen(None, None, None, "")


class Sightings:
    """What was last seen of each zone, and which of that is not stored yet."""

    def __init__(self, stored: dict[WireName, Seen]) -> None:
        self._seen = stored
        self._changed: set[WireName] = set()

    @property
    def apexes(self) -> KeysView[WireName]:
        """The zones that the secondary was asked for."""
        return self._seen.keys()

    def of(self, apex: WireName) -> Seen:
        """Give what was last seen of a zone."""
        return self._seen.get(apex, NOTHING)

    def serves(self, apex: WireName, wanted: int | None) -> bool:
        """Tell whether a serial or a newer one was seen; for None, whether nothing was."""
        seen = self.of(apex).serial
        if seen is None or wanted is None:
            return seen is wanted
        return not serial.is_newer(wanted, than=seen)

    def put(self, apex: WireName, seen: Seen) -> None:
        """Remember what was seen."""
        if self._seen.get(apex) != seen:
            self._seen[apex] = seen
            self._changed.add(apex)

    def note_error(self, apex: WireName, error: str) -> None:
        """Remember why nothing new could be seen."""
        self.put(apex, replace(self.of(apex), error=error))

    def note_behind(self, apex: WireName, now: int) -> None:
        """Remember since when, in Unix seconds, the secondary has not served what it should."""
        known = self.of(apex)
        if known.behind_since is None:
            self.put(apex, replace(known, behind_since=now))

    def forget(self, apex: WireName) -> None:
        """Forget a zone that is the secondary's no longer."""
        if self._seen.pop(apex, None) is not None:
            self._changed.add(apex)

    def behind_since(self) -> list[int]:
        """List since when zones have not been served as they should."""
        return [seen.behind_since for seen in self._seen.values() if seen.behind_since is not None]

    def take_changed(self) -> list[tuple[WireName, Seen | None]]:
        """Take out what has changed since this was last taken; None for what was forgotten."""
        changed = [(apex, self._seen.get(apex)) for apex in self._changed]
        self._changed.clear()
        return changed

    def put_back(self, apexes: Iterable[WireName]) -> None:
        """Let zones be taken out again, which could not be stored."""
        self._changed.update(apexes)
