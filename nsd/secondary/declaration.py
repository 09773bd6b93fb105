"""Declaring secondaries: with the catalog of their group, and with a key."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import structlog

from nsd.account import tsig_key
from nsd.account.act import Act, Thing, Verb, perform
from nsd.account.principal import Principal
from nsd.change.changes import Changes
from nsd.errors import Invalid, NotFound
from nsd.settings import DeclaredSecondary, Endpoint
from nsd.settings.value import is_short_name
from nsd.store import secondaries
from nsd.store.catalogs import Catalog
from nsd.store.secondaries import Secondary
from nsd.store.tsig_keys import TsigKeys
from nsd.zone import name
from nsd.zone.name import WireName, to_text

log = structlog.get_logger()

T = TypeVar("T")

DEFAULT_GROUP: Final = "default"
_SETTINGS: Final = Principal.server("settings")


@dataclass(frozen=True, slots=True)
class Declaration:
    """What is said of a secondary. Without a key it is known by its address alone."""

    name: str
    host: str
    port: int
    key: WireName | None
    group: str = DEFAULT_GROUP
    control: str = ""


def check_word(text: str, what: str, *, field: str) -> None:
    """Refuse names of secondaries and groups that cannot stand in files. Raises Invalid."""
    if not is_short_name(text):
        raise Invalid(
            f"'{text}' is no name for a {what}: use letters, digits and . _ -", field=field
        )


def read_address(text: str) -> Endpoint:
    """Read a server's address with or without a port. Raises Invalid."""
    try:
        return Endpoint.parse(text, default_port=53)
    except ValueError as error:
        raise Invalid(str(error), field="address") from error


def usual_key(secondary: str) -> WireName:
    """Name the key of a secondary for which no other key is named."""
    return name.lower(name.from_text(f"{secondary}-key."))


class Declarations:
    """Adds and removes secondaries; keys that are missing are made. `wall` gives Unix seconds."""

    def __init__(
        self, changes: Changes, keys: TsigKeys, suffix: WireName, wall: Callable[[], float]
    ) -> None:
        self._changes = changes
        self._keys = keys
        self._suffix = suffix
        self._wall = wall

    async def add(self, principal: Principal, declared: Declaration) -> Secondary:
        """Add a secondary. Raises Invalid."""
        catalog = await self._catalog(principal, declared)
        return await self._perform(
            principal, lambda act: self._insert(act, declared, catalog, is_from_settings=False)
        )

    async def remove(self, principal: Principal, secondary: str) -> None:
        """Remove a secondary; raises NotFound."""
        await self._perform(principal, lambda act: _remove(act, secondary))

    async def take_settings(self, declared: Mapping[str, DeclaredSecondary]) -> None:
        """Bring the stored secondaries to what the settings declare.

        One whose catalog clashes with a zone is left out, loudly: the rest is to be served.
        """
        for secondary, said in declared.items():
            key = None if said.key is None else name.lower(name.from_text(said.key))
            address = said.address
            wanted = Declaration(
                secondary, address.host, address.port, key, said.group, said.control
            )
            try:
                await self._put(wanted)
            except Invalid as error:
                event = "a secondary of the settings is left out"
                log.error(event, secondary=secondary, why=error.detail)  # noqa: TRY400
        await self._perform(_SETTINGS, lambda act: _drop_others(act, declared))

    async def _perform(self, principal: Principal, work: Callable[[Act], T]) -> T:
        return await perform(self._changes.database, principal, int(self._wall()), work)

    async def _put(self, declared: Declaration) -> None:
        catalog = await self._catalog(_SETTINGS, declared)

        def work(act: Act) -> None:
            try:
                known = secondaries.by_name(act.connection, declared.name)
            except NotFound:
                self._insert(act, declared, catalog, is_from_settings=True)
                return
            self._update(act, known, declared, catalog)

        await self._perform(_SETTINGS, work)

    async def _catalog(self, principal: Principal, declared: Declaration) -> Catalog:
        check_word(declared.name, "secondary", field="name")
        check_word(declared.group, "group", field="group")
        found = await self._changes.ensure_catalog(principal, declared.group, self._suffix)
        return found.result

    def _insert(
        self, act: Act, declared: Declaration, catalog: Catalog, *, is_from_settings: bool
    ) -> Secondary:
        secondary = secondaries.add(
            act.connection,
            declared.name,
            host=declared.host,
            port=declared.port,
            key_id=self._key_id(act, declared.key),
            catalog_id=catalog.zone_id,
            control=declared.control,
            is_from_settings=is_from_settings,
            now=act.now,
        )
        act.note(Verb.ADD, _thing(secondary), _fields(act, secondary))
        return secondary

    def _update(self, act: Act, known: Secondary, declared: Declaration, catalog: Catalog) -> None:
        changed = replace(
            known,
            host=declared.host,
            port=declared.port,
            key_id=self._key_id(act, declared.key),
            catalog_id=catalog.zone_id,
            control=declared.control,
            is_from_settings=True,
        )
        if changed != known:
            secondaries.update(act.connection, changed)
            act.note_change(_thing(known), _fields(act, known), _fields(act, changed))

    def _key_id(self, act: Act, key: WireName | None) -> int | None:
        if key is None:
            return None
        try:
            return self._keys.by_name(act.connection, key).id
        except NotFound:
            return tsig_key.add(act, self._keys, key).id


def _remove(act: Act, secondary: str) -> None:
    known = secondaries.by_name(act.connection, secondary)
    fields = _fields(act, known)
    secondaries.remove(act.connection, secondary)
    act.note(Verb.REMOVE, _thing(known), fields)


def _drop_others(act: Act, declared: Mapping[str, object]) -> None:
    for secondary in secondaries.everything(act.connection):
        if secondary.is_from_settings and secondary.name not in declared:
            _remove(act, secondary.name)


def _thing(secondary: Secondary) -> Thing:
    return Thing("secondary", secondary.name)


def _fields(act: Act, secondary: Secondary) -> dict[str, object]:
    key, group = secondaries.names_of(act.connection, secondary)
    return {
        "address": str(Endpoint(secondary.host, secondary.port)),
        "key": None if key is None else to_text(key),
        "group": group,
        "control": secondary.control,
        "is_from_settings": secondary.is_from_settings,
    }
