"""The options that every command has."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from nsd.settings import Settings, load

DataOption = Annotated[Path | None, typer.Option("--data", help="The data folder.")]
ConfigOption = Annotated[Path | None, typer.Option("--config", help="A TOML file of settings.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


@dataclass(slots=True)
class Common:
    """What was said before the command's words; what is said after them wins."""

    data: Path | None = None
    config: Path | None = None


COMMON = Common()


def load_settings(
    data: Path | None,
    config: Path | None,
    *,
    dns: Sequence[str] = (),
    http: str | None = None,
) -> Settings:
    """Read all settings for a command; raises SettingsError."""
    return load(config or COMMON.config, data=data or COMMON.data, dns=dns, http=http)
