"""Acts: what they leave in the audit, and when they leave nothing."""

import json
import sqlite3

import pytest

from nsd.account.act import Act, Thing, Verb, perform
from nsd.account.principal import Principal
from nsd.errors import Invalid
from nsd.store import audit
from nsd.store.audit import AuditEntry, newest
from nsd.store.database import Database

ME = Principal("me", "test", address="192.0.2.1")
THING = Thing("token", "1")


async def entries(database: Database) -> list[AuditEntry]:
    return await database.read(lambda connection: newest(connection, 1000))


async def test_an_entry_says_what_was_done_when_and_by_whom(database: Database) -> None:
    fields = {"name": "\u00e4", "permissions": ["dns:list"], "expires_at": None}
    await perform(database, ME, 77, lambda act: act.note(Verb.ADD, THING, fields))
    (entry,) = await entries(database)
    assert (entry.at, entry.verb, entry.kind, entry.name) == (77, "add", "token", "1")
    assert json.loads(entry.fields) == fields
    assert entry.byline == ME.byline


async def test_a_change_is_noted_with_the_fields_that_differ_alone(database: Database) -> None:
    before = {"plan": "free", "email": "a@b.example", "is_admin": False}
    after = before | {"plan": "basic"}
    await perform(database, ME, 1, lambda act: act.note_change(THING, before, after))
    await perform(database, ME, 2, lambda act: act.note_change(THING, after, after))
    (entry,) = await entries(database)
    assert entry.verb == "change"
    assert json.loads(entry.fields) == {"plan": {"before": "free", "after": "basic"}}


async def test_what_was_not_done_is_not_noted(database: Database) -> None:
    def fail(act: Act) -> None:
        act.note(Verb.ADD, THING, {})
        raise Invalid("it cannot be")

    with pytest.raises(Invalid):
        await perform(database, ME, 1, fail)
    assert await entries(database) == []


async def test_the_newest_come_first_and_the_oldest_go_where_there_are_too_many(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "KEPT", 3)
    for now in range(5):
        await perform(database, ME, now, lambda act: act.note(Verb.ADD, THING, {}))
    assert [entry.at for entry in await entries(database)] == [4, 3, 2]
    limited = await database.read(lambda connection: newest(connection, 1))
    assert [entry.at for entry in limited] == [4]


async def test_an_entry_that_is_gone_leaves_its_id_to_no_other(database: Database) -> None:
    def remove(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM audit")

    await perform(database, ME, 1, lambda act: act.note(Verb.ADD, THING, {}))
    (first,) = await entries(database)
    await database.write(remove)
    await perform(database, ME, 2, lambda act: act.note(Verb.ADD, THING, {}))
    (second,) = await entries(database)
    assert second.id > first.id
