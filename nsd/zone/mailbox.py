"""Mail addresses as an SOA's rname (RFC 1035, section 8)."""

import re

from nsd.errors import Invalid
from nsd.zone import name
from nsd.zone.name import MAX_LENGTH, WireName

_is_local_part = re.compile(r"[!-~]{1,63}").fullmatch


def to_name(address: str) -> WireName:
    """Turn `local@domain` into a name: the local part is its first label, dots and all.

    Raises Invalid.
    """
    local, _, domain = address.strip().rpartition("@")
    if not _is_local_part(local) or not domain.strip("."):
        raise Invalid(f"'{address}' is not a mail address")
    label = local.encode()
    found = bytes((len(label),)) + label + name.from_text(domain)
    if len(found) > MAX_LENGTH:
        raise Invalid(f"the mail address '{address}' is too long for an SOA")
    return WireName(found)
