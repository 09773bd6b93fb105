"""Response codes and Extended DNS Errors, by number and name."""

from enum import IntEnum


class Rcode(IntEnum):
    """Response codes (RFC 6895, section 2.3)."""

    NOERROR = 0
    FORMERR = 1
    SERVFAIL = 2
    NXDOMAIN = 3
    NOTIMP = 4
    REFUSED = 5
    YXDOMAIN = 6
    YXRRSET = 7
    NXRRSET = 8
    NOTAUTH = 9
    NOTZONE = 10
    BADVERS = 16
    BADCOOKIE = 23


def rcode_text(rcode: int) -> str:
    """Name a response code that another server gave."""
    try:
        return Rcode(rcode).name
    except ValueError:
        return f"rcode {rcode}"


class Ede(IntEnum):
    """Extended DNS Error codes (RFC 8914, section 4)."""

    OTHER = 0
    NOT_READY = 14
    PROHIBITED = 18
    NOT_AUTHORITATIVE = 20
    NOT_SUPPORTED = 21
