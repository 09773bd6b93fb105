"""What all handlers of the Dozens API are given, and how they find what is the caller's own."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final

from nsd.account import ownership
from nsd.account.ownership import FindZone
from nsd.account.principal import Principal
from nsd.api.dozens.form import Form, Members
from nsd.change.changes import Changes
from nsd.errors import NotFound
from nsd.store.records import RecordRow
from nsd.store.zones import ZoneRow
from nsd.zone.name import WireName

DOOR: Final = "dozens"
MOST_INSIDE: Final = 100  # entries of a list that a write reads inside its own transaction
NO_ZONE: Final = "There is no such zone."
NO_RECORD: Final = "There is no such record."


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a known principal: the argument out of its path, the members of its body."""

    changes: Changes
    principal: Principal
    form: Form
    argument: str = ""
    body: dict[str, Any] = field(default_factory=dict)
    empty_list: str = "object"

    def write_list(self, kind: str, entries: Iterable[Members]) -> Iterator[bytes]:
        """Write a list of `kind` in slices; `empty_list` says how an empty one looks in JSON."""
        entries = iter(entries)
        first = next(entries, None)
        if first is not None:
            return self.form.write_list(kind, chain([first], entries))
        if self.empty_list == "array" and self.form is Form.JSON:
            return iter([b"[]"])
        return self.form.write_list(kind, ())

    def zone_by_number(self, connection: sqlite3.Connection) -> ZoneRow:
        """Find the caller's zone whose id the path names; raises NotFound."""
        try:
            return ownership.zone_by_id(self.principal, _number(self.argument), connection)
        except NotFound:
            raise NotFound(NO_ZONE) from None

    def zone_by_apex(self, apex: WireName) -> FindZone:
        """Give a function that finds the caller's zone with this apex, or raises NotFound."""

        def find(connection: sqlite3.Connection) -> ZoneRow:
            try:
                return ownership.zone_by_apex(self.principal, apex, connection)
            except NotFound:
                raise NotFound(NO_ZONE) from None

        return find

    def record_by_number(self, connection: sqlite3.Connection) -> tuple[ZoneRow, RecordRow]:
        """Find the caller's record whose id the path names, and its zone; raises NotFound."""
        try:
            return ownership.record_by_id(self.principal, _number(self.argument), connection)
        except NotFound:
            raise NotFound(NO_RECORD) from None


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise NotFound
    return int(text)
