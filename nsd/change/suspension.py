"""Zones and accounts that administrators suspend, resume, and move.

What is suspended keeps its records, its serial and its place in the catalogs; it is not served, and
its catalogs do not list it. An entry of the journal whose serials are the same says that the
standing of a zone has changed.
"""

from dataclasses import dataclass

from nsd.account import user as accounts
from nsd.account.act import Act, Thing, Verb
from nsd.account.ownership import FindZone
from nsd.account.plan import Plans, check_records, check_zones, plan_of
from nsd.change import catalog
from nsd.change.catalog import CatalogEdits
from nsd.change.effect import Committed, Effect
from nsd.errors import NotFound
from nsd.store import journal, served, users, zones
from nsd.store.defaults import Defaults
from nsd.store.users import User
from nsd.store.zones import CATALOG, ZoneRow
from nsd.zone.name import to_text


@dataclass(frozen=True, slots=True)
class Holding:
    """An account with its zones."""

    user: User
    zones: tuple[ZoneRow, ...]

    @property
    def records(self) -> int:
        """How many records its zones hold."""
        return sum(zone.record_count for zone in self.zones)


def suspend_zone(find_zone: FindZone, act: Act, defaults: Defaults) -> Committed[ZoneRow]:
    """Serve a zone no longer until it is resumed."""
    before = visible(find_zone(act.connection))
    if before.suspended_by != "zone":
        zones.suspend(act.connection, before.id, act.now)
        act.note(Verb.SUSPEND, thing(before), {})
    return _one(act, defaults, before)


def resume_zone(find_zone: FindZone, act: Act, defaults: Defaults) -> Committed[ZoneRow]:
    """Serve a zone again, unless its account is suspended."""
    before = visible(find_zone(act.connection))
    if before.suspended_by == "zone":
        zones.suspend(act.connection, before.id, None)
        act.note(Verb.RESUME, thing(before), {})
    return _one(act, defaults, before)


def suspend_account(name: str, act: Act, defaults: Defaults) -> Committed[Holding]:
    """Refuse an account's credentials, and serve its zones no longer. Raises NotFound, Invalid."""
    before = zones.of_user(act.connection, accounts.another(act, name).id)
    accounts.suspend(act, name)
    return _account(act, defaults, name, before)


def resume_account(name: str, act: Act, defaults: Defaults) -> Committed[Holding]:
    """Let an account be as it was, with its zones. Raises NotFound, Invalid."""
    before = zones.of_user(act.connection, accounts.another(act, name).id)
    accounts.resume(act, name)
    return _account(act, defaults, name, before)


def move_zone(
    find_zone: FindZone, to: str, plans: Plans, act: Act, defaults: Defaults
) -> Committed[ZoneRow]:
    """Give a zone to another account. Raises NotFound, LimitReached where its plan has no room."""
    before = visible(find_zone(act.connection))
    user = accounts.named(act, to)
    if before.user_id == user.id:
        return Committed(before, [])
    plan = plan_of(act.connection, plans, user.id)
    check_zones(act.connection, plan, user.id)
    check_records(act.connection, plan, user.id, before.record_count)
    former = users.by_id(act.connection, before.user_id)
    zones.give(act.connection, before.id, user.id)
    act.note(Verb.MOVE, thing(before), {"user": {"before": former.name, "after": user.name}})
    now = zones.by_id(act.connection, before.id)
    return Committed(now, show(act, defaults, [before]) or [say(act, defaults, now)])


def visible(zone: ZoneRow) -> ZoneRow:
    """Pass on a zone that is no catalog. Raises NotFound."""
    if zone.kind == CATALOG:
        raise NotFound
    return zone


def thing(zone: ZoneRow) -> Thing:
    """Name a zone in the audit."""
    return Thing("zone", to_text(zone.apex))


def _one(act: Act, defaults: Defaults, before: ZoneRow) -> Committed[ZoneRow]:
    effects = show(act, defaults, [before])
    return Committed(zones.by_id(act.connection, before.id), effects)


def _account(act: Act, defaults: Defaults, name: str, before: list[ZoneRow]) -> Committed[Holding]:
    effects = show(act, defaults, before)
    user = users.by_name(act.connection, name)
    return Committed(Holding(user, tuple(zones.of_user(act.connection, user.id))), effects)


def show(act: Act, defaults: Defaults, before: list[ZoneRow]) -> list[Effect]:
    """Say of zones as they were what is served of them now, if that differs."""
    now = [zones.by_id(act.connection, zone.id) for zone in before]
    differing = [
        zone for zone, was in zip(now, before, strict=True) if zone.is_suspended != was.is_suspended
    ]
    edits = CatalogEdits(act.connection, defaults, act.now, act.principal)
    return [
        *(say(act, defaults, zone) for zone in differing),
        *catalog.withdraw(edits, [zone for zone in differing if zone.is_suspended]),
        *catalog.restore(edits, [zone for zone in differing if not zone.is_suspended]),
    ]


def say(act: Act, defaults: Defaults, zone: ZoneRow) -> Effect:
    """Note in the journal that a zone's standing is another, its content the same."""
    entry = journal.append(
        act.connection,
        zone_id=zone.id,
        apex=zone.apex,
        old_serial=zone.serial,
        new_serial=zone.serial,
        removed=b"",
        added=b"",
        at=act.now,
        byline=act.principal.byline,
    )
    shown = served.load_zone(act.connection, zone, defaults)
    return Effect(entry, zone.apex, zone.serial, zone.serial, zone=shown, alias_owners=None)
