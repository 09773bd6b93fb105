"""Files for BIND9: for each server a folder with the zones and a configuration to include.

A folder holds `named.conf`, `zones/*.zone`, and `exported.json`, which tells the serial of each
exported zone, so that an export reads and writes only what has changed.
"""

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nsd.bind.file_name import config_name, file_name
from nsd.bind.zone_file import zone_text
from nsd.errors import StoreError
from nsd.store import served, zones
from nsd.store.defaults import Defaults, stored
from nsd.store.zones import ZoneRow
from nsd.zone.name import WireName

CONFIG: Final = "named.conf"
ZONES: Final = "zones"
STATE: Final = "exported.json"

Progress = Callable[[list[ZoneRow]], Iterable[ZoneRow]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an export did: how many zone files were written and removed.

    It is true where anything has changed since the last export that came to its end.
    """

    written: int = 0
    removed: int = 0
    changed: bool = False

    def __bool__(self) -> bool:
        return self.changed


class BindFolder:
    """The folder of one server, and which serial of each zone it holds.

    `placed` is where the folder will be on the server itself.
    """

    def __init__(self, folder: Path, placed: Path) -> None:
        self.folder = folder
        self._placed = placed
        self._serials = self._read_state()
        self._statements: dict[str, str] = {}  # kept, for a new zone brings all of them along
        self._dropped: list[WireName] = []
        self._zones_differ = False
        self._state_differs = False

    def put(self, row: ZoneRow, write: Callable[[ZoneRow], str]) -> bool:
        """Write a zone unless its serial is the exported one; tell whether it was written."""
        key = row.apex.hex()
        if self._serials.get(key) == row.serial:
            return False
        (self.folder / ZONES).mkdir(parents=True, exist_ok=True)
        _replace(self._path(row.apex), write(row))
        self._zones_differ |= key not in self._serials
        self._serials[key] = row.serial
        self._state_differs = True
        return True

    def drop(self, apex: WireName) -> bool:
        """Leave a zone out from now on; tell whether it was there."""
        if self._serials.pop(apex.hex(), None) is None:
            return False
        self._zones_differ = self._state_differs = True
        self._dropped.append(apex)
        return True

    def finish(self) -> bool:
        """Write the configuration, which names no file that is not there, then the state.

        Tells whether anything has changed since this last came to its end.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        changed = self._state_differs
        if self._zones_differ or not (self.folder / CONFIG).exists():
            changed |= _replace_if_other(self.folder / CONFIG, self._config())
        for apex in self._dropped:
            self._path(apex).unlink(missing_ok=True)
        if self._state_differs:
            _replace(self.folder / STATE, json.dumps(self._serials))
        self._zones_differ = self._state_differs = False
        self._dropped.clear()
        return changed

    def compare(self) -> None:
        """Look at what is really there: forget zones without a file, remove files of no zone."""
        self._zones_differ = True
        folder = self.folder / ZONES
        present = {file.name for file in folder.iterdir()} if folder.exists() else set()
        expected = {file_name(apex): apex for apex in self.known()}
        for missing in expected.keys() - present:
            del self._serials[expected[missing].hex()]
        if (self.folder / STATE).exists():  # so the folder is ours
            for stray in present - expected.keys():
                (folder / stray).unlink()

    def known(self) -> Iterator[WireName]:
        """Go through the zones that were exported."""
        return (WireName(bytes.fromhex(key)) for key in self._serials)

    def _read_state(self) -> dict[str, int]:
        try:
            state = json.loads((self.folder / STATE).read_text())
            return {bytes.fromhex(key).hex(): int(serial) for key, serial in state.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}  # everything is written anew

    def _path(self, apex: WireName) -> Path:
        return self.folder / ZONES / file_name(apex)

    def _config(self) -> str:
        statements = self._statements
        for key in statements.keys() - self._serials.keys():
            del statements[key]
        for key in self._serials.keys() - statements.keys():
            statements[key] = self._statement(WireName(bytes.fromhex(key)))
        return "".join([statements[key] for key in sorted(statements)])

    def _statement(self, apex: WireName) -> str:
        folder = str(self._placed).replace('"', '\\"')  # the one escape that BIND knows here
        return (
            f'zone "{config_name(apex)}" {{ type primary; {_UNCHECKED}'
            f' file "{folder}/{ZONES}/{file_name(apex)}"; }};\n'
        )


# What may stand in a zone was decided here; BIND would warn of some of it and refuse some.
_UNCHECKED: Final = "check-names ignore; check-integrity no; check-spf ignore; check-wildcard no;"


def _replace(path: Path, text: str, mode: int = 0o666) -> None:
    """Let the whole file appear at once. No link that somebody left there is followed."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(temporary, flags, mode), "w", encoding="utf-8") as file:
        file.write(text)
    temporary.replace(path)


def _replace_if_other(path: Path, text: str) -> bool:
    if path.is_file() and path.read_text() == text:
        return False
    _replace(path, text)
    return True


def write_private(path: Path, text: str) -> None:
    """Let a whole file with secrets appear at once, for its owner and group only."""
    _replace(path, text, 0o640)


class BindExport:
    """The folders of all servers below one directory."""

    def __init__(self, directory: Path, servers: Iterable[str], placed: Path | None = None) -> None:
        folders = [(directory / server).resolve() for server in servers]
        self._folders = [BindFolder(folder, placed or folder) for folder in folders]

    def everything(
        self, connection: sqlite3.Connection, progress: Progress = lambda rows: rows
    ) -> Outcome:
        """Bring the folders to the state of the store. Raises StoreError."""
        rows = [row for row in zones.everything(connection) if not row.is_suspended]
        present = {row.apex for row in rows}
        with _store_errors():
            for folder in self._folders:
                folder.compare()
            known = {apex for folder in self._folders for apex in folder.known()}
            return self._update(connection, progress(rows), known - present)

    def some(self, apexes: Iterable[WireName], connection: sqlite3.Connection) -> Outcome:
        """Bring some zones to the state of the store. Raises StoreError."""
        rows = {row.apex: row for row in zones.with_apexes(connection, apexes)}
        with _store_errors():
            return self._update(connection, rows.values(), set(apexes) - rows.keys())

    def _update(
        self, connection: sqlite3.Connection, rows: Iterable[ZoneRow], gone: set[WireName]
    ) -> Outcome:
        write = _Writer(connection)
        written = sum(folder.put(row, write) for row in rows for folder in self._folders)
        removed = sum(folder.drop(apex) for apex in gone for folder in self._folders)
        changed = [folder.finish() for folder in self._folders]
        return Outcome(written, removed, any(changed))


@contextmanager
def _store_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"cannot export to '{error.filename}': {error.strerror}") from error


class _Writer:
    """Writes zones as master files; the last one is kept for the next folder."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._defaults: Defaults | None = None
        self._last: tuple[ZoneRow, str] | None = None

    def __call__(self, row: ZoneRow) -> str:
        if self._last is None or self._last[0] is not row:
            defaults = self._defaults = self._defaults or stored(self._connection)
            zone = served.load_zone(self._connection, row, defaults)
            self._last = row, zone_text(zone, row, defaults)
        return self._last[1]
