"""A run's result as rows and columns, which the terminal and the Markdown page both show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.ledger import Ledger
from bench.metric import Metric
from bench.plan import Plan
from bench.target import OURS
from bench.verdict import Verdict, judge
from bench.workload.workload import Workload

_RATIO = "ours ÷ it"


@dataclass(frozen=True, slots=True)
class Section:
    """One workload's table; the last column is our figure divided by the other's."""

    title: str
    headings: list[str]
    rows: list[list[str]]


@dataclass(frozen=True, slots=True)
class Report:
    facts: list[str]
    sections: list[Section]
    verdicts: list[Verdict]
    faults: list[str]


def compose(
    workloads: Sequence[Workload],
    ledger: Ledger,
    plan: Plan,
    titles: Mapping[str, str],
    facts: list[str],
) -> Report:
    ran = [workload for workload in workloads if ledger.subjects(workload.name)]
    targets = [target for workload in workloads for target in workload.targets]
    return Report(
        facts,
        [Section(workload.title(plan), *_grid(workload, ledger, titles)) for workload in ran],
        judge(targets, ledger, plan),
        list(dict.fromkeys(ledger.faults)),
    )


def _grid(
    workload: Workload, ledger: Ledger, titles: Mapping[str, str]
) -> tuple[list[str], list[list[str]]]:
    """Headings and rows: a row a server, or a row a metric where there are one or two servers."""
    subjects = ledger.subjects(workload.name)
    if len(subjects) > 2:
        return _by_server(workload, ledger, subjects, titles)
    return _by_metric(workload, ledger, subjects, titles)


def _by_server(
    workload: Workload, ledger: Ledger, subjects: list[str], titles: Mapping[str, str]
) -> tuple[list[str], list[list[str]]]:
    first = workload.metrics[0]
    rows = [
        [
            titles[subject],
            *(_cell(workload, ledger, subject, metric) for metric in workload.metrics),
            _ratio(workload, ledger, first, subject),
        ]
        for subject in subjects
    ]
    return ["", *(metric.heading for metric in workload.metrics), _RATIO], rows


def _by_metric(
    workload: Workload, ledger: Ledger, subjects: list[str], titles: Mapping[str, str]
) -> tuple[list[str], list[list[str]]]:
    others = [subject for subject in subjects if subject != OURS and OURS in subjects]
    rows = [
        [
            metric.heading,
            *(_cell(workload, ledger, subject, metric) for subject in subjects),
            *(_ratio(workload, ledger, metric, subject) for subject in others),
        ]
        for metric in workload.metrics
    ]
    return ["", *(titles[subject] for subject in subjects), *(_RATIO for _ in others)], rows


def _cell(workload: Workload, ledger: Ledger, subject: str, metric: Metric) -> str:
    value = ledger.median(workload.name, subject, metric)
    return "" if value is None else metric.show(value)


def _ratio(workload: Workload, ledger: Ledger, metric: Metric, subject: str) -> str:
    value = ledger.ratio(workload.name, metric, OURS, subject)
    return "" if value is None or subject == OURS else f"{value:.2f}"
