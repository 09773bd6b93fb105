"""Keeps copies of other servers' zones current: refresh, retry, expire (RFC 1034, section 4.3.5).

A primary is asked when its NOTIFY comes and when the zone's timers say so. Whatever it sends that
breaks the rules leaves the last good zone; what nobody confirmed for the time of `expire` is
served no longer.
"""

import asyncio
import sqlite3
import time
from typing import Final

import structlog

from nsd.change.changes import Changes
from nsd.change.edit import ZoneEdit
from nsd.change.effect import Actor
from nsd.copy import content as copy
from nsd.copy.assembly import Fetched
from nsd.copy.fetch import fetch
from nsd.errors import BadTransfer, NotFound, NsdError
from nsd.message.tsig import Key
from nsd.rcode import Rcode
from nsd.secondary.directory import Directory
from nsd.store import upstreams, zones
from nsd.store.upstreams import Upstream
from nsd.zone.name import WireName, to_text
from nsd.zone.soa import Soa

log = structlog.get_logger()

AT_ONCE: Final = 8
LEAST_SECONDS: Final = 1.0  # between two fetches of a zone
MOST_SECONDS: Final = 86400.0
ACTOR: Final = Actor("", "transfer")


class _Copy:
    """One zone: when it is to be asked for next, and whether its primary said something."""

    __slots__ = ("task", "wake")

    def __init__(self, task: asyncio.Task[None], wake: asyncio.Event) -> None:
        self.task = task
        self.wake = wake


class Copies:
    """All zones that are fetched from elsewhere; `expired` are those served no longer."""

    def __init__(self, changes: Changes, directory: Directory) -> None:
        self.expired: set[WireName] = set()
        self._changes = changes
        self._directory = directory
        self._copies: dict[WireName, _Copy] = {}
        self._room = asyncio.Semaphore(AT_ONCE)

    async def load(self) -> None:
        """Serve none that expired while the server was down."""
        for upstream in self._directory.content.upstreams.values():
            self._expire_if_due(upstream, await self._held(upstream))

    def reload(self) -> None:
        """Fetch the zones that the directory holds now."""
        wanted = self._directory.content.upstreams
        for apex in self._copies.keys() - wanted.keys():
            self._copies.pop(apex).task.cancel()
            self.expired.discard(apex)
        for apex in wanted.keys() - self._copies.keys():
            wake = asyncio.Event()
            self._copies[apex] = _Copy(asyncio.create_task(self._keep(apex, wake)), wake)

    async def close(self) -> None:
        """Stop fetching."""
        tasks = [copy.task for copy in self._copies.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def notified(self, apex: WireName, client: str, key: Key | None) -> Rcode:
        """Take a NOTIFY from a zone's primary, known by its address or its key."""
        upstream = self._directory.content.upstreams.get(apex)
        if upstream is None:
            return Rcode.NOTAUTH
        known = self._directory.content.keys_by_id.get(upstream.source.key_id or 0)
        by_key = key is not None and known is not None and key.name == known.name
        if client != upstream.source.host and not by_key:
            log.warning(
                "refused a NOTIFY",
                why="neither this address nor this key is the primary's",
                zone=to_text(apex),
                client=client,
            )
            return Rcode.REFUSED
        if apex in self._copies:
            self._copies[apex].wake.set()
        return Rcode.NOERROR

    async def _keep(self, apex: WireName, wake: asyncio.Event) -> None:
        while True:
            wake.clear()
            upstream = self._directory.content.upstreams.get(apex)
            if upstream is None:
                return
            async with self._room:
                seconds = await self._refresh(upstream)
            try:
                async with asyncio.timeout(seconds):
                    await wake.wait()
                    await asyncio.sleep(LEAST_SECONDS / 10)
            except TimeoutError:
                pass

    async def _refresh(self, upstream: Upstream) -> float:
        """Bring one zone up to date; give the seconds until it is to be asked for again."""
        try:
            held = await self._held(upstream)
        except NotFound:
            return MOST_SECONDS
        try:
            await self.bring_up_to_date(upstream, held)
        except NsdError as error:
            await self._note_failure(upstream, held, str(error))
            return min(max(held.retry, LEAST_SECONDS), self._left(upstream, held))
        await self._directory.load()
        return min(max(held.refresh, LEAST_SECONDS), MOST_SECONDS)

    async def bring_up_to_date(self, upstream: Upstream, held: Soa) -> None:
        """Fetch and store what a zone is now. Raises NoAnswer, BadTransfer."""
        source = upstream.source
        keys = self._directory.keys_of(source.key_id)
        fetched = await fetch(source.host, source.port, upstream.apex, keys, held)
        try:
            await self._store(upstream, fetched)
        except BadTransfer as error:
            log.warning(
                "changes do not fit the zone: the whole is fetched",
                zone=to_text(upstream.apex),
                why=str(error),
            )
            fetched = await fetch(source.host, source.port, upstream.apex, keys, None)
            await self._store(upstream, fetched)
        if upstream.apex in self.expired:
            self.expired.discard(upstream.apex)
            await self._changes.serve_again(upstream.apex)
            log.info("a zone that had expired is served again", zone=to_text(upstream.apex))

    async def _store(self, upstream: Upstream, fetched: Fetched) -> None:
        now = int(time.time())
        if fetched.soa is None:
            await self._changes.database.write(
                lambda connection: upstreams.note_success(connection, upstream.zone_id, now)
            )
            return

        def change(edit: ZoneEdit) -> None:
            copy.replace(edit, fetched)
            upstreams.note_success(edit.connection, upstream.zone_id, now)

        await self._changes.edit(
            ACTOR,
            lambda connection: zones.by_id(connection, upstream.zone_id),
            change,
            is_copy=True,
        )
        log.info(
            "fetched a zone" if fetched.is_whole else "fetched the changes of a zone",
            zone=to_text(upstream.apex),
            serial=fetched.soa.serial,
            primary=upstream.source.host,
        )

    async def _held(self, upstream: Upstream) -> Soa:
        defaults = self._changes.defaults

        def work(connection: sqlite3.Connection) -> Soa:
            return defaults.soa(zones.by_id(connection, upstream.zone_id))

        return await self._changes.database.read(work)

    async def _note_failure(self, upstream: Upstream, held: Soa, why: str) -> None:
        log.warning(
            "a zone cannot be fetched: what we have stays",
            zone=to_text(upstream.apex),
            primary=upstream.source.host,
            why=why,
        )
        if why != upstream.error:
            await self._changes.database.write(
                lambda connection: upstreams.note_failure(connection, upstream.zone_id, why)
            )
            await self._directory.load()
        self._expire_if_due(upstream, held)

    def _left(self, upstream: Upstream, held: Soa) -> float:
        """Give the seconds until a zone expires; much where it has."""
        left = upstream.fetched_at + held.expire - time.time()
        return left if left > 0 else MOST_SECONDS

    def _expire_if_due(self, upstream: Upstream, held: Soa) -> None:
        apex = upstream.apex
        if apex in self.expired or upstream.fetched_at + held.expire > time.time():
            return
        self.expired.add(apex)
        assert self._changes.table is not None
        self._changes.table.remove(apex)
        log.error("a zone has expired and is served no longer", zone=to_text(apex))
