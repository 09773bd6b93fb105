"""What all handlers of the VPS.org DNS API share."""

from typing import Final

from nsd.change.changes import Changes
from nsd.secondary.declaration import Declarations
from nsd.secondary.replication import Replication

DOOR: Final = "vps"


class Door:
    """Handlers' access to what lies behind HTTP."""

    def __init__(
        self,
        changes: Changes,
        max_zone_file: int,
        replication: Replication,
        declarations: Declarations,
    ) -> None:
        self.replication = replication
        self.declarations = declarations
        self.changes = changes
        self.database = changes.database
        self.max_zone_file = max_zone_file
