"""`nsdctl audit`: who changed accounts, credentials, keys and secondaries."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Annotated

import typer

from nsd.cli import store
from nsd.cli.options import ConfigOption, DataOption, JsonOption, load_settings
from nsd.cli.table import show
from nsd.cli.token import time_text
from nsd.store.audit import AuditEntry, newest

_COLUMNS = ("id", "at", "who", "credential", "door", "address", "verb", "kind", "name", "fields")


def audit(
    *,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many entries at most.")] = 100,
    json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Show who changed accounts, tokens, keys and secondaries, the newest change first."""
    entries = store.read(load_settings(data, config), partial(newest, limit=limit))
    show([_row(entry, as_json=json) for entry in entries], _COLUMNS, as_json=json)


def _row(entry: AuditEntry, *, as_json: bool) -> dict[str, object]:
    fields = json.loads(entry.fields)
    return {
        "id": entry.id,
        "at": time_text(entry.at),
        "who": entry.byline.actor or None,
        "credential": entry.byline.credential or None,
        "door": entry.byline.door,
        "address": entry.byline.address or None,
        "verb": entry.verb,
        "kind": entry.kind,
        "name": entry.name,
        "fields": fields if as_json else "\n".join(map(_field, fields, fields.values())),
    }


def _field(name: str, value: object) -> str:
    """Show a field for people: as it is, or as it was and as it is."""
    if isinstance(value, Mapping):
        return f"{name}: {_text(value['before'])} → {_text(value['after'])}"
    return f"{name}: {_text(value)}"


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
