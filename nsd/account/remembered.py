"""What secrets were found to stand for, so that not every call asks the database."""

import sqlite3
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from nsd.store.database import Database

T = TypeVar("T")

MOST_REMEMBERED: Final = 10_000


class Remembered(Generic[T]):
    """Finds things by the hashes of secrets, and remembers them until `forget` is called.

    `look_up` reads one; it raises where there is none, and that is not remembered.
    """

    def __init__(
        self, database: Database, look_up: Callable[[sqlite3.Connection, bytes], T]
    ) -> None:
        self._database = database
        self._look_up = look_up
        self._known: dict[bytes, T] = {}

    def forget(self) -> None:
        """Look everything up anew: it may have been changed."""
        self._known = {}

    async def find(self, hashed: bytes) -> T:
        """Give what a hash stands for; raises what `look_up` raises."""
        known = self._known
        if hashed in known:
            return known[hashed]
        found = await self._database.read(lambda connection: self._look_up(connection, hashed))
        if len(known) >= MOST_REMEMBERED:
            del known[next(iter(known))]
        known[hashed] = found  # in what has been forgotten meanwhile, if so
        return found
