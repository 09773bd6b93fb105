"""The composition root: settings → store → zones → DNS → HTTP, and all of it back."""

import contextlib
import time
from functools import partial
from typing import Final

from nsd.account.session import SessionAuthenticator
from nsd.account.token import TokenAuthenticator
from nsd.alias.keeper import AliasKeeper
from nsd.alias.resolver import Resolver
from nsd.api.app import House
from nsd.background import Background
from nsd.bind.export import BindExport
from nsd.bind.keeper import BindKeeper
from nsd.change.changes import Changes
from nsd.change.follower import Follower
from nsd.change.memory import Memory, by_apex
from nsd.server.courtesy import Courtesy
from nsd.service.collector import all_to_stay
from nsd.service.defaults import change_rules, zone_defaults
from nsd.service.descriptors import make_room
from nsd.service.dns import open_dns
from nsd.service.http import open_http
from nsd.service.neighbours import Neighbours
from nsd.service.sockets import bind_dns, bind_http
from nsd.settings import Endpoint, Settings
from nsd.store.database import open_database
from nsd.store.snapshot import Snapshots
from nsd.store.trimmer import Trimmer
from nsd.zone.table import ZoneTable

FOLLOW_SECONDS: Final = 0.25
MOST_PAUSE_SECONDS: Final = 1.0  # what commands changed is answered within a second
SAVE_USES_SECONDS: Final = 10.0
TRIM_SECONDS: Final = 5.0
SECONDS_A_DAY: Final = 86_400


class Service:
    """One running server. `start` it, then `close` it, on the same event loop."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.table = ZoneTable()
        self.background = Background(time.monotonic)
        self.dns: list[Endpoint] = []
        self.http: Endpoint | None = None
        self._is_behind = False
        self._ending = contextlib.AsyncExitStack()

    async def start(self) -> None:
        """Open the store, load the zones, listen. Raises SettingsError, StoreError, ListenError."""
        async with contextlib.AsyncExitStack() as ending:
            await self._start(ending)
            self._ending = ending.pop_all()

    async def close(self) -> None:
        """Stop listening, finish what was accepted, close the store."""
        await self._ending.aclose()

    async def _start(self, ending: contextlib.AsyncExitStack) -> None:
        settings, courtesy = self.settings, Courtesy()
        make_room(settings)
        dns = bind_dns(settings.dns.listen, ending)
        http = bind_http(settings.http.listen, ending)
        await self._open_store(ending)
        transfers = self.neighbours.transfers
        await open_dns(settings, self.table, transfers, courtesy, dns, ending)
        await self._start_work(ending)
        self.house = self._house(courtesy)
        await open_http(self.house, http, ending)
        self.dns = [bound.endpoint for bound in dns]
        self.http = http.endpoint

    async def _open_store(self, ending: contextlib.AsyncExitStack) -> None:
        """Open the store, and read from it all that answers are given from."""
        settings = self.settings
        self.database = await open_database(settings.data)
        ending.push_async_callback(self.database.close)
        defaults = zone_defaults(settings.zone)
        self.follower = Follower(self.database, Memory(self.table), defaults)
        self.changes = Changes(
            self.database,
            defaults,
            settings.plans,
            self.follower,
            wall=time.time,
            rules=change_rules(settings),
        )
        with all_to_stay():
            await self.changes.store_defaults()
            await self.follower.load()
        snapshots = Snapshots(self.database.path)
        ending.callback(snapshots.close)
        self.neighbours = Neighbours(
            settings, self.changes, self.follower, snapshots, self.background
        )
        await self.neighbours.load()
        self.tokens = TokenAuthenticator(self.database, time.time)
        self.sessions = SessionAuthenticator(self.database, time.time)
        ending.push_async_callback(self.tokens.save_uses)

    def _house(self, courtesy: Courtesy) -> House:
        return House(
            settings=self.settings,
            changes=self.changes,
            tokens=self.tokens,
            sessions=self.sessions,
            keyring=self.neighbours.keyring,
            declarations=self.neighbours.declarations,
            board=self.neighbours.board,
            reload=self.neighbours.take_in,
            background=self.background,
            courtesy=courtesy,
            clock=time.monotonic,
            wall=time.time,
        )

    async def _start_work(self, ending: contextlib.AsyncExitStack) -> None:
        """Start what runs beside requests."""
        ending.push_async_callback(self.neighbours.close)
        ending.push_async_callback(self.background.close)
        every = self.background.every
        every(
            "following other processes", FOLLOW_SECONDS, self._follow, most_pause=MOST_PAUSE_SECONDS
        )
        every("saving uses of tokens", SAVE_USES_SECONDS, self.tokens.save_uses)
        await self.neighbours.start_work()
        self._trim_journal()
        self._keep_alias()
        self._keep_bind()

    async def _follow(self) -> None:
        """Take in what other processes have changed, and what of it could not be read before."""
        self._is_behind = await self.follower.follow_if_changed() or self._is_behind
        if self._is_behind or self.neighbours.is_behind:
            self.tokens.forget()
            self.sessions.forget()
            await self.neighbours.reload()
            self._is_behind = False

    def _trim_journal(self) -> None:
        kept = self.settings.transfer
        trimmer = Trimmer(
            self.database,
            entries=kept.journal_entries,
            octets=kept.journal_size,
            seconds=SECONDS_A_DAY * kept.journal_days,
            clock=time.monotonic,
            wall=time.time,
        )
        self.follower.memory.listeners.append(by_apex(trimmer.note))
        self.background.every("trimming the journal", TRIM_SECONDS, trimmer.trim_noted)

    def _keep_alias(self) -> None:
        settings = self.settings.alias
        alias = AliasKeeper(
            self.changes,
            self.table,
            self.neighbours.expired,
            Resolver(settings),
            settings,
            self.background,
            clock=time.monotonic,
            wall=time.time,
        )
        self.follower.memory.listeners.append(alias.note)
        self.background.keep("keeping ALIAS addresses", alias.run)

    def _keep_bind(self) -> None:
        bind = self.settings.bind
        if bind.export_dir is not None:
            export = partial(BindExport, bind.export_dir, bind.servers, bind.placed_in)
            keeper = BindKeeper(self.database, export, bind.after_export)
            self.follower.memory.listeners.append(by_apex(keeper.note))
            self.background.every("exporting zones for BIND9", 0, keeper.step)
