"""Changes of what is not in zones: users, credentials, keys, secondaries. Each leaves an entry.

Whatever changes these takes an `Act`, from whichever door it comes, and notes there what it did:
the entry stands in the audit exactly if the change is on disk.
"""

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from nsd.account.principal import Principal
from nsd.store import audit
from nsd.store.database import Database

T = TypeVar("T")
Fields = Mapping[str, object]


class Verb(StrEnum):
    """What became of a thing."""

    ADD = "add"
    CHANGE = "change"
    ROTATE = "rotate"
    REMOVE = "remove"
    SUSPEND = "suspend"
    RESUME = "resume"
    MOVE = "move"


@dataclass(frozen=True, slots=True)
class Thing:
    """What is changed: its kind, as `token`, and what tells it from others of the kind."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something at a moment, in Unix seconds, inside the writer's transaction."""

    connection: sqlite3.Connection
    principal: Principal
    now: int

    def note(self, verb: Verb, thing: Thing, fields: Fields) -> None:
        """Note what was done; no secret may be among the fields."""
        audit.append(
            self.connection,
            at=self.now,
            verb=verb,
            kind=thing.kind,
            name=thing.name,
            fields=json.dumps(fields),
            byline=self.principal.byline,
        )

    def note_change(self, thing: Thing, before: Fields, after: Fields) -> None:
        """Note the fields that differ, each as it was and as it is; nothing where none does."""
        changed = {
            field: {"before": before.get(field), "after": value}
            for field, value in after.items()
            if before.get(field) != value
        }
        if changed:
            self.note(Verb.CHANGE, thing, changed)


async def perform(
    database: Database, principal: Principal, now: int, work: Callable[[Act], T]
) -> T:
    """Let a principal do something in one transaction; raises what `work` raises."""
    return await database.write(lambda connection: work(Act(connection, principal, now)))
