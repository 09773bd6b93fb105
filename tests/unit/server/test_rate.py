"""How many responses a network has had: never too few, and never more memory than there is."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nsd.server.rate import BUCKETS, MOST_SUSPECTS, SAMPLED, UNLIMITED, Rates, Tally
from nsd.server.subject import MISSING, SubjectKind

RATES = Rates(answers=200, missing=1000, referrals=None, errors=50)
MOST = 400
BURST = MOST + MOST // 2 + 4 * SAMPLED  # before a suspect's responses are counted exactly
MASK = 0xFFFFFF00
NAME = b"\x03www\x07example\x00"


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Server:
    """Responds to batches of queries, and tells which responses are within the rate."""

    def __init__(self, exempt: Sequence[int] = ()) -> None:
        self.clock = Clock()
        self.tally = Tally(RATES, MASK, lambda network: network in exempt, self.clock)

    def respond(self, *queries: tuple[int, bytes]) -> list[bool]:
        """Respond to a batch of sources and subjects."""
        networks = self.tally.look(lambda: [source for source, _ in queries])
        if networks is None:
            return [True] * len(queries)
        pairs = zip(networks, queries, strict=True)
        return [self.tally.count(network, subject) <= MOST for network, (_, subject) in pairs]

    def flow(self, rate: int, source: int = 0x100, subject: bytes = NAME) -> int:
        """Let a second pass with so many queries, one a batch; give how many were answered."""
        start = int(self.clock.now)
        answered = 0
        for number in range(rate):
            self.clock.now = start + number / rate
            answered += sum(self.respond((source, subject)))
        self.clock.now = start + 1
        return answered


def test_each_kind_has_its_rate_and_a_count_of_twice_as_much() -> None:
    assert RATES.most() == {
        SubjectKind.ANSWERS: 400,
        SubjectKind.MISSING: 2000,
        SubjectKind.REFERRALS: UNLIMITED,
        SubjectKind.ERRORS: 100,
    }


@pytest.mark.parametrize("rate", [1, 50, 150, 199])
def test_whoever_stays_below_the_rate_is_always_answered(rate: int) -> None:
    server = Server()
    assert [server.flow(rate) for _ in range(20)] == [rate] * 20


def test_a_flood_gets_a_burst_and_then_nothing() -> None:
    server = Server()
    first, *later = [server.flow(5000) for _ in range(5)]
    assert MOST < first <= BURST
    assert later == [0] * 4


def test_after_a_flood_the_network_is_answered_again() -> None:
    server = Server()
    server.flow(5000)
    for _ in range(5):  # halved each second
        server.flow(1)
    assert server.flow(100) == 100


def test_a_flood_about_one_name_leaves_other_names_and_networks_alone() -> None:
    server = Server()
    server.flow(5000)
    other = (0x100, b"\x05other\x00"), (0x200, NAME)
    assert server.respond(*other) == [True, True]


def test_many_names_asked_for_little_are_all_answered() -> None:
    server = Server()
    names = [b"%d" % number for number in range(500)]
    answers: list[bool] = []
    for _ in range(10):
        for start in range(0, 500, 50):
            answers += server.respond(*((0x100, name) for name in names[start : start + 50]))
        server.clock.now += 0.2
    assert all(answers)


def test_who_shares_a_bucket_with_a_flood_is_answered() -> None:
    server = Server()
    server.flow(5000)
    full = hash((0x100, NAME)) % BUCKETS
    sharing = next(
        name
        for name in (b"%d" % number for number in range(100 * BUCKETS))
        if hash((0x100, name)) % BUCKETS == full
    )
    for _ in range(2 * SAMPLED):
        assert server.respond((0x100, sharing)) == [True]
    assert (0x100, sharing) in server.tally._suspects


def test_addresses_of_one_network_are_counted_together() -> None:
    server = Server()
    for _ in range(3000):
        server.respond((0x1FE, NAME))
    assert server.respond((0x101, NAME), (0x201, NAME)) == [False, True]


def test_an_exempt_network_is_never_limited() -> None:
    server = Server(exempt=[0x100])
    assert server.flow(5000) == 5000


def test_a_kind_without_a_limit_is_never_suspected() -> None:
    unlimited = Rates(answers=None, missing=1, referrals=1, errors=1)
    tally = Tally(unlimited, MASK, lambda _: False, Clock())
    for _ in range(100_000):
        tally.look(lambda: [0x100])
        assert tally.count(0x100, NAME) == 0


def test_where_nobody_is_suspected_most_batches_are_not_counted() -> None:
    server = Server()
    looked = [server.tally.look(lambda: [0x100]) for _ in range(10 * SAMPLED)]
    assert sum(one is not None for one in looked) == 10


def test_a_network_that_falls_silent_is_forgotten() -> None:
    server = Server()
    server.flow(5000)
    server.clock.now += 30
    for _ in range(SAMPLED):
        server.respond((0x200, NAME))
    assert not server.tally._suspects
    assert sum(server.tally._buckets) <= SAMPLED


def test_the_time_that_passes_unseen_is_made_up_for() -> None:
    server = Server()
    server.flow(5000)
    server.clock.now += 1e9
    assert server.respond((0x100, NAME)) == [True]


def test_there_are_never_more_suspects_than_there_is_room_for() -> None:
    server = Server()
    for number in range(BUCKETS):
        server.tally._buckets[number] = 1000
    for number in range(SAMPLED * (MOST_SUSPECTS + 100)):
        server.respond((number << 8, MISSING + NAME))
    assert len(server.tally._suspects) == MOST_SUSPECTS


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.integers(0, 3000), st.sampled_from([0x100, 0x200]), st.integers(0, 2)),
        max_size=12,
    )
)
def test_in_no_second_does_a_subject_get_more_than_a_burst(
    seconds: list[tuple[int, int, int]],
) -> None:
    server = Server()
    for rate, source, subject in seconds:
        assert server.flow(rate, source, b"%d" % subject) <= BURST
