"""The report as a Markdown page."""

from collections.abc import Iterable, Sequence

from bench.report import Report


def page(report: Report, plot: str) -> str:
    """`plot` is the picture's file name, beside the page."""
    parts = ["# Measured", *report.facts, f"![Queries per second]({plot})"]
    for section in report.sections:
        parts += [f"## {section.title}", _table(section.headings, section.rows)]
    rows = [
        [verdict.target.text, verdict.target.demand, verdict.shown, verdict.word]
        for verdict in report.verdicts
    ]
    parts += ["## What to reach", _table(["", "to reach", "found", ""], rows)]
    if report.faults:
        parts += ["## What could not be measured", "\n".join(f"- {text}" for text in report.faults)]
    return "\n\n".join(parts) + "\n"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    rule = ["---", *("---:" for _ in headings[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in (headings, rule, *rows))
