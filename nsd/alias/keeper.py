"""Keeps the addresses of every ALIAS current beside a running server."""

import asyncio
import contextlib
from collections.abc import Callable, Collection
from functools import partial
from typing import Final

import structlog

from nsd import metrics
from nsd.account.principal import Principal
from nsd.agenda import Agenda
from nsd.alias import stored
from nsd.alias.index import AliasIndex, AliasRecord
from nsd.alias.resolver import Asker, Failed
from nsd.alias.source import ServedZones
from nsd.alias.stored import Owners
from nsd.alias.target import Event, Target
from nsd.background import Background
from nsd.change.changes import Changes
from nsd.change.effect import Effect
from nsd.errors import NotFound, NothingChanges, NsdError, ReadOnly, Unavailable
from nsd.settings import Alias
from nsd.store import alias_failures
from nsd.zone.alias import FAMILIES, Addresses, unpack
from nsd.zone.alias_walk import End, follow
from nsd.zone.name import WireName, to_text
from nsd.zone.rrset import pack
from nsd.zone.table import ZoneTable

log = structlog.get_logger()

PRINCIPAL: Final = Principal.server("alias")
AT_ONCE: Final = 64  # look-ups on their way
RETRY_SECONDS: Final = 1.0  # after the store could not be written
MOST_RETRY_SECONDS: Final = 300.0  # after a look-up that came to nothing
LOOK_UP: Final = "looking up the target of an ALIAS"


