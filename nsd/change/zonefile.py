"""A zone's content as a master file, from the store and into it."""

import sqlite3
from collections.abc import Callable, Sequence

from nsd.store.defaults import Defaults
from nsd.errors import Fault, MasterFileInvalid
from nsd.store import records
from nsd.store.zones import ZoneRow
from nsd.zone import masterfile
from nsd.zone.name import WireName
from nsd.zone.record import Record
from nsd.zone.soa import Soa


def read_zone_file(
    text: str, file: str, apex: WireName | None, include: Callable[[str], str] | None = None
) -> tuple[Soa, Sequence[Record]]:
    raise NotImplementedError


def write_zone_file(connection: sqlite3.Connection, zone: ZoneRow, defaults: Defaults) -> str:
    raise NotImplementedError
