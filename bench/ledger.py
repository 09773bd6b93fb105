"""All samples of a run, and what could not be measured."""

from collections import defaultdict
from dataclasses import dataclass, field
from statistics import median

from bench.metric import Metric


@dataclass(slots=True)
class Ledger:
    """Samples by workload, subject (a server) and metric, in the order in which they came."""

    samples: dict[str, dict[str, dict[str, list[float]]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    )
    faults: list[str] = field(default_factory=list)

    def add(self, workload: str, subject: str, metric: Metric, value: float) -> None:
        self.samples[workload][subject][metric.key].append(value)

    def subjects(self, workload: str) -> list[str]:
        return list(self.samples.get(workload, {}))

    def median(self, workload: str, subject: str, metric: Metric) -> float | None:
        values = self.samples.get(workload, {}).get(subject, {}).get(metric.key)
        return median(values) if values else None

    def ratio(self, workload: str, metric: Metric, one: str, other: str) -> float | None:
        """The median over the rounds of one subject's sample divided by the other's."""
        subjects = self.samples.get(workload, {})
        pairs = zip(
            subjects.get(one, {}).get(metric.key, ()),
            subjects.get(other, {}).get(metric.key, ()),
            strict=False,
        )
        ratios = [mine / theirs for mine, theirs in pairs if theirs]
        return median(ratios) if ratios else None
