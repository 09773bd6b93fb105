"""What a figure has to reach, and whether it does."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.ledger import Ledger
from bench.metric import Metric

OURS = "ours"


@dataclass(frozen=True, slots=True)
class Target:
    """`limit` is the least value, or with `at_most` the greatest; an aim is not a demand.

    `full_size` targets name a size that only the full run has.
    """

    text: str
    value: Callable[[Ledger], float | None]
    limit: float
    at_most: bool = False
    digits: int = 2
    unit: str = ""
    aim: bool = False
    full_size: bool = False

    def reached(self, value: float) -> bool:
        return value <= self.limit if self.at_most else value >= self.limit

    def show(self, value: float) -> str:
        return f"{value:,.{self.digits}f} {self.unit}".rstrip()

    @property
    def demand(self) -> str:
        word = "at most" if self.at_most else "at least"
        return f"{'aim: ' if self.aim else ''}{word} {self.show(self.limit)}"


def beside(workload: str, metric: Metric, peer: str) -> Callable[[Ledger], float | None]:
    """Our figure divided by the peer's, round by round."""
    return lambda ledger: ledger.ratio(workload, metric, OURS, peer)


def own(workload: str, metric: Metric) -> Callable[[Ledger], float | None]:
    """Our figure in the metric's shown unit."""

    def value(ledger: Ledger) -> float | None:
        found = ledger.median(workload, OURS, metric)
        return None if found is None else found * metric.scale

    return value


def quotient(
    workload: str, metric: Metric, base: Metric, subject: str = OURS
) -> Callable[[Ledger], float | None]:
    """One subject's figure divided by another of its own."""

    def value(ledger: Ledger) -> float | None:
        one = ledger.median(workload, subject, metric)
        other = ledger.median(workload, subject, base)
        return one / other if one is not None and other else None

    return value
