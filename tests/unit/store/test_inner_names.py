"""Whether there is anything below a name, whatever came and went."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nsd.store import inner_names, migration, users, zones
from nsd.store.migration import migrate
from nsd.zone.name import WireName, from_text, is_at_or_below, parent

APEX = from_text("a.example.")
LABELS = (b"a", b"b", b"aa", b"\x00", b"\x01", b"\xff" * 3, b"*")
NUMBER = 10  # the step that makes the table

owners = st.lists(st.sampled_from(LABELS), max_size=4).map(
    lambda labels: WireName(b"".join(bytes((len(label),)) + label for label in labels) + APEX)
)


def opened(apex: WireName = APEX) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    users.add(connection, "me", email="", plan="", is_admin=False, now=1)
    zones.insert(connection, 1, apex, serial=1, now=1)
    return connection


def growth(owners: set[WireName], change: int) -> dict[WireName, int]:
    """Give what so many names mean for those above them."""
    deep = [owner for owner in owners if APEX not in (owner, parent(owner))]
    return {above: change * count for above, count in Counter(map(parent, deep)).items()}


def below(connection: sqlite3.Connection, asked: set[WireName]) -> set[WireName]:
    return {owner for owner in asked if inner_names.has_below(connection, 1, APEX, owner)}


@given(st.sets(owners, max_size=8), st.sets(owners, max_size=4), st.sets(owners, max_size=4))
def test_a_name_has_names_below_it_as_long_as_one_is_there(
    first: set[WireName], others: set[WireName], asked: set[WireName]
) -> None:
    there = first | others
    asked = (asked | there | {parent(owner) for owner in there if owner != APEX}) - {APEX}
    with closing(opened()) as connection:
        for come in (first, others - first):
            inner_names.count(connection, 1, APEX, growth(come, 1))
        for gone in (set(), first, others - first):
            inner_names.count(connection, 1, APEX, growth(gone, -1))
            there -= gone
            assert below(connection, asked) == {
                name
                for name in asked
                if any(is_at_or_below(owner, name) and owner != name for owner in there)
            }
        assert connection.execute("SELECT count(*) FROM inner_names").fetchone() == (0,)


@pytest.fixture
def older(monkeypatch: pytest.MonkeyPatch) -> Iterator[sqlite3.Connection]:
    """A database without the table, with two zones and a catalog."""
    steps = migration._steps()
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        with monkeypatch.context() as patched:
            patched.setattr(migration, "_steps", lambda: steps[: NUMBER - 1])
            migrate(connection)
        users.add(connection, "me", email="", plan="", is_admin=False, now=1)
        for apex, kind in (("a.example.", "primary"), ("c.invalid.", "catalog"), (".", "copy")):
            zones.insert(connection, 1, from_text(apex), serial=1, now=1, kind=kind)
        yield connection


def test_a_database_that_is_older_learns_of_its_names(older: sqlite3.Connection) -> None:
    names = {1: ["a", "b.a", "c.a", "c.a", "x.y.z", "@"], 2: ["x.zones"], 3: ["com", "b.com", "@"]}
    apexes = {1: "a.example.", 2: "c.invalid.", 3: "."}
    for zone_id, labels in names.items():
        origin = from_text(apexes[zone_id])
        for number, label in enumerate(labels):
            owner = origin if label == "@" else from_text(label, origin)
            older.execute(
                "INSERT INTO records (uuid, zone_id, owner, type, ttl, rdata, created_at)"
                " VALUES (?, ?, ?, 1, 60, x'', 1)",
                (b"%d %d" % (zone_id, number), zone_id, owner),
            )
    migrate(older)
    rows = older.execute("SELECT * FROM inner_names ORDER BY zone_id, path").fetchall()
    assert rows == [(1, b"a\0", 2), (1, b"z\0y\0", 1), (3, b"com\0", 1)]
    older.execute("PRAGMA foreign_keys = ON")
    older.execute("DELETE FROM zones WHERE id = 1")
    assert older.execute("SELECT count(*) FROM inner_names").fetchone() == (1,)
