"""Tables for people: what stands in them is what was stored, whatever it looks like."""

from io import StringIO

import pytest
from rich.console import Console

from nsd.cli.table import as_table


@pytest.mark.parametrize("text", ["[fd00::1]:53", "[/]", "[red]x[/red]", ":warning:"])
def test_a_text_that_looks_like_markup_is_shown_as_it_is(text: str) -> None:
    console = Console(file=StringIO(), width=80)
    console.print(as_table([{"address": text}], ["address"]))
    assert isinstance(console.file, StringIO)
    assert console.file.getvalue().split() == ["address", text]
