"""How much someone may ask for."""

from hypothesis import given
from hypothesis import strategies as st

from nsd.api.bucket import Buckets


def test_a_full_bucket_is_there_at_once_and_then_what_comes_back() -> None:
    buckets = Buckets(rate=2.0, burst=3.0)
    for _ in range(3):
        assert buckets.wait("one", 0.0) == 0
        buckets.take("one", 1.0, 0.0)
    assert buckets.wait("one", 0.0) == 0.5
    assert buckets.wait("another", 0.0) == 0
    assert buckets.wait("one", 0.5) == 0


def test_what_was_not_used_is_not_saved_up_beyond_a_full_bucket() -> None:
    buckets = Buckets(rate=1.0, burst=2.0)
    buckets.take("one", 1.0, 0.0)
    for _ in range(2):
        assert buckets.wait("one", 1000.0) == 0
        buckets.take("one", 1.0, 1000.0)
    assert buckets.wait("one", 1000.0) > 0


def test_no_more_callers_are_remembered_than_allowed_and_the_latest_are() -> None:
    buckets = Buckets(rate=1.0, burst=1.0, most=2)
    for caller in "abc":
        buckets.take(caller, 1.0, 0.0)
    assert [buckets.wait(caller, 0.0) > 0 for caller in "abc"] == [False, True, True]


@given(st.lists(st.tuples(st.floats(0.0, 10.0), st.floats(0.1, 5.0)), max_size=60))
def test_in_any_time_no_more_is_given_than_burst_and_rate_allow(
    asked: list[tuple[float, float]],
) -> None:
    rate, burst = 1.0, 5.0
    buckets, now, given_out = Buckets(rate, burst), 0.0, 0.0
    for later, amount in asked:
        now += later
        if buckets.wait("one", now) == 0:
            buckets.take("one", amount, now)
            given_out += amount
            assert given_out <= burst + rate * now + 5.0, "one call may overdraw what is left"
