"""What all handlers of the VPS.org DNS API share."""

from collections.abc import Callable
from typing import Final, TypeVar

from nsd.account.act import Act, perform
from nsd.account.principal import Principal
from nsd.change.changes import Changes
from nsd.secondary.declaration import Declarations
from nsd.secondary.replication import Replication

T = TypeVar("T")

DOOR: Final = "vps"


class Door:
    """Handlers' access to what lies behind HTTP."""

    def __init__(
        self,
        changes: Changes,
        max_zone_file: int,
        replication: Replication,
        declarations: Declarations,
        wall: Callable[[], float],
    ) -> None:
        self.replication = replication
        self.declarations = declarations
        self.changes = changes
        self.database = changes.database
        self.max_zone_file = max_zone_file
        self._wall = wall

    async def perform(self, principal: Principal, work: Callable[[Act], T]) -> T:
        """Let a caller change something else than zones; raises what `work` raises."""
        return await perform(self.database, principal, self.now(), work)

    def now(self) -> int:
        """Give the time in Unix seconds."""
        return int(self._wall())
