"""The keys that sign messages (TSIG), in memory as they were last read."""

from collections.abc import Callable, Iterator, Sequence

from nsd.message.tsig import Key
from nsd.store.database import Database
from nsd.store.tsig_keys import TsigKey, TsigKeys
from nsd.zone.name import WireName


class Keyring:
    """Finds keys by name, as messages name them, and by id, as the store does.

    `wall` gives Unix seconds.
    """

    def __init__(self, database: Database, table: TsigKeys, wall: Callable[[], float]) -> None:
        self.table = table
        self._database = database
        self._wall = wall
        self._by_name: dict[WireName, TsigKey] = {}
        self._by_id: dict[int, TsigKey] = {}

    async def load(self) -> None:
        """Read the keys anew. Raises StoreError where secrets cannot be decrypted."""
        keys = await self._database.read(lambda reader: list(self.table.everything(reader)))
        self._by_name = {key.name: key for key in keys}
        self._by_id = {key.id: key for key in keys}

    def find(self, key_name: WireName) -> Sequence[Key]:
        """Give the key of a name once with each secret that holds, the newest first."""
        return self._in_use(self._by_name.get(key_name))

    def by_id(self, key_id: int | None) -> Sequence[Key]:
        """Give a key once with each secret that holds, the newest first; none for no key."""
        return self._in_use(None if key_id is None else self._by_id.get(key_id))

    def name_of(self, key_id: int | None) -> WireName | None:
        """Give the name of a key; None for no key."""
        key = None if key_id is None else self._by_id.get(key_id)
        return None if key is None else key.name

    def _in_use(self, key: TsigKey | None) -> Sequence[Key]:
        return () if key is None else tuple(in_use(key, self._wall()))


def in_use(key: TsigKey, now: float) -> Iterator[Key]:
    """Go through a key's secrets that hold now, in Unix seconds."""
    for secret in key.secrets_at(int(now)):
        yield Key(key.name, key.algorithm, secret)
