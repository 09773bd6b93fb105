"""Tables for people, JSON for scripts."""

import json
import sys
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text


def show(rows: Sequence[Mapping[str, object]], columns: Sequence[str], *, as_json: bool) -> None:
    """Print rows as a table, or as a JSON array of objects."""
    if as_json:
        json.dump([{column: row[column] for column in columns} for row in rows], sys.stdout)
        sys.stdout.write("\n")
        return
    Console().print(as_table(rows, columns))


def as_table(rows: Sequence[Mapping[str, object]], columns: Sequence[str]) -> Table:
    """Make a table of rows."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(row[column])) for column in columns))  # no markup in it
    return table


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
