"""When a zone's next step is due on its way to a secondary."""

import pytest

from nsd.secondary import pursuit
from nsd.secondary.pursuit import Pursuit
from nsd.zone.name import from_text

APEX = from_text("example.com.")


def told(serial: int | None = 2) -> Pursuit:
    """Give a pursuit that began at 0 and was told then."""
    found = Pursuit(APEX, serial, 0)
    found.note_told(serial, 0)
    return found


def test_a_change_is_told_and_a_zone_that_shall_be_gone_only_looked_for() -> None:
    assert not Pursuit(APEX, 2, 0).is_told
    assert Pursuit(APEX, None, 0).is_told


def test_an_answer_to_an_older_notify_does_not_spare_the_newer_one() -> None:
    one = Pursuit(APEX, 2, 0)
    one.want(3, 1)
    one.note_told(2, 1)
    assert not one.is_told
    one.note_told(3, 1)
    assert one.is_told


def test_who_is_silent_is_told_again_after_pauses_that_double_up_to_a_minute() -> None:
    one = Pursuit(APEX, 2, 0)
    assert [one.after_silence() for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    one.want(3, 100)
    assert one.after_silence() == 1


def test_who_is_silent_for_weeks_is_still_told_each_minute() -> None:
    one = Pursuit(APEX, 2, 0)
    pauses = {one.after_silence() for _ in range(50_000)}
    assert max(pauses) == 60


def test_looks_come_at_once_then_ever_more_seldom_up_to_once_a_minute() -> None:
    one, now = told(), 0.0
    pauses = []
    while now < 3600:
        pauses.append(one.after_look(now))
        now += pauses[-1]
        one.note_told(2, now)
    assert pauses == sorted(pauses)
    assert pauses[0] == pytest.approx(0.015)
    assert pauses[-1] == 60
    assert sum(pause < 1 for pause in pauses) < 15


def test_who_does_not_follow_is_told_anew_after_some_seconds_and_later_less_often() -> None:
    one = told()
    one.after_look(pursuit.NOTIFY_AGAIN_SECONDS)
    assert one.is_told
    one.after_look(pursuit.NOTIFY_AGAIN_SECONDS + 0.1)
    assert not one.is_told
    one.note_told(2, 100)
    one.after_look(130)
    assert one.is_told, "a quarter of its age has not passed yet"
    one.after_look(134)
    assert not one.is_told


def test_a_zone_that_shall_be_gone_is_never_told_and_given_up_after_an_hour() -> None:
    one = told(None)
    one.after_look(3000)
    assert (one.is_told, one.is_given_up(3600), one.is_given_up(3601)) == (True, False, True)
    assert not told(2).is_given_up(10_000)
