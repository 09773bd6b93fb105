"""The report in a terminal."""

from rich.console import Console
from rich.table import Table

from bench.report import Report, Section
from bench.verdict import Verdict

_COLOURS = {"reached": "green", "missed": "red"}


def show(report: Report, console: Console) -> None:
    for section in report.sections:
        console.print(_table(section))
    console.print(_summary(report.verdicts))
    for fault in report.faults:
        console.print(f"[red]{fault}[/red]")


def _table(section: Section) -> Table:
    table = Table(title=section.title, title_justify="left")
    for number, heading in enumerate(section.headings):
        table.add_column(heading, justify="right" if number else "left")
    for row in section.rows:
        table.add_row(*row)
    return table


def _summary(verdicts: list[Verdict]) -> Table:
    table = Table(title="What to reach", title_justify="left")
    for heading in ("", "to reach", "found", ""):
        table.add_column(heading)
    for verdict in verdicts:
        colour = _COLOURS.get(verdict.word, "dim")
        table.add_row(
            verdict.target.text,
            verdict.target.demand,
            verdict.shown,
            f"[{colour}]{verdict.word}[/{colour}]",
        )
    return table
