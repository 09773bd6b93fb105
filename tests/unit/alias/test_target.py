"""When a target is asked for again, and what its answers and failures do."""

import pytest

from nsd.alias.resolver import Failed, Found, Gone, Outcome
from nsd.alias.target import Event, Target
from nsd.settings import Alias
from nsd.zone import rrtypes
from nsd.zone.alias import unpack
from nsd.zone.name import from_text

SETTINGS = Alias(min_refresh_seconds=30, max_refresh_seconds=3600, keep_seconds=1000)
ONE, TWO = b"\xc0\x00\x02\x01", b"\xc0\x00\x02\x02"
FAILED = Failed("timeout")
GONE = Gone("NXDOMAIN")


def found(ttl: int, *addresses: bytes, exact: bool = False) -> Found:
    return Found(ttl, addresses or (ONE,), exact)


def take(target: Target, now: float, a: Outcome, aaaa: Outcome = GONE) -> Event:
    return target.take({rrtypes.A: a, rrtypes.AAAA: aaaa}, now, SETTINGS)


def shown(target: Target) -> list[tuple[int, int, bytes]] | None:
    return None if target.addresses is None else list(unpack(target.addresses, 2**31 - 1))


@pytest.fixture
def target() -> Target:
    return Target(from_text("www.example.com"), due=0.0)


def test_nothing_is_known_until_an_answer_comes(target: Target) -> None:
    assert take(target, 0, FAILED, FAILED) is Event.FAILING
    assert shown(target) is None
    assert take(target, 30, found(300)) is Event.RECOVERED
    assert shown(target) == [(rrtypes.A, 300, ONE)]


@pytest.mark.parametrize(("ttl", "pause"), [(0, 30), (100, 90), (10_000, 3600)])
def test_it_is_asked_for_again_before_its_ttl_runs_out_within_bounds(
    target: Target, ttl: int, pause: float
) -> None:
    take(target, 1000, found(ttl))
    assert target.due == 1000 + pause


def test_failures_are_retried_ever_later(target: Target) -> None:
    take(target, 0, found(3600))
    pauses = []
    for number in range(6):
        take(target, number, FAILED, FAILED)
        pauses.append(target.due - number)
    assert pauses == [30, 60, 120, 240, 300, 300]


def test_a_denial_counts_when_it_is_said_twice(target: Target) -> None:
    take(target, 0, found(300))
    assert take(target, 100, GONE) is Event.NOTHING
    assert shown(target) == [(rrtypes.A, 300, ONE)]
    assert target.due == 130
    assert take(target, 130, GONE) is Event.GONE
    assert shown(target) == []


def test_a_denial_between_answers_changes_nothing(target: Target) -> None:
    for now in range(0, 1000, 100):
        take(target, now, found(300) if now % 200 else GONE)
        assert not now or shown(target) == [(rrtypes.A, 300, ONE)]


def test_one_family_may_fail_for_ever_and_not_harm_the_other(target: Target) -> None:
    for now in range(0, 5000, 100):
        take(target, now, found(300), FAILED)
    assert shown(target) == [(rrtypes.A, 300, ONE)]
    assert target.is_failing


def test_addresses_are_given_up_after_keep_seconds_and_come_back(target: Target) -> None:
    take(target, 0, found(300))
    events = [take(target, now, FAILED, FAILED) for now in (100, 600, 1100, 1101, 1102)]
    assert events[:3] == [Event.FAILING, Event.NOTHING, Event.NOTHING]
    assert events[3:] == [Event.GIVEN_UP, Event.NOTHING]
    assert shown(target) == []
    assert take(target, 2000, found(300, TWO)) is Event.RECOVERED
    assert shown(target) == [(rrtypes.A, 300, TWO)]


def test_a_restart_forgets_neither_addresses_nor_for_how_long_they_fail(target: Target) -> None:
    take(target, 0, found(300, ONE, TWO))
    again = Target(target.name, due=0.0)
    again.seed(target.addresses or b"", failing_since=-990.0)
    assert shown(again) == shown(target)
    assert take(again, 0, FAILED, FAILED) is Event.NOTHING
    assert take(again, 11, FAILED, FAILED) is Event.GIVEN_UP


def test_what_is_left_of_a_ttl_in_a_cache_does_not_lower_the_served_one(target: Target) -> None:
    ttls = []
    for now, left in ((0, 250), (100, 150), (200, 50), (250, 300), (400, 150), (540, 10)):
        take(target, now, found(left))
        ttls.append((shown(target) or [])[0][1])
    assert ttls == [250, 250, 250, 300, 300, 300]


def test_a_smaller_ttl_counts_once_the_larger_one_would_have_run_out(target: Target) -> None:
    take(target, 0, found(300))
    for now in range(60, 360, 60):
        take(target, now, found(55))
        expected = 300 if now <= 300 else 55
        assert shown(target) == [(rrtypes.A, expected, ONE)]
    take(target, 361, found(40))
    assert shown(target) == [(rrtypes.A, 55, ONE)]


def test_a_ttl_that_comes_from_the_source_counts_at_once(target: Target) -> None:
    take(target, 0, found(300))
    take(target, 1, found(60, exact=True))
    assert shown(target) == [(rrtypes.A, 60, ONE)]


def test_other_addresses_count_at_once_with_their_ttl(target: Target) -> None:
    take(target, 0, found(300))
    take(target, 1, found(20, TWO))
    assert shown(target) == [(rrtypes.A, 20, TWO)]
