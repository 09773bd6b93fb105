"""Declaring secondaries: with the catalog of their group, and with a key."""

import re
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from nsd.change.changes import Changes
from nsd.errors import Invalid, NotFound
from nsd.settings import DeclaredSecondary
from nsd.store import secondaries
from nsd.store.catalogs import Catalog
from nsd.store.secondaries import Secondary
from nsd.store.tsig_keys import TsigKeys
from nsd.zone import name
from nsd.zone.name import WireName

DEFAULT_GROUP = "default"


@dataclass(frozen=True, slots=True)
class Declaration:
    """What is said of a secondary. Without a key it is known by its address alone."""

    name: str
    host: str
    port: int
    key: WireName | None
    group: str = DEFAULT_GROUP
    control: str = ""


def check_word(text: str, what: str) -> None:
    """Refuse names of secondaries and groups that cannot stand in files. Raises Invalid."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", text):
        raise Invalid(
            f"'{text}' is no name for a {what}: use letters, digits and . _ -", field=what
        )


def usual_key(secondary: str) -> WireName:
    """Name the key of a secondary for which no other key is named."""
    return name.lower(name.from_text(f"{secondary}-key."))


class Declarations:
    """Adds and removes secondaries; keys that are missing are made. `wall` gives Unix seconds."""

    def __init__(
        self, changes: Changes, keys: TsigKeys, suffix: WireName, wall: Callable[[], float]
    ) -> None:
        self._changes = changes
        self._keys = keys
        self._suffix = suffix
        self._wall = wall

    async def add(self, declared: Declaration) -> Secondary:
        """Add a secondary. Raises Invalid."""
        catalog = await self._catalog(declared)
        return await self._changes.database.write(
            lambda connection: self._insert(connection, declared, catalog, is_from_settings=False)
        )

    async def remove(self, secondary: str) -> None:
        """Remove a secondary; raises NotFound."""
        await self._changes.database.write(
            lambda connection: secondaries.remove(connection, secondary)
        )

    async def settle(self, declared: Mapping[str, DeclaredSecondary]) -> None:
        """Bring the stored secondaries to what the settings declare."""
        for secondary, said in declared.items():
            key = None if said.key is None else name.lower(name.from_text(said.key))
            address = said.address
            wanted = Declaration(
                secondary, address.host, address.port, key, said.group, said.control
            )
            await self._put(wanted)
        await self._changes.database.write(lambda connection: _drop_others(connection, declared))

    async def _put(self, declared: Declaration) -> None:
        catalog = await self._catalog(declared)

        def work(connection: sqlite3.Connection) -> None:
            try:
                known = secondaries.by_name(connection, declared.name)
            except NotFound:
                self._insert(connection, declared, catalog, is_from_settings=True)
                return
            changed = replace(
                known,
                host=declared.host,
                port=declared.port,
                key_id=self._key_id(connection, declared.key),
                catalog_id=catalog.zone_id,
                control=declared.control,
                is_from_settings=True,
            )
            if changed != known:
                secondaries.update(connection, changed)

        await self._changes.database.write(work)

    async def _catalog(self, declared: Declaration) -> Catalog:
        check_word(declared.name, "secondary")
        check_word(declared.group, "group")
        return (await self._changes.ensure_catalog(declared.group, self._suffix)).result

    def _insert(
        self,
        connection: sqlite3.Connection,
        declared: Declaration,
        catalog: Catalog,
        *,
        is_from_settings: bool,
    ) -> Secondary:
        return secondaries.add(
            connection,
            declared.name,
            host=declared.host,
            port=declared.port,
            key_id=self._key_id(connection, declared.key),
            catalog_id=catalog.zone_id,
            control=declared.control,
            is_from_settings=is_from_settings,
            now=int(self._wall()),
        )

    def _key_id(self, connection: sqlite3.Connection, key: WireName | None) -> int | None:
        if key is None:
            return None
        try:
            return self._keys.by_name(connection, key).id
        except NotFound:
            return self._keys.add(connection, key, "hmac-sha256", now=int(self._wall())).id


def _drop_others(connection: sqlite3.Connection, declared: Mapping[str, object]) -> None:
    for secondary in secondaries.everything(connection):
        if secondary.is_from_settings and secondary.name not in declared:
            secondaries.remove(connection, secondary.name)
