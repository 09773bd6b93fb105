"""What all handlers of the VPS.org DNS API share."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from nsd.account.act import Act, perform
from nsd.account.keyring import Keyring
from nsd.account.principal import Principal
from nsd.change.changes import Changes
from nsd.pace import Workshop
from nsd.secondary.board import Board
from nsd.secondary.declaration import Declarations
from nsd.store.database import Database

T = TypeVar("T")

DOOR: Final = "vps"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Handlers' access to what lies behind HTTP.

    `reload` takes in what has changed of keys, secondaries and copies, `forget` of accounts and
    credentials; `wall` gives Unix seconds.
    """

    changes: Changes
    keyring: Keyring
    declarations: Declarations
    board: Board
    reload: Callable[[], Awaitable[None]]
    forget: Callable[[], None]
    workshop: Workshop
    handover_seconds: int
    max_zone_file: int
    wall: Callable[[], float]

    @property
    def database(self) -> Database:
        """The store."""
        return self.changes.database

    async def perform(self, principal: Principal, work: Callable[[Act], T]) -> T:
        """Let a caller change something else than zones; raises what `work` raises."""
        return await perform(self.database, principal, self.now(), work)

    def now(self) -> int:
        """Give the time in Unix seconds."""
        return int(self.wall())
