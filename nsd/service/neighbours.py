"""The part of the composition root that knows other servers: those we feed, those that feed us."""

import time
from ipaddress import ip_address
from typing import Final

from nsd.background import Background
from nsd.change.changes import Changes
from nsd.change.follower import Follower
from nsd.change.memory import by_apex
from nsd.copy.keeper import Copies
from nsd.secondary.board import Board
from nsd.secondary.declaration import Declarations
from nsd.secondary.directory import Directory
from nsd.secondary.outbound import Outbound
from nsd.secondary.replication import Replication
from nsd.settings import Endpoint, Settings
from nsd.store.secret import SecretBox
from nsd.store.snapshot import Snapshots
from nsd.store.tsig_keys import TsigKeys
from nsd.zone import name

HANDOVER_SECONDS: Final = 5.0


class Neighbours:
    """All that concerns secondaries, and zones that are copies, in one running server."""

    def __init__(
        self,
        settings: Settings,
        changes: Changes,
        follower: Follower,
        snapshots: Snapshots,
        background: Background,
    ) -> None:
        self._settings = settings
        self._changes = changes
        self._memory = follower.memory
        self._background = background
        own = settings.transfer
        keys = TsigKeys(SecretBox(settings.data))
        suffix = name.lower(name.from_text(own.catalog_suffix))
        self._directory = Directory(changes.database, keys, time.time)
        self._copies = Copies(
            changes, follower, self._directory, background, clock=time.monotonic, wall=time.time
        )
        self._board = Board(
            changes.database,
            self._directory,
            check_seconds=own.check_seconds,
            sources=[endpoint.host for endpoint in settings.dns.listen if _is_particular(endpoint)],
        )
        self.declarations = Declarations(changes, keys, suffix, time.time)
        self.replication = Replication(
            self._board, self._directory, self.reload, own.handover_seconds
        )
        self.outbound = Outbound(
            self._directory, snapshots, self._copies, rules=own.allow, at_once=own.at_once
        )

    async def load(self) -> None:
        """Read what there is to know. Raises StoreError, Invalid."""
        await self.declarations.settle(self._settings.secondaries)
        await self._directory.load()
        await self._copies.reload()

    async def reload(self) -> None:
        """Take in what has changed of keys, secondaries and catalogs."""
        await self._directory.load()
        await self._copies.reload()
        await self._board.reload()

    async def start_work(self) -> None:
        """Begin to tell and watch secondaries, and to fetch copies."""
        await self._board.reload()
        self._memory.listeners.append(by_apex(self._board.note))
        keep, every = self._background.keep, self._background.every
        keep("keeping copies", self._copies.run)
        keep("telling secondaries", self._board.run)
        keep("storing what secondaries serve", self._board.store)
        every("finishing handovers", HANDOVER_SECONDS, self._changes.finish_handovers)

    async def close(self) -> None:
        """Stop watching, after what was seen has been stored."""
        await self._board.close()


def _is_particular(endpoint: Endpoint) -> bool:
    """Tell whether an endpoint has an address of its own, from which can be asked."""
    return not ip_address(endpoint.host).is_unspecified
