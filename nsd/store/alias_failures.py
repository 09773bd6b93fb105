"""The targets of ALIAS records that fail, and since when: what a restart must not forget."""

import sqlite3
from collections.abc import Mapping

from nsd.zone.name import WireName


def everything(connection: sqlite3.Connection) -> dict[WireName, int]:
    """Give the failing targets with the Unix seconds of their first failure."""
    return dict(connection.execute("SELECT target, since FROM alias_failures"))


def note(connection: sqlite3.Connection, changed: Mapping[WireName, int | None]) -> None:
    """Note since when targets fail; None for one that does not any more."""
    for target, since in changed.items():
        if since is None:
            connection.execute("DELETE FROM alias_failures WHERE target = ?", (target,))
        else:
            connection.execute(
                "INSERT OR REPLACE INTO alias_failures VALUES (?, ?)", (target, since)
            )