class AliasKeeper:
    """Follows targets through our zones at once, asks for the others in time, writes what differs.

    `expired` are the copies that are not in memory. `note` is told each effect; everything else
    happens in `run`. `clock` gives seconds that only go forward, `wall` Unix seconds.
    """

    def __init__(
        self,
        changes: Changes,
        table: ZoneTable,
        expired: Collection[WireName],
        asker: Asker,
        settings: Alias,
        background: Background,
        *,
        clock: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        self._changes = changes
        self._asker = asker
        self._settings = settings
        self._background = background
        self._clock = clock
        self._wall = wall
        self._index = AliasIndex()
        self._source = ServedZones(table, self._index, expired)
        self._targets: dict[WireName, Target] = {}
        self._unread: dict[WireName, Owners] = {}  # where ALIAS records may have changed
        self._dirty: set[int] = set()  # records that must be followed anew
        self._asking = Agenda[WireName]()  # targets to be asked for
        self._failing: set[WireName] = set()
        self._failures: dict[WireName, int | None] = {}  # to be stored
        self._lookups: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()

    def note(self, effect: Effect) -> None:
        """Remember what a change has touched."""
        if effect.is_hidden:
            return
        self._dirty |= self._index.touched_by(effect)
        if effect.alias_owners is None or effect.new_serial is None or effect.old_serial is None:
            self._unread[effect.apex] = None
        elif effect.alias_owners:
            owners = self._unread.setdefault(effect.apex, set())
            if owners is not None:
                owners |= effect.alias_owners
        if self._dirty or self._unread:
            self._wake.set()

    async def run(self) -> None:
        """Keep everything current, for ever."""
        try:
            await self._load()
            while True:
                self._wake.clear()
                await self._bring_up_to_date()
                self._start_lookups()
                with contextlib.suppress(TimeoutError):
                    # Not `wait_for`, which may lose that we are ended where both happen at once.
                    async with asyncio.timeout(self._seconds_to_next()):
                        await self._wake.wait()
        finally:
            for lookup in self._lookups:
                lookup.cancel()
            await asyncio.gather(*self._lookups, return_exceptions=True)

    async def _load(self) -> None:
        rows, failing = await self._changes.database.read_long(stored.read_everything)
        for apex, row in rows:
            self._index.put(AliasRecord.of_row(apex, row))
        self._dirty |= self._index.by_id.keys()
        self._follow_dirty()
        for target in self._targets.values():
            since = failing.get(target.name)
            ago = None if since is None else self._clock() - (self._wall() - since)
            for number in target.users:
                target.seed(self._index.by_id[number].addresses or b"", ago)
            if since is not None:
                self._failing.add(target.name)
        self._failures.update(dict.fromkeys(failing.keys() - self._targets.keys()))
        self._dirty |= self._index.by_id.keys()  # once more, by what the targets were seeded with

    async def _bring_up_to_date(self) -> None:
        try:
            await self._read_unread()
            await self._write(self._follow_dirty())
            await self._store_failures()
        except NsdError as error:
            log.warning("the addresses of ALIAS records cannot be written yet", why=error.detail)
            self._dirty |= self._index.by_id.keys()
            await asyncio.sleep(RETRY_SECONDS)
            self._wake.set()

    async def _read_unread(self) -> None:
        unread, self._unread = self._unread, {}
        if not unread:
            return
        try:
            found = await self._changes.database.read(partial(stored.read_some, unread))
        except NsdError:
            self._unread = {**unread, **self._unread}
            raise
        former = {}
        for apex, owners in unread.items():
            for owner in self._index.owners(apex) if owners is None else owners:
                gone = self._index.remove(apex, owner)
                if gone is not None:
                    former[gone.id] = gone
                    self._dirty |= self._index.led_by(apex, owner)
        for apex, row in found:
            record = AliasRecord.of_row(apex, row)
            self._index.put(record)
            self._dirty |= {row.id, *self._index.led_by(apex, record.owner)}
            before = former.pop(row.id, None)
            if before is not None:
                self._index.set_walk(record, before.walk)
        for gone in former.values():
            self._leave(gone, None)

    def _follow_dirty(self) -> list[tuple[AliasRecord, Addresses]]:
        """Follow what may lead elsewhere now; give the records that need other addresses."""
        dirty, self._dirty = self._dirty, set()
        wanted = []
        for number in dirty:
            record = self._index.by_id.get(number)
            if record is None:
                continue
            addresses = self._follow(record)
            if addresses is not None and addresses != record.addresses:
                wanted.append((record, addresses))
        metrics.ALIAS_TARGETS.set(len(self._targets))
        return wanted

    def _follow(self, record: AliasRecord) -> Addresses | None:
        """Find the addresses for a record; None while they are not known."""
        walk = follow(self._source, record.hop.target)
        if walk.end is End.LOOP and record.walk.end is not End.LOOP:
            log.warning("an ALIAS leads in a circle", owner=to_text(record.owner))
        self._leave(record, walk.outside)
        self._index.set_walk(record, walk)
        if walk.outside is None:
            return walk.addresses
        target = self._targets.get(walk.outside)
        if target is None:
            target = self._targets[walk.outside] = Target(walk.outside, due=self._clock())
            self._asking.put(target.name, target.due)
        target.users.add(record.id)
        return _capped(target.addresses, walk.ttl)

    def _leave(self, record: AliasRecord, outside: WireName | None) -> None:
        """Let a record point to its former target no longer, unless that is the new one too."""
        former = record.walk.outside
        if former is None or former == outside or former not in self._targets:
            return
        target = self._targets[former]
        target.users.discard(record.id)
        if not target.users:
            del self._targets[former]
            self._asking.drop(former)
            if former in self._failing:
                self._failing.discard(former)
                self._failures[former] = None

    async def _write(self, wanted: list[tuple[AliasRecord, Addresses]]) -> None:
        by_zone: dict[WireName, list[tuple[AliasRecord, Addresses]]] = {}
        for record, addresses in wanted:
            by_zone.setdefault(record.apex, []).append((record, addresses))
        for apex, pairs in by_zone.items():
            if await self._write_zone(apex, pairs):
                for record, addresses in pairs:
                    record.addresses = addresses

    async def _write_zone(self, apex: WireName, pairs: list[tuple[AliasRecord, Addresses]]) -> bool:
        """Write the addresses of one zone; tell whether they are what is served now.

        What is wrong with one zone leaves the others alone. Raises Unavailable.
        """
        try:
            await self._changes.edit(
                PRINCIPAL, partial(stored.zone_at, apex), partial(stored.resolve, pairs)
            )
        except (NotFound, NothingChanges, ReadOnly):  # of a copy nothing is derived
            return True
        except Unavailable:
            raise
        except NsdError as error:
            log.warning(
                "the addresses of a zone's ALIAS records cannot be written",
                zone=to_text(apex),
                why=error.detail,
            )
            return False
        return True

    def _start_lookups(self) -> None:
        now = self._clock()
        while len(self._lookups) < AT_ONCE:
            name = next(self._asking.take_due(now), None)
            if name is None:
                return
            task = self._background.once(LOOK_UP, self._look_up(self._targets[name]))
            self._lookups.add(task)
            task.add_done_callback(self._lookups.discard)

    def _seconds_to_next(self) -> float | None:
        """Say when the next target is due; None where a change or an answer comes first."""
        first = self._asking.first
        if len(self._lookups) >= AT_ONCE or first is None:
            return None
        return max(0.0, first - self._clock())

    async def _look_up(self, target: Target) -> None:
        target.due = self._clock() + MOST_RETRY_SECONDS  # unless an answer says otherwise
        try:
            answers = await asyncio.gather(
                *(self._asker.ask(target.name, rrtype) for rrtype in FAMILIES)
            )
            outcomes = dict(zip(FAMILIES, answers, strict=True))
            for outcome in answers:
                metrics.ALIAS_LOOKUPS.labels(type(outcome).__name__.lower()).inc()
            event = target.take(outcomes, self._clock(), self._settings)
            failed = [one.why for one in answers if isinstance(one, Failed)]
            self._tell(target, event, failed[0] if failed else "")
        finally:
            if self._targets.get(target.name) is target:
                self._asking.put(target.name, target.due)
            self._dirty |= target.users
            self._wake.set()

    def _tell(self, target: Target, event: Event, why: str) -> None:
        """Say in the log, the metrics and the store what has become of a target."""
        name = to_text(target.name)
        if event is Event.FAILING:
            log.warning(
                "the target of an ALIAS cannot be resolved; its last addresses stand",
                target=name,
                why=why,
                keep_seconds=self._settings.keep_seconds,
            )
            self._failures[target.name] = int(self._wall())
            self._failing.add(target.name)
        elif event is Event.RECOVERED:
            log.info("the target of an ALIAS can be resolved again", target=name)
        elif event is Event.GONE:
            log.warning("the target of an ALIAS is gone; its addresses are withdrawn", target=name)
            metrics.ALIAS_WITHDRAWN.labels("gone").inc()
        elif event is Event.GIVEN_UP:
            log.error(
                "the target of an ALIAS has failed for too long; its addresses are withdrawn",
                target=name,
                why=why,
            )
            metrics.ALIAS_WITHDRAWN.labels("failing").inc()
        if not target.is_failing and target.name in self._failing:
            self._failing.discard(target.name)
            self._failures[target.name] = None
        metrics.ALIAS_FAILING.set(len(self._failing))

    async def _store_failures(self) -> None:
        changed, self._failures = self._failures, {}
        if not changed:
            return
        try:
            await self._changes.database.write(
                lambda connection: alias_failures.note(connection, changed)
            )
        except NsdError:
            self._failures = {**changed, **self._failures}
            raise


def _capped(addresses: Addresses | None, most_ttl: int) -> Addresses | None:
    if addresses is None:
        return None
    return b"".join(pack(rrtype, ttl, rdata) for rrtype, ttl, rdata in unpack(addresses, most_ttl))
