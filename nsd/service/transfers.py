"""The part of the composition root that sends zones to secondaries and fetches zones."""

import contextlib
from ipaddress import ip_address
from typing import Final

from nsd.background import Background
from nsd.change.changes import Changes
from nsd.copy.keeper import Copies
from nsd.secondary.board import Board
from nsd.secondary.declaration import Declarations
from nsd.secondary.directory import Directory
from nsd.secondary.outbound import Outbound
from nsd.secondary.replication import Replication
from nsd.settings import Settings
from nsd.store.database import Database
from nsd.store.secret import SecretBox
from nsd.store.snapshot import Snapshots
from nsd.store.trimmer import Trimmer
from nsd.store.tsig_keys import TsigKeys
from nsd.zone import name

SETTLE_SECONDS: Final = 5.0
TRIM_SECONDS: Final = 5.0


class Transfers:
    """All that concerns transfers in one running server."""

    def __init__(self, settings: Settings, database: Database, changes: Changes) -> None:
        self._settings = settings
        self._changes = changes
        own = settings.transfer
        self.keys = TsigKeys(SecretBox(settings.data))
        self.directory = Directory(database, self.keys)
        self.copies = Copies(changes, self.directory)
        self.board = Board(
            database,
            self.directory,
            check_seconds=own.check_seconds,
            sources=[
                endpoint.host
                for endpoint in settings.dns.listen
                if not ip_address(endpoint.host).is_unspecified
            ],
        )
        self.declarations = Declarations(
            changes, self.keys, name.lower(name.from_text(own.catalog_suffix))
        )
        self.replication = Replication(
            self.board, self.directory, self.reload, own.handover_seconds
        )
        self._snapshots = Snapshots(database.path)
        self.outbound = Outbound(
            self.directory, self._snapshots, self.copies, rules=own.allow, at_once=own.at_once
        )
        self._trimmer = Trimmer(
            database,
            entries=own.journal_entries,
            octets=own.journal_size,
            seconds=86400 * own.journal_days,
        )

    async def start(self, ending: contextlib.AsyncExitStack) -> None:
        """Read what there is to know."""
        ending.callback(self._snapshots.close)
        await self.declarations.settle(self._settings.secondaries)
        await self.directory.load()
        await self.copies.load()

    async def start_work(self, background: Background) -> None:
        """Begin to tell and watch secondaries, to fetch copies, and to tidy up."""
        self.copies.reload()
        await self.board.reload()
        for note in (self.board.note, self._trimmer.note):
            self._changes.listeners.append(note)
        background.keep("telling secondaries", self.board.run)
        background.keep("storing what secondaries serve", self.board.store)
        background.every("trimming the journal", TRIM_SECONDS, self._trimmer.trim_noted)
        background.every("settling catalogs", SETTLE_SECONDS, self._changes.settle_catalogs)

    async def close(self) -> None:
        """Stop fetching, and watching after what was seen has been stored."""
        await self.copies.close()
        await self.board.close()

    async def reload(self) -> None:
        """Take in what has changed of keys, secondaries and catalogs."""
        await self.directory.load()
        await self.board.reload()
        self.copies.reload()
