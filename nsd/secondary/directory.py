"""The keys, secondaries, catalogs and primaries of this server, as they are at the moment."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from nsd.message.tsig import Key
from nsd.store import catalogs, secondaries
from nsd.store.catalogs import Catalog
from nsd.store.database import Database
from nsd.store.secondaries import Secondary
from nsd.store.tsig_keys import TsigKey, TsigKeys
from nsd.zone.name import WireName


@dataclass(frozen=True, slots=True)
class Content:
    """One state of it all."""

    keys: dict[WireName, TsigKey] = field(default_factory=dict)
    keys_by_id: dict[int, TsigKey] = field(default_factory=dict)
    secondaries: tuple[Secondary, ...] = ()
    catalogs: dict[WireName, Catalog] = field(default_factory=dict)


class Directory:
    """Holds the content that was last read; it finds keys for the responder.

    `wall` gives Unix seconds.
    """

    def __init__(self, database: Database, keys: TsigKeys, wall: Callable[[], float]) -> None:
        self.database = database
        self.tsig_keys = keys
        self.content = Content()
        self._wall = wall

    async def load(self) -> None:
        """Read it anew. Raises StoreError where secrets cannot be decrypted."""
        self.content = await self.database.read(self.read)

    def read(self, connection: sqlite3.Connection) -> Content:
        """Read one state."""
        keys = list(self.tsig_keys.everything(connection))
        return Content(
            {key.name: key for key in keys},
            {key.id: key for key in keys},
            tuple(secondaries.everything(connection)),
            {catalog.apex: catalog for catalog in catalogs.everything(connection)},
        )

    def find(self, key_name: WireName) -> Sequence[Key]:
        """Give the key of a name once with each secret that holds, the newest first."""
        key = self.content.keys.get(key_name)
        return () if key is None else tuple(in_use(key, self._wall()))

    def keys_of(self, key_id: int | None) -> Sequence[Key]:
        """Give a key by its id once with each secret that holds; none for no key."""
        key = None if key_id is None else self.content.keys_by_id.get(key_id)
        return () if key is None else tuple(in_use(key, self._wall()))


def in_use(key: TsigKey, now: float) -> Iterator[Key]:
    """Go through a key's secrets that hold now, in Unix seconds."""
    for secret in key.secrets_at(int(now)):
        yield Key(key.name, key.algorithm, secret)
