"""docs/commands.md against the commands: every one with its arguments, options and help."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from nsd.cli.commands import app

REFERENCE = Path(__file__).parents[3] / "docs" / "commands.md"
EVERYWHERE = {"--data", "--config"}

Row = tuple[str, frozenset[str], str]  # words and arguments, options, help


def listed() -> Iterator[Row]:
    found = re.findall(r"^\| `(nsdctl .+?)` \|(.*)\| (.+) \|$", REFERENCE.read_text(), re.MULTILINE)
    for usage, options, meaning in found:
        yield usage, frozenset(re.findall(r"--[a-z-]+", options)), meaning


def real(command: Any, words: str) -> Iterator[Row]:
    below = getattr(command, "commands", {})
    for name in below:
        yield from real(below[name], f"{words} {name}")
    if not below:
        arguments = [one for one in command.params if one.param_type_name == "argument"]
        usage = " ".join([words, *(one.metavar or one.name.upper() for one in arguments)])
        options = [one for one in command.params if one.param_type_name == "option"]
        names = {name for one in options for name in (*one.opts, *one.secondary_opts)}
        assert names >= EVERYWHERE
        yield usage, frozenset(names - EVERYWHERE), command.help.splitlines()[0]


def test_every_command_is_in_the_reference_as_it_is_and_no_other() -> None:
    assert sorted(listed()) == sorted(real(typer.main.get_command(app), "nsdctl"))
