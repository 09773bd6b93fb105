"""The door to all changes: what comes through here is checked and durable.

A change is a function over a `ZoneEdit`, run in the writer's transaction. When the disk has it,
the zones in memory show it, and then whoever asked is answered.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Final, TypeVar

from nsd.account.act import Act
from nsd.account.ownership import FindZone
from nsd.account.plan import Plans, check_zones, plan_of
from nsd.account.principal import Principal
from nsd.change import catalog
from nsd.change.domain import (
    check_above,
    check_account,
    check_apex,
    check_public_suffix,
    check_takeover,
)
from nsd.change.edit import ZoneEdit
from nsd.change.effect import Committed
from nsd.change.follower import Follower
from nsd.change.rules import Rules, check_reserved
from nsd.change.settle import differs, finish, finish_deletion
from nsd.errors import PermissionDenied, ReadOnly
from nsd.store import catalogs, copies, journal, zones
from nsd.store import defaults as stored_defaults
from nsd.store.catalogs import Catalog
from nsd.store.connection import Work
from nsd.store.copies import Primary
from nsd.store.database import Database
from nsd.store.defaults import Defaults
from nsd.store.zones import COPY, PRIMARY, ZoneRow
from nsd.zone import serial
from nsd.zone.name import WireName, to_text

T = TypeVar("T")
EditBody = Callable[[ZoneEdit], T]

FEW: Final = 64  # records that an edit may read and write on the event loop
_WHY_READ_ONLY: Final = (
    "is a copy of another server's zone: change it there, or make it your own with"
    " 'nsdctl zone transfer ZONE --then-own'"
)


def _see(_edit: ZoneEdit) -> Any:
    """Look at an edit, and make nothing of it."""


class Changes:
    """All changes that one process makes.

    What is committed is answered, whatever becomes of showing it. A process that serves no zones
    has no follower.
    """

    def __init__(
        self,
        database: Database,
        defaults: Defaults,
        plans: Plans,
        follower: Follower | None = None,
        *,
        wall: Callable[[], float],
        rules: Rules = Rules(),  # noqa: B008 -- a constant
    ) -> None:
        self.database = database
        self.defaults = defaults
        self.plans = plans
        self.rules = rules
        self._follower = follower
        self._wall = wall

    async def store_defaults(self) -> None:
        """Store the defaults; where they have changed, so do the zones that rely on them."""
        await self.database.write(partial(_store_defaults, self.defaults, self._now()))

    async def create_zone(
        self,
        principal: Principal,
        user_id: int,
        apex: WireName,
        body: EditBody[T],
        primary: Primary | None = None,
    ) -> Committed[T]:
        """Create a zone, with the first content that `body` gives it.

        With a primary it is a copy, fetched from there.

        Raises Invalid where the name is taken, or inside or above another account's zone, or a
        public suffix or a reserved name that no administrator asks for;
        LimitReached where the account's plan allows no more zones.
        """

        def work(connection: sqlite3.Connection) -> Committed[T]:
            check_apex(apex)
            check_account(connection, user_id)
            if not principal.is_admin:
                check_above(connection, apex)
                check_public_suffix(apex)
                check_reserved(self.rules, self.defaults.nameservers, apex)
            check_takeover(connection, user_id, apex)
            check_zones(connection, plan_of(connection, self.plans, user_id), user_id)
            now = self._now()
            first = _first_serial(connection, apex, now)
            kind = PRIMARY if primary is None else COPY
            zone = zones.insert(connection, user_id, apex, serial=first, now=now, kind=kind)
            if primary is not None:
                copies.put(connection, zone.id, primary, now=now)
            edit = self._edit(connection, zone, now, is_new=True)
            result = body(edit)
            effect = finish(edit, principal)
            joined = catalog.join(self._catalog_edits(connection), edit.zone)
            return Committed(result, [effect, *joined])

        return await self._run(work)

    async def delete_zone(
        self, principal: Principal, find_zone: FindZone, body: EditBody[T] = _see
    ) -> Committed[T]:
        """Delete a zone with all its records, after `body` has seen it.

        Raises PermissionDenied for a suspended one, unless it is an administrator who deletes it.
        """

        def work(connection: sqlite3.Connection) -> Committed[T]:
            zone = _open_to(principal, find_zone(connection))
            edit = self._edit(connection, zone, self._now())
            result = body(edit)
            member = None if zone.is_suspended else catalogs.member(connection, zone.id)
            effect = finish_deletion(edit, principal)
            left = catalog.leave(self._catalog_edits(connection), member)
            return Committed(result, [effect, *left])

        return await self._run(work)

    async def edit(
        self,
        principal: Principal,
        find_zone: FindZone,
        body: EditBody[T],
        *,
        is_copy: bool = False,
    ) -> Committed[T]:
        """Change a zone by what `body` does to its edit; the result is what `body` returned.

        What `find_zone` or `body` raises leaves everything as it was. Raises ReadOnly for a zone
        that is a copy, unless it is its keeper that changes it, and PermissionDenied for one that
        is suspended, unless an administrator does.
        """

        def work(most: int | None, connection: sqlite3.Connection) -> Committed[T]:
            zone = _open_to(principal, find_zone(connection))
            if zone.kind != (COPY if is_copy else PRIMARY):
                raise ReadOnly(f"{to_text(zone.apex)} {_WHY_READ_ONLY}")
            edit = self._edit(connection, zone, self._now(), most=most)
            result = body(edit)
            return Committed(result, [finish(edit, principal)])

        return await self._run(partial(work, None), brief=partial(work, FEW))

    async def perform(
        self, principal: Principal, work: Callable[[Act, Defaults], Committed[T]]
    ) -> Committed[T]:
        """Let an administrator do something with whole zones or accounts, in one transaction."""
        return await self._run(
            lambda connection: work(Act(connection, principal, self._now()), self.defaults)
        )

    async def ensure_catalog(
        self, principal: Principal, group: str, suffix: WireName
    ) -> Committed[Catalog]:
        """Find the catalog of a group of secondaries, or make it."""

        def work(connection: sqlite3.Connection) -> Committed[Catalog]:
            edits = replace(self._catalog_edits(connection), principal=principal)
            return Committed(*catalog.ensure(edits, group, suffix))

        return await self._run(work)

    async def assign(
        self,
        principal: Principal,
        find_zone: FindZone,
        group: str,
        property_: str | None,
        handover: int,
    ) -> Committed[None]:
        """Hand a zone over to a group of secondaries, in `handover` seconds.

        Raises NotFound for a group that is not there.
        """

        def work(connection: sqlite3.Connection) -> Committed[None]:
            to = catalogs.of_group(connection, group)
            edits = replace(self._catalog_edits(connection), principal=principal)
            zone = find_zone(connection)
            return Committed(None, catalog.move(edits, zone, to, property_, handover))

        return await self._run(work)

    async def finish_handovers(self) -> None:
        """Take zones that were handed over out of their former catalogs, when it is time."""

        def work(connection: sqlite3.Connection) -> Committed[None]:
            return Committed(None, catalog.finish_handovers(self._catalog_edits(connection)))

        if await self.database.read(lambda connection: catalogs.leaving(connection, self._now())):
            await self._run(work)

    def _catalog_edits(self, connection: sqlite3.Connection) -> catalog.CatalogEdits:
        return catalog.CatalogEdits(connection, self.defaults, self._now())

    def _edit(
        self,
        connection: sqlite3.Connection,
        zone: ZoneRow,
        now: int,
        *,
        is_new: bool = False,
        most: int | None = None,
    ) -> ZoneEdit:
        return ZoneEdit(
            connection,
            zone,
            self.defaults,
            self.plans,
            now,
            is_new=is_new,
            rules=self.rules,
            most=most,
        )

    async def _run(
        self, work: Work[Committed[T]], brief: Work[Committed[T]] | None = None
    ) -> Committed[T]:
        """Commit and show a change, even if whoever asked for it goes away meanwhile."""
        committed = await self.database.write(work, self._show, brief)
        if self._follower is not None:
            await self._follower.catch_up(committed.effects)
        return committed

    def _show(self, committed: Committed[Any]) -> None:
        if self._follower is not None:
            self._follower.memory.show_next(committed.effects)

    def _now(self) -> int:
        return int(self._wall())


def _open_to(principal: Principal, zone: ZoneRow) -> ZoneRow:
    """Pass on a zone that a principal may change. Raises PermissionDenied."""
    if zone.is_suspended and not principal.is_admin:
        raise PermissionDenied("the zone is suspended")
    return zone


def _first_serial(connection: sqlite3.Connection, apex: WireName, now: int) -> int:
    """Begin with the time, but after what secondaries of a former zone of the name may hold."""
    last = journal.last_serial(connection, apex)
    if last is None or serial.is_newer(now, than=last):
        return now
    return serial.following(last)


def _store_defaults(defaults: Defaults, now: int, connection: sqlite3.Connection) -> None:
    """Store the defaults; where they have changed, so have the zones that rely on them."""
    before = stored_defaults.read(connection)
    if before == defaults:
        return
    stored_defaults.write(connection, defaults)
    if before is None:
        return
    for zone in list(zones.everything(connection)):
        edit = ZoneEdit(connection, zone, defaults, {}, now, defaults_before=before)
        edit.at(zone.apex)
        if differs(edit):
            finish(edit, Principal.server("settings"))
