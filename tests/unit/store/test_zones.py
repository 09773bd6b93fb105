"""Zone rows: which zones are above and below a name."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nsd.errors import NotFound
from nsd.store import users, zones
from nsd.store.migration import migrate
from nsd.store.path import path_of
from nsd.zone.name import WireName, from_text, is_at_or_below, to_text
from nsd.zone.serial import following, is_newer


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    opened = sqlite3.connect(tmp_path / "nsd.db", isolation_level=None)
    migrate(opened)
    users.add(opened, "me", email="", plan="", is_admin=False, now=1)
    yield opened
    opened.close()


NAMES = (
    "example.",
    "a.example.",
    "b.a.example.",
    "aa.example.",
    "a-b.example.",
    r"\000.example.",
    r"\001.a.example.",
    r"a\.example.",
    "example.a.",
    ".",
)


@pytest.mark.parametrize("asked", [*NAMES, "c.b.a.example.", "other.", r"x.\001.a.example."])
def test_zones_above_and_below_are_found_whatever_their_labels_hold(
    connection: sqlite3.Connection, asked: str
) -> None:
    for text in NAMES:
        zones.insert(connection, 1, from_text(text), serial=1, now=1)
    name = from_text(asked)
    found = {to_text(zone.apex) for zone in zones.at_above_or_below(connection, name)}
    expected = {
        text
        for text in NAMES
        if is_at_or_below(name, from_text(text)) or is_at_or_below(from_text(text), name)
    }
    assert found == expected


label = st.binary(min_size=1, max_size=3)
names = st.lists(label, max_size=4).map(
    lambda parts: WireName(b"".join(bytes((len(part),)) + part for part in parts) + b"\0")
)


@given(names, names)
def test_a_path_begins_with_the_paths_of_all_names_above(one: WireName, other: WireName) -> None:
    begins = path_of(one).startswith(path_of(other))
    assert begins == is_at_or_below(one, other)


def test_a_malformed_uuid_is_not_found(connection: sqlite3.Connection) -> None:
    zone = zones.insert(connection, 1, from_text("a."), serial=1, now=1)
    assert zones.by_uuid(connection, zone.uuid.upper()).id == zone.id
    for text in ("", "x", "0" * 32, zone.uuid[:-1], zone.uuid + "0"):
        with pytest.raises(NotFound):
            zones.by_uuid(connection, text)


@given(st.integers(0, 2**32 - 1))
def test_the_following_serial_is_newer_and_never_zero(serial: int) -> None:
    after = following(serial)
    assert after != 0
    assert is_newer(after, than=serial)
    assert not is_newer(serial, than=after)
