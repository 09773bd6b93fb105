"""The part of the composition root that knows other servers: those we feed, those that feed us."""

import asyncio
import time
from collections.abc import Collection
from ipaddress import ip_address
from typing import Final

import structlog

from nsd.account.keyring import Keyring
from nsd.background import Background
from nsd.change.changes import Changes
from nsd.change.follower import Follower
from nsd.change.memory import by_apex
from nsd.client.courier import Courier
from nsd.copy.keeper import Copies
from nsd.errors import NsdError
from nsd.secondary.board import Board
from nsd.secondary.declaration import Declarations
from nsd.secondary.directory import Directory
from nsd.secondary.outbound import Outbound
from nsd.service.transfer_desk import TransferDesk
from nsd.settings import Endpoint, Settings
from nsd.store.secret import SecretBox
from nsd.store.snapshot import Snapshots
from nsd.store.tsig_keys import TsigKeys
from nsd.zone import name
from nsd.zone.name import WireName

log = structlog.get_logger()

HANDOVER_SECONDS: Final = 5.0
STORE_SECONDS: Final = 1.0


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
        self._reloading = asyncio.Lock()
        self.is_behind = False  # what is stored has changed, and was not taken in yet
        own = settings.transfer
        keys = TsigKeys(SecretBox(settings.data))
        suffix = name.lower(name.from_text(own.catalog_suffix))
        self.keyring = Keyring(changes.database, keys, time.time)
        self._directory = Directory(changes.database)
        self._copies = Copies(
            changes, follower, self.keyring, background, clock=time.monotonic, wall=time.time
        )
        sources = [endpoint.host for endpoint in settings.dns.listen if _is_particular(endpoint)]
        self._courier = Courier(sources, wall=time.time)
        self.board = Board(
            changes.database,
            self._directory,
            self.keyring,
            self._courier,
            background,
            check_seconds=own.check_seconds,
            clock=time.monotonic,
            wall=time.time,
        )
        self.declarations = Declarations(changes, keys, suffix, time.time)
        outbound = Outbound(
            self._directory, self.keyring, snapshots, rules=own.allow, at_once=own.at_once
        )
        self.transfers = TransferDesk(self.keyring, outbound, self._copies)

    @property
    def expired(self) -> Collection[WireName]:
        """The zones that are copies and served no longer, now and later."""
        return self._copies.expired

    async def load(self) -> None:
        """Read what there is to know. Raises StoreError, Invalid."""
        await self.declarations.take_settings(self._settings.secondaries)
        await self._load_names()
        await self._copies.reload()

    async def reload(self) -> None:
        """Take in what has changed of keys, secondaries and copies. Raises Unavailable."""
        async with self._reloading:  # so that what was read last stands last
            self.is_behind = True
            await self._load_names()
            await self._copies.reload()
            await self.board.reload()
            self.is_behind = False

    async def take_in(self) -> None:
        """Take in what a call has changed: that is on disk, and not undone by what fails here."""
        try:
            await self.reload()
        except NsdError as error:
            log.warning("a change of keys or secondaries is taken in later", why=error.detail)

    async def _load_names(self) -> None:
        """Read who is fed, then the keys: of whoever is known, the key is known as well."""
        await self._directory.load()
        await self.keyring.load()

    async def start_work(self) -> None:
        """Begin to tell and watch secondaries, and to fetch copies."""
        await self.board.reload()
        self._memory.listeners.append(by_apex(self.board.note))
        keep, every = self._background.keep, self._background.every
        keep("keeping copies", self._copies.run)
        every("telling secondaries", 0, self.board.tell_noted)
        every("storing what secondaries serve", STORE_SECONDS, self.board.store)
        every("finishing handovers", HANDOVER_SECONDS, self._changes.finish_handovers)

    async def close(self) -> None:
        """Stop watching, after what was seen has been stored."""
        await self.board.close()
        self._courier.close()


def _is_particular(endpoint: Endpoint) -> bool:
    """Tell whether an endpoint has an address of its own, from which can be asked."""
    return not ip_address(endpoint.host).is_unspecified
