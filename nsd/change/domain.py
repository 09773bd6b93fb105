"""Which names may become zones, and whose."""

import re
import sqlite3
from functools import cache
from typing import Final

from publicsuffixlist import PublicSuffixList

from nsd.account.ownership import owns
from nsd.errors import Invalid
from nsd.store import users, zones
from nsd.zone import name
from nsd.zone.name import WireName, is_wildcard, labels, lower, to_text

# Host name labels, `_` for service zones, `/` for classless reverse zones (RFC 2317).
_LABEL: Final = re.compile(rb"[a-z0-9_]([a-z0-9_/-]{0,61}[a-z0-9_])?")


def read_domain(text: str, *, field: str = "domain") -> WireName:
    """Read the name of a zone as users write it; IDNs become A-labels. Raises Invalid."""
    try:
        apex = lower(name.from_text(text.strip()))
    except Invalid as error:
        raise Invalid(f"Invalid domain name: {error.detail}", field=field) from error
    found = labels(apex)
    if not found:
        raise Invalid("Invalid domain name: it is empty", field=field)
    for label in found:
        if not _LABEL.fullmatch(label):
            raise Invalid(
                f"Invalid domain name: '{label.decode('ascii', 'backslashreplace')}' may hold only"
                " letters, digits and hyphens, and no hyphen at its ends",
                field=field,
            )
    if len(found) == 4 and all(label.isdigit() for label in found):
        raise Invalid("Invalid domain name: this is an address", field=field)
    return apex


def check_public_suffix(apex: WireName) -> None:
    """Refuse a name below which the public registers names, such as `co.uk`. Raises Invalid."""
    text = to_text(apex).rstrip(".")
    if _suffixes().publicsuffix(text) == text:
        raise Invalid(
            f"'{text}' is a public suffix: only an administrator can create a zone for it",
            field="domain",
        )


def check_apex(apex: WireName) -> None:
    """Refuse a zone named by a wildcard, for which no query could be meant. Raises Invalid."""
    if is_wildcard(apex):
        raise Invalid("Invalid domain name: a zone cannot be named by a wildcard", field="domain")


def check_takeover(connection: sqlite3.Connection, user_id: int, apex: WireName) -> None:
    """Refuse a zone that exists, or that is inside or above a zone of another account.

    Raises Invalid.
    """
    for zone in zones.at_above_or_below(connection, apex):
        if zone.apex == apex:
            raise Invalid("A zone for this domain already exists", field="domain")
        if not owns(user_id, zone):
            where = "inside" if len(zone.apex) < len(apex) else "above"
            raise Invalid(f"This domain is {where} a zone of another account", field="domain")


def check_account(connection: sqlite3.Connection, user_id: int) -> None:
    """Refuse a zone for an account that is suspended. Raises Invalid."""
    if users.by_id(connection, user_id).is_suspended:
        raise Invalid("this account is suspended")


def check_above(connection: sqlite3.Connection, apex: WireName) -> None:
    """Refuse a zone inside a suspended one, which would answer for its names. Raises Invalid."""
    for zone in zones.at_above_or_below(connection, apex):
        if zone.is_suspended and len(zone.apex) < len(apex):
            raise Invalid(f"This domain is inside {to_text(zone.apex)}, which is suspended")


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
