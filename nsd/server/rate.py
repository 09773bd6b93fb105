"""How many responses networks have had lately about each subject. Pure, and bounded.

Few networks have many responses about one subject, so they are looked for first: in some batches
all responses are counted, in a table of fixed size, by a hash of network and subject. Few pairs
share a bucket there, and sharing one does no harm: the pairs in buckets with large counts are only
suspects, and of these all responses are counted exactly.

All counts are halved each second. Who gets the same number in each second has a count of twice
that number, so a rate of 200 a second is a count of 400; a burst out of silence may be as large.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from nsd.server.subject import SubjectKind, kind_of

SAMPLED: Final = 16  # of so many batches one is counted
BUCKETS: Final = 8192
MOST_SUSPECTS: Final = 20_000
UNLIMITED: Final = 1 << 62

_LAST: Final = BUCKETS - 1
_MOST_HALVINGS: Final = 62


@dataclass(frozen=True, slots=True)
class Rates:
    """How many responses a second one network may have about one subject; None is no limit."""

    answers: int | None
    missing: int | None
    referrals: int | None
    errors: int | None

    def most(self) -> dict[SubjectKind, int]:
        """Give the count up to which a subject of each kind is within its rate."""
        rates = {
            SubjectKind.ANSWERS: self.answers,
            SubjectKind.MISSING: self.missing,
            SubjectKind.REFERRALS: self.referrals,
            SubjectKind.ERRORS: self.errors,
        }
        return {kind: UNLIMITED if rate is None else 2 * rate for kind, rate in rates.items()}


class Tally:
    """The counts. A network is a number, which `mask` takes out of a source.

    is_exempt: tells which networks are never suspected.
    clock: seconds that only go forward.
    """

    def __init__(
        self,
        rates: Rates,
        mask: int,
        is_exempt: Callable[[int], bool],
        clock: Callable[[], float],
    ) -> None:
        most = rates.most()
        by_octet = [most[kind_of(bytes((octet,)))] for octet in range(256)]
        self._many = [count // 2 for count in by_octet]  # by the first octet of a subject
        self._quiet = [count // 16 for count in by_octet]
        self._mask = mask
        self._is_exempt = is_exempt
        self._clock = clock
        self._second = int(clock())
        self._batches = 0
        self._is_sampled = False
        self._buckets = [0] * BUCKETS
        self._suspects: dict[tuple[int, bytes], int] = {}

    def look(self, sources: Callable[[], Sequence[int]]) -> list[int] | None:
        """Begin a batch; give the networks that its queries came from, if they are to be counted.

        `sources` gives where they came from.
        """
        self._batches += 1
        self._is_sampled = not self._batches % SAMPLED
        if not (self._is_sampled or self._suspects):
            return None
        self._pass_time()
        mask = self._mask
        return [source & mask for source in sources()]

    def count(self, network: int, subject: bytes) -> int:
        """Count a response; give the exact count, where the network is suspected, and 0 else."""
        pair = network, subject
        if self._is_sampled:
            self._sample(pair)
        count = self._suspects.get(pair)
        if count is None:
            return 0
        self._suspects[pair] = count = count + 1
        return count

    def _sample(self, pair: tuple[int, bytes]) -> None:
        bucket = hash(pair) & _LAST
        self._buckets[bucket] += SAMPLED
        if self._buckets[bucket] > self._many[pair[1][0]]:
            self._suspect(pair)

    def _suspect(self, pair: tuple[int, bytes]) -> None:
        is_new = pair not in self._suspects and len(self._suspects) < MOST_SUSPECTS
        if is_new and not self._is_exempt(pair[0]):
            self._suspects[pair] = 0

    def _pass_time(self) -> None:
        """Halve all counts once for each second that has passed; suspect no more who is quiet."""
        second = int(self._clock())
        if second <= self._second:
            return
        halvings, self._second = min(second - self._second, _MOST_HALVINGS), second
        self._buckets[:] = [count >> halvings for count in self._buckets]
        self._suspects = {
            pair: count >> halvings
            for pair, count in self._suspects.items()
            if count >> halvings > self._quiet[pair[1][0]]
        }
