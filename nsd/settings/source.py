"""Where settings come from, and what to say when one of them is wrong."""

import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import EnvSettingsSource

from nsd.errors import SettingsError
from nsd.settings.model import DeclaredSecondary, Plan, Section, Settings

PREFIX = "NSD_"
CONFIG = "NSD_CONFIG"
OPTIONS = {"data": "--data", "dns.listen": "--dns", "http.listen": "--http"}

# Sections of tables with names of the operator's choosing.
NAMED: dict[str, type[Section]] = {"plans": Plan, "secondaries": DeclaredSecondary}

# Kubernetes sets these by itself in every pod beside a service that is called `nsd`.
_NOT_OURS = ("NSD_SERVICE_", "NSD_PORT")


def load(
    config: Path | None = None,
    *,
    data: Path | None = None,
    dns: Sequence[str] = (),
    http: str | None = None,
) -> Settings:
    """Read all sources: the options given here, the environment, the TOML file `config`.

    Without `config`, the variable NSD_CONFIG may name the file. `dns` replaces the whole list.
    Raises SettingsError with one line that names each wrong key, where it stands and why.
    """
    file = config or (Path(named) if (named := os.environ.get(CONFIG)) else None)
    options = _options(data, dns, http)
    environment = _environment()
    try:
        return Settings(**_laid_over(_laid_over(_read(file), environment), options))
    except ValidationError as error:
        places = _Places(options, environment, file)
        lines = (places.line(fault) for fault in error.errors(include_url=False))
        raise SettingsError("; ".join(dict.fromkeys(lines))) from None


def keys() -> Iterator[str]:
    """List every key of the file, dotted; `NAME` stands for a name of the operator's."""
    for name, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            yield from (f"{name}.{key}" for key in field.annotation.model_fields)
        elif name in NAMED:
            yield from (f"{name}.NAME.{key}" for key in NAMED[name].model_fields)
        else:
            yield name


def environment_for_others() -> dict[str, str]:
    """Give the environment for a program that we start: without our settings; some are secrets."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}


def variable(key: str) -> str:
    """Name the environment variable of a dotted key; a named table is one, holding JSON."""
    section, *rest = key.split(".")
    return PREFIX + "_".join([section, *rest[:1]]).upper()


def _options(data: Path | None, dns: Sequence[str], http: str | None) -> dict[str, Any]:
    given: dict[str, Any] = {}
    if data is not None:
        given["data"] = data
    if dns:
        given["dns"] = {"listen": list(dns)}
    if http is not None:
        given["http"] = {"listen": http}
    return given


def _environment() -> dict[str, Any]:
    named = {PREFIX + section.upper() for section in NAMED}
    known = {CONFIG, *named, *map(variable, keys())}
    free = (*_NOT_OURS, *(f"{name}_" for name in named))
    for name in sorted(map(str.upper, os.environ)):
        ours = name.startswith(PREFIX) and not name.startswith(free)
        if ours and name not in known:
            raise SettingsError(f"{name}: there is no such variable{_meant(name, known)}")
    try:
        return EnvSettingsSource(Settings)()
    except RecursionError:
        raise SettingsError(
            "NSD_PLANS_… or NSD_SECONDARIES_…: the JSON is nested too deeply"
        ) from None


def _read(file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        return tomllib.loads(file.read_bytes().decode())
    except OSError as error:
        raise SettingsError(f"cannot read {file}: {error.strerror}") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file} is not TOML: {_one_line(str(error))}") from None
    except (ValueError, RecursionError) as error:
        # Beyond syntax: not UTF-8, a number of thousands of digits, thousands of brackets.
        raise SettingsError(f"cannot read {str(file)!r}: {_one_line(str(error))}") from None


def _laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        if isinstance(under, dict) and isinstance(value, dict):
            merged[key] = _laid_over(under, value)
        else:
            merged[key] = value
    return merged


class _Places:
    """Tells for a fault which source its value came from, and how it is called there."""

    def __init__(
        self, options: dict[str, Any], environment: dict[str, Any], file: Path | None
    ) -> None:
        self._options = options
        self._environment = environment
        self._file = file

    def line(self, fault: ErrorDetails) -> str:
        """Say the fault in one line."""
        path = [part for part in fault["loc"] if isinstance(part, str) and part != "[key]"]
        return _one_line(": ".join(filter(None, [self._place(path), _reason(fault, path)])))

    def _place(self, path: list[str]) -> str:
        key = ".".join(path)
        if key in OPTIONS and _holds(self._options, path):
            return f"{OPTIONS[key]} ({key})"
        if path and _holds(self._environment, path[:2]):
            return f"{variable(key)} ({key})"
        return f"{key} in {self._file}" if path and self._file else key


def _holds(tree: object, path: list[str]) -> bool:
    for part in path:
        if not isinstance(tree, dict) or part not in tree:
            return False
        tree = tree[part]
    return True


def _reason(fault: ErrorDetails, path: list[str]) -> str:
    if fault["type"] == "extra_forbidden":
        known = {key.replace("NAME", path[1]) if path[0] in NAMED else key for key in keys()}
        return f"there is no such setting{_meant('.'.join(path), known | _sections())}"
    text = fault["msg"].removeprefix("Value error, ")
    return text.replace("Input should", "it should", 1)


def _sections() -> set[str]:
    return {name for name in Settings.model_fields if name not in OPTIONS}


def _meant(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, sorted(known), n=1, cutoff=0.7)
    return f"; did you mean {near[0]}?" if near else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())
