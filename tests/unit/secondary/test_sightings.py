"""What a secondary was seen to serve."""

import pytest

from nsd.secondary.sightings import NOTHING, Sightings
from nsd.store.secondaries import Seen
from nsd.zone.name import from_text

APEX, OTHER = from_text("example.com."), from_text("example.org.")


def seen(serial: int | None, *, behind_since: int | None = None, error: str = "") -> Seen:
    return Seen(serial, 7, behind_since, error)


@pytest.mark.parametrize(
    ("there", "wanted", "is_served"),
    [
        (5, 5, True),
        (6, 5, True),
        (4, 5, False),
        (2**32 - 1, 0, False),
        (0, 2**32 - 1, True),
        (None, 5, False),
        (5, None, False),
        (None, None, True),
    ],
)
def test_a_serial_is_served_by_it_or_a_newer_one_and_none_by_nothing(
    there: int | None, wanted: int | None, is_served: bool
) -> None:
    assert Sightings({APEX: seen(there)}).serves(APEX, wanted) == is_served


def test_of_a_zone_that_was_never_looked_at_nothing_is_known() -> None:
    sightings = Sightings({})
    assert sightings.of(APEX) == NOTHING
    assert (sightings.serves(APEX, None), sightings.serves(APEX, 1)) == (True, False)
    assert not sightings.apexes


def test_only_what_has_changed_is_stored_and_what_could_not_be_stored_again() -> None:
    sightings = Sightings({APEX: seen(5), OTHER: seen(5)})
    sightings.put(APEX, seen(5))
    assert sightings.take_changed() == []
    sightings.put(APEX, seen(6))
    sightings.forget(OTHER)
    changed = sightings.take_changed()
    assert sorted(changed) == [(APEX, seen(6)), (OTHER, None)]
    assert sightings.take_changed() == []
    sightings.put(APEX, seen(7))
    sightings.put_back(apex for apex, _ in changed)
    assert sorted(sightings.take_changed()) == [(APEX, seen(7)), (OTHER, None)]


def test_the_first_moment_of_being_behind_stays_and_errors_leave_the_serial() -> None:
    sightings = Sightings({APEX: seen(5)})
    sightings.note_behind(APEX, 100)
    sightings.note_behind(APEX, 200)
    sightings.note_error(APEX, "why")
    assert sightings.of(APEX) == seen(5, behind_since=100, error="why")
    assert sightings.behind_since() == [100]
